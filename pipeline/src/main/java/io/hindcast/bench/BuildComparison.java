package io.hindcast.bench;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import io.hindcast.config.Json;
import io.hindcast.config.Settings;
import io.hindcast.config.UserException;
import io.hindcast.stage.Progress;
import io.hindcast.stage.StageResult;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.apache.commons.io.FileUtils;

/**
 * Measures this build and another one in turn, each time in a JVM of its own on the same core, in an order that changes: what else
 * the machine does meanwhile hits both. The best block of all turns counts.
 */
public final class BuildComparison {
    private static final int TURNS = 3;
    private static final String JAR = "hindcast.jar";
    private static final Path STATUS = Path.of("/proc/self/status");
    private static final Pattern LAST_CORE = Pattern.compile("(?m)^Cpus_allowed_list:.*?([0-9]+)$");

    private final BenchConfig config;
    private final Class<?> main;
    private final BenchFolder folder;
    private final Path work;
    private final Progress progress;

    /**
     * How much faster this build is: a line of {@code bench-against.jsonl}, whose keys are these names in snake case.
     *
     * @param updatesPerSecond of this build, in its best block
     * @param against of the other one
     * @param ratio the first by the second
     * @param turns how often each was measured
     * @param processor the model of the processor
     * @param loadAverage of the machine when the last measurement began
     */
    @JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
    record Line(
            String workload,
            String learner,
            String precision,
            int runs,
            double updatesPerSecond,
            double against,
            double ratio,
            int turns,
            String processor,
            double loadAverage) {}

    private BuildComparison(BenchConfig config, Class<?> main, String directory, Progress progress) {
        this.config = config;
        this.main = main;
        folder = BenchFolder.at(directory);
        work = Path.of(directory, "bench-against");
        this.progress = progress;
    }

    /**
     * Measures both builds, and writes {@code bench-against.jsonl} into {@code directory} after every turn.
     *
     * @param main the command line as a class
     * @throws UserException if there is no such build, or it does not run
     */
    public static StageResult run(String directory, Progress progress, BenchConfig config, Class<?> main) {
        var comparison = new BuildComparison(config, main, directory, progress);
        try {
            return comparison.run(Objects.requireNonNull(config.against()));
        } finally {
            FileUtils.deleteQuietly(comparison.work.toFile());
        }
    }

    private StageResult run(String against) {
        var own = ManagementFactory.getRuntimeMXBean().getClassPath();
        var builds = Map.of("this", own, "against", classPath(own, Path.of(against)));
        var seen = new LinkedHashMap<String, Map<String, JsonNode>>();
        for (var turn = 0; turn < TURNS; turn++) {
            for (var name : turn % 2 == 0 ? List.of("against", "this") : List.of("this", "against")) {
                progress.say("[bench] turn " + (turn + 1) + " of " + TURNS + ": "
                        + (name.equals("this") ? "this build" : against));
                measure(Objects.requireNonNull(builds.get(name)), seen.computeIfAbsent(name, any -> new TreeMap<>()));
            }
            folder.write("bench-against.jsonl", lines(seen));
        }
        var lines = lines(seen);
        BenchFolder.againstTable(lines).forEach(progress::say);
        return new StageResult(false, lines.size() + " comparisons in " + folder + "/bench-against.jsonl", List.of());
    }

    /** The class path of a build: of a checkout that is built, or of a jar with the libraries of this one. */
    static String classPath(String own, Path against) {
        if (Files.isDirectory(against)) {
            var target = against.resolve("jobs").resolve("target");
            if (!Files.isRegularFile(target.resolve(JAR))) {
                throw new UserException("Cannot measure against " + against + ": it has no jobs/target/" + JAR
                        + "; run ./hindcast --help there, which builds it, or name a jar");
            }
            return String.join(
                    File.pathSeparator,
                    target.resolve("spark-home/jars") + "/*",
                    target.resolve(JAR).toString(),
                    target.resolve("spark-home/conf").toString());
        }
        if (!Files.isRegularFile(against)) {
            throw new UserException("Cannot measure against " + against + ": it is not there; name the " + JAR
                    + " of another build, or its checkout");
        }
        var entries = Arrays.stream(own.split(File.pathSeparator))
                .map(entry -> Path.of(entry).endsWith(JAR) ? against.toString() : entry)
                .toList();
        return String.join(File.pathSeparator, entries);
    }

    /** Adds what a build does, where that is better than before. */
    private void measure(String classPath, Map<String, JsonNode> best) {
        var command = new ArrayList<String>();
        pinned().ifPresent(core -> command.addAll(List.of("taskset", "-c", core)));
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
        command.addAll(List.of("-cp", classPath, main.getName(), "bench", "--out", work.toString()));
        // An older build need not know a setting that is not used.
        Settings.differences(config).forEach((key, value) -> {
            if (!key.equals("against") && !key.equals("runs")) {
                command.addAll(List.of("--set", key + "=" + Json.text(value)));
            }
        });
        command.addAll(List.of("--set", "runs=[1]"));
        try {
            Files.createDirectories(work);
            Files.deleteIfExists(work.resolve("bench.jsonl"));
            var process = MeasuredProcess.run(command);
            if (process.exit() != 0) {
                var said = process.lines();
                throw new UserException("Cannot measure " + classPath + ": it ended with " + process.exit()
                        + " and said last: " + (said.isEmpty() ? "nothing" : said.get(said.size() - 1)));
            }
            for (var line : Files.readAllLines(work.resolve("bench.jsonl"))) {
                var measured = read(line);
                best.merge(name(measured), measured, (one, other) -> rate(one) >= rate(other) ? one : other);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot measure " + classPath, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    private static JsonNode read(String line) {
        try {
            return Json.MAPPER.readTree(line);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("Cannot read a measurement: " + line, e);
        }
    }

    private static String name(JsonNode measured) {
        return measured.path("workload").asText() + " "
                + measured.path("learner").asText() + " "
                + precision(measured);
    }

    private static String precision(JsonNode measured) {
        return measured.path("precision").asText("float32");
    }

    private static double rate(JsonNode measured) {
        return measured.path("updates_per_second_best").asDouble();
    }

    /** What both builds have measured, side by side. */
    static List<Line> lines(Map<String, Map<String, JsonNode>> seen) {
        var others = seen.getOrDefault("against", Map.of());
        var lines = new ArrayList<Line>();
        seen.getOrDefault("this", Map.of()).forEach((name, own) -> {
            var other = others.get(name);
            if (other != null) {
                lines.add(new Line(
                        own.path("workload").asText(),
                        own.path("learner").asText(),
                        precision(own),
                        own.path("runs").asInt(),
                        rate(own),
                        rate(other),
                        Math.rint(rate(own) / rate(other) * 1000) / 1000,
                        TURNS,
                        Machine.processor(),
                        own.path("load_average").asDouble()));
            }
        });
        return lines;
    }

    /** The last of the cores that this process may use, where the system can keep a process on it. */
    private static Optional<String> pinned() {
        try {
            var found = Files.isReadable(STATUS) ? LAST_CORE.matcher(Files.readString(STATUS)) : null;
            return found != null && found.find() && onThePath("taskset")
                    ? Optional.of(found.group(1))
                    : Optional.empty();
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    private static boolean onThePath(String program) {
        var path = System.getenv("PATH");
        return path != null
                && Arrays.stream(path.split(File.pathSeparator))
                        .anyMatch(folder -> Files.isExecutable(Path.of(folder, program)));
    }
}
