package io.hindcast.learn;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.ConfigFactory;
import io.hindcast.config.Settings;
import io.hindcast.data.Batch;
import io.hindcast.data.ReplayBuffer;
import io.hindcast.data.ReplayBuffer.TerminalFlag;
import io.hindcast.kernel.Kernels;
import io.hindcast.kernel.Nd4jKernels;
import io.hindcast.learn.LearnerContract.Kind;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Random network distillation on the contract's states, of which the data ends in all but the first. */
final class RndTest {
    @Test
    void whatTheDataDoesNotReachHasTheGreatestBonus() {
        try (var kernels = new Nd4jKernels()) {
            var rnd = trained(kernels, 2000);
            var all = new ReplayBuffer(Kind.DISCRETE.spaces(), LearnerContract.STATES);
            for (var s = 0; s < LearnerContract.STATES; s++) {
                all.append(
                        LearnerContract.state(s),
                        Kind.DISCRETE.action(true),
                        0,
                        LearnerContract.state(s),
                        TerminalFlag.KEEPS_BOOTSTRAP);
            }
            var batch = new Batch(all.spaces(), LearnerContract.ROWS);
            all.sample(new SplittableRandom(1), batch);
            var bonus = rnd.bonus(batch);
            for (var b = 0; b < batch.size(); b++) {
                var unseen = batch.nextObservations()[b * LearnerContract.STATES] == 1;
                assertThat(bonus[b] > 0).as("row " + b).isEqualTo(unseen);
            }
        }
    }

    @Test
    void itHoldsItsWholeStateInNetworksAndOptimisersAndTheTargetStaysAsItIs() {
        try (var kernels = new Nd4jKernels()) {
            var whole = trained(kernels, 20);
            var resumed = fresh(kernels, 99);
            LearnerContract.copyState(trained(kernels, 10), resumed);
            var target = resumed.networks()
                    .get("random_target")
                    .parameters()
                    .values()
                    .clone();
            LearnerContract.update(resumed, data(), 10, 20);
            assertThat(LearnerContract.state(resumed))
                    .usingRecursiveComparison()
                    .isEqualTo(LearnerContract.state(whole));
            assertThat(resumed.networks().get("random_target").parameters().values())
                    .isEqualTo(target);
        }
    }

    private static Rnd trained(Kernels kernels, int updates) {
        var rnd = fresh(kernels, 1);
        LearnerContract.update(rnd, data(), 0, updates);
        return rnd;
    }

    private static ReplayBuffer data() {
        return LearnerContract.chain(Kind.DISCRETE, TerminalFlag.STOPS_BOOTSTRAP, LearnerContract.STATES);
    }

    private static Rnd fresh(Kernels kernels, long seed) {
        var settings = """
                predictor { hidden-layers = [16], activation = tanh, learning-rate = 1e-2 }
                target { hidden-layers = [16], activation = tanh, initialisation = normal }
                """;
        var setup = new LearnerSetup(
                Kind.DISCRETE.spaces(), LearnerContract.ROWS, 2000, kernels, new SplittableRandom(seed));
        return Settings.read(Rnd.Config.class, ConfigFactory.parseString(settings), "test")
                .learner(setup);
    }
}
