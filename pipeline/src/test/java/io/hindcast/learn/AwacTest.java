package io.hindcast.learn;

import io.hindcast.data.ReplayBuffer;
import io.hindcast.data.ReplayBuffer.TerminalFlag;

final class AwacTest extends ValueLearnerContract {
    @Override
    String learner() {
        return "awac";
    }

    @Override
    String settings() {
        return """
                discount = 0.5, target-rate = 0.05, temperature = 0.05
                actor { hidden-layers = [16], learning-rate = 1e-2, schedule = cosine }
                critic { hidden-layers = [16], learning-rate = 1e-2, schedule = cosine }
                """;
    }

    /** It bootstraps from actions of its own, which must be in the data. */
    @Override
    ReplayBuffer data(Kind kind, TerminalFlag end) {
        return covered(kind, end);
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
            "advantage/p10",
            "advantage/p50",
            "advantage/p90",
            "weight/clamped-share",
            "policy/entropy",
            "log-probability/mean",
            "value/mean"
        };
    }
}
