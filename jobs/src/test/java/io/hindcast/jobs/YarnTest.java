package io.hindcast.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.spark.SparkBuildInfo;
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
 * The {@code spark-submit} of a whole Spark, of the version that the build uses, gives jobs to YARN: a resource manager and a node
 * manager in a process of their own. What comes of it are the bytes of a job in one process.
 */
@Tag("faults")
// Containers are started by a shell.
@EnabledOnOs(OS.LINUX)
class YarnTest {
    private static final List<String> TABLES = List.of("transitions", "subsets", "metrics", "evaluations");

    @TempDir
    static Path directory;

    private static Path spark;
    private static HindcastProcess cluster;
    private static Path conf;
    private static TrainingFolder whole;

    @BeforeAll
    static void startCluster() throws Exception {
        var fetched = new ProcessBuilder("../.ci/spark-home", SparkBuildInfo.spark_version())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        spark = Path.of(new String(fetched.getInputStream().readAllBytes()).strip());
        assertThat(fetched.waitFor()).isZero();
        cluster = HindcastProcess.java(
                Map.of("JAVA_HOME", System.getProperty("java.home")),
                List.of(),
                YarnCluster.class.getName(),
                directory.resolve("yarn").toString(),
                directory.resolve("hadoop").toString());
        cluster.await(YarnCluster.LISTENS);
        conf = Files.writeString(directory.resolve("maze.conf"), """
                environment = pointmass-easy
                stages = [collect, curate, train, evaluate, report]
                collect.episodes = 4
                curate.subsets.best.top-percent = 50
                train {
                  seeds = [1, 2], updates = 600, batch-size = 8, log-every = 50, checkpoint-every = 100
                  runs.bc { learner = behaviour-cloning, subset = best, settings.actor.hidden-layers = [8] }
                }
                evaluate.episodes = 2
                """);
        whole = new TrainingFolder(directory.resolve("whole"));
        TrainingFolder.run(
                "pipeline", "--conf", conf.toString(), "--out", whole.path().toString());
    }

    @AfterAll
    static void stopCluster() throws Exception {
        if (cluster != null) {
            cluster.close();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"client", "cluster"})
    void everythingFromCollectingToTheReportIsAsInOneProcess(String mode) throws Exception {
        var folder = new TrainingFolder(directory.resolve(mode));
        // Where the driver runs in a container the configuration comes along.
        var file = mode.equals("cluster") ? conf.getFileName().toString() : conf.toString();
        try (var job = submit(mode, List.of("--files", conf.toString()), List.of(), "pipeline", file, folder)) {
            assertThat(job.exitCode()).as("%s", job.lines()).isZero();
        }
        assertMadeAlike(folder);
        assertThat(folder.path().resolve("report/report.html")).isNotEmptyFile();
    }

    @Test
    void aContainerIsKilledInTrainingAndAnotherOneGoesOnToTheSameBytes() throws Exception {
        var folder = new TrainingFolder(directory.resolve("killed"));
        var marks = directory.resolve("marks");
        var stands = FaultyFileSystem.settings(
                FaultyFileSystem.Fault.STANDS_STILL_ONCE, ".*/step-0+400/checkpoint.json", marks);
        try (var job = submit("client", List.of(), stands, "pipeline", conf.toString(), folder)) {
            job.await(() -> FaultyFileSystem.marks(marks) == 2);
            assertThat(executors()).hasSize(2).allMatch(ProcessHandle::destroyForcibly);
            assertThat(job.exitCode()).as("%s", job.lines()).isZero();
            assertThat(job.lines(".*, seed [12]: starts after update 300, .*")).hasSize(2);
        }
        assertMadeAlike(folder);
    }

    /** Of two executors with two cores each; a run that reserves two has one for itself. */
    @Test
    void aRunThatReservesTwoCoresSharesItsExecutorWithNoOther() throws Exception {
        var folder = new TrainingFolder(directory.resolve("cores"));
        var more = List.of("--set", "train.cpus-per-run=2");
        try (var job = submit(
                "client", List.of("--executor-cores", "2"), List.of(), "pipeline", conf.toString(), folder, more)) {
            assertThat(job.exitCode()).as("%s", job.lines()).isZero();
        }
        assertMadeAlike(folder);
    }

    /** The processes that tasks run in. */
    private static List<ProcessHandle> executors() {
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

    private static void assertMadeAlike(TrainingFolder folder) throws IOException {
        folder.assertTrainedAs(whole);
        for (var table : TABLES) {
            assertThat(folder.fingerprint(table)).as(table).isEqualTo(whole.fingerprint(table));
        }
    }

    private static HindcastProcess submit(
            String mode, List<String> options, List<String> settings, String job, String file, TrainingFolder folder)
            throws IOException {
        return submit(mode, options, settings, job, file, folder, List.of());
    }

    private static HindcastProcess submit(
            String mode,
            List<String> options,
            List<String> settings,
            String job,
            String file,
            TrainingFolder folder,
            List<String> more)
            throws IOException {
        var command = new ArrayList<>(List.of(
                spark.resolve("bin/spark-submit").toString(),
                "--master",
                "yarn",
                "--deploy-mode",
                mode,
                "--num-executors",
                "2",
                "--driver-memory",
                "512m",
                "--executor-memory",
                "512m",
                "--class",
                Hindcast.class.getName()));
        command.addAll(options);
        Stream.concat(
                        Stream.of(
                                // Not copied into every container.
                                "spark.yarn.jars=local:" + spark + "/jars/*",
                                "spark.ui.enabled=false",
                                "spark.driver.extraClassPath=" + HindcastProcess.classPath(),
                                "spark.executor.extraClassPath=" + HindcastProcess.classPath(),
                                "spark.executorEnv.OMP_NUM_THREADS=1",
                                "spark.yarn.appMasterEnv.OMP_NUM_THREADS=1"),
                        settings.stream())
                .forEach(setting -> command.addAll(List.of("--conf", setting)));
        // No jar: the class is on the class path of driver and executors.
        command.addAll(List.of("spark-internal", job, "--conf", file, "--out"));
        command.add(settings.isEmpty() ? folder.path().toString() : folder.faulty());
        command.addAll(more);
        return HindcastProcess.program(
                Map.of(
                        "JAVA_HOME",
                        System.getProperty("java.home"),
                        "SPARK_HOME",
                        spark.toString(),
                        "HADOOP_CONF_DIR",
                        directory.resolve("hadoop").toString(),
                        "SPARK_LOCAL_IP",
                        "127.0.0.1",
                        "OMP_NUM_THREADS",
                        "1"),
                command.toArray(String[]::new));
    }
}
