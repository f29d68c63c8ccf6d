package io.hindcast.data;

import static org.assertj.core.api.Assertions.assertThat;

import io.hindcast.data.ReplayBuffer.TerminalFlag;
import java.util.SplittableRandom;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;

final class ReplayBufferTest {
    private static final Spaces SPACES = new Spaces(1, new ActionSpace.Discrete(2));

    /** Two episodes: 0, 1, 2, 3 with rewards 1, 2, 4, 8 that terminates, then 10, 11 with rewards 16, 32 that is cut. */
    private static ReplayBuffer twoEpisodes() {
        var buffer = new ReplayBuffer(SPACES, 6);
        for (var t = 0; t < 4; t++) {
            append(buffer, t, 1 << t, t == 3 ? TerminalFlag.STOPS_BOOTSTRAP : TerminalFlag.KEEPS_BOOTSTRAP);
        }
        buffer.endEpisode();
        append(buffer, 10, 16, TerminalFlag.KEEPS_BOOTSTRAP);
        append(buffer, 11, 32, TerminalFlag.KEEPS_BOOTSTRAP);
        buffer.endEpisode();
        return buffer;
    }

    @Test
    void threeStepsAreFoldedIntoOneAndAWindowNeverCrossesAnEpisodesEnd() {
        var buffer = twoEpisodes();
        buffer.foldSteps(3, 0.5);
        assertThat(row(buffer, 0)).containsExactly(1 + 1 + 1, 3, 0, 3);
        assertThat(row(buffer, 1)).containsExactly(2 + 2 + 2, 4, 1, 3);
        assertThat(row(buffer, 2)).containsExactly(4 + 4, 4, 1, 2);
        assertThat(row(buffer, 3)).containsExactly(8, 4, 1, 1);
        assertThat(row(buffer, 10)).containsExactly(16 + 16, 12, 0, 2);
        assertThat(row(buffer, 11)).containsExactly(32, 12, 0, 1);
    }

    @Test
    void oneStepIsWhatWasAppended() {
        var buffer = twoEpisodes();
        buffer.foldSteps(1, 0.5);
        assertThat(row(buffer, 2)).containsExactly(4, 3, 0, 1);
    }

    @Test
    void theRangeOfValuesIsOfSingleRewardsOverTheHorizon() {
        var buffer = twoEpisodes();
        buffer.foldSteps(3, 0.5);
        assertThat(buffer.valueRange(0.5)).isEqualTo(new ReplayBuffer.Range(1, 64));
    }

    @Test
    void twoThreadsDrawFromOneBufferWhatEachWouldDrawAlone() throws Exception {
        var buffer = new ReplayBuffer(SPACES, 50_000);
        for (var t = 0; t < 50_000; t++) {
            append(buffer, t, t, TerminalFlag.KEEPS_BOOTSTRAP);
        }
        var threads = Executors.newFixedThreadPool(2);
        try {
            var first = threads.submit(() -> wrongRows(buffer, 1));
            var second = threads.submit(() -> wrongRows(buffer, 2));
            assertThat(first.get()).isZero();
            assertThat(second.get()).isZero();
        } finally {
            threads.shutdownNow();
        }
    }

    /** Rows of many batches that are not the ones the generator stands for. */
    private static int wrongRows(ReplayBuffer buffer, long seed) {
        var random = new SplittableRandom(seed);
        var same = new SplittableRandom(seed);
        var batch = new Batch(SPACES, 256);
        var wrong = 0;
        for (var draws = 0; draws < 2_000; draws++) {
            buffer.sample(random, batch);
            for (var b = 0; b < batch.size(); b++) {
                if (batch.observations()[b] != same.nextInt(buffer.size())) {
                    wrong++;
                }
            }
        }
        return wrong;
    }

    private static void append(ReplayBuffer buffer, int state, double reward, TerminalFlag flag) {
        buffer.append(new float[] {state}, new Action.Index(0), reward, new float[] {state + 1}, flag);
    }

    /** Reward, next observation, terminated and steps of the row whose observation is {@code state}. */
    private static float[] row(ReplayBuffer buffer, int state) {
        var batch = new Batch(SPACES, 1);
        var random = new SplittableRandom(1);
        do {
            buffer.sample(random, batch);
        } while (batch.observations()[0] != state);
        return new float[] {batch.rewards()[0], batch.nextObservations()[0], batch.terminated()[0], batch.steps()[0]};
    }
}
