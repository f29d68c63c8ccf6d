package io.hindcast.learn;

import static org.assertj.core.api.Assertions.assertThat;

import io.hindcast.data.Action;
import io.hindcast.data.Batch;
import io.hindcast.data.ReplayBuffer.TerminalFlag;
import io.hindcast.data.RowLayout;
import io.hindcast.data.RowLayout.Field;
import io.hindcast.kernel.Nd4jKernels;
import io.hindcast.net.States;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

final class BcqDiscreteTest extends ValueLearnerContract {
    @Override
    String learner() {
        return "bcq-discrete";
    }

    @Override
    String settings() {
        return """
                discount = 0.5, target-period = 20
                critic { hidden-layers = [16], learning-rate = 1e-2, schedule = cosine }
                imitation { hidden-layers = [16], learning-rate = 1e-2, schedule = cosine }
                """;
    }

    @Override
    Stream<Kind> kinds() {
        return Stream.of(Kind.DISCRETE);
    }

    /** Of two actions, the one with the larger logit is impossible: it is neither bootstrapped from nor chosen. */
    @Test
    void whatIsImpossibleIsNotAllowedHoweverLikelyItLooks() {
        try (var kernels = new Nd4jKernels()) {
            var learner = (BcqDiscrete)
                    trained(Kind.DISCRETE, kernels, chain(Kind.DISCRETE, TerminalFlag.STOPS_BOOTSTRAP, STATES), 100);
            var layout = RowLayout.of(Kind.DISCRETE.spaces()).with(Set.of(Field.NEXT_ACTION_MASK));
            var batch = new Batch(layout, ROWS);
            for (var b = 0; b < ROWS; b++) {
                batch.setPossible(Field.NEXT_ACTION_MASK, b, new boolean[] {true, b % 2 == 0});
            }
            learner.update(batch, new TestNoise(1));
            var next = learner.intermediates().get("next_action");
            var allowed = learner.intermediates().get("allowed");
            for (var b = 0; b < ROWS; b++) {
                assertThat(next[b]).isEqualTo(b % 2 == 0 ? 1 : 0);
                assertThat(allowed[2 * b + 1]).isEqualTo(b % 2 == 0 ? 1 : 0);
            }
            var states = new States(states(kernels));
            var pass = learner.policy().pass(states);
            pass.forward();
            assertThat(pass.greedy(0)).isEqualTo(new Action.Index(1));
            states.setPossible(new boolean[] {true, false, true, true, true, true, true, true, true, true});
            pass.forward();
            assertThat(pass.greedy(0)).isEqualTo(new Action.Index(0));
            assertThat(pass.greedy(1)).isEqualTo(new Action.Index(1));
        }
    }

    @Override
    String[] metrics(Kind kind) {
        return new String[] {
            "critic/loss",
            "critic/gradient-norm",
            "imitation/loss",
            "imitation/gradient-norm",
            "imitation/entropy",
            "q-data/mean",
            "q-data/out-of-range-share"
        };
    }
}
