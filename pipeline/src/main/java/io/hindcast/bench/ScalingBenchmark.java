package io.hindcast.bench;

import io.hindcast.config.UserException;
import io.hindcast.run.CheckpointStore;
import io.hindcast.stage.Progress;
import io.hindcast.stage.StageResult;
import io.hindcast.table.RunsTable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.apache.commons.io.FileUtils;
import org.apache.hadoop.conf.Configuration;

/** Measures jobs of several sizes on several masters, each in a JVM of its own. */
public final class ScalingBenchmark {
    private static final String MANY_ON = "local[2]";
    private static final Pattern ENDS = Pattern.compile("\\[train] ends after ([0-9.]+) s: .*");
    private static final Pattern SLOTS = Pattern.compile("local(?:-cluster)?\\[([0-9]+)(?:,([0-9]+),[0-9]+)?]");

    private final Progress progress;
    private final ScalingBenchConfig config;
    private final OwnJvm jvm;
    private final BenchFolder folder;
    private final Path work;
    private final List<ScalingMeasurement> done = new ArrayList<>();
    private final List<ManyMeasurement> many = new ArrayList<>();

    private ScalingBenchmark(String directory, Progress progress, ScalingBenchConfig config, Class<?> main) {
        this.progress = progress;
        this.config = config;
        jvm = new OwnJvm(main, null);
        folder = BenchFolder.at(directory);
        work = Path.of(directory, "bench-scaling").toAbsolutePath();
    }

    /**
     * Measures, and writes {@code bench-scaling.jsonl} and {@code bench-many.jsonl} into {@code directory} after every measurement.
     *
     * @param main the command line as a class: its arguments are a job and the job's options
     */
    public static StageResult run(String directory, Progress progress, ScalingBenchConfig config, Class<?> main) {
        config.masters().forEach(ScalingBenchmark::slots);
        var bench = new ScalingBenchmark(directory, progress, config, main);
        FileUtils.deleteQuietly(bench.work.toFile());
        try {
            bench.measure();
        } finally {
            FileUtils.deleteQuietly(bench.work.toFile());
        }
        if (!bench.done.isEmpty()) {
            BenchFolder.scalingTable(bench.done).forEach(progress::say);
        }
        if (!bench.many.isEmpty()) {
            BenchFolder.manyTable(bench.many).forEach(progress::say);
        }
        return new StageResult(
                false,
                bench.done.size() + " measurements in " + bench.folder + "/bench-scaling.jsonl, " + bench.many.size()
                        + " in bench-many.jsonl",
                List.of());
    }

    private void measure() {
        var data = work.resolve("data");
        jvm.run("local[1]", "collect", data, "environment=pointmass-medium", "behaviour=wanderer", "episodes=79");
        for (var master : config.masters()) {
            for (var runs : config.runs()) {
                var out = work.resolve("out");
                FileUtils.deleteQuietly(out.toFile());
                copy(data, out);
                var seeds =
                        LongStream.rangeClosed(1, runs).mapToObj(Long::toString).collect(Collectors.joining(", "));
                var train = jvm.run(
                        master,
                        "train",
                        out,
                        "seeds=[" + seeds + "]",
                        "updates=" + config.updates(),
                        "runs.measured.learner=" + config.learner());
                var measurement = ScalingMeasurement.of(
                        master,
                        slots(master),
                        runs,
                        config.updates(),
                        seconds(train.lines()),
                        updateSeconds(out),
                        train.took().seconds());
                done.add(measurement);
                folder.writeScaling(done);
                progress.say(String.format(
                        Locale.ROOT,
                        "[bench-scaling] %s, %d %s: %.1f s, of these %.1f s overhead a run",
                        master,
                        runs,
                        runs == 1 ? "run" : "runs",
                        measurement.seconds(),
                        measurement.overheadSecondsPerRun()));
            }
        }
        measureMany(data);
    }

    private void measureMany(Path data) {
        for (var runs : config.sweeps()) {
            measureMany(data, runs, 2);
        }
        for (var checkpoints : config.checkpoints()) {
            measureMany(data, 1, checkpoints);
        }
    }

    /** The first checkpoint is the one before the first update. */
    private void measureMany(Path data, int runs, int checkpoints) {
        var out = work.resolve("out");
        FileUtils.deleteQuietly(out.toFile());
        copy(data, out);
        var alphas = IntStream.rangeClosed(1, runs).mapToObj(Integer::toString).collect(Collectors.joining(", "));
        var train = jvm.run(
                MANY_ON,
                "train",
                out,
                "seeds=[1]",
                "updates=" + (checkpoints - 1),
                "checkpoint-every=1",
                "runs.measured.learner=cql-discrete",
                "runs.measured.settings.critic.hidden-layers=[4]",
                "runs.measured.sweep.alpha=[" + alphas + "]");
        var evaluate = jvm.run(MANY_ON, "evaluate", out, "environment=pointmass-medium", "episodes=1");
        var report = jvm.run(MANY_ON, "report", out);
        try (var files = Files.list(out.resolve("report"))) {
            var measurement = new ManyMeasurement(
                    runs,
                    checkpoints,
                    train.took(),
                    evaluate.took(),
                    report.took(),
                    Files.size(out.resolve("report/report.html")),
                    files.filter(file -> !file.getFileName().toString().startsWith("."))
                            .count());
            many.add(measurement);
            folder.writeMany(many);
            progress.say(String.format(
                    Locale.ROOT,
                    "[bench-scaling] %d %s of %d checkpoints: train %.1f s, evaluate %.1f s, report %.1f s",
                    runs,
                    runs == 1 ? "run" : "runs",
                    checkpoints,
                    train.took().seconds(),
                    evaluate.took().seconds(),
                    report.took().seconds()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static int slots(String master) {
        var matcher = SLOTS.matcher(master);
        if (!matcher.matches()) {
            throw new UserException("Cannot measure on master " + master
                    + ": it must be one that this machine starts, as local[2] or local-cluster[2,1,1024]");
        }
        return Integer.parseInt(matcher.group(1)) * (matcher.group(2) == null ? 1 : Integer.parseInt(matcher.group(2)));
    }

    private static double seconds(List<String> lines) {
        for (var line : lines) {
            var matcher = ENDS.matcher(line);
            if (matcher.matches()) {
                return Double.parseDouble(matcher.group(1));
            }
        }
        throw new IllegalStateException(
                "Cannot find how long training took in its output: " + String.join(" | ", lines));
    }

    private static double updateSeconds(Path out) {
        CheckpointStore store = RunsTable.checkpoints(out.toString(), new Configuration());
        try (var runs = Files.list(out.resolve("checkpoints"))) {
            return runs.mapToDouble(run -> store.latest(run.getFileName().toString())
                            .orElseThrow()
                            .seconds())
                    .sum();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void copy(Path from, Path to) {
        try {
            FileUtils.copyDirectory(from.toFile(), to.toFile());
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot copy " + from, e);
        }
    }
}
