package io.hindcast.track;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import io.hindcast.config.Json;
import io.hindcast.config.Outside;
import io.hindcast.run.Metric;
import io.hindcast.run.RunSpec;
import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSError;
import org.jspecify.annotations.Nullable;

/**
 * The metrics of all runs of an output directory as lines of JSON in {@code progress/metrics.jsonl}, to be watched with
 * {@code tail -f}:
 *
 * <pre>{"run_id":"iql-all-s1-3f9a…","name":"iql","subset":"all","seed":1,"step":500,"metric":"critic/loss","value":0.25}</pre>
 *
 * A value that is not finite is the string {@code "NaN"}, {@code "Infinity"} or {@code "-Infinity"}, since JSON has no such
 * numbers. A job that continues appends to the file; where the file system cannot append, or a killed job left half a line, it
 * begins {@code metrics-2.jsonl}, and so on.
 */
public final class MetricsLog implements Tracker {
    private final String root;
    private final Configuration hadoop;
    private final Written written = new Written();
    private final AtomicLong unwritten = new AtomicLong();
    private @Nullable LiveFolder folder;
    private @Nullable OutputStream stream;

    /** @param root the output directory, on any file system that {@code hadoop} knows */
    public MetricsLog(String root, Configuration hadoop) {
        this.root = root;
        this.hadoop = hadoop;
    }

    @Override
    public String name() {
        return root + "/progress";
    }

    @Override
    public void logged(RunSpec spec, List<Metric> metrics) {
        var fresh = metrics;
        try {
            var out = folder();
            var run = spec.id();
            fresh = written.unseen(run, metrics);
            if (fresh.isEmpty()) {
                return;
            }
            if (stream == null) {
                stream = open(out);
            }
            stream.write(lines(spec, run, fresh));
        } catch (IOException | FSError e) {
            unwritten.addAndGet(fresh.size());
            throw broken(e);
        }
    }

    @Override
    public void flush() {
        try {
            if (stream != null) {
                LiveFolder.flush(stream);
            }
        } catch (IOException | FSError e) {
            throw broken(e);
        }
    }

    @Override
    public long unwritten() {
        return unwritten.get();
    }

    @Override
    public void close() {
        try {
            if (stream != null) {
                stream.close();
            }
        } catch (IOException | FSError e) {
            throw broken(e);
        }
        stream = null;
    }

    /** The next line goes to another file: nothing is known about the end of this one. */
    private UncheckedIOException broken(Throwable e) {
        stream = null;
        return new UncheckedIOException("Cannot write to " + name() + ": " + why(e), new IOException(e));
    }

    /** What a file system says, in plain words where they are known. */
    static String why(Throwable e) {
        return Outside.of(e).map(Outside::reason).orElseGet(() -> String.valueOf(e.getMessage()));
    }

    private LiveFolder folder() throws IOException {
        if (folder == null) {
            var found = LiveFolder.at(name(), hadoop);
            for (var number = 1; found.has(file(number)); number++) {
                read(found, file(number));
            }
            folder = found;
        }
        return folder;
    }

    private void read(LiveFolder from, String file) throws IOException {
        try (var lines = new BufferedReader(new InputStreamReader(from.open(file), StandardCharsets.UTF_8))) {
            for (var line = lines.readLine(); line != null; line = lines.readLine()) {
                var row = parse(line);
                if (row.hasNonNull("run_id") && row.hasNonNull("metric") && row.hasNonNull("step")) {
                    written.add(
                            row.get("run_id").asText(),
                            row.get("metric").asText(),
                            row.get("step").asLong());
                }
            }
        }
    }

    /** A line; nothing if it is half a line. */
    private static JsonNode parse(String line) {
        try {
            return Json.MAPPER.readTree(line);
        } catch (JsonProcessingException e) {
            return Json.MAPPER.createObjectNode();
        }
    }

    private static OutputStream open(LiveFolder folder) throws IOException {
        var number = 1;
        while (folder.has(file(number))) {
            number++;
        }
        if (number > 1 && endsWithLine(folder, file(number - 1))) {
            try {
                return folder.append(file(number - 1));
            } catch (IOException e) {
                // Object stores cannot append, and HDFS not while it holds the file for the job that was killed.
                return folder.create(file(number));
            }
        }
        return folder.create(file(number));
    }

    private static boolean endsWithLine(LiveFolder folder, String file) throws IOException {
        var last = (int) '\n';
        var buffer = new byte[1 << 16];
        try (var stream = folder.open(file)) {
            for (var read = stream.read(buffer); read >= 0; read = stream.read(buffer)) {
                last = read == 0 ? last : buffer[read - 1];
            }
        }
        return last == '\n';
    }

    private static String file(int number) {
        return number == 1 ? "metrics.jsonl" : "metrics-" + number + ".jsonl";
    }

    private static byte[] lines(RunSpec spec, String run, List<Metric> metrics) throws IOException {
        var bytes = new ByteArrayOutputStream();
        for (var metric : metrics) {
            var line = Json.MAPPER
                    .createObjectNode()
                    .put("run_id", run)
                    .put("name", spec.name())
                    .put("subset", spec.subset())
                    .put("seed", spec.seed())
                    .put("step", metric.step())
                    .put("metric", metric.name())
                    .put("value", metric.value());
            bytes.write(Json.MAPPER.writeValueAsBytes(line));
            bytes.write('\n');
        }
        return bytes.toByteArray();
    }
}
