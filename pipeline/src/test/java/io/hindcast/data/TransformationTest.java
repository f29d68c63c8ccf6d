package io.hindcast.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.hindcast.data.ReplayBuffer.TerminalFlag;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class TransformationTest {
    /** One of each kind. */
    private static final Map<Class<?>, Transformation> EACH = Map.of(
            Transformation.Reward.class, new Transformation.Reward(2, 1),
            Transformation.Standardise.class, new Transformation.Standardise(new Scaler(List.of(1.0), List.of(2.0), 0)),
            Transformation.ClipActions.class, new Transformation.ClipActions(0.5),
            Transformation.Bonus.class, new Transformation.Bonus("kl", "run", 1, "state", 1, 5));

    @Test
    void everyKindIsWrittenAndReadAndDoneToRows() throws JsonProcessingException {
        assertThat(EACH.keySet()).containsExactlyInAnyOrder(Transformation.class.getPermittedSubclasses());
        for (var transformation : EACH.values()) {
            var json = new ObjectMapper().writeValueAsString(transformation);
            assertThat(new ObjectMapper().readValue(json, Transformation.class)).isEqualTo(transformation);
            if (transformation instanceof Transformation.Bonus) {
                // It needs a policy: who loads rows computes it.
                assertThatThrownBy(() -> buffer().transform(transformation))
                        .hasMessageStartingWith("Cannot apply Bonus");
            } else {
                var buffer = buffer();
                buffer.transform(transformation);
                assertThat(row(buffer)).isNotEqualTo(row(buffer()));
            }
        }
    }

    private static ReplayBuffer buffer() {
        var buffer = new ReplayBuffer(new Spaces(1, new ActionSpace.Continuous(1, -1, 1)), 1);
        var action = new Action.Vector(new float[] {0.9f});
        buffer.append(new float[] {3}, action, 1, new float[] {4}, TerminalFlag.KEEPS_BOOTSTRAP);
        return buffer;
    }

    private static List<Float> row(ReplayBuffer buffer) {
        var batch = new Batch(buffer.spaces(), 1);
        buffer.read(0, batch);
        return List.of(batch.observations()[0], batch.actions()[0], batch.rewards()[0], batch.nextObservations()[0]);
    }
}
