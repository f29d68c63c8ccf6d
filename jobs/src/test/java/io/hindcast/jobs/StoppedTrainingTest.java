package io.hindcast.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * A training job is asked to stop long before its runs have their first checkpoint on schedule: by a signal, or because its time is
 * over. Each run leaves a checkpoint of the update it is at, and the same command goes on from it to the bytes of a job that nobody
 * disturbed.
 */
@Tag("faults")
class StoppedTrainingTest {
    private static final long UPDATES = 50_000;
    private static final List<String> SWEEP = TrainingFolder.sweep(
            List.of("iql"), "seeds=[1, 2]", "updates=" + UPDATES, "checkpoint-every=" + UPDATES, "log-every=1000");

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

    @DisabledOnOs(OS.WINDOWS)
    @ParameterizedTest
    @CsvSource({"INT, 130, Ctrl-C", "TERM, 143, a TERM signal"})
    void aSignalEndsItAndEveryRunHasACheckpointOfTheUpdateItWasAt(String signal, int code, String words)
            throws Exception {
        var stopped = data.copy(directory.resolve(signal));
        try (var job = HindcastProcess.hindcast(
                List.of("spark.master=local[2]"),
                TrainingFolder.arguments(SWEEP, stopped.path().toString()))) {
            job.await(() -> job.lines(".* seed 1: 1,000 of 50,000 updates, .*").size() == 1
                    && job.lines(".* seed 2: 1,000 of 50,000 updates, .*").size() == 1);
            job.signal(signal);

            assertThat(job.exitCode()).isEqualTo(code);
            assertThat(job.lines())
                    .last()
                    .isEqualTo("hindcast was stopped by " + words + "; what is published stays, trained runs left"
                            + " checkpoints, and the same command goes on from there");
        }
        assertStoppedOnItsWay(stopped);

        stopped.train(SWEEP);
        stopped.assertTrainedAs(whole);
    }

    @Test
    void whenItsTimeIsOverRunsAreStoppedAndWithMoreTimeTheyFinish() throws Exception {
        var stopped = data.copy(directory.resolve("max-runtime"));
        assertThat(TrainingFolder.exitCode(
                        TrainingFolder.arguments(SWEEP, stopped.path().toString(), "max-runtime=1s")))
                .isEqualTo(Ending.WITH_PROBLEMS);
        assertThat(stopped.column("runs", "outcome")).containsExactly("stopped", "stopped");
        assertThat(stopped.column("runs", "reason"))
                .allSatisfy(reason -> assertThat(reason).matches("max-runtime is over at update \\d+"));
        assertStoppedOnItsWay(stopped);

        TrainingFolder.run(TrainingFolder.arguments(SWEEP, stopped.path().toString(), "max-runtime=1h"));
        assertThat(stopped.column("runs", "outcome")).containsExactly("finished", "finished");
        stopped.assertTrainedAs(whole);
    }

    private static void assertStoppedOnItsWay(TrainingFolder stopped) throws Exception {
        var steps = stopped.steps();
        assertThat(steps).hasSize(4).startsWith(0L, 0L);
        assertThat(steps.subList(2, 4)).allSatisfy(step -> assertThat(step).isBetween(1L, UPDATES - 1));
    }
}
