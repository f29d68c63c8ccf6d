package io.hindcast.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import io.hindcast.jobs.FaultyFileSystem.Fault;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
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
 * The same sweep on one thread, on two, with executors that are processes, and on a standalone cluster whose master and two workers
 * are processes of their own: the same bytes.
 */
@Tag("faults")
// The second worker is at another of the machine's addresses, which Linux has without being asked.
@EnabledOnOs(OS.LINUX)
class ClusterTest {
    private static final List<String> SWEEP = TrainingFolder.sweep(List.of("behaviour-cloning", "iql"), "seeds=[1, 2]");
    private static final List<String> MADE_ALIKE =
            List.of("run_id", "name", "seed", "outcome", "updates", "checkpoint_fingerprint");

    @TempDir
    static Path directory;

    private static final List<HindcastProcess> CLUSTER = new ArrayList<>();
    private static String master;
    private static TrainingFolder data;
    private static TrainingFolder whole;

    @BeforeAll
    static void trainOnTwoThreads() throws Exception {
        data = TrainingFolder.ofMaze(directory.resolve("data"));
        whole = data.copy(directory.resolve("whole"));
        whole.train(SWEEP);
    }

    @BeforeAll
    static void startCluster() throws Exception {
        var first = daemon("master.Master", "--host", "127.0.0.1", "--port", "0", "--webui-port", "0");
        var line = ".*Starting Spark master at (spark://127.0.0.1:\\d+).*";
        first.await(line);
        master = first.lines(line).get(0).replaceFirst(line, "$1");
        for (var host : List.of("127.0.0.1", "127.0.0.2")) {
            daemon(
                            "worker.Worker",
                            "--host",
                            host,
                            "--webui-port",
                            "0",
                            "--cores",
                            "1",
                            "--memory",
                            "1g",
                            "--work-dir",
                            directory.resolve(host).toString(),
                            master)
                    .await(".*Successfully registered with master.*");
        }
    }

    @AfterAll
    static void stopCluster() throws Exception {
        for (var process : CLUSTER) {
            process.close();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"local[1]", "local-cluster[2,1,1024]"})
    void otherMastersTrainTheSameBytes(String other) throws Exception {
        var folder = data.copy(directory.resolve(other.replaceAll("\\W+", "-")));
        try (var job = HindcastProcess.hindcast(
                List.of("spark.master=" + other),
                TrainingFolder.arguments(SWEEP, folder.path().toString()))) {
            assertThat(job.exitCode()).as("%s", job.lines()).isZero();
        }
        assertTrainedAlike(folder);
    }

    @Test
    void aStandaloneClusterTrainsTheSameBytes() throws Exception {
        var folder = data.copy(directory.resolve("standalone"));
        try (var job = submit(List.of(), folder.path().toString())) {
            assertThat(job.exitCode()).as("%s", job.lines()).isZero();
        }
        assertTrainedAlike(folder);
    }

    /** The first attempt at one run stands still in the middle of a checkpoint; another one overtakes it on the other worker. */
    @Test
    void aRunThatIsTrainedTwiceAtOnceEndsWithTheSameBytes() throws Exception {
        var folder = data.copy(directory.resolve("speculation"));
        var marks = directory.resolve("marks");
        var settings = new ArrayList<>(FaultyFileSystem.settings(
                Fault.STANDS_STILL_ONCE, ".*/iql-all-s1-.*/step-0+40/checkpoint.json", marks));
        settings.addAll(List.of(
                "spark.speculation=true",
                "spark.speculation.interval=100ms",
                "spark.speculation.quantile=0.5",
                "spark.speculation.multiplier=1.1"));
        try (var job = submit(settings, folder.faulty())) {
            assertThat(job.exitCode()).as("%s", job.lines()).isZero();
            assertThat(job.lines(".* iql on all, seed 1: starts after update .*"))
                    .extracting(line -> line.replaceAll(".*update |,.*", ""))
                    .containsExactly("0", "20");
        }
        assertThat(FaultyFileSystem.marks(marks)).isEqualTo(1);
        assertTrainedAlike(folder);
    }

    private static void assertTrainedAlike(TrainingFolder folder) throws IOException {
        folder.assertTrainedAs(whole);
        for (var column : MADE_ALIKE) {
            assertThat(folder.column("runs", column)).isEqualTo(whole.column("runs", column));
        }
    }

    private static HindcastProcess submit(List<String> settings, String out) throws IOException {
        var arguments = new ArrayList<>(List.of("--master", master, "--class", Hindcast.class.getName()));
        for (var setting : settings) {
            arguments.addAll(List.of("--conf", setting));
        }
        for (var setting : HindcastProcess.executors()) {
            arguments.addAll(List.of("--conf", setting));
        }
        // No jar: the class is on the class path of driver and executors.
        arguments.add("spark-internal");
        arguments.addAll(List.of(TrainingFolder.arguments(SWEEP, out)));
        return HindcastProcess.java(
                HindcastProcess.sparkHome(),
                List.of(),
                "org.apache.spark.deploy.SparkSubmit",
                arguments.toArray(String[]::new));
    }

    private static HindcastProcess daemon(String name, String... arguments) throws IOException {
        var process = HindcastProcess.java(
                HindcastProcess.sparkHome(),
                List.of("-Dlog4j2.configurationFile=org/apache/spark/log4j2-defaults.properties"),
                "org.apache.spark.deploy." + name,
                arguments);
        CLUSTER.add(process);
        return process;
    }
}
