package io.hindcast.learn;

final class AwrTest extends ValueLearnerContract {
    @Override
    String learner() {
        return "awr";
    }

    @Override
    String settings() {
        return """
                discount = 0.5, temperature = 0.01
                actor { hidden-layers = [16], learning-rate = 1e-2 }
                value { hidden-layers = [16], learning-rate = 1e-2 }
                """;
    }

    @Override
    String[] metrics(Kind kind) {
        return new String[] {
            "policy/loss",
            "policy/gradient-norm",
            "value/loss",
            "value/gradient-norm",
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
