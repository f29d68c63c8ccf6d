package io.hindcast.data;

import static org.assertj.core.api.Assertions.assertThat;

import io.hindcast.data.ReplayBuffer.Possible;
import io.hindcast.data.ReplayBuffer.TerminalFlag;
import java.util.HashSet;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class OnlineReplayTest {
    private static final Spaces SPACES = new Spaces(1, new ActionSpace.Discrete(2));
    private static final float[] ZERO = {0};

    /** Rows of the dataset have rewards 0 to 9, the run's own 10 to 12. */
    @ParameterizedTest
    @CsvSource({"0.5, 4", "0.25, 2", "0.3, 2", "0.7, 6", "0, 0", "1, 8"})
    void everyBatchHasItsShareOfTheDatasetToTheRow(double share, int old) {
        var replay = replay(share);
        var batch = new Batch(replay.layout(), 8);
        for (var reward = 10; reward < 13; reward++) {
            replay.add(ZERO, new Action.Index(1), reward, ZERO, TerminalFlag.KEEPS_BOOTSTRAP, 1, Possible.ALL);
        }
        var random = new SplittableRandom(1);
        var seen = new HashSet<Float>();
        for (var draw = 0; draw < 100; draw++) {
            replay.sample(random, batch);
            for (var b = 0; b < 8; b++) {
                assertThat(batch.rewards()[b] < 10).isEqualTo(b < old);
                seen.add(batch.rewards()[b]);
            }
        }
        assertThat(seen).hasSize((old > 0 ? 10 : 0) + (old < 8 ? 3 : 0));
    }

    @ParameterizedTest
    @CsvSource({"0", "0.5"})
    void beforeTheFirstStepAllAreOfTheDataset(double share) {
        var replay = replay(share);
        var batch = new Batch(replay.layout(), 8);
        replay.sample(new SplittableRandom(1), batch);
        for (var reward : batch.rewards()) {
            assertThat(reward).isBetween(0f, 9f);
        }
    }

    private static OnlineReplay replay(double share) {
        var dataset = new ReplayBuffer(SPACES, 10);
        for (var reward = 0; reward < 10; reward++) {
            dataset.append(ZERO, new Action.Index(0), reward, ZERO, TerminalFlag.KEEPS_BOOTSTRAP);
        }
        return new OnlineReplay(dataset, 100, share);
    }
}
