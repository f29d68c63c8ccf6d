package io.hindcast.learn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.hindcast.data.ReplayBuffer;
import io.hindcast.data.ReplayBuffer.TerminalFlag;
import io.hindcast.kernel.Kernels;
import io.hindcast.kernel.Nd4jKernels;
import io.hindcast.net.Mlp;
import io.hindcast.run.CheckpointStore;
import io.hindcast.run.Metric;
import io.hindcast.run.TrainingLoop;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What learners of values promise beside, with discount 1/2: of V(s) where they have one, else of Q(s, right). */
abstract class ValueLearnerContract extends LearnerContract {
    @Override
    boolean learnsFromRewards() {
        return true;
    }

    /** The chain they find the values of. */
    ReplayBuffer data(Kind kind, TerminalFlag end) {
        return chain(kind, end, STATES);
    }

    /** Whether a large enough learning rate takes it anywhere. */
    boolean stepsAreUnbounded() {
        return true;
    }

    /** Settings under which values are not bent on purpose. */
    String unbentSettings() {
        return settings();
    }

    /** Values of a walk to the right with reward -1 and discount 1/2: -(2 - 2^-k) with k steps left after this one. */
    @ParameterizedTest
    @MethodSource("kinds")
    void itFindsTheValuesOfTheChain(Kind kind) {
        try (var kernels = new Nd4jKernels()) {
            var values = values(kind, kernels, TerminalFlag.STOPS_BOOTSTRAP);
            var expected = new double[] {-1.9375, -1.875, -1.75, -1.5, -1};
            for (var s = 0; s < STATES; s++) {
                assertThat((double) values[s]).as("state " + s).isCloseTo(expected[s], within(0.05));
            }
        }
    }

    /** Cut instead of ended, the last state is worth as much as walking on for ever: -1 / (1 - 1/2). */
    @ParameterizedTest
    @MethodSource("kinds")
    void aTruncatedRowKeepsItsBootstrap(Kind kind) {
        try (var kernels = new Nd4jKernels()) {
            assertThat((double) values(kind, kernels, TerminalFlag.KEEPS_BOOTSTRAP)[STATES - 1])
                    .isCloseTo(-2, within(0.05));
        }
    }

    /** Steps that leave the rewards' range, but not the range of sane losses. */
    @ParameterizedTest
    @MethodSource("kinds")
    void valuesFarOutsideWhatTheRewardsAllowAreAWarningAmongTheMetrics(Kind kind) {
        assumeTrue(stepsAreUnbounded(), "its values stay among those of the data");
        var values = LearnerConfig.LEARNERS.get(learner()) == Awr.Config.class ? "value" : "critic";
        var wild = settings() + ", " + values + " { learning-rate = 1, schedule = constant }";
        var store = new CheckpointStore(folder.resolve("wild " + kind).toString(), new Configuration());
        var listener = new Quiet(Long.MAX_VALUE);
        var result =
                TrainingLoop.run(spec(kind, wild, 100), covered(kind, TerminalFlag.STOPS_BOOTSTRAP), store, listener);
        assertThat(listener.warnings)
                .anyMatch(text -> text.matches("\\d+ % of [QV]\\(s(,a)?\\) lie outside -3\\.000 to 1\\.000, .*"));
        var name = "warning/" + (values.equals("value") ? "value" : "q-data") + "-out-of-range";
        assertThat(result.metrics()).extracting(Metric::name).contains(name);
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void clampedWeightsAreAWarningAmongTheMetrics(Kind kind) {
        assumeTrue(List.of("iql", "awac", "awr").contains(learner()), "it has no weights");
        var store = new CheckpointStore(folder.resolve("clamped " + kind).toString(), new Configuration());
        var listener = new Quiet(Long.MAX_VALUE);
        var result = TrainingLoop.run(
                spec(kind, settings() + ", temperature = 10, max-weight = 1e-3", 10),
                covered(kind, TerminalFlag.STOPS_BOOTSTRAP),
                store,
                listener);
        assertThat(listener.warnings)
                .contains("100 % of the advantage weights are clamped at max-weight; raise temperature or max-weight");
        assertThat(result.metrics()).extracting(Metric::name).contains("warning/weight-clamped");
    }

    private float[] values(Kind kind, Kernels kernels, TerminalFlag end) {
        var learner = trained(unbentSettings(), kind, kernels, data(kind, end), 3000);
        if (learner.networks().containsKey("value")) {
            return ((Mlp) learner.networks().get("value")).pass(states(kernels)).forward();
        }
        return ofGoingRight((Mlp) learner.networks().get("critic_0"), kind, kernels);
    }

    /** Q(s, right) of every state. */
    static float[] ofGoingRight(Mlp critic, Kind kind, Kernels kernels) {
        var values = new float[STATES];
        if (kind == Kind.DISCRETE) {
            var all = critic.pass(states(kernels)).forward();
            for (var s = 0; s < STATES; s++) {
                values[s] = all[2 * s + 1];
            }
            return values;
        }
        var input = new float[STATES * (STATES + 1)];
        for (var s = 0; s < STATES; s++) {
            input[s * (STATES + 1) + s] = 1;
            input[s * (STATES + 1) + STATES] = 0.5f;
        }
        var matrix = kernels.matrix(STATES + 1, STATES);
        matrix.write(input, 0);
        return critic.pass(matrix).forward();
    }
}
