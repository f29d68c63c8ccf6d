package io.hindcast.learn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.hindcast.data.ReplayBuffer.TerminalFlag;
import io.hindcast.kernel.Kernels;
import io.hindcast.kernel.Nd4jKernels;
import io.hindcast.net.Mlp;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What learners with a value function called {@code value} promise beside, with discount 1/2. */
abstract class ValueLearnerContract extends LearnerContract {
    @Override
    boolean learnsFromRewards() {
        return true;
    }

    /** Values of a walk to the right with reward -1 and discount 1/2: -(2 - 2^-k) with k steps left after this one. */
    @ParameterizedTest
    @EnumSource(Kind.class)
    void itFindsTheValuesOfTheChain(Kind kind) {
        try (var kernels = new Nd4jKernels()) {
            var learner = trained(kind, kernels, chain(kind, TerminalFlag.STOPS_BOOTSTRAP, STATES), 3000);
            var values = values(learner, kernels);
            var expected = new double[] {-1.9375, -1.875, -1.75, -1.5, -1};
            for (var s = 0; s < STATES; s++) {
                assertThat((double) values[s]).as("state " + s).isCloseTo(expected[s], within(0.05));
            }
        }
    }

    /** Cut instead of ended, the last state is worth as much as walking on for ever: -1 / (1 - 1/2). */
    @ParameterizedTest
    @EnumSource(Kind.class)
    void aTruncatedRowKeepsItsBootstrap(Kind kind) {
        try (var kernels = new Nd4jKernels()) {
            var learner = trained(kind, kernels, chain(kind, TerminalFlag.KEEPS_BOOTSTRAP, STATES), 3000);
            assertThat((double) values(learner, kernels)[STATES - 1]).isCloseTo(-2, within(0.05));
        }
    }

    private static float[] values(Learner learner, Kernels kernels) {
        return ((Mlp) learner.networks().get("value")).pass(states(kernels)).forward();
    }
}
