package io.hindcast.track;

import io.hindcast.run.Metric;
import io.hindcast.run.Outcome;
import io.hindcast.run.RunSpec;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
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
import java.util.function.Consumer;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSError;

/**
 * The metrics of every run as TensorBoard's event files, in {@code tensorboard/<run id>/} of an output directory; look at them
 * with {@code tensorboard --logdir OUT/tensorboard}. A value is a float there, finite or not. A job that continues a run begins
 * a file whose name sorts behind those that are there, because TensorBoard reads the files of a run in that order and never
 * turns back.
 *
 * <p>For its table of hyperparameters each run also says its settings, and, once it is over for good, how it ended; a run that
 * failed may be tried again, and TensorBoard keeps the first that it hears. Which runs a job has stands in a file beside the folders.
 */
public final class EventFiles implements Tracker {
    private static final String PREFIX = "events.out.tfevents.";
    private static final String EXPERIMENT = ".hindcast.hparams";
    private static final double MILLIS = 1e3;

    private final String root;
    private final Configuration hadoop;
    private final InstantSource clock;
    private final Hparams hparams;
    private final Written written = new Written();
    private final Set<String> read = new HashSet<>();
    private final Map<String, OutputStream> streams = new HashMap<>();
    private final Map<String, Set<String>> told = new HashMap<>();
    private final AtomicLong unwritten = new AtomicLong();
    private boolean isExperimentTold;

    /**
     * @param root the output directory, on any file system that {@code hadoop} knows
     * @param specs the runs of the job
     */
    public EventFiles(String root, Configuration hadoop, List<RunSpec> specs) {
        this(root, hadoop, Hparams.of(specs), InstantSource.system());
    }

    EventFiles(String root, Configuration hadoop, Hparams hparams, InstantSource clock) {
        this.root = root;
        this.hadoop = hadoop;
        this.hparams = hparams;
        this.clock = clock;
    }

    @Override
    public String name() {
        return root + "/tensorboard";
    }

    @Override
    public void starts(RunSpec spec) {
        try {
            if (!isExperimentTold && hparams.has(spec)) {
                experiment();
                isExperimentTold = true;
            }
        } catch (IOException | FSError e) {
            throw new UncheckedIOException("Cannot write to " + name() + ": " + MetricsLog.why(e), new IOException(e));
        }
    }

    @Override
    public void logged(RunSpec spec, List<Metric> metrics) {
        var run = spec.id();
        var fresh = metrics;
        try {
            read(run);
            fresh = written.unseen(run, metrics);
            if (!fresh.isEmpty()) {
                write(spec, fresh);
            }
        } catch (IOException | FSError e) {
            unwritten.addAndGet(fresh.size());
            throw broken(run, e);
        }
    }

    @Override
    public void ended(RunSpec spec, Outcome outcome) {
        var isFinished = outcome instanceof Outcome.Finished;
        try {
            if (hparams.has(spec) && (isFinished || outcome instanceof Outcome.Diverged)) {
                read(spec.id());
                if (!told(spec.id()).contains(Hparams.END)) {
                    tell(spec.id(), stream(spec), Hparams.END, Hparams.end(isFinished, clock.millis() / MILLIS));
                }
            }
        } catch (IOException | FSError e) {
            throw broken(spec.id(), e);
        }
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

    /** Where a run is written to; a file that is new begins with what it has not said. */
    private OutputStream stream(RunSpec spec) throws IOException {
        var run = spec.id();
        var stream = streams.get(run);
        if (stream == null) {
            var folder = folder(run);
            var now = clock.millis();
            stream = folder.create(next(names(folder), now / 1000));
            streams.put(run, stream);
            stream.write(RecordFraming.framed(Event.first(now / MILLIS).bytes()));
            if (hparams.has(spec) && !told(run).contains(Hparams.START)) {
                tell(run, stream, Hparams.START, hparams.start(spec, now / MILLIS));
            }
        }
        return stream;
    }

    private void tell(String run, OutputStream stream, String tag, ByteBuffer content) throws IOException {
        write(stream, tag, content);
        told(run).add(tag);
    }

    private void write(OutputStream stream, String tag, ByteBuffer content) throws IOException {
        var event = new Event(clock.millis() / MILLIS, 0, "", Map.of(), Map.of(tag, content));
        stream.write(RecordFraming.framed(event.bytes()));
    }

    private Set<String> told(String run) {
        return told.computeIfAbsent(run, id -> new HashSet<>());
    }

    /** TensorBoard takes the first that it finds, so what another job said of other runs is removed. */
    private void experiment() throws IOException {
        var content = hparams.experiment();
        var folder = LiveFolder.at(name(), hadoop);
        for (var name : names(folder)) {
            if (name.endsWith(EXPERIMENT)) {
                if (content.equals(read(folder, name, event -> {}).get(Hparams.EXPERIMENT))) {
                    return;
                }
                folder.delete(name);
            }
        }
        var now = clock.millis();
        try (var stream = folder.create(String.format(Locale.ROOT, "%s%010d%s", PREFIX, now / 1000, EXPERIMENT))) {
            stream.write(RecordFraming.framed(Event.first(now / MILLIS).bytes()));
            write(stream, Hparams.EXPERIMENT, content);
        }
    }

    private void write(RunSpec spec, List<Metric> metrics) throws IOException {
        var stream = stream(spec);
        var now = clock.millis();
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

    /** Finds out, the first time, what there is of a run. */
    private void read(String run) throws IOException {
        if (read.contains(run)) {
            return;
        }
        var folder = folder(run);
        for (var name : names(folder)) {
            var said = read(
                    folder, name, event -> event.values().keySet().forEach(tag -> written.add(run, tag, event.step())));
            told(run).addAll(said.keySet());
        }
        read.add(run);
    }

    /** What the plugin is told by a file. */
    private static Map<String, ByteBuffer> read(LiveFolder folder, String name, Consumer<Event> each)
            throws IOException {
        var said = new HashMap<String, ByteBuffer>();
        try (var stream = new BufferedInputStream(folder.open(name))) {
            for (var data = RecordFraming.next(stream); data != null; data = RecordFraming.next(stream)) {
                var event = Event.parse(data);
                each.accept(event);
                said.putAll(event.hparams());
            }
        } catch (IllegalArgumentException notEvents) {
            // Whole records, but of something else: somebody else's file, and no reason to write nothing.
        }
        return said;
    }

    private static List<String> names(LiveFolder folder) throws IOException {
        return folder.names().stream().filter(name -> name.startsWith(PREFIX)).toList();
    }

    private LiveFolder folder(String run) throws IOException {
        return LiveFolder.at(name() + "/" + run, hadoop);
    }
}
