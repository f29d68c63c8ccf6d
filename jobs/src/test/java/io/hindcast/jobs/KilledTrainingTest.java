package io.hindcast.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import io.hindcast.data.ActionSpace;
import io.hindcast.jobs.FaultyFileSystem.Fault;
import io.hindcast.learn.LearnerConfig;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A training job is killed with SIGKILL while every one of its runs is about to complete its third checkpoint. The same command in
 * another JVM goes on from the second, and what it leaves are the bytes of a job that nobody disturbed.
 */
class KilledTrainingTest {
    private static final ActionSpace DISCRETE = new ActionSpace.Discrete(5);
    private static final ActionSpace CONTINUOUS = new ActionSpace.Continuous(1, -1, 1);

    @TempDir
    Path directory;

    @Tag("faults")
    @Test
    void everyLearnerOfDiscreteActionsGoesOnToTheSameBytes() throws Exception {
        assertGoesOn(TrainingFolder.ofMaze(directory.resolve("whole")), TrainingFolder.learners(DISCRETE));
    }

    @Tag("faults")
    @Test
    void everyLearnerOfContinuousActionsGoesOnToTheSameBytes() throws Exception {
        assertGoesOn(TrainingFolder.ofWalks(directory.resolve("whole")), TrainingFolder.learners(CONTINUOUS));
    }

    @Test
    void noLearnerIsLeftOut() {
        assertThat(Stream.of(DISCRETE, CONTINUOUS).map(TrainingFolder::learners).flatMap(List::stream))
                .containsAll(LearnerConfig.LEARNERS.keySet());
    }

    private void assertGoesOn(TrainingFolder whole, List<String> learners) throws Exception {
        var killed = whole.copy(directory.resolve("killed"));
        var judged = whole.copy(directory.resolve("judged"));
        judged.train(TrainingFolder.sweep(List.of("behaviour-cloning"), "seeds=[1]"));
        var policy = judged.path() + "/checkpoints/"
                + judged.column("runs", "run_id").get(0);
        var judges = learners.stream()
                .filter(name -> !LearnerConfig.learnsPolicy(name))
                .map(name -> "runs." + name + ".judges.run=" + policy);
        var sweep = TrainingFolder.sweep(
                learners, Stream.concat(Stream.of("seeds=[1]"), judges).toArray(String[]::new));
        whole.train(sweep);

        var marks = directory.resolve("marks");
        var faults = FaultyFileSystem.settings(Fault.STANDS_STILL, ".*/step-0+40/checkpoint.json", marks);
        var atOnce = "spark.master=local[" + learners.size() + "]";
        try (var job = HindcastProcess.hindcast(
                Stream.concat(Stream.of(atOnce), faults.stream()).toList(),
                TrainingFolder.arguments(sweep, killed.faulty()))) {
            job.await(() -> FaultyFileSystem.marks(marks) == learners.size());
        }
        assertThat(killed.steps()).hasSize(2 * learners.size()).containsOnly(0L, 20L);

        try (var job = HindcastProcess.hindcast(
                List.of("spark.master=local[2]"),
                TrainingFolder.arguments(sweep, killed.path().toString()))) {
            assertThat(job.exitCode()).isZero();
            assertThat(job.lines(".* starts after update 20, .*")).hasSize(learners.size());
        }
        killed.assertTrainedAs(whole);
    }
}
