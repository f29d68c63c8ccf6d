package io.hindcast.judge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.hindcast.judge.Convergence.Said;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A target that follows Bellman's operator of a single state with reward 1, whose value is 1 / (1 - discount). */
class ConvergenceTest {
    private static final double RATE = 0.05;

    @Test
    void anEpisodeCountsItsStepsByTheirDiscounts() {
        assertThat(Convergence.horizon(0.5, 3)).isEqualTo(1.75);
        assertThat(Convergence.horizon(1, 500)).isEqualTo(500);
    }

    @Test
    void aModelMayMoveByAQuarterOfTheErrorOrAHundredthOfTheValue() {
        assertThat(Convergence.allowed(-20, 1)).isEqualTo(0.25);
        assertThat(Convergence.allowed(-20, 0.1)).isEqualTo(0.2);
    }

    @ParameterizedTest
    @ValueSource(ints = {20, 200, 1000, 4000, 20000})
    void whatIsSaidToBeLeftIsNoLessThanWhatIsLeft(int moves) {
        var discount = 0.99;
        var half = value(discount, moves / 2);
        var end = value(discount, moves);
        var rest = Convergence.rest(new Said(half, half, end), moves / 2, RATE, Convergence.horizon(discount, 100_000));

        assertThat(rest).isGreaterThanOrEqualTo(1 / (1 - discount) - end);
        // A flat curve of the first updates is not taken for an end: 20 moves have come to 1 % of the way.
        assertThat(rest).isLessThan(1.5 / (1 - discount));
    }

    @Test
    void whoHasArrivedHasHardlyAnythingLeft() {
        assertThat(Convergence.rest(new Said(99, 100, 100), 1000, RATE, 100)).isEqualTo(1.0 / 98, within(1e-12));
        // However often the target moved, what moved in half of the updates may move again.
        assertThat(Convergence.rest(new Said(99, 99, 100), 1_000_000, 1, 100)).isEqualTo(1, within(1e-12));
    }

    @ParameterizedTest
    @ValueSource(doubles = {0.02, 0.1, 0.5, 1, 2, 5})
    void aCriticThatLearnsSlowlyIsFoundOutToo(double times) {
        // 1 - exp(-t): half of the way is made where t is 0.7.
        var half = 1 - Math.exp(-times / 2);
        var end = 1 - Math.exp(-times);
        var left = 1 - end;

        assertThat(Convergence.rest(new Said(half, half, end), 1_000_000, 1, 1))
                .isBetween(Math.min(0.09, 0.9 * left), 1.1);
    }

    /** The critic is at once where the target sends it, the target follows. */
    private static double value(double discount, int moves) {
        var target = 0.0;
        for (var i = 0; i < moves; i++) {
            target += RATE * (1 + discount * target - target);
        }
        return target;
    }
}
