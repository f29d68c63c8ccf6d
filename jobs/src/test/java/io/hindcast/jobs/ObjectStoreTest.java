package io.hindcast.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.commons.codec.digest.DigestUtils;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * All that hindcast publishes lies in a bucket of an S3 server, where a rename copies file by file: what comes of it is the same as on
 * the local disk. A driver is killed with SIGKILL just before one of its requests that change something is answered: every version of
 * a table that is there is whole, and the next run ends as if nothing had happened.
 */
class ObjectStoreTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final List<String> INGESTED = List.of("transitions", "episodes", "quarantine");

    @TempDir
    static Path shared;

    private static ObjectStoreServer store;
    private static StoreVictims victims;
    private static Path conf;
    private static TrainingFolder whole;

    @TempDir
    Path directory;

    /** Without a store: what has to come of it, and the classes that most of a child's time goes into. */
    @BeforeAll
    static void startStore() throws Exception {
        store = new ObjectStoreServer();
        store.settings().forEach(setting -> {
            var parts = setting.split("=", 2);
            System.setProperty(parts[0], parts[1]);
        });
        conf = conf();
        whole = new TrainingFolder(shared.resolve("whole"));
        run("ingest", whole.path().toString());
        KilledDriverTest.copy(whole.path(), shared.resolve("ingested"));
        run("train", whole.path().toString());
        KilledDriverTest.copy(whole.path(), shared.resolve("trained"));
        run("report", shared.resolve("trained").toString(), "--set", "report.title=before");
        run("report", whole.path().toString());
        victims = StoreVictims.of(store, List.of(), shared, arguments("ingest", store.path("archived/out")));
    }

    @AfterAll
    static void stopStore() throws Exception {
        store.settings().forEach(setting -> System.clearProperty(setting.split("=", 2)[0]));
        store.close();
    }

    @Tag("faults")
    @Test
    void everythingFromIngestToTheReportIsAsOnTheLocalDisk() throws Exception {
        var local = new TrainingFolder(directory.resolve("local"));
        TrainingFolder.run(pipeline(local.path().toString()));

        TrainingFolder.run(pipeline(store.path("pipeline/out")));

        var fetched = fetched("pipeline/out", "fetched");
        fetched.assertTrainedAs(local);
        for (var table : List.of("transitions", "episodes", "dataset_stats", "subsets", "metrics", "evaluations")) {
            assertThat(fetched.fingerprint(table)).as(table).isEqualTo(local.fingerprint(table));
        }
        assertThat(policies(fetched)).isEqualTo(policies(local)).isNotEmpty();
        assertThat(fetched.path().resolve("report/report.html")).isNotEmptyFile();

        store.stopAt(0);
        TrainingFolder.run(pipeline(store.path("pipeline/out")));
        assertThat(store.changes())
                .as("it is done already; its turn is taken and let go")
                .isLessThan(20);
        assertThat(published(fetched("pipeline/out", "again"))).isEqualTo(published(fetched));
    }

    @Tag("faults")
    @ParameterizedTest
    @ValueSource(strings = {"csv", "parquet"})
    void logsInABucketBecomeWhatTheyBecomeOnTheLocalDisk(String format) throws Exception {
        var logs = directory.resolve("logs");
        log(logs.resolve("first"), format, 0);
        store.store(logs, format);

        for (var append : List.of(false, true)) {
            for (var place : List.of(logs.toUri().toString(), store.path(format))) {
                var out = place.startsWith("s3a:") ? store.path(format + "-read/out") : directory.resolve("local");
                var options = Stream.of(
                        "--set",
                        "format=" + format,
                        "--set",
                        "input=[\"" + place + "/*\"]",
                        append ? "--append" : "--debug");
                run("ingest", out.toString(), options.toArray(String[]::new));
            }
            log(logs.resolve("second"), format, 10);
            store.store(logs, format);
        }

        var local = new TrainingFolder(directory.resolve("local"));
        var fetched = fetched(format + "-read/out", "fetched");
        assertThat(published(fetched)).isEqualTo(published(local)).containsKey("transitions/v2/_manifest.json");
        var first = fetched.path().resolve("transitions/v1/_manifest.json");
        assertThat(JSON.readTree(first.toFile()).get("rows").asInt()).isEqualTo(60);
    }

    /** Ten episodes of six steps, in a folder of its own. */
    private static void log(Path folder, String format, int first) throws IOException {
        if (Files.exists(folder)) {
            return;
        }
        var rows = walks(first);
        if (format.equals("csv")) {
            Files.writeString(Files.createDirectories(folder).resolve("log.csv"), rows);
            return;
        }
        try (var spark = SparkSession.builder()
                .master("local[1]")
                .config("spark.ui.enabled", "false")
                .getOrCreate()) {
            var csv = Files.writeString(shared.resolve("walks-" + first + ".csv"), rows);
            spark.read()
                    .option("header", true)
                    .schema("episode INT, t INT, x DOUBLE, a DOUBLE, r DOUBLE, end INT")
                    .csv(csv.toString())
                    .withColumn("end", functions.col("end").cast("boolean"))
                    .coalesce(1)
                    .write()
                    .parquet(folder.toString());
        }
    }

    @Tag("faults")
    @ParameterizedTest
    @CsvSource({"train, 12", "train, 30", "ingest, 9", "ingest, 18", "report, 2", "report, 3"})
    void aKilledJobLeavesNothingHalf(String job, int change) throws Exception {
        assertThat(isKilledBefore(job, change)).isTrue();
    }

    /** The same before every change, or every seventh on a day of the week; takes minutes. */
    @Tag("slow")
    @ParameterizedTest
    @ValueSource(strings = {"ingest", "train", "report"})
    void everyChange(String job) throws Exception {
        var last = Part.firstThatIsNot(change -> isKilledBefore(job, change));
        assertThat(last).isGreaterThan(job.equals("report") ? 3 : 20);
    }

    /** Whether there is such a change; what it leaves is looked at. */
    private boolean isKilledBefore(String job, int change) throws Exception {
        var out = job + "-" + change + "/out";
        if (job.equals("train")) {
            store.store(shared.resolve("ingested"), out);
        }
        if (job.equals("report")) {
            store.store(shared.resolve("trained"), out); // with the report of before, which is replaced
        }
        if (!victims.isKilledBefore(change, arguments(job, store.path(out)))) {
            return false;
        }
        published(fetched(out, out + "-killed"));

        run(job, store.path(out));

        var fetched = fetched(out, out + "-again");
        published(fetched);
        try (var all = Files.walk(fetched.path())) {
            assertThat(all.filter(path -> path.getFileName().toString().matches("\\.(tmp|lease)-.*")))
                    .as("litter after change %d of %s", change, job)
                    .isEmpty();
        }
        for (var table : INGESTED) {
            assertThat(fetched.fingerprint(table)).as(table).isEqualTo(whole.fingerprint(table));
        }
        if (job.equals("train")) {
            fetched.assertTrainedAs(whole);
            assertThat(policies(fetched)).isEqualTo(policies(whole)).isNotEmpty();
        }
        if (job.equals("report")) {
            assertThat(report(fetched)).isEqualTo(report(whole)).isNotEmpty();
        }
        return true;
    }

    /** Every version that has a manifest, by its fingerprint; each file that one names is there, byte for byte. */
    static TreeMap<String, String> published(TrainingFolder folder) throws IOException {
        var versions = new TreeMap<String, String>();
        if (!Files.exists(folder.path())) {
            return versions;
        }
        List<Path> manifests;
        try (var all = Files.walk(folder.path())) {
            manifests = all.filter(path -> path.endsWith("_manifest.json")
                            && path.getParent().toString().matches(".*/v\\d+"))
                    .toList();
        }
        for (var manifest : manifests) {
            var contents = JSON.readTree(manifest.toFile());
            for (var file : contents.get("files")) {
                var path = manifest.resolveSibling(file.get("name").asText());
                assertThat(DigestUtils.sha256Hex(Files.readAllBytes(path)))
                        .as("%s", path)
                        .isEqualTo(file.get("sha256").asText());
            }
            versions.put(
                    folder.path().relativize(manifest).toString(),
                    contents.get("fingerprint").asText());
        }
        return versions;
    }

    private static TreeMap<String, String> policies(TrainingFolder folder) throws IOException {
        var hashes = new TreeMap<String, String>();
        try (var all = Files.walk(folder.path().resolve("policies"))) {
            for (var path : all.filter(path -> path.endsWith("policy.onnx")).toList()) {
                hashes.put(folder.path().relativize(path).toString(), DigestUtils.sha256Hex(Files.readAllBytes(path)));
            }
        }
        return hashes;
    }

    /** What is in a report, and its pictures; each file that its manifest names is there, byte for byte, and no other. */
    private static TreeMap<String, String> report(TrainingFolder folder) throws IOException {
        var place = folder.path().resolve("report");
        var contents = new TreeMap<String, String>();
        for (var file : JSON.readTree(place.resolve("_manifest.json").toFile()).get("files")) {
            var name = file.get("name").asText();
            var hash = DigestUtils.sha256Hex(Files.readAllBytes(place.resolve(name)));
            assertThat(hash).as(name).isEqualTo(file.get("sha256").asText());
            contents.put(name, hash);
        }
        try (var all = Files.list(place)) {
            assertThat(all.map(path -> path.getFileName().toString()).filter(name -> !name.endsWith(".crc")))
                    .containsExactlyInAnyOrderElementsOf(
                            Stream.concat(contents.keySet().stream(), Stream.of("_manifest.json"))
                                    .toList());
        }
        assertThat(Files.readString(place.resolve("report.html"))).contains("<h1>Walks</h1>");
        // These two also say where and when.
        contents.remove("report.html");
        contents.put(
                "results.json",
                JSON.readTree(place.resolve("results.json").toFile())
                        .get("results")
                        .toString());
        return contents;
    }

    private TrainingFolder fetched(String name, String to) throws IOException {
        var target = directory.resolve(to);
        store.fetch(name, target);
        return new TrainingFolder(target);
    }

    private static void run(String job, String out, String... others) {
        TrainingFolder.run(arguments(job, out, others));
    }

    private static String[] arguments(String job, String out, String... others) {
        return Stream.concat(Stream.of(job, "--conf", conf.toString(), "--out", out), Stream.of(others))
                .toArray(String[]::new);
    }

    private static String walks(int first) {
        var log = new StringBuilder("episode,t,x,a,r,end\n");
        for (var i = 0; i < 60; i++) {
            log.append("%d,%d,%s,%s,%s,%d%n"
                    .formatted(first + i / 6, i % 6, Math.sin(i), Math.cos(3 * i), i % 5, i % 6 / 5));
        }
        return log.toString();
    }

    private static Path conf() throws IOException {
        return Files.writeString(
                shared.resolve("walks.conf"), """
                ingest {
                  format = csv, dataset = walks, input = ["%s"]
                  action-space { type = continuous, dimension = 1 }
                  columns { observation = [x], action = a, reward = r, terminated = end, episode-id = episode, step = t }
                }
                train {
                  seeds = [1], updates = 4, batch-size = 8, log-every = 1, checkpoint-every = 2
                  runs.bc { learner = behaviour-cloning, settings.actor.hidden-layers = [4] }
                }
                report.title = Walks
                """.formatted(Files.writeString(shared.resolve("walks.csv"), walks(0))));
    }

    /** A log of made-up episodes of CartPole, and what is learned from it. */
    private String[] pipeline(String out) throws IOException {
        var log = new StringBuilder("episode,t,x,v,angle,turn,push,r,end\n");
        for (var i = 0; i < 200; i++) {
            log.append("%d,%d,%s,%s,%s,%s,%d,1,%d%n"
                    .formatted(
                            i / 20,
                            i % 20,
                            Math.sin(i),
                            Math.cos(i),
                            Math.sin(2 * i) / 10,
                            Math.cos(2 * i),
                            i * 7 % 3 % 2,
                            i % 20 / 19));
        }
        var conf = Files.writeString(
                directory.resolve("poles.conf"), """
                environment = cartpole
                stages = [ingest, stats, curate, train, evaluate, report]
                ingest {
                  format = csv, dataset = poles, input = ["%s"]
                  action-space { type = discrete, count = 2 }
                  columns {
                    observation = [x, v, angle, turn], action-index = push, reward = r, terminated = end
                    episode-id = episode, step = t
                  }
                }
                curate.subsets.best.top-percent = 50
                train {
                  seeds = [1, 2], updates = 40, batch-size = 8, log-every = 5, checkpoint-every = 20
                  runs.bc { learner = behaviour-cloning, settings.actor.hidden-layers = [4] }
                  runs.best { learner = behaviour-cloning, subset = best, settings.actor.hidden-layers = [4] }
                }
                evaluate.episodes = 2
                """.formatted(Files.writeString(directory.resolve("poles.csv"), log)));
        return List.of("pipeline", "--conf", conf.toString(), "--out", out).toArray(String[]::new);
    }
}
