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
}
