package io.hindcast.learn;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.ConfigFactory;
import io.hindcast.data.ReplayBuffer;
import io.hindcast.data.ReplayBuffer.TerminalFlag;
import io.hindcast.kernel.Nd4jKernels;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

final class CqlDiscreteTest extends ValueLearnerContract {
    @Override
    String learner() {
        return "cql-discrete";
    }

    @Override
    String settings() {
        return """
                discount = 0.5, target-period = 20, alpha = 0.5
                critic { hidden-layers = [16], learning-rate = 1e-2, schedule = cosine }
                """;
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
    String unbentSettings() {
        return settings() + ", alpha = 0";
    }

    @Test
    void withAlphaZeroItIsDeepQLearningBitForBit() {
        try (var kernels = new Nd4jKernels()) {
            var data = covered(Kind.DISCRETE, TerminalFlag.STOPS_BOOTSTRAP);
            var conservative = trained(unbentSettings(), Kind.DISCRETE, kernels, data, 200);
            var settings = settings().replace(", alpha = 0.5", "");
            var plain = LearnerConfig.read("dqn", ConfigFactory.parseString(settings), "test")
                    .learner(new LearnerSetup(Kind.DISCRETE.spaces(), ROWS, 3000, kernels, new SplittableRandom(1)));
            update(plain, data, 0, 200);
            assertThat(state(conservative)).usingRecursiveComparison().isEqualTo(state(plain));
        }
    }

    @Override
    String[] metrics(Kind kind) {
        return new String[] {
            "critic/loss",
            "temporal-difference/loss",
            "conservative/loss",
            "critic/gradient-norm",
            "q-data/mean",
            "q-data/out-of-range-share"
        };
    }
}
