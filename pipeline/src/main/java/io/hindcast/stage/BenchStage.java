package io.hindcast.stage;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import io.hindcast.run.BenchConfig;
import io.hindcast.run.Benchmark;
import io.hindcast.run.Benchmark.Measurement;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.apache.hadoop.fs.CreateFlag;
import org.apache.hadoop.fs.FileContext;
import org.apache.hadoop.fs.Options.Rename;
import org.apache.hadoop.fs.Path;

/** Measures the speed of every learner on this machine, in this JVM. */
public final class BenchStage {
    private static final ObjectMapper JSON =
            new ObjectMapper().setPropertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE);

    private BenchStage() {}

    /** Writes {@code bench.jsonl}, a line a measurement, over what was there, and says a table. */
    public static StageResult run(StageContext context, BenchConfig config) {
        context.progress().say("[bench] " + String.format(Locale.ROOT, ROW, (Object[]) HEADINGS));
        var measurements = Benchmark.run(config, new Benchmark.Listener() {
            @Override
            public void starts(String workload, String learner, int runs) {}

            @Override
            public void measured(Measurement measurement) {
                context.progress().say("[bench] " + row(measurement));
            }
        });
        var file = new Path(context.warehouse().root(), "bench.jsonl");
        write(context, file, measurements);
        return new StageResult(false, file + ": " + measurements.size() + " measurements", List.of());
    }

    private static final String ROW = "%-8s %-17s %4s %12s %12s %8s %8s %6s %8s  %s";
    private static final String[] HEADINGS = {
        "workload", "learner", "runs", "updates/s", "median", "MFLOP", "GFLOP/s", "effic.", "bytes", "products by"
    };

    private static String row(Measurement m) {
        return String.format(
                Locale.ROOT,
                ROW,
                m.workload(),
                m.learner(),
                m.runs(),
                String.format(Locale.ROOT, "%,.1f", m.updatesPerSecondBest()),
                String.format(Locale.ROOT, "%,.1f", m.updatesPerSecondMedian()),
                String.format(Locale.ROOT, "%.4g", m.usefulFlopsPerUpdate() / 1e6),
                String.format(Locale.ROOT, "%.1f", m.sgemmGflops()),
                String.format(Locale.ROOT, "%.3f", m.efficiency()),
                String.format(Locale.ROOT, "%.0f", m.heapBytesPerUpdate()),
                m.blas());
    }

    private static void write(StageContext context, Path file, List<Measurement> measurements) {
        var text = measurements.stream().map(BenchStage::json).collect(Collectors.joining("\n", "", "\n"));
        var temporary = file.suffix(".tmp");
        try {
            var files = FileContext.getFileContext(
                    file.toUri(), context.spark().sparkContext().hadoopConfiguration());
            files.mkdir(file.getParent(), null, true);
            var overwrite = EnumSet.of(CreateFlag.CREATE, CreateFlag.OVERWRITE);
            try (var out = files.create(temporary, overwrite)) {
                out.write(text.getBytes(StandardCharsets.UTF_8));
            }
            files.rename(temporary, file, Rename.OVERWRITE);
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot write " + file, e);
        }
    }

    private static String json(Measurement measurement) {
        try {
            return JSON.writeValueAsString(measurement);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }
}
