package io.hindcast.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.hindcast.data.ReplayBuffer.TerminalFlag;
import io.hindcast.data.Transformation.ReturnChange;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class TransformationTest {
    /** One of each kind. */
    private static final Map<Class<?>, Transformation> EACH = Map.of(
            Transformation.Reward.class, new Transformation.Reward(2, 1),
            Transformation.Standardise.class, new Transformation.Standardise(new Scaler(List.of(1.0), List.of(2.0), 0)),
            Transformation.ClipActions.class, new Transformation.ClipActions(0.5),
            Transformation.Bonus.class, new Transformation.Bonus("kl", "run", 1, "state", 1, 5));

    /** A bonus of 10. */
    private static final Transformation.Bonuses TEN = bonus -> (row, reward) -> reward + 10;

    @Test
    void everyKindIsWrittenAndReadAndDoneToRows() throws JsonProcessingException {
        assertThat(EACH.keySet()).containsExactlyInAnyOrder(Transformation.class.getPermittedSubclasses());
        for (var transformation : EACH.values()) {
            var json = new ObjectMapper().writeValueAsString(transformation);
            assertThat(new ObjectMapper().readValue(json, Transformation.class)).isEqualTo(transformation);
            assertThat(transformation.inWords()).isNotEmpty();
            var buffer = buffer();
            transformation.apply(buffer, TEN);
            assertThat(row(buffer)).isNotEqualTo(row(buffer()));
        }
    }

    @Test
    void whatTakesAPolicyThatIsNotAtHandIsRefusedAndNeverLeftOut() {
        var bonus = Objects.requireNonNull(EACH.get(Transformation.Bonus.class));
        assertThatThrownBy(() -> bonus.apply(buffer()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("Cannot apply " + bonus + ": its policy is not at hand");
    }

    @Test
    void aReturnIsTheSumOfTheRewardsThatRowsHaveAfterwards() {
        var buffer = new ReplayBuffer(new Spaces(1, new ActionSpace.Continuous(1, -1, 1)), 3);
        for (var reward : List.of(1.0, 2.0, -5.0)) {
            var action = new Action.Vector(new float[] {0.9f});
            buffer.append(new float[] {3}, action, reward, new float[] {4}, TerminalFlag.KEEPS_BOOTSTRAP);
        }
        var change = new ReturnChange(1, 0, true);
        for (var reward : List.of(new Transformation.Reward(2, 1), new Transformation.Reward(-0.5, 3))) {
            reward.apply(buffer);
            change = reward.after(change);
        }
        // -0.5 (2 r + 1) + 3 = -r + 2.5
        assertThat(change).isEqualTo(new ReturnChange(-1, 2.5, true));
        var batch = new Batch(buffer.spaces(), 3);
        buffer.read(0, batch);
        assertThat(batch.rewards()).containsExactly(1.5f, 0.5f, 7.5f);
        assertThat(change.scale() * (1 + 2 - 5) + 3 * change.shift()).isEqualTo(1.5 + 0.5 + 7.5);
    }

    @Test
    void onlyABonusLeavesReturnsUnknown() {
        var before = new ReturnChange(2, 1, true);
        for (var transformation : EACH.values()) {
            assertThat(transformation.after(before).isKnown())
                    .isEqualTo(!(transformation instanceof Transformation.Bonus));
        }
        assertThat(Objects.requireNonNull(EACH.get(Transformation.Standardise.class))
                        .after(before))
                .isSameAs(before);
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
