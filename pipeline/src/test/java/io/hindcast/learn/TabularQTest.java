package io.hindcast.learn;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.ConfigFactory;
import io.hindcast.data.Batch;
import io.hindcast.data.Noise;
import io.hindcast.data.ReplayBuffer;
import io.hindcast.data.ReplayBuffer.TerminalFlag;
import io.hindcast.kernel.PlainKernels;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

final class TabularQTest extends ValueLearnerContract {
    @Override
    String learner() {
        return "tabular-q";
    }

    @Override
    String settings() {
        return "discount = 0.5, learning-rate = 0.2";
    }

    @Override
    Stream<Kind> kinds() {
        return Stream.of(Kind.DISCRETE);
    }

    /** It bootstraps from actions of its own, which must be in the data. */
    @Override
    ReplayBuffer data(Kind kind, TerminalFlag end) {
        return covered(kind, end);
    }

    @Override
    boolean followsTheData() {
        return false;
    }

    @Override
    boolean stepsAreUnbounded() {
        return false;
    }

    @Override
    String[] metrics(Kind kind) {
        return new String[] {"critic/loss", "q-data/mean", "q-data/out-of-range-share", "target/mean"};
    }

    /**
     * From 0 with learning rate 1/2 and discount 1/2 over reward -1: state 1 goes left to state 0, twice, then state 2 to state
     * 1. The second row sees what the first left, the third what the second left.
     */
    @Test
    void rowsAreTakenOneAfterTheOther() {
        var data = new ReplayBuffer(Kind.DISCRETE.spaces(), 3);
        for (var s : new int[] {1, 1, 2}) {
            data.append(state(s), Kind.DISCRETE.action(false), -1, state(s - 1), TerminalFlag.KEEPS_BOOTSTRAP);
        }
        var batch = new Batch(data.spaces(), 3);
        data.read(0, batch);
        try (var kernels = new PlainKernels()) {
            var setup = new LearnerSetup(data.spaces(), 3, 1, kernels, new SplittableRandom(1));
            var learner = LearnerConfig.read(
                            learner(), ConfigFactory.parseString("discount = 0.5, learning-rate = 0.5"), "test")
                    .learner(setup);
            var loss = learner.update(batch, Noise.none());

            // Errors -1, -1/2, -1; going right from state 1 is still worth 0, which is the greatest value there.
            assertThat(loss).isEqualTo((1 + 0.25 + 1) / 3);
            assertThat(learner.networks().get("critic_0").parameters().values())
                    .containsExactly(0, -0.75f, -0.5f, 0, 0, 0, 0, 0, 0, 0, 0, 0);
        }
    }
}
