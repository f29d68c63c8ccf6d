package io.hindcast.track;

import io.hindcast.run.Metric;
import io.hindcast.run.Outcome;
import io.hindcast.run.RunSpec;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSError;

/**
 * Why runs failed, a file a run in {@code progress/failed/} of an output directory: which run it was, how far it came, and the
 * whole trace of what was thrown. The file of a run that is tried again and does not fail is removed.
 */
public final class FailureFiles implements Tracker {
    private final String root;
    private final Configuration hadoop;

    /** @param root the output directory, on any file system that {@code hadoop} knows */
    public FailureFiles(String root, Configuration hadoop) {
        this.root = root;
        this.hadoop = hadoop;
    }

    /** The path of a run's file under an output directory. */
    public static String location(RunSpec spec) {
        return "progress/failed/" + name(spec);
    }

    private static String name(RunSpec spec) {
        return spec.id() + ".txt";
    }

    @Override
    public String name() {
        return root + "/progress/failed";
    }

    @Override
    public void logged(RunSpec spec, List<Metric> metrics) {}

    @Override
    public void failed(RunSpec spec, long updates, Outcome.Failed failed) {
        try {
            var folder = folder();
            folder.delete(name(spec));
            try (var file = folder.create(name(spec))) {
                file.write(text(spec, updates, failed).getBytes(StandardCharsets.UTF_8));
            }
        } catch (IOException | FSError e) {
            throw new UncheckedIOException("Cannot write to " + name() + ": " + MetricsLog.why(e), new IOException(e));
        }
    }

    private static String text(RunSpec spec, long updates, Outcome.Failed failed) {
        return "run " + spec.id() + "\nname " + spec.name() + ", subset " + spec.subset() + ", seed " + spec.seed()
                + "\nfailed after " + updates + " updates: " + failed.reason()
                + (failed.at() == null ? "" : "\nat " + failed.at())
                + (failed.trace().isEmpty() ? "" : "\n\n" + failed.trace())
                + "\n";
    }

    @Override
    public void ended(RunSpec spec, Outcome outcome) {
        if (outcome instanceof Outcome.Failed) {
            return;
        }
        try {
            folder().delete(name(spec));
        } catch (IOException | FSError e) {
            throw new UncheckedIOException("Cannot write to " + name() + ": " + MetricsLog.why(e), new IOException(e));
        }
    }

    private LiveFolder folder() throws IOException {
        return LiveFolder.at(name(), hadoop);
    }

    @Override
    public void flush() {}

    @Override
    public long unwritten() {
        return 0;
    }

    @Override
    public void close() {}
}
