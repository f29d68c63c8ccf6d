package io.hindcast.learn;

final class IqlTest extends ValueLearnerContract {
    @Override
    String learner() {
        return "iql";
    }

    @Override
    String settings() {
        return """
                discount = 0.5, target-rate = 0.05
                actor { hidden-layers = [16], learning-rate = 1e-2 }
                critic { hidden-layers = [16], learning-rate = 1e-2, schedule = cosine }
                value { hidden-layers = [16], learning-rate = 1e-2, schedule = cosine }
                """;
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
