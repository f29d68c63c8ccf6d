package io.hindcast.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.typesafe.config.ConfigFactory;
import io.hindcast.config.Settings;
import io.hindcast.config.UserException;
import io.hindcast.data.ActionSpace;
import io.hindcast.learn.LearnerConfig;
import io.hindcast.table.TableName;
import io.hindcast.table.Warehouse;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.commons.codec.digest.DigestUtils;
import org.apache.commons.io.FileUtils;
import org.apache.spark.sql.SparkSession;

/**
 * An output directory with a small dataset, in which tests train.
 *
 * @param path of the directory
 */
record TrainingFolder(Path path) {
    private static final ObjectMapper JSON = new ObjectMapper();

    /** With four episodes of PointMass-Easy: discrete actions. */
    static TrainingFolder ofMaze(Path path) {
        run("collect", "--set", "environment=pointmass-easy", "--set", "episodes=4", "--out", path.toString());
        return new TrainingFolder(path);
    }

    /** With ten short walks on a line: continuous actions. */
    static TrainingFolder ofWalks(Path path) throws IOException {
        var log = new StringBuilder("episode,t,x,a,r,end\n");
        for (var i = 0; i < 60; i++) {
            log.append("%d,%d,%s,%s,%s,%d%n".formatted(i / 6, i % 6, Math.sin(i), Math.cos(3 * i), i % 5, i % 6 / 5));
        }
        Files.createDirectories(path);
        var csv = Files.writeString(path.resolve("walks.csv"), log);
        run(
                "ingest",
                "--set",
                "format=csv",
                "--set",
                "dataset=walks",
                "--set",
                "input=\"" + csv + "\"",
                "--set",
                "action-space={ type = continuous, dimension = 1, low = -1, high = 1 }",
                "--set",
                "columns={ observation = [x], action = a, reward = r, terminated = end, episode-id = episode, step = t }",
                "--out",
                path.toString());
        return new TrainingFolder(path);
    }

    /** Runs a job in this JVM, which has to go well. */
    static void run(String... arguments) {
        assertThat(exitCode(arguments)).as(Arrays.toString(arguments)).isZero();
    }

    /** Runs a job in this JVM. */
    static int exitCode(String... arguments) {
        System.setProperty("spark.master", "local[2]");
        System.setProperty("spark.ui.enabled", "false");
        return Hindcast.run(Jobs.ALL, System.out, System.err, arguments);
    }

    /** The same data in another directory. */
    TrainingFolder copy(Path to) throws IOException {
        FileUtils.copyDirectory(path.toFile(), to.toFile());
        return new TrainingFolder(to);
    }

    /** As a URI of {@link FaultyFileSystem}. */
    String faulty() {
        return "fault://" + path;
    }

    /** Trains in this JVM, undisturbed. */
    void train(List<String> sweep) {
        run(arguments(sweep, path.toString()));
    }

    /** The command line that trains. */
    static String[] arguments(List<String> sweep, String out, String... others) {
        var arguments = new ArrayList<>(List.of("train"));
        Stream.concat(sweep.stream(), Stream.of(others)).forEach(set -> arguments.addAll(List.of("--set", set)));
        arguments.addAll(List.of("--out", out));
        return arguments.toArray(String[]::new);
    }

    /** The names of all learners for such actions. */
    static List<String> learners(ActionSpace actions) {
        return LearnerConfig.LEARNERS.keySet().stream()
                .filter(name -> {
                    try {
                        LearnerConfig.read(name, ConfigFactory.empty(), name).checkActions(actions);
                        return true;
                    } catch (UserException e) {
                        return false;
                    }
                })
                .toList();
    }

    /** What {@code --set} is given to train learners with small networks: 60 updates, a checkpoint after every 20. */
    static List<String> sweep(List<String> learners, String... others) {
        var sets = new ArrayList<>(List.of("updates=60", "batch-size=8", "log-every=5", "checkpoint-every=20"));
        for (var learner : learners) {
            sets.add("runs." + learner + ".learner=" + learner);
            Settings.toMap((Record) LearnerConfig.read(learner, ConfigFactory.empty(), learner))
                    .forEach((key, value) -> {
                        if (value instanceof Map<?, ?> network && network.containsKey("hidden-layers")) {
                            sets.add("runs." + learner + ".settings." + key + ".hidden-layers=[8]");
                        }
                    });
        }
        sets.addAll(List.of(others));
        return sets;
    }

    /** The SHA-256 of every file of every checkpoint, but for the times: these are never the same twice. */
    Map<String, String> checkpoints() throws IOException {
        var hashes = new TreeMap<String, String>();
        var root = path.resolve("checkpoints");
        try (var files = Files.walk(root)) {
            for (var file : files.filter(Files::isRegularFile).toList()) {
                // Beside a file of a local file system Hadoop keeps its checksums.
                if (!file.endsWith("timing.json")
                        && !file.getFileName().toString().endsWith(".crc")) {
                    hashes.put(root.relativize(file).toString(), DigestUtils.sha256Hex(Files.readAllBytes(file)));
                }
            }
        }
        return hashes;
    }

    /** The steps of all runs' checkpoints that are complete, in order. */
    List<Long> steps() throws IOException {
        return checkpoints().keySet().stream()
                .filter(name -> name.endsWith("/checkpoint.json"))
                .map(name -> Long.parseLong(name.replaceAll(".*/step-|/.*", "")))
                .sorted()
                .toList();
    }

    /** What tells the rows of the latest version of a table from any others. */
    String fingerprint(String table) throws IOException {
        try (var versions = Files.list(path.resolve(table))) {
            var latest = versions.filter(
                            version -> version.getFileName().toString().matches("v\\d+"))
                    .max((a, b) -> Integer.compare(number(a), number(b)))
                    .orElseThrow();
            return JSON.readTree(latest.resolve("_manifest.json").toFile())
                    .get("fingerprint")
                    .asText();
        }
    }

    private static int number(Path version) {
        return Integer.parseInt(version.getFileName().toString().substring(1));
    }

    /** The values of a column of the latest version of a table. */
    List<String> column(String table, String column) throws IOException {
        var master = SparkSession.builder().master("local[1]").config("spark.ui.enabled", "false");
        try (var spark = master.getOrCreate()) {
            var warehouse = new Warehouse(spark, path.toString());
            return warehouse
                    .read(warehouse.require(TableName.valueOf(table.toUpperCase(Locale.ROOT))))
                    .select(column)
                    .collectAsList()
                    .stream()
                    .map(row -> String.valueOf(row.get(0)))
                    .toList();
        }
    }

    /** That what was trained here is what was trained there. */
    void assertTrainedAs(TrainingFolder other) throws IOException {
        assertThat(checkpoints()).isEqualTo(other.checkpoints()).isNotEmpty();
        assertThat(fingerprint("metrics")).isEqualTo(other.fingerprint("metrics"));
    }
}
