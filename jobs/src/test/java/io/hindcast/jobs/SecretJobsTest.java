package io.hindcast.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;
import static org.assertj.core.api.SoftAssertions.assertSoftly;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.Collectors;
import java.util.zip.ZipFile;
import org.apache.commons.codec.digest.DigestUtils;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Runs every job to a good end and to bad ones, with secrets wherever it takes some, and looks for them in all that was printed,
 * logged, sent and written.
 */
class SecretJobsTest {
    /** What all secrets begin with; nothing that Spark itself hides. */
    private static final String MARK = "M4RKED";

    /** Python, Java and JSON each escape something in it. */
    private static final String TOKEN = MARK + "'tok\"en\\9ä";

    private static final String PASSWORD = MARK + "pw9x77";
    private static final String BASIC =
            Base64.getEncoder().encodeToString(("bob:" + PASSWORD).getBytes(StandardCharsets.UTF_8));
    private static final String ADDRESS = "ftp://bob:" + PASSWORD + "@127.0.0.1:1/x";

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Queue<String> SENT = new ConcurrentLinkedQueue<>();
    private static final Queue<String> CREDENTIALS = new ConcurrentLinkedQueue<>();

    private static final List<Try> TRIES = new ArrayList<>();

    /** What jobs print, log and write, with nothing of the tests in it. */
    private static Path work;

    private static List<String> lines;

    @TempDir
    static Path directory;

    /** A command line, and the exit codes that it may end with. */
    private record Try(List<Integer> codes, List<String> arguments) {
        String job() {
            return arguments.get(0);
        }

        boolean isGood() {
            return codes.equals(List.of(0));
        }
    }

    /** The program of the process: runs command lines, one after the other. */
    static final class Commands {
        private Commands() {}

        public static void main(String[] files) throws IOException {
            for (var line : Files.readAllLines(Path.of(files[0]))) {
                var arguments = JSON.readValue(line, String[].class);
                System.out.println("=== " + arguments[0]);
                System.out.println("=== ends with " + Hindcast.run(Jobs.ALL, System.out, System.err, arguments));
            }
        }
    }

    @BeforeAll
    static void runAll() throws Exception {
        work = Files.createDirectories(directory.resolve("work"));
        var modules = Files.createDirectories(directory.resolve("modules"));
        try (var keeper = Objects.requireNonNull(SecretJobsTest.class.getResourceAsStream("/keeper.py"))) {
            Files.copy(keeper, modules.resolve("keeper.py"));
        }
        var taking = server(200);
        var refusing = server(401);
        try {
            addTries(
                    "http://127.0.0.1:" + taking.getAddress().getPort(),
                    "http://127.0.0.1:" + refusing.getAddress().getPort());
            var commands = TRIES.stream().map(one -> json(one.arguments())).toList();
            try (var process = HindcastProcess.java(
                    List.of("sh", "-c", "umask 027; exec \"$@\"", "sh"),
                    Map.of(
                            "PYTHONPATH",
                            modules.toString(),
                            "MLFLOW_TRACKING_USERNAME",
                            "bob",
                            "MLFLOW_TRACKING_PASSWORD",
                            PASSWORD),
                    List.of(
                            "-Dspark.master=local[2]",
                            "-Dspark.ui.enabled=false",
                            "-Dspark.eventLog.enabled=true",
                            "-Dspark.eventLog.compress=false",
                            "-Dspark.eventLog.dir=" + Files.createDirectories(work.resolve("events")),
                            "-Dspark.hadoop.fs.s3a.secret.key=" + PASSWORD,
                            "-Dmy.passwd=" + PASSWORD,
                            "-Dspark.local.dir=" + work.resolve("local"),
                            "-Djava.io.tmpdir=" + Files.createDirectories(work.resolve("tmp")),
                            "-Dlog4j2.configurationFile=" + logging()),
                    Commands.class.getName(),
                    Files.write(directory.resolve("commands"), commands).toString())) {
                assertThat(process.exitCode()).as("%s", process.lines()).isZero();
                lines = process.lines();
            }
        } finally {
            taking.stop(0);
            refusing.stop(0);
        }
        requirePython();
    }

    private static void requirePython() {
        var missing = lines.stream()
                .filter(line -> line.startsWith("Cannot make a Python environment")
                        || line.contains("neither uv nor Python 3.10"))
                .findFirst();
        if (missing.isPresent()) {
            if ("true".equals(System.getenv("CI"))) {
                fail("There is no Python to test with: " + missing.get());
            }
            Assumptions.abort(missing.get());
        }
    }

    /** A server in the place of MLflow, which quotes the credentials where it refuses. */
    private static HttpServer server(int status) throws IOException {
        var server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> answer(exchange, status));
        server.start();
        return server;
    }

    private static void answer(HttpExchange exchange, int status) throws IOException {
        try (exchange) {
            SENT.add(exchange.getRequestURI() + " "
                    + new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8));
            var credentials = String.valueOf(exchange.getRequestHeaders().getFirst("Authorization"));
            CREDENTIALS.add(credentials);
            var bytes = json(status == 200
                            ? Map.of(
                                    "experiment",
                                    Map.of("experiment_id", "1", "lifecycle_stage", "active"),
                                    "run",
                                    Map.of("info", Map.of("run_id", "a1", "run_uuid", "a1")))
                            : Map.of(
                                    "error_code",
                                    "PERMISSION_DENIED",
                                    "message",
                                    "no account for bob:" + PASSWORD + ", " + credentials))
                    .getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(status, bytes.length);
            exchange.getResponseBody().write(bytes);
        }
    }

    /** Everything of level info into a file. */
    private static Path logging() throws IOException {
        return Files.writeString(directory.resolve("log4j2.properties"), """
                appender.file.type = File
                appender.file.name = file
                appender.file.fileName = %s/spark.log
                appender.file.layout.type = PatternLayout
                appender.file.layout.pattern = %%p %%c %%t: %%m%%n%%ex
                rootLogger.level = info
                rootLogger.appenderRef.file.ref = file
                """.formatted(work));
    }

    /** A table in a database that only lets in who knows the password; the conf that reads it is like {@code conf}. */
    private static void addDatabase(String conf) throws IOException, SQLException {
        var url = "jdbc:h2:file:" + directory.resolve("database");
        try (var connection = DriverManager.getConnection(url, "bob", PASSWORD);
                var statement = connection.createStatement()) {
            statement.execute("CREATE TABLE log(\"e\" INT, \"s\" INT, \"a\" INT, \"o\" DOUBLE, \"r\" DOUBLE)");
            statement.execute("INSERT INTO log VALUES (1, 0, 0, 0.5, 1), (1, 1, 1, 0.25, 2), (1, 2, 0, 0.75, 3)");
        }
        for (var kind : List.of("ingest", "predict")) {
            conf += """

                    %1$s { input = [], spark = null }
                    %1$s.spark { format = jdbc, options { url = %2$s, user = bob, password = %3$s, dbtable = log } }
                    """.formatted(kind, json(url), json(PASSWORD));
        }
        var good = Files.writeString(directory.resolve("database.conf"), conf + "ingest.watermark = s\n");
        var out = work.resolve("database");
        add(0, "ingest", good, out);
        add(0, "ingest", good, out, "append=true");
        add(0, "stats", good, out);
        add(0, "train", good, out, "evaluation=null");
        add(0, "predict", good, out);
        add(2, "ingest", good, work.resolve("no database"), "spark.options.password=" + MARK + "wrong");
        add(2, "ingest", good, work.resolve("no database"), "spark.options.dbtable=nowhere");
        for (var end : List.of(";PASSWORD=" + PASSWORD, ";NOSUCH=" + PASSWORD, "/" + PASSWORD + "/x;IFEXISTS=TRUE")) {
            var bad = Files.writeString(
                    directory.resolve("database" + TRIES.size() + ".conf"),
                    conf + "ingest.spark.options.url = " + json(url + end));
            add(end.startsWith(";PASS") ? List.of(0, 2) : List.of(2), "ingest", bad, work.resolve("no database"));
        }
    }

    private static void addTries(String taking, String refusing) throws IOException, SQLException {
        var log =
                Files.writeString(directory.resolve("log.csv"), "e,s,a,o,r\n1,0,0,0.5,1\n1,1,1,0.25,2\n1,2,0,0.75,3\n");
        var conf = """
                environment = "gymnasium:keeper:Keeper"
                gymnasium { kwargs { told = "%1$s/told" }, restarts = 1, secret-kwargs { token = %2$s } }
                mlflow.tracking-uri = "%3$s"
                collect { behaviour = random, episodes = 8 }
                ingest {
                  format = spark, dataset = d, input = ["%4$s"]
                  spark { format = csv, options { header = true, inferSchema = true, password = %2$s, url = "http://u:%5$s@h" } }
                  columns { observation = [o], action-index = a, episode-id = e, step = s, reward = r }
                  action-space { type = discrete, count = 2 }
                }
                curate.subsets.best { top-percent = 50 }
                train {
                  updates = 20, checkpoint-every = 10, batch-size = 8, seeds = [1], evaluation.episodes = 1
                  runs.bc { learner = behaviour-cloning, settings.actor.hidden-layers = [4] }
                }
                evaluate.episodes = 2
                registry.directory = "%1$s/registry"
                promote { by = evaluations, margin = 1000 }
                predict {
                  format = spark, run = bc-1, input = ["%4$s"], columns { observation = [o] }
                  spark { format = csv, options { header = true, inferSchema = true, password = %2$s, url = "http://u:%5$s@h" } }
                }
                bench { workloads = [grid], learners = [behaviour-cloning], runs = [1], seconds = 0.2, warmup = 0, block = 0.05, replay = 1000 }
                bench-data.rows = [1000]
                """.formatted(directory, json(TOKEN), taking, log, PASSWORD);
        var good = Files.writeString(directory.resolve("good.conf"), conf);
        var out = work.resolve("out");
        for (var job :
                List.of("collect", "stats", "curate", "train", "evaluate", "judge", "promote", "predict", "report")) {
            add(0, job, good, out);
        }
        add(0, "ingest", good, work.resolve("ingested"));
        for (var job : List.of("bench", "bench-data")) {
            add(0, job, good, work.resolve(job));
        }

        var cut = Files.writeString(directory.resolve("cut.conf"), conf + "\nmlflow.password = " + PASSWORD + " {\n");
        for (var job : Jobs.ALL) {
            add(2, job.name(), good, ADDRESS);
            add(2, job.name(), cut, out);
            add(2, job.name(), good, out, "password=" + PASSWORD);
            add(2, job.name(), good, out, "gymnasium.secret-kwargs=" + PASSWORD);
            add(2, job.name(), good, out, "mlflow.tracking-uri=http://u:" + PASSWORD + "@host_under:5");
        }
        var fails = "gymnasium.kwargs.fails=";
        for (var when : List.of("to open", "to reset", "to step", "by dying")) {
            add(2, "collect", good, work.resolve("collect " + when), fails + when);
        }
        var other = work.resolve("other");
        add(0, "collect", good, other, "collect.episodes=1");
        add(0, "train", good, other, fails + "to reset"); // its evaluations are left out, with a warning
        add(0, "collect", good, work.resolve("refused"), "collect.episodes=1");
        add(0, "train", good, work.resolve("refused"), "mlflow.tracking-uri=" + refusing);
        add(List.of(2, 3), "evaluate", good, work.resolve("refused"), fails + "to open");
        add(2, "stats", good, out, "drift-against=" + ADDRESS);
        add(2, "ingest", good, work.resolve("no log"), "input=" + ADDRESS);
        add(2, "ingest", good, work.resolve("no log"), "spark.format=jdbc", "spark.options.dbtable=x", "input=[]");
        addDatabase(conf);
        add(2, "bench-data", good, work.resolve("bench-data"), "d4rl=" + ADDRESS);
        add(2, "bench-judge", good, work.resolve("bench-judge"), "decisions=0", "python=" + ADDRESS);
        add(2, "bench-predict", good, work.resolve("bench-predict"), "python=" + ADDRESS);
        add(2, "bench-data", good, work.resolve("bench-data"), "rows=[]", "d4rl=" + log, "python=" + ADDRESS);
    }

    private static void add(int code, String job, Path conf, Object out, String... sets) {
        add(List.of(code), job, conf, out, sets);
    }

    private static void add(List<Integer> codes, String job, Path conf, Object out, String... sets) {
        var arguments = new ArrayList<>(List.of(job, "--conf", conf.toString(), "--out", out.toString(), "--debug"));
        Arrays.stream(sets).forEach(set -> arguments.addAll(List.of("--set", set)));
        TRIES.add(new Try(codes, arguments));
    }

    @Test
    void everyJobIsRunToAGoodAndToABadEnd() {
        var codes = lines.stream()
                .filter(line -> line.startsWith("=== ends with "))
                .map(line -> Integer.parseInt(line.replaceAll(".* ", "")))
                .toList();
        assertThat(codes).hasSameSizeAs(TRIES);
        assertThat(lines).anyMatch(line -> line.matches("Cannot .*Wrong user name or password.*"));
        assertSoftly(softly -> {
            for (var i = 0; i < codes.size(); i++) {
                softly.assertThat(TRIES.get(i).codes())
                        .as(TRIES.get(i).arguments().toString())
                        .contains(codes.get(i));
            }
        });
        var jobs = Jobs.ALL.stream().map(Job::name).collect(Collectors.toSet());
        assertThat(TRIES.stream().filter(one -> !one.isGood()).map(Try::job)).containsAll(jobs);
        // They run other jobs, with settings of their own.
        jobs.removeAll(List.of("bench-scaling", "bench-judge", "bench-predict"));
        assertThat(TRIES.stream().filter(Try::isGood).map(Try::job)).containsAll(jobs);
    }

    @Test
    void nothingThatIsPrintedShowsASecret() {
        assertThat(lines).noneMatch(line -> line.contains(MARK)).noneMatch(line -> line.contains(BASIC));
    }

    @Test
    void noFileThatIsWrittenOrLoggedHoldsASecret() throws IOException {
        try (var spark = SparkSession.builder()
                .master("local[1]")
                .config("spark.ui.enabled", "false")
                .getOrCreate()) {
            var read = new ArrayList<Path>();
            assertSoftly(softly -> {
                for (var file : files(work)) {
                    read.add(file);
                    var text = text(spark, file);
                    softly.assertThat(text.contains(MARK) || text.contains(BASIC))
                            .as(file + " shows a secret")
                            .isFalse();
                }
            });
            assertThat(read)
                    .extracting(file -> work.relativize(file).toString())
                    .anyMatch(file -> file.equals("spark.log"))
                    .anyMatch(file -> file.startsWith("events/"))
                    .anyMatch(file -> file.matches("out/transitions/v1/part-.*\\.parquet"))
                    .anyMatch(file -> file.startsWith("out/checkpoints/"))
                    .anyMatch(file -> file.startsWith("out/policies/"))
                    .anyMatch(file -> file.startsWith("out/progress/"))
                    .anyMatch(file -> file.startsWith("out/tensorboard/"))
                    .anyMatch(file -> file.startsWith("out/stats/"))
                    .anyMatch(file -> file.equals("out/report/report.html"))
                    .anyMatch(file -> file.matches("bench-data/bench-data.jsonl"));
        }
    }

    /** The process had the umask 027. */
    @Test
    void whatIsWrittenIsForWhomTheUmaskSays() {
        assertSoftly(softly -> {
            for (var file : files(work.resolve("out"))) {
                softly.assertThat(permissions(file)).as(file.toString()).matches("...[r-]-[x-]---");
            }
        });
        assertThat(files(work.resolve("out")))
                .anyMatch(file -> permissions(file).equals("rw-r-----"));
    }

    private static String permissions(Path file) {
        try {
            return PosixFilePermissions.toString(Files.getPosixFilePermissions(file));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void theEnvironmentGetsItsSecretAndNoProcessShowsIt() throws IOException {
        assertThat(Files.readAllLines(directory.resolve("told")))
                .containsExactly(DigestUtils.sha256Hex(TOKEN.getBytes(StandardCharsets.UTF_8)));
    }

    @Test
    void theTrackingServerGetsItsPasswordAndNothingElseThatIsSecret() {
        assertThat(CREDENTIALS).contains("Basic " + BASIC);
        assertThat(SENT).isNotEmpty().noneMatch(sent -> sent.contains(MARK));
    }

    private static List<Path> files(Path folder) {
        try (var files = Files.walk(folder)) {
            return files.filter(Files::isRegularFile).toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What a file holds, unpacked. */
    private static String text(SparkSession spark, Path file) {
        try {
            if (file.toString().endsWith(".parquet")) {
                return String.join(
                        "\n", spark.read().parquet(file.toString()).toJSON().collectAsList());
            }
            if (file.toString().endsWith(".zip")) {
                return unzipped(file);
            }
            return Files.readString(file, StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String unzipped(Path file) throws IOException {
        var text = new StringBuilder();
        try (var zip = new ZipFile(file.toFile())) {
            for (var entry : zip.stream().toList()) {
                try (var in = zip.getInputStream(entry)) {
                    text.append(new String(in.readAllBytes(), StandardCharsets.ISO_8859_1));
                }
            }
        }
        return text.toString();
    }

    private static String json(Object value) {
        try {
            return JSON.writeValueAsString(value);
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException(e);
        }
    }
}
