package io.hindcast.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import io.hindcast.jobs.FaultyFileSystem.Fault;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Executors die under the runs they train, in a cluster of two on this machine. */
@Tag("faults")
class LostExecutorTest {
    private static final List<String> SWEEP = TrainingFolder.sweep(List.of("behaviour-cloning", "iql"), "seeds=[1, 2]");

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
    void everyRunLosesItsExecutorOnceAndEndsWithTheSameBytes() throws Exception {
        var lost = data.copy(directory.resolve("once"));
        var marks = directory.resolve("once-marks");
        try (var job = train(lost, Fault.HALTS_ONCE, ".*/step-0+40/checkpoint.json", marks)) {
            assertThat(job.exitCode()).as("%s", job.lines()).isZero();
            assertThat(job.lines(".* starts after update 20, .*")).hasSize(4);
        }
        assertThat(FaultyFileSystem.marks(marks)).isEqualTo(4);
        lost.assertTrainedAs(whole);
    }

    @Test
    void aRunThatAlwaysTakesItsExecutorWithItIsARowAndTheOthersFinish() throws Exception {
        var lost = data.copy(directory.resolve("always"));
        var marks = directory.resolve("always-marks");
        try (var job = train(lost, Fault.HALTS, ".*/iql-all-s2-.*/step-0+40/checkpoint.json", marks)) {
            assertThat(job.exitCode()).as("%s", job.lines()).isEqualTo(Ending.WITH_PROBLEMS);
            assertThat(job.lines(".*problem: .*"))
                    .singleElement()
                    .asString()
                    .matches(".*problem: run iql, seed 2, failed: ExecutorLostFailure.*");
            assertThat(job.lines(".*ends after .*")).singleElement().asString().endsWith("4 runs, 3 finished");
        }
        // As often as Spark tries a task, with the others and then alone.
        assertThat(FaultyFileSystem.marks(marks)).isEqualTo(2 * 4);
        assertThat(lost.column("runs", "outcome")).containsExactly("finished", "finished", "finished", "failed");
        var expected = whole.checkpoints();
        expected.keySet().removeIf(name -> name.matches("iql-all-s2-.*/step-0+(40|60)/.*"));
        assertThat(lost.checkpoints()).containsAllEntriesOf(expected);

        lost.train(SWEEP);
        lost.assertTrainedAs(whole);
    }

    private static HindcastProcess train(TrainingFolder folder, Fault fault, String at, Path marks) throws IOException {
        var settings = new ArrayList<>(FaultyFileSystem.settings(fault, at, marks));
        settings.add("spark.master=local-cluster[2,1,1024]");
        return HindcastProcess.hindcast(settings, TrainingFolder.arguments(SWEEP, folder.faulty()));
    }
}
