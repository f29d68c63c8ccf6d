package io.hindcast.bench;

import io.hindcast.config.RunFailure;
import io.hindcast.config.UserException;
import io.hindcast.run.CheckpointStore;
import io.hindcast.stage.Progress;
import io.hindcast.stage.StageResult;
import io.hindcast.table.RunsTable;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
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

    /** How the command line ends. */
    private static final int DONE = 0;

    private static final int FAULT = 1;
    private static final int WRONG_INPUT = 2;
    private static final Pattern ENDS = Pattern.compile("\\[train] ends after ([0-9.]+) s: .*");
    private static final Pattern SLOTS = Pattern.compile("local(?:-cluster)?\\[([0-9]+)(?:,([0-9]+),[0-9]+)?]");

    private final Progress progress;
    private final ScalingBenchConfig config;
    private final Class<?> main;
    private final BenchFolder folder;
    private final Path work;
    private final List<ScalingMeasurement> done = new ArrayList<>();
    private final List<ManyMeasurement> many = new ArrayList<>();

    private ScalingBenchmark(String directory, Progress progress, ScalingBenchConfig config, Class<?> main) {
        this.progress = progress;
        this.config = config;
        this.main = main;
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
        hindcast("local[1]", "collect", data, "environment=pointmass-medium", "behaviour=wanderer", "episodes=79");
        for (var master : config.masters()) {
            for (var runs : config.runs()) {
                var out = work.resolve("out");
                FileUtils.deleteQuietly(out.toFile());
                copy(data, out);
                var seeds =
                        LongStream.rangeClosed(1, runs).mapToObj(Long::toString).collect(Collectors.joining(", "));
                var train = hindcast(
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
        var train = hindcast(
                MANY_ON,
                "train",
                out,
                "seeds=[1]",
                "updates=" + (checkpoints - 1),
                "checkpoint-every=1",
                "runs.measured.learner=cql-discrete",
                "runs.measured.settings.critic.hidden-layers=[4]",
                "runs.measured.sweep.alpha=[" + alphas + "]");
        var evaluate = hindcast(MANY_ON, "evaluate", out, "environment=pointmass-medium", "episodes=1");
        var report = hindcast(MANY_ON, "report", out);
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

    /** Runs a job of hindcast in a JVM of its own. */
    private MeasuredProcess hindcast(String master, String job, Path out, String... sets) {
        var jvm = ManagementFactory.getRuntimeMXBean();
        var arguments = new ArrayList<>(jvm.getInputArguments());
        arguments.addAll(List.of("-Dspark.master=" + master, "-Dspark.ui.enabled=false"));
        if (master.startsWith("local-cluster")) {
            // Executors find hindcast where this JVM does.
            arguments.add("-Dspark.executor.extraClassPath=" + absolute(jvm.getClassPath()));
        }
        arguments.addAll(List.of("-cp", jvm.getClassPath(), main.getName(), job, "--out", out.toString()));
        for (var set : sets) {
            arguments.addAll(List.of("--set", set));
        }
        try {
            var java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
            var process = MeasuredProcess.run(java, arguments);
            var code = process.exit();
            if (code != DONE) {
                throw failure(
                        "Cannot measure on " + master + ": " + job + " ended with " + code, code, process.lines());
            }
            return process;
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot start a JVM for " + master, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /** What is the user's to mend there is so here. */
    private static RuntimeException failure(String words, int code, List<String> lines) {
        var last = lines.isEmpty() ? "nothing" : lines.get(lines.size() - 1);
        return switch (code) {
            case FAULT -> new IllegalStateException(words + " and said " + String.join(" | ", lines));
            case WRONG_INPUT -> new UserException(words + ": " + last);
            default -> new RunFailure(words + " and said last: " + last);
        };
    }

    private static String absolute(String classPath) {
        return Arrays.stream(classPath.split(File.pathSeparator))
                .map(entry -> Path.of(entry).toAbsolutePath().toString())
                .collect(Collectors.joining(File.pathSeparator));
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
