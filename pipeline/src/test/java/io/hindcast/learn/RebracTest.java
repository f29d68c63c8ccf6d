package io.hindcast.learn;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.ConfigFactory;
import io.hindcast.config.Settings;
import io.hindcast.data.RowLayout.Field;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

final class RebracTest extends ValueLearnerContract {
    @Override
    String learner() {
        return "rebrac";
    }

    @Override
    String settings() {
        return """
                discount = 0.5, target-rate = 0.05, actor-bc-coefficient = 1
                actor { hidden-layers = [32], learning-rate = 3e-3, schedule = cosine }
                critic { hidden-layers = [32], learning-rate = 1e-2, schedule = cosine }
                """;
    }

    @Override
    String undecidedSettings() {
        return settings() + ", actor-bc-coefficient = 0.1";
    }

    @Override
    Stream<Kind> kinds() {
        return Stream.of(Kind.CONTINUOUS);
    }

    /** Nearly pure imitation, of data that always does the same. */
    @Override
    String unbentSettings() {
        return settings() + ", actor-bc-coefficient = 1000, policy-noise = 0";
    }

    @Override
    String[] metrics(Kind kind) {
        return new String[] {
            "critic/loss",
            "critic-0/loss",
            "critic/gradient-norm",
            "q-data/mean",
            "q-data/out-of-range-share",
            "penalty/mean",
            "policy/loss",
            "policy/gradient-norm",
            "imitation/loss",
            "q-actor/mean"
        };
    }

    @Test
    void itAsksForWhatTheDataDoesNextAndNormalisesItsCriticsBehindTheirActivations() {
        var config = Settings.read(Rebrac.Config.class, ConfigFactory.empty(), "");
        assertThat(config.fields()).containsExactlyInAnyOrder(Field.NEXT_ACTION, Field.NEXT_ACTION_KNOWN);
        assertThat(Settings.toMap(config.critic()))
                .containsEntry("layer-norm", true)
                .containsEntry("layer-norm-place", "after");
        assertThat(config.actor().layerNorm()).isFalse();
    }

    @Test
    void itsCosinesEndWithTheRunWhateverThePolicyDelay() {
        endsWithoutALearningRate(Kind.CONTINUOUS, settings() + ", policy-delay = 3", 9);
        endsWithoutALearningRate(Kind.CONTINUOUS, settings() + ", policy-delay = 3", 10);
    }
}
