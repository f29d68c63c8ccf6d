package io.hindcast.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A driver is killed with SIGKILL just before one of its changes to the output directory. Afterwards a reader sees the old version
 * of a table or the new one, whole, and the next run ends as if nothing had happened.
 */
class KilledDriverTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final long SECONDS = 120;

    @TempDir
    static Path classes;

    private static ClassArchive archive;

    @TempDir
    Path directory;

    /** A child's classes take most of its time. */
    @BeforeAll
    static void archiveClasses() throws Exception {
        archive = ClassArchive.of(HindcastProcess.classPath(), classes);
        var conf = logs(classes);
        var out = "stop://" + classes.resolve("out");
        var process = start(archive, archive.making(), 0, "ingest", "--conf", conf.toString(), "--out", out);
        assertThat(awaitStandstill(process)).last().asString().contains("ends after");
        assertThat(process.waitFor()).isZero();
    }

    /** What a table of the output directory looks like to a reader: version to fingerprint. */
    private record Published(TreeMap<Integer, String> versions) {}

    // Changes of ingest on two files: directories and cleaning, three parts, three manifests and renames; see
    // everyChange.
    @ParameterizedTest
    @ValueSource(ints = {5, 9, 13, 18})
    void aKilledIngestLeavesNothingOrAll(int change) throws Exception {
        var conf = logs();
        var whole = fingerprints(undisturbed(conf));

        assertKilled(child(change, "ingest", "--conf", conf.toString(), "--out", out()), change);

        assertWhole();
        assertThat(run("ingest", "--conf", conf.toString())).isZero();
        assertNoLitter();
        assertThat(fingerprints(directory.resolve("out"))).isEqualTo(whole);
    }

    @ParameterizedTest
    @ValueSource(ints = {12, 17})
    void aKilledAppendLeavesTheOldOrTheNew(int change) throws Exception {
        var conf = logs();
        assertThat(run("ingest", "--conf", conf.toString())).isZero();
        var old = published("transitions").versions();
        Files.writeString(directory.resolve("in/b.csv"), log("three", "four"));

        assertKilled(child(change, "ingest", "--append", "--conf", conf.toString(), "--out", out()), change);

        assertWhole();
        assertThat(published("transitions").versions()).containsAllEntriesOf(old);
        assertThat(run("ingest", "--append", "--conf", conf.toString())).isZero();
        assertNoLitter();
        assertThat(published("transitions").versions()).hasSize(2);
        var all = manifest("transitions", 2);
        assertThat(all.get("rows").asLong()).isEqualTo(8);
        assertThat(all.get("episodes").asLong()).isEqualTo(4);
        assertThat(run("stats")).isZero();
        assertThat(run("curate")).isZero();
    }

    @ParameterizedTest
    @ValueSource(ints = {4, 8})
    void aKilledCurateLeavesNothingOrAll(int change) throws Exception {
        var conf = logs();
        assertThat(run("ingest", "--conf", conf.toString())).isZero();

        assertKilled(child(change, "curate", "--set", "subsets.best.top-percent=50", "--out", out()), change);

        assertWhole();
        assertThat(run("curate", "--set", "subsets.best.top-percent=50")).isZero();
        assertNoLitter();
        assertThat(published("subsets").versions()).hasSize(1);
    }

    @Test
    void aKilledPredictLeavesNothingOrAll() throws Exception {
        var conf = logs();
        assertThat(run("ingest", "--conf", conf.toString())).isZero();
        assertThat(run("train", "--conf", conf.toString())).isZero();

        assertKilled(child(9, "predict", "--conf", conf.toString(), "--out", out()), 9);

        assertWhole();
        assertThat(published("predictions").versions()).isEmpty();
        assertThat(run("predict", "--conf", conf.toString())).isZero();
        assertNoLitter();
        assertThat(published("predictions").versions()).hasSize(1);
        assertThat(published("prediction_quarantine").versions()).hasSize(1);
    }

    /** The same before every change that a job makes, or before every seventh on a day of the week; takes minutes. */
    @Tag("slow")
    @ParameterizedTest
    @CsvSource({"ingest", "append", "curate", "predict"})
    void everyChange(String job) throws Exception {
        var conf = logs();
        if (!job.equals("ingest")) {
            assertThat(run("ingest", "--conf", conf.toString())).isZero();
            Files.writeString(directory.resolve("in/b.csv"), log("three", "four"));
        }
        if (job.equals("predict")) {
            assertThat(run("train", "--conf", conf.toString())).isZero();
        }
        var arguments = job.equals("curate")
                ? List.of("curate", "--set", "subsets.best.top-percent=50")
                : Stream.concat(
                                Stream.of(job.equals("append") ? "ingest" : job, "--conf", conf.toString()),
                                job.equals("append") ? Stream.of("--append") : Stream.<String>empty())
                        .toList();
        var before = directory.resolve("before");
        if (Files.exists(directory.resolve("out"))) {
            copy(directory.resolve("out"), before);
        }
        var changes = Part.numbers().iterator();
        var change = 0;
        while (true) {
            change = changes.nextInt();
            remove(directory.resolve("out"));
            if (Files.exists(before)) {
                copy(before, directory.resolve("out"));
            }
            var all = new ArrayList<>(arguments);
            all.addAll(List.of("--out", out()));
            var lines = child(change, all.toArray(String[]::new));
            if (lines.stream().noneMatch(line -> line.startsWith(StoppingFileSystem.STANDS_STILL))) {
                break;
            }
            assertWhole();
            assertThat(run(arguments.toArray(String[]::new)))
                    .as("after change %d", change)
                    .isZero();
            assertNoLitter();
            assertThat(run("stats")).as("after change %d", change).isZero();
            if (job.equals("predict")) {
                assertThat(new TreeSet<>(published("predictions").versions().values()))
                        .as("after change %d", change)
                        .hasSize(1);
            }
        }
        assertThat(change).isGreaterThan(8);
    }

    @Test
    void whatAnotherProcessIsWritingIsLeftAloneUntilItIsKilled() throws Exception {
        var conf = logs();
        var process = start(12, "ingest", "--conf", conf.toString(), "--out", out());
        var said = new ByteArrayOutputStream();
        CompletableFuture<Integer> second;
        try {
            awaitStandstill(process);
            var mine = litter();
            second = CompletableFuture.supplyAsync(() ->
                    run(new PrintStream(said, true, StandardCharsets.UTF_8), "ingest", "--conf", conf.toString()));
            while (!second.isDone() && !said.toString(StandardCharsets.UTF_8).contains("this one waits")) {
                Thread.sleep(100);
            }

            assertThat(second).isNotDone();
            assertThat(litter()).containsAll(mine).isNotEmpty();
        } finally {
            process.destroyForcibly().waitFor();
        }
        assertThat(second.get()).isZero();
        assertNoLitter();
    }

    private Path logs() throws IOException {
        return logs(directory);
    }

    private static Path logs(Path directory) throws IOException {
        Files.createDirectories(directory.resolve("in"));
        Files.writeString(directory.resolve("in/a.csv"), log("one", "two"));
        return Files.writeString(directory.resolve("walks.conf"), """
                ingest {
                  format = csv
                  dataset = walks
                  input = ["%1$s"]
                  action-space { type = continuous, dimension = 1 }
                  columns { observation = [x], action = a, reward = r, terminated = end, episode-id = episode, step = t }
                }
                train {
                  seeds = [1], updates = 2, batch-size = 2, log-every = 1, checkpoint-every = 2
                  runs.bc { learner = behaviour-cloning, settings.actor.hidden-layers = [4] }
                }
                predict {
                  format = spark
                  spark { format = csv, options { header = "true", inferSchema = "true" } }
                  input = ["%1$s"]
                  run = bc-1
                  columns.observation = [x]
                  max-quarantine-fraction = 0.5
                }
                """.formatted(directory.resolve("in")));
    }

    private static String log(String... episodes) {
        var log = new StringBuilder("episode,t,x,a,r,end\n");
        for (var episode : episodes) {
            log.append(episode).append(",0,0,0.1,1,0\n").append(episode).append(",1,1,0.2,2,1\n");
        }
        return log.toString();
    }

    private String out() {
        return "stop://" + directory.resolve("out");
    }

    private Path undisturbed(Path conf) {
        var other = directory.resolve("undisturbed");
        assertThat(Hindcast.run(
                        Jobs.ALL,
                        System.out,
                        System.err,
                        "ingest",
                        "--conf",
                        conf.toString(),
                        "--out",
                        other.toString()))
                .isZero();
        return other;
    }

    private int run(String... arguments) {
        return run(System.out, arguments);
    }

    private int run(PrintStream out, String... arguments) {
        var all = new ArrayList<>(List.of(arguments));
        all.addAll(List.of("--out", directory.resolve("out").toString()));
        System.setProperty("spark.master", "local[2]");
        System.setProperty("spark.ui.enabled", "false");
        return Hindcast.run(Jobs.ALL, out, System.err, all.toArray(String[]::new));
    }

    /** Runs a job in a JVM of its own, kills it before its change number {@code change}, and returns what it printed. */
    private List<String> child(int change, String... arguments) throws IOException, InterruptedException {
        var process = start(change, arguments);
        try {
            return awaitStandstill(process);
        } finally {
            process.destroyForcibly().waitFor();
        }
    }

    private static Process start(int change, String... arguments) throws IOException {
        return start(archive, archive.using(), change, arguments);
    }

    /** Begins a job in a JVM of its own, which stands still before its change number {@code change}. */
    static Process start(ClassArchive archive, List<String> options, int change, String... arguments)
            throws IOException {
        var command = new ArrayList<String>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        System.getProperties().stringPropertyNames().stream()
                .filter(name -> name.equals("log4j2.configurationFile"))
                .forEach(name -> command.add("-D" + name + "=" + System.getProperty(name)));
        command.addAll(options);
        command.addAll(List.of(
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-Xmx512m",
                "-Dstop.at=" + change,
                "-Dspark.master=local[2]",
                "-Dspark.ui.enabled=false",
                "-Dspark.hadoop.fs.stop.impl=" + StoppingFileSystem.class.getName(),
                "-Dspark.hadoop.fs.AbstractFileSystem.stop.impl=" + StoppingFileSystem.Context.class.getName()));
        // The module options of this JVM, which Spark needs in that one too.
        ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
                .filter(option -> option.startsWith("--add-opens") || option.startsWith("-XX:+Ignore"))
                .forEach(command::add);
        command.addAll(List.of("-cp", archive.classPath(), Hindcast.class.getName()));
        command.addAll(List.of(arguments));
        return new ProcessBuilder(command).redirectErrorStream(true).start();
    }

    /** What it printed until it stood still, or ended. */
    static List<String> awaitStandstill(Process process) throws IOException, InterruptedException {
        var lines = new ArrayList<String>();
        var reader = process.inputReader(StandardCharsets.UTF_8);
        for (var line = reader.readLine(); line != null; line = reader.readLine()) {
            lines.add(line);
            if (line.startsWith(StoppingFileSystem.STANDS_STILL)) {
                return lines;
            }
        }
        assertThat(process.waitFor(SECONDS, TimeUnit.SECONDS)).isTrue();
        return lines;
    }

    private static void assertKilled(List<String> lines, int change) {
        assertThat(lines).last().isEqualTo(StoppingFileSystem.STANDS_STILL + change);
    }

    /** Every version directory is complete: its manifest parses and each file it lists has its length. */
    private void assertWhole() throws IOException {
        for (var table :
                List.of("transitions", "episodes", "quarantine", "subsets", "predictions", "prediction_quarantine")) {
            for (var number : published(table).versions().keySet()) {
                for (var file : manifest(table, number).get("files")) {
                    var path = directory
                            .resolve("out")
                            .resolve(table)
                            .resolve("v" + number)
                            .resolve(file.get("name").asText());
                    assertThat(Files.size(path)).isEqualTo(file.get("bytes").asLong());
                }
            }
        }
    }

    private void assertNoLitter() throws IOException {
        assertThat(litter()).isEmpty();
    }

    private List<Path> litter() throws IOException {
        try (var paths = Files.walk(directory.resolve("out"))) {
            return paths.filter(path -> path.getFileName().toString().startsWith(".tmp-"))
                    .toList();
        }
    }

    /** Of the one version of each table; its number is another where a killed job had taken the first. */
    private TreeMap<String, String> fingerprints(Path out) throws IOException {
        var fingerprints = new TreeMap<String, String>();
        for (var table : List.of("transitions", "episodes", "quarantine")) {
            try (var entries = Files.list(out.resolve(table))) {
                var versions = entries.filter(
                                entry -> entry.getFileName().toString().matches("v[0-9]+"))
                        .toList();
                assertThat(versions).as(table).hasSize(1);
                var manifest =
                        JSON.readTree(versions.get(0).resolve("_manifest.json").toFile());
                fingerprints.put(table, manifest.get("fingerprint").asText());
            }
        }
        return fingerprints;
    }

    private Published published(String table) throws IOException {
        var versions = new TreeMap<Integer, String>();
        var place = directory.resolve("out").resolve(table);
        if (Files.isDirectory(place)) {
            try (var entries = Files.list(place)) {
                for (var entry : entries.toList()) {
                    var name = entry.getFileName().toString();
                    if (name.matches("v[0-9]+")) {
                        var number = Integer.parseInt(name.substring(1));
                        versions.put(
                                number,
                                manifest(table, number).get("fingerprint").asText());
                    }
                }
            }
        }
        return new Published(versions);
    }

    private JsonNode manifest(String table, int number) throws IOException {
        return JSON.readTree(directory
                .resolve("out")
                .resolve(table)
                .resolve("v" + number)
                .resolve("_manifest.json")
                .toFile());
    }

    static void copy(Path from, Path to) throws IOException {
        try (var paths = Files.walk(from)) {
            for (var path : paths.toList()) {
                Files.copy(path, to.resolve(from.relativize(path).toString()));
            }
        }
    }

    static void remove(Path tree) throws IOException {
        if (!Files.exists(tree)) {
            return;
        }
        try (var paths = Files.walk(tree)) {
            for (var path : paths.sorted((a, b) -> b.compareTo(a)).toList()) {
                Files.delete(path);
            }
        }
    }
}
