package io.hindcast.env;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hindcast.data.Action;
import io.hindcast.data.ActionSpace;
import java.util.Objects;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What an environment says is possible, in its {@code info} under {@code action_mask}. */
final class PossibleActionsTest {
    @Test
    void eachOfThePossibleActionsIsAsLikelyAsAnyOtherAndTheRestNeverComes() {
        var random = new SplittableRandom(3);
        var counts = new int[5];
        var possible = new boolean[] {false, true, false, true, true};
        var behaviour = new RandomBehaviour(new ActionSpace.Discrete(5));
        for (var i = 0; i < 3000; i++) {
            var choice = behaviour.act(new float[1], possible, random);
            counts[((Action.Index) choice.action()).index()]++;
            assertThat(choice.logProbability().getAsDouble()).isEqualTo(-Math.log(3));
        }
        assertThat(counts[0] + counts[2]).isZero();
        assertThat(counts[1]).isBetween(870, 1130); // 1000, standard deviation 26
        assertThat(counts[3]).isBetween(870, 1130);
    }

    @Test
    void anEnvironmentSaysWhatIsPossibleAfterEveryResetAndStepOfEachInstance() {
        try (var worlds = Workers.world("Shop", "", 2)) {
            assertThat(worlds.reset(0, new SplittableRandom(1))).containsExactly(0);
            worlds.reset(1, new SplittableRandom(2));
            assertThat(worlds.possibleActions(0)).containsExactly(true, false, false);
            worlds.step(new Action[] {new Action.Index(0), null});
            assertThat(worlds.possibleActions(0)).containsExactly(false, true, false);
            assertThat(worlds.possibleActions(1)).containsExactly(true, false, false);
            worlds.step(new Action[] {new Action.Index(1), new Action.Index(0)});
            assertThat(worlds.possibleActions(0)).containsExactly(false, false, true);
            assertThat(worlds.possibleActions(1)).containsExactly(false, true, false);
            worlds.step(new Action[] {new Action.Index(2), null});
            var last = worlds.step(new Action[] {new Action.Index(0), null})[0];
            assertThat(Objects.requireNonNull(last).terminated()).isTrue();
            assertThat(worlds.possibleActions(0)).as("nothing follows").isNull();
        }
        try (var worlds = Workers.world("Shop", "kwargs { says = nothing }", 1)) {
            worlds.reset(0, new SplittableRandom(1));
            assertThat(worlds.possibleActions(0)).isNull();
        }
    }

    @Test
    void aMaskForEachOfSeveralNumbersAllowsTheirCombinations() {
        try (var worlds = Workers.world("Shop", "kwargs { says = several }", 1)) {
            worlds.reset(0, new SplittableRandom(1));
            assertThat(worlds.possibleActions(0)).containsExactly(true, true, false, false);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "none, action_mask allows no action",
        "two, 'action_mask has 2 entries, not 3'",
        "words, 'action_mask is [''yes'', ''no'', ''no''], not ones and zeros'"
    })
    void aMaskThatIsNoneIsNoAnswer(String says, String reason) {
        try (var worlds = Workers.world("Shop", "kwargs { says = " + says + " }", 1)) {
            assertThatThrownBy(() -> worlds.reset(0, new SplittableRandom(1)))
                    .isInstanceOf(BadAnswer.class)
                    .hasMessage("Cannot begin an episode: " + reason);
        }
    }
}
