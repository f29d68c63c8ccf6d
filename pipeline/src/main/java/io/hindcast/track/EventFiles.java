package io.hindcast.track;

import io.hindcast.run.Metric;
import io.hindcast.run.Outcome;
import io.hindcast.run.RunSpec;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSError;

/**
 * The metrics of every run as TensorBoard's event files, in {@code tensorboard/<run id>/} of an output directory; look at them
 * with {@code tensorboard --logdir OUT/tensorboard}. A value is a float there, finite or not. A job that continues a run begins
 * a file whose name sorts behind those that are there, because TensorBoard reads the files of a run in that order and never
 * turns back.
 */
public final class EventFiles implements Tracker {
    private static final String PREFIX = "events.out.tfevents.";
    private static final double MILLIS = 1e3;

    private final String root;
    private final Configuration hadoop;
    private final InstantSource clock;
    private final Written written = new Written();
    private final Set<String> read = new HashSet<>();
    private final Map<String, OutputStream> streams = new HashMap<>();
    private final AtomicLong unwritten = new AtomicLong();

    /** @param root the output directory, on any file system that {@code hadoop} knows */
    public EventFiles(String root, Configuration hadoop) {
        this(root, hadoop, InstantSource.system());
    }

    EventFiles(String root, Configuration hadoop, InstantSource clock) {
        this.root = root;
        this.hadoop = hadoop;
        this.clock = clock;
    }

    @Override
    public String name() {
        return root + "/tensorboard";
    }

    @Override
    public void logged(RunSpec spec, List<Metric> metrics) {
        var run = spec.id();
        var fresh = metrics;
        try {
            if (!read.contains(run)) {
                read(run);
                read.add(run);
            }
            fresh = written.unseen(run, metrics);
            if (!fresh.isEmpty()) {
                write(run, fresh);
            }
        } catch (IOException | FSError e) {
            unwritten.addAndGet(fresh.size());
            throw broken(run, e);
        }
    }

    @Override
    public void ended(RunSpec spec, Outcome outcome) {
        close(spec.id());
    }

    @Override
    public void flush() {
        for (var entry : List.copyOf(streams.entrySet())) {
            try {
                LiveFolder.flush(entry.getValue());
            } catch (IOException | FSError e) {
                throw broken(entry.getKey(), e);
            }
        }
    }

    @Override
    public long unwritten() {
        return unwritten.get();
    }

    @Override
    public void close() {
        List.copyOf(streams.keySet()).forEach(this::close);
    }

    private void close(String run) {
        try {
            var stream = streams.remove(run);
            if (stream != null) {
                stream.close();
            }
        } catch (IOException | FSError e) {
            throw broken(run, e);
        }
    }

    private UncheckedIOException broken(String run, Throwable e) {
        streams.remove(run);
        return new UncheckedIOException(
                "Cannot write to " + name() + "/" + run + ": " + MetricsLog.why(e), new IOException(e));
    }

    private void write(String run, List<Metric> metrics) throws IOException {
        var now = clock.millis();
        var stream = streams.get(run);
        if (stream == null) {
            var folder = folder(run);
            stream = folder.create(next(names(folder), now / 1000));
            streams.put(run, stream);
            stream.write(RecordFraming.framed(Event.first(now / MILLIS).bytes()));
        }
        var steps = new TreeMap<Long, Map<String, Float>>();
        for (var metric : metrics) {
            steps.computeIfAbsent(metric.step(), step -> new LinkedHashMap<>())
                    .put(metric.name(), (float) metric.value());
        }
        for (var step : steps.entrySet()) {
            var event = new Event(now / MILLIS, step.getKey(), "", step.getValue());
            stream.write(RecordFraming.framed(event.bytes()));
        }
    }

    /** A name behind all others, even if clocks of two machines disagree. */
    private static String next(List<String> names, long now) {
        var seconds = now;
        for (var name : names) {
            var digits = name.substring(PREFIX.length()).replaceFirst("\\D.*", "");
            seconds = digits.isEmpty() || digits.length() > 10 ? seconds : Math.max(seconds, Long.parseLong(digits));
        }
        return String.format(Locale.ROOT, "%s%010d.hindcast.%04d", PREFIX, seconds, names.size());
    }

    private void read(String run) throws IOException {
        var folder = folder(run);
        for (var name : names(folder)) {
            try (var stream = new BufferedInputStream(folder.open(name))) {
                for (var data = RecordFraming.next(stream); data != null; data = RecordFraming.next(stream)) {
                    var event = Event.parse(data);
                    event.values().keySet().forEach(tag -> written.add(run, tag, event.step()));
                }
            } catch (IllegalArgumentException notEvents) {
                // Whole records, but of something else: somebody else's file, and no reason to write nothing.
            }
        }
    }

    private static List<String> names(LiveFolder folder) throws IOException {
        return folder.names().stream().filter(name -> name.startsWith(PREFIX)).toList();
    }

    private LiveFolder folder(String run) throws IOException {
        return LiveFolder.at(name() + "/" + run, hadoop);
    }
}
