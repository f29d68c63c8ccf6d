package io.hindcast.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import io.hindcast.jobs.FaultyFileSystem.Fault;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Training where there is too little of something: memory, space on the disk, or output directories for two jobs. */
@Tag("faults")
class ScarceTrainingTest {
    private static final List<String> SWEEP = TrainingFolder.sweep(List.of("behaviour-cloning", "iql"), "seeds=[1]");

    @TempDir
    static Path directory;

    private static TrainingFolder data;
    private static TrainingFolder whole;

    @BeforeAll
    static void trainUndisturbed() throws Exception {
        data = TrainingFolder.ofMaze(directory.resolve("data"));
        whole = data.copy(directory.resolve("whole"));
        whole.train(SWEEP);
    }

    @Test
    void runsThatNeedMoreMemoryThanAllowedAreRowsThatNameTheLimitAndFinishWithoutIt() throws Exception {
        var folder = data.copy(directory.resolve("memory"));
        // Less than an executor takes before it trains anything.
        var limit = "spark.executor.extraJavaOptions=-Dorg.bytedeco.javacpp.maxphysicalbytes=100m";
        try (var job = HindcastProcess.hindcast(
                List.of("spark.master=local-cluster[1,1,1024]", limit),
                TrainingFolder.arguments(SWEEP, folder.path().toString()))) {
            assertThat(job.exitCode()).as("%s", job.lines()).isEqualTo(Ending.WITH_PROBLEMS);
            assertThat(job.lines(".*problem: .*"))
                    .hasSize(2)
                    .allSatisfy(line -> assertThat(line)
                            .matches(".*, failed: java.lang.OutOfMemoryError: .* > maxPhysicalBytes \\(100M\\).*"
                                    + " \\(at io\\.hindcast\\..*\\)"));
        }

        folder.train(SWEEP);
        folder.assertTrainedAs(whole);
    }

    @Test
    void runsThatFillTheDiskAreRowsAndFinishWhenThereIsSpace() throws Exception {
        var folder = data.copy(directory.resolve("disk"));
        // The first checkpoints fit.
        var settings = FaultyFileSystem.settings(12_000);
        try (var job = HindcastProcess.hindcast(
                Stream.concat(Stream.of("spark.master=local[1]"), settings.stream())
                        .toList(),
                TrainingFolder.arguments(SWEEP, folder.faulty()))) {
            assertThat(job.exitCode()).as("%s", job.lines()).isEqualTo(Ending.WITH_PROBLEMS);
            assertThat(job.lines(".*problem: .*"))
                    .isNotEmpty()
                    .allSatisfy(line -> assertThat(line)
                            .matches(
                                    ".*failed: Cannot write checkpoint .*: the disk is full \\(No space left on device\\)"
                                            + " \\(at io\\.hindcast\\..*\\)"));
        }
        assertThat(folder.steps()).isNotEmpty();
        assertThat(folder.checkpoints().keySet()).noneMatch(name -> name.contains(".tmp-"));

        folder.train(SWEEP);
        folder.assertTrainedAs(whole);
    }

    @Test
    void ofTwoJobsWithTheSameOutputOneTrainsAndTheOtherWaitsAndFindsItDone() throws Exception {
        var folder = data.copy(directory.resolve("two"));
        var marks = directory.resolve("two-marks");
        var settings = FaultyFileSystem.settings(Fault.STANDS_STILL, ".*/step-0+40/checkpoint.json", marks);
        try (var slow = HindcastProcess.hindcast(
                        Stream.concat(Stream.of("spark.master=local[2]"), settings.stream())
                                .toList(),
                        TrainingFolder.arguments(SWEEP, folder.faulty()));
                var second =
                        HindcastProcess.hindcast(List.of("spark.master=local[1]"), waitsFor(slow, marks, folder))) {
            second.await(() -> !second.lines("\\[train] process \\d+ on .* already; this one waits .*")
                    .isEmpty());
            FaultyFileSystem.release(marks);

            assertThat(slow.exitCode()).as("%s", slow.lines()).isZero();
            assertThat(second.exitCode()).as("%s", second.lines()).isZero();
            assertThat(second.lines())
                    .last()
                    .asString()
                    .matches("\\[train] ends after .* s: runs v1 is there already, .*");
        }
        folder.assertTrainedAs(whole);
        assertNothingIsLeft(folder);
    }

    /** Whoever is killed is followed at once. */
    @Test
    void aKilledJobHoldsNobodyUp() throws Exception {
        var folder = data.copy(directory.resolve("killed"));
        var marks = directory.resolve("killed-marks");
        var settings = FaultyFileSystem.settings(Fault.STANDS_STILL, ".*/step-0+40/checkpoint.json", marks);
        try (var killed = HindcastProcess.hindcast(
                Stream.concat(Stream.of("spark.master=local[2]"), settings.stream())
                        .toList(),
                TrainingFolder.arguments(SWEEP, folder.faulty()))) {
            killed.await(() -> FaultyFileSystem.marks(marks) == 2);
        }
        folder.train(SWEEP);
        folder.assertTrainedAs(whole);
        assertNothingIsLeft(folder);
    }

    private static String[] waitsFor(HindcastProcess slow, Path marks, TrainingFolder folder) throws Exception {
        slow.await(() -> FaultyFileSystem.marks(marks) == 2);
        return TrainingFolder.arguments(SWEEP, folder.path().toString());
    }

    private static void assertNothingIsLeft(TrainingFolder folder) throws Exception {
        try (var files = Files.walk(folder.path())) {
            assertThat(files.map(file -> folder.path().relativize(file).toString())
                            .filter(name -> name.startsWith(".lease") || name.startsWith("checkpoints/"))
                            .filter(name -> name.matches("(^|.*/)\\..*")))
                    .isEmpty();
        }
    }
}
