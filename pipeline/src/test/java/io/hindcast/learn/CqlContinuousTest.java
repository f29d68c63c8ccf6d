package io.hindcast.learn;

import io.hindcast.data.ReplayBuffer;
import io.hindcast.data.ReplayBuffer.TerminalFlag;
import java.util.stream.Stream;

final class CqlContinuousTest extends ValueLearnerContract {
    @Override
    String learner() {
        return "cql-continuous";
    }

    @Override
    String settings() {
        return """
                discount = 0.5, target-rate = 0.05, alpha = 0.1, num-actions = 4, entropy-coefficient = 0
                actor { hidden-layers = [16], learning-rate = 1e-2, schedule = cosine }
                critic { hidden-layers = [16], learning-rate = 1e-2, schedule = cosine }
                """;
    }

    @Override
    Stream<Kind> kinds() {
        return Stream.of(Kind.CONTINUOUS);
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
    String unbentSettings() {
        return settings() + ", alpha = 0";
    }

    @Override
    String[] metrics(Kind kind) {
        return new String[] {
            "critic/loss",
            "critic-0/loss",
            "critic/gradient-norm",
            "q-data/mean",
            "q-data/out-of-range-share",
            "policy/loss",
            "policy/gradient-norm",
            "temporal-difference/loss",
            "conservative/loss",
            "policy/entropy"
        };
    }
}
