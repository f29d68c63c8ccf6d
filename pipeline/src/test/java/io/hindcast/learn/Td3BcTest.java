package io.hindcast.learn;

import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

final class Td3BcTest extends ValueLearnerContract {
    @Override
    String learner() {
        return "td3-bc";
    }

    @Override
    String settings() {
        return """
                discount = 0.5, target-rate = 0.05, alpha = 2
                actor { hidden-layers = [32], learning-rate = 3e-3, schedule = cosine }
                critic { hidden-layers = [32], learning-rate = 1e-2, schedule = cosine }
                """;
    }

    @Override
    Stream<Kind> kinds() {
        return Stream.of(Kind.CONTINUOUS);
    }

    /** Pure imitation, of data that always does the same. */
    @Override
    String unbentSettings() {
        return settings() + ", alpha = 0, policy-noise = 0";
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
            "imitation/loss",
            "q-actor/mean"
        };
    }

    @Test
    void itsCosinesEndWithTheRunWhateverThePolicyDelay() {
        endsWithoutALearningRate(Kind.CONTINUOUS, settings() + ", policy-delay = 3", 9);
        endsWithoutALearningRate(Kind.CONTINUOUS, settings() + ", policy-delay = 3", 10);
    }
}
