package io.hindcast.learn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.typesafe.config.ConfigFactory;
import io.hindcast.config.Settings;
import io.hindcast.data.ReplayBuffer;
import io.hindcast.data.ReplayBuffer.TerminalFlag;
import io.hindcast.kernel.Kernels;
import io.hindcast.kernel.Nd4jKernels;
import io.hindcast.learn.LearnerContract.Kind;
import io.hindcast.net.Actor.Preference;
import io.hindcast.net.LogStdBounds;
import io.hindcast.net.Mlp;
import io.hindcast.net.NetworkConfig;
import io.hindcast.net.StochasticPolicy;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Fitted Q evaluation of a policy that always goes right, on the contract's chain of five states with discount 1/2. */
final class FqeTest {
    @ParameterizedTest
    @EnumSource
    void itFindsTheValuesOfAPolicyThatIsNotTheDatas(Kind kind) {
        try (var kernels = new Nd4jKernels()) {
            var fqe = trained(kind, kernels, TerminalFlag.STOPS_BOOTSTRAP, 3000);
            var critic = (Mlp) fqe.networks().get("critic_0");
            var values = ValueLearnerContract.ofGoingRight(critic, kind, kernels);
            var expected = new double[] {-1.9375, -1.875, -1.75, -1.5, -1};
            for (var s = 0; s < expected.length; s++) {
                assertThat((double) values[s]).as("state " + s).isCloseTo(expected[s], within(0.05));
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void aTruncatedRowKeepsItsBootstrap(Kind kind) {
        try (var kernels = new Nd4jKernels()) {
            var fqe = trained(kind, kernels, TerminalFlag.KEEPS_BOOTSTRAP, 3000);
            var critic = (Mlp) fqe.networks().get("critic_0");
            var values = ValueLearnerContract.ofGoingRight(critic, kind, kernels);
            assertThat((double) values[LearnerContract.STATES - 1]).isCloseTo(-2, within(0.05));
        }
    }

    @ParameterizedTest
    @EnumSource
    void itHoldsItsWholeStateInNetworksAndOptimizers(Kind kind) {
        try (var kernels = new Nd4jKernels()) {
            var whole = trained(kind, kernels, TerminalFlag.STOPS_BOOTSTRAP, 20);
            var resumed = fresh(kind, kernels, 99);
            LearnerContract.copyState(trained(kind, kernels, TerminalFlag.STOPS_BOOTSTRAP, 10), resumed);
            LearnerContract.update(resumed, data(kind, TerminalFlag.STOPS_BOOTSTRAP), 10, 20);
            assertThat(LearnerContract.state(resumed))
                    .usingRecursiveComparison()
                    .isEqualTo(LearnerContract.state(whole));
        }
    }

    private static Learner trained(Kind kind, Kernels kernels, TerminalFlag end, int updates) {
        var fqe = fresh(kind, kernels, 1);
        LearnerContract.update(fqe, data(kind, end), 0, updates);
        return fqe;
    }

    private static ReplayBuffer data(Kind kind, TerminalFlag end) {
        return LearnerContract.covered(kind, end);
    }

    private static Learner fresh(Kind kind, Kernels kernels, long seed) {
        var settings = """
                discount = 0.5, target-rate = 0.05
                critic { hidden-layers = [16], learning-rate = 1e-2, schedule = cosine }
                """;
        var judged = new Judged(goingRight(kind, kernels), Preference.SAMPLED, 0, 1, LearnerContract.state(0), null);
        var setup = new LearnerSetup(
                kind.spaces(), LearnerContract.ROWS, 3000, kernels, new SplittableRandom(seed), judged);
        return Settings.read(Fqe.Config.class, ConfigFactory.parseString(settings), "test")
                .learner(setup);
    }

    /** Probability 1 of going right to the last digit, or a mean of tanh(0.5493) = 0.5 with a deviation of e^-5. */
    private static StochasticPolicy goingRight(Kind kind, Kernels kernels) {
        var network = Settings.read(NetworkConfig.class, ConfigFactory.parseString("hidden-layers = [1]"), "test");
        var policy = StochasticPolicy.of(kernels, kind.spaces(), network, new LogStdBounds(-5, 2));
        var parameters = policy.parameters();
        Arrays.fill(parameters.values(), 0);
        var bias = parameters.block("layers.1.bias").offset();
        if (kind == Kind.DISCRETE) {
            parameters.values()[bias + 1] = 50;
        } else {
            parameters.values()[bias] = 0.54930615f;
            parameters.values()[parameters.block("log_std").offset()] = -5;
        }
        policy.refresh();
        return policy;
    }
}
