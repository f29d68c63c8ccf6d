package io.hindcast.learn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.hindcast.data.ReplayBuffer.TerminalFlag;
import io.hindcast.kernel.PlainKernels;
import org.junit.jupiter.api.Test;

final class BehaviourCloningTest extends LearnerContract {
    @Override
    String learner() {
        return "behaviour-cloning";
    }

    @Override
    String settings() {
        return "actor { hidden-layers = [16], learning-rate = 1e-2 }";
    }

    @Override
    boolean learnsFromRewards() {
        return false;
    }

    @Override
    String[] metrics(Kind kind) {
        return new String[] {"policy/loss", "policy/gradient-norm", "policy/entropy", "log-probability/mean"};
    }

    /** The entropy of a normal distribution is log(2 pi e) / 2 + log std: 1.418939 where that logarithm is 0. */
    @Test
    void boundsThatAreOneNumberFixTheStandardDeviation() {
        try (var kernels = new PlainKernels()) {
            var settings = settings() + ", log-std-min = 0, log-std-max = 0";
            var data = covered(Kind.CONTINUOUS, TerminalFlag.STOPS_BOOTSTRAP);
            var learner = trained(settings, Kind.CONTINUOUS, kernels, data, 50);
            assertThat(learner.diagnostics().get("policy/entropy")).isCloseTo(1.418939, within(1e-6));
            var parameters = PolicyLearner.of(learner).policy().parameters();
            var logStd = parameters.block("log_std").offset();
            assertThat(parameters.values()[logStd]).isZero();
            assertThat(parameters.gradients()[logStd]).isZero();
        }
    }
}
