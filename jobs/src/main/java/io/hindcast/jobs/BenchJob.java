package io.hindcast.jobs;

import io.hindcast.bench.BenchConfig;
import io.hindcast.bench.BenchFolder;
import io.hindcast.bench.Benchmark;
import io.hindcast.bench.BuildComparison;
import io.hindcast.bench.Machine;
import io.hindcast.bench.Measurement;
import io.hindcast.stage.Progress;
import io.hindcast.stage.StageResult;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** The job {@code bench} as a class; it needs no Spark. */
public final class BenchJob {
    private BenchJob() {}

    /** Takes the options of {@code ./hindcast bench --help}. */
    public static void main(String[] args) {
        Hindcast.main("bench", args);
    }

    /** Measures, says every measurement, and writes them into {@code directory} and a table to the end of what is said. */
    static StageResult run(String directory, Progress progress, BenchConfig config) {
        if (config.against() != null) {
            return BuildComparison.run(directory, progress, config, Hindcast.class);
        }
        var folder = BenchFolder.at(directory);
        var machine = Machine.lines();
        machine.forEach(line -> progress.say("[bench] " + line));
        var done = new ArrayList<Measurement>();
        Benchmark.run(config, new Benchmark.Listener() {
            private int all;

            @Override
            public void starts(int measurements, double seconds) {
                all = measurements;
                progress.say(String.format(
                        Locale.ROOT, "[bench] %d measurements, about %.0f s", measurements, Math.ceil(seconds)));
            }

            @Override
            public void measured(Measurement measurement) {
                done.add(measurement);
                folder.write(machine, done);
                progress.say(String.format(
                        Locale.ROOT,
                        "[bench] %d of %d: %s %s, %s, %d %s: %.1f updates/s, efficiency %.3f",
                        done.size(),
                        all,
                        measurement.workload(),
                        measurement.learner(),
                        measurement.precision(),
                        measurement.runs(),
                        measurement.runs() == 1 ? "run" : "runs",
                        measurement.updatesPerSecondBest(),
                        measurement.efficiency()));
            }
        });
        BenchFolder.table(done).forEach(progress::say);
        return new StageResult(
                false, done.size() + " measurements in " + folder + "/bench.jsonl and bench.md", List.of());
    }
}
