package io.hindcast.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.hindcast.jobs.FaultyFileSystem.Fault;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A whole Spark's {@code spark-submit} gives {@code hindcast.jar} to YARN: a resource manager and a node manager in a process of their
 * own. What comes of it are the bytes of a job in one process.
 */
@Tag("faults")
@Tag("jar")
// Containers are started by a shell.
@EnabledOnOs(OS.LINUX)
class YarnTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final List<String> SWEEP = TrainingFolder.sweep(List.of("behaviour-cloning", "iql"), "seeds=[1, 2]");
    private static final String QUICK_JAVA = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC";

    @TempDir
    static Path directory;

    private static WholeSpark spark;
    private static HindcastProcess cluster;
    private static TrainingFolder data;
    private static TrainingFolder whole;

    @BeforeAll
    static void trainInOneProcess() {
        data = TrainingFolder.ofMaze(directory.resolve("data"));
    }

    @BeforeAll
    static void startCluster() throws Exception {
        spark = WholeSpark.ofTheBuild();
        cluster = HindcastProcess.java(
                spark.environment(),
                List.of(),
                YarnCluster.class.getName(),
                directory.resolve("yarn").toString(),
                directory.resolve("hadoop").toString());
        cluster.await(YarnCluster.LISTENS);
    }

    @AfterAll
    static void stopCluster() throws Exception {
        if (cluster != null) {
            cluster.close();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"client", "cluster"})
    void theQuickstartIsAsInOneProcess(String mode) throws Exception {
        var folder = new TrainingFolder(directory.resolve(mode));
        var conf = Path.of("../conf/quickstart.conf").toRealPath();
        // Where the driver runs in a container the configuration comes along.
        var options = mode.equals("client")
                ? List.of("--deploy-mode", mode)
                : List.of("--deploy-mode", mode, "--files", conf.toString());
        var named = mode.equals("client") ? conf : conf.getFileName();
        try (var job = submit(options, List.of(), quickstart(named, folder))) {
            assertThat(job.exitCode()).as("%s", said(job)).isZero();
        }
        assertThat(made(folder)).isEqualTo(made(quickstartInOneProcess())).hasSizeGreaterThan(6);
        folder.assertTrainedAs(quickstartInOneProcess());
        assertThat(Files.readString(folder.path().resolve("report/report.html")))
                .contains("<h1>A maze&apos;s way, for $0</h1>");
    }

    /** One of two containers is killed while the runs in both stand still in the middle of a checkpoint. */
    @Test
    void aContainerIsKilledInTrainingAndAnotherOneGoesOnToTheSameBytes() throws Exception {
        var folder = data.copy(directory.resolve("killed"));
        var marks = directory.resolve("marks");
        var settings = FaultyFileSystem.settings(Fault.STANDS_STILL_ONCE, ".*-s1-.*/step-0+40/checkpoint.json", marks);
        try (var job = submit(List.of(), settings, TrainingFolder.arguments(SWEEP, folder.faulty()))) {
            job.await(() -> FaultyFileSystem.marks(marks) == 2);
            assertThat(containers()).hasSize(2);
            containers().get(0).destroyForcibly();
            job.await(".*Lost executor .*Exit status: 137.*");
            FaultyFileSystem.release(marks);
            assertThat(job.exitCode()).as("%s", said(job)).isZero();
            assertThat(job.lines(".*, seed 1: starts after update 20, .*")).hasSize(1);
        }
        folder.assertTrainedAs(trainedInOneProcess());
    }

    /** In one executor with two cores. */
    @Test
    void aRunThatReservesTwoCoresSharesItsExecutorWithNoOther() throws Exception {
        var folder = data.copy(directory.resolve("cores"));
        var log = Files.createDirectory(directory.resolve("events"));
        var settings = List.of(
                "spark.executor.cores=2",
                "spark.executor.instances=1",
                "spark.eventLog.enabled=true",
                "spark.eventLog.compress=false",
                "spark.eventLog.rolling.enabled=false",
                "spark.eventLog.dir=" + log.toUri());
        try (var job = submit(
                List.of(),
                settings,
                TrainingFolder.arguments(SWEEP, folder.path().toString(), "cpus-per-run=2"))) {
            assertThat(job.exitCode()).as("%s", said(job)).isZero();
        }
        var events = events(log);
        assertThat(events.stream().filter(event -> is(event, "ExecutorAdded")))
                .singleElement()
                .extracting(event -> event.at("/Executor Info/Total Cores").asInt())
                .isEqualTo(2);
        var runs = tasks(events, 2);
        assertThat(runs).hasSize(4);
        runs.forEach((began, ended) -> assertThat(runs.subMap(began, false, ended, false))
                .as("what begins between %d and %d", began, ended)
                .isEmpty());
        folder.assertTrainedAs(trainedInOneProcess());
    }

    private static TrainingFolder trainedInOneProcess() throws IOException {
        if (whole == null) {
            whole = data.copy(directory.resolve("whole"));
            whole.train(SWEEP);
        }
        return whole;
    }

    private static TrainingFolder quickstartInOneProcess() {
        var folder = new TrainingFolder(directory.resolve("quickstart"));
        if (!Files.exists(folder.path())) {
            TrainingFolder.run(quickstart(Path.of("../conf/quickstart.conf"), folder));
        }
        return folder;
    }

    private static String[] quickstart(Path conf, TrainingFolder out) {
        var arguments = new ArrayList<>(List.of(
                "quickstart", "--conf", conf.toString(), "--out", out.path().toString()));
        for (var set : List.of(
                "collect.episodes=20",
                "train.updates=200",
                "train.checkpoint-every=100",
                "train.seeds=[1, 2]",
                "judge.models.updates=50",
                "evaluate.episodes=2",
                // YARN's shell reads it too.
                "report.title=\"A maze's way, for $0\"")) {
            arguments.addAll(List.of("--set", set));
        }
        return arguments.toArray(String[]::new);
    }

    /** The fingerprints of all tables but that of the runs, which says how long each took. */
    private static Map<String, String> made(TrainingFolder folder) throws IOException {
        var fingerprints = new TreeMap<String, String>();
        try (var all = Files.walk(folder.path(), 3)) {
            for (var manifest : all.filter(path -> path.toString().matches(".*/v\\d+/_manifest.json"))
                    .toList()) {
                fingerprints.put(
                        folder.path().relativize(manifest).toString(),
                        JSON.readTree(manifest.toFile()).get("fingerprint").asText());
            }
        }
        fingerprints.keySet().removeIf(name -> name.startsWith("runs/"));
        return fingerprints;
    }

    /** The processes that tasks run in. */
    private static List<ProcessHandle> containers() {
        return ProcessHandle.of(cluster.pid()).stream()
                .flatMap(ProcessHandle::descendants)
                .filter(process -> {
                    try {
                        var command = Files.readString(Path.of("/proc/" + process.pid() + "/cmdline"));
                        return command.startsWith(System.getProperty("java.home")) && command.contains("CoarseGrained");
                    } catch (IOException e) {
                        return false; // it has ended
                    }
                })
                .toList();
    }

    private static List<JsonNode> events(Path folder) throws IOException {
        var events = new ArrayList<JsonNode>();
        try (var files = Files.list(folder)) {
            var log = files.filter(file -> !file.getFileName().toString().endsWith(".crc"))
                    .toList();
            assertThat(log).hasSize(1);
            for (var line : Files.readAllLines(log.get(0))) {
                events.add(JSON.readTree(line));
            }
        }
        return events;
    }

    private static boolean is(JsonNode event, String name) {
        return event.get("Event").asText().equals("SparkListener" + name);
    }

    /** When tasks began and ended that reserved so many cores, in milliseconds, by their beginning. */
    private static TreeMap<Long, Long> tasks(List<JsonNode> events, int cores) {
        var profiles = new HashSet<Integer>();
        var stages = new HashSet<Integer>();
        var tasks = new TreeMap<Long, Long>();
        for (var event : events) {
            if (is(event, "ResourceProfileAdded")
                    && event.at("/Task Resource Requests/cpus/Amount").asInt() == cores) {
                profiles.add(event.get("Resource Profile Id").asInt());
            } else if (is(event, "StageSubmitted")
                    && profiles.contains(
                            event.at("/Stage Info/Resource Profile Id").asInt())) {
                stages.add(event.at("/Stage Info/Stage ID").asInt());
            } else if (is(event, "TaskEnd")
                    && stages.contains(event.get("Stage ID").asInt())) {
                var began = event.at("/Task Info/Launch Time").asLong();
                // The driver hears of the end only when the next task has begun; a task's time counts once for each
                // core.
                var took = event.at("/Task Metrics/Executor Run Time").asLong() / cores;
                tasks.put(began, began + took);
            }
        }
        return tasks;
    }

    private static HindcastProcess submit(List<String> options, List<String> settings, String... job)
            throws IOException {
        var command = new ArrayList<>(List.of(
                spark.submit(),
                "--master",
                "yarn",
                "--driver-memory",
                "512m",
                "--executor-memory",
                "512m",
                "--class",
                Hindcast.class.getName()));
        command.addAll(options);
        var tests = FaultyFileSystem.class.getProtectionDomain().getCodeSource().getLocation();
        Stream.concat(
                        Stream.of(
                                // Not copied into every container.
                                "spark.yarn.jars=local:" + spark.home() + "/jars/*",
                                "spark.yarn.stagingDir="
                                        + directory.resolve("staging").toUri(),
                                "spark.ui.enabled=false",
                                "spark.driver.extraClassPath=" + tests.getPath(),
                                "spark.executor.extraClassPath=" + tests.getPath(),
                                "spark.driver.extraJavaOptions=" + QUICK_JAVA,
                                "spark.executor.extraJavaOptions=" + QUICK_JAVA,
                                "spark.yarn.am.extraJavaOptions=" + QUICK_JAVA),
                        settings.stream())
                .forEach(setting -> command.addAll(List.of("--conf", setting)));
        command.add(WholeSpark.jar().toString());
        command.addAll(List.of(job));
        var environment = new HashMap<>(spark.environment());
        environment.put("HADOOP_CONF_DIR", directory.resolve("hadoop").toString());
        return HindcastProcess.program(environment, command.toArray(String[]::new));
    }

    /** What the job and all containers have printed. */
    private static String said(HindcastProcess job) throws IOException {
        var said = new StringBuilder(String.join("\n", job.lines()));
        try (var all = Files.walk(directory.resolve("yarn"))) {
            for (var file : all.filter(path -> path.endsWith("stdout") || path.endsWith("stderr"))
                    .toList()) {
                said.append("\n--- ").append(file).append('\n').append(Files.readString(file));
            }
        }
        return said.toString();
    }
}
