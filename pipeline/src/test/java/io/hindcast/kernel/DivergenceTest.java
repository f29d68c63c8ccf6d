package io.hindcast.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.assertj.core.api.AbstractThrowableAssert;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class DivergenceTest {
    private static final Map<String, Divergence> NAMED = Map.of(
            "kl", Divergence.KL,
            "total_variation", Divergence.TOTAL_VARIATION,
            "jensen_shannon", Divergence.JENSEN_SHANNON);

    @ParameterizedTest
    @CsvSource({"1, 1", "2, 2", "2, 3", "5, 4", "40, 5", "1000, 6"})
    void theExpectationOfABonusUnderThePolicyIsMinusItsDivergence(int actions, long seed) {
        var policy = distribution(actions, seed);
        var behaviour = distribution(actions, -seed);
        NAMED.forEach((name, divergence) -> assertThat(expectation(policy, divergence.bonus(policy, behaviour)))
                .as(name)
                .isCloseTo(-divergence.divergence(policy, behaviour), within(1e-12)));
        assertThat(expectation(policy, Divergence.logRatio(policy, behaviour)))
                .isCloseTo(-Divergence.KL.divergence(policy, behaviour), within(1e-12));
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 5, 40})
    void theStateTransitionBonusExpectsMinusTheDivergenceOfTheNextStates(int actions) {
        var policy = distribution(actions, 1);
        var behaviour = distribution(actions, 2);
        var transition = new double[actions][];
        var underPolicy = new double[3];
        var underBehaviour = new double[3];
        for (var a = 0; a < actions; a++) {
            transition[a] = distribution(3, 100 + a);
            for (var s = 0; s < 3; s++) {
                underPolicy[s] += policy[a] * transition[a][s];
                underBehaviour[s] += behaviour[a] * transition[a][s];
            }
        }
        assertThat(expectation(policy, Divergence.stateTransition(policy, behaviour, transition)))
                .isCloseTo(-Divergence.KL.divergence(underPolicy, underBehaviour), within(1e-12));
    }

    @Test
    void equalDistributionsHaveNoBonusAndNoDivergence() {
        var both = distribution(4, 3);
        NAMED.forEach((name, divergence) -> {
            for (var bonus : divergence.bonus(both, both)) {
                assertThat(Math.abs(bonus)).as(name).isZero();
            }
            assertThat(divergence.divergence(both, both)).isZero();
        });
    }

    @Test
    void anActionThatTheDataNeverTakesCostsWhatTheDivergenceGrowsTo() {
        var policy = new double[] {0.5, 0.5, 0};
        var behaviour = new double[] {1, 0, 0};
        assertThat(Divergence.KL.bonus(policy, behaviour)).containsExactly(-Math.log(0.5), Double.NEGATIVE_INFINITY, 0);
        assertThat(Divergence.logRatio(policy, behaviour)).containsExactly(-Math.log(0.5), Double.NEGATIVE_INFINITY, 0);
        assertThat(Divergence.KL.divergence(policy, behaviour)).isEqualTo(Double.POSITIVE_INFINITY);
        assertThat(Divergence.TOTAL_VARIATION.bonus(policy, behaviour)).containsExactly(-0.5, -0.5, 0);
        assertThat(Divergence.TOTAL_VARIATION.divergence(policy, behaviour)).isEqualTo(0.5);
        assertThat(Divergence.JENSEN_SHANNON.bonus(policy, behaviour)[1]).isCloseTo(-Math.log(2), within(1e-12));
        var disjoint = Divergence.JENSEN_SHANNON.divergence(new double[] {1, 0}, new double[] {0, 1});
        assertThat(disjoint).as("twice the usual maximum").isCloseTo(2 * Math.log(2), within(1e-12));
    }

    @Test
    void anActionThatThePolicyNeverTakesHasTheLimitOfItsBonus() {
        var policy = new double[] {0, 1};
        var behaviour = new double[] {0.5, 0.5};
        assertThat(Divergence.KL.bonus(policy, behaviour)).containsExactly(Double.POSITIVE_INFINITY, -Math.log(2));
        assertThat(Divergence.logRatio(policy, behaviour)).containsExactly(Double.POSITIVE_INFINITY, -Math.log(2));
        assertThat(Divergence.TOTAL_VARIATION.bonus(policy, behaviour))
                .containsExactly(Double.NEGATIVE_INFINITY, -0.25);
        assertThat(Divergence.JENSEN_SHANNON.bonus(policy, behaviour)[0]).isEqualTo(Double.NEGATIVE_INFINITY);
        assertThat(Divergence.KL.divergence(policy, behaviour)).isEqualTo(Math.log(2));
        // 0.5 f(0) + 0.5 f(2) = 0.5 / 2 + 0.5 / 2
        assertThat(Divergence.TOTAL_VARIATION.divergence(policy, behaviour)).isEqualTo(0.5);
        // 0.5 log 2 + 0.5 (2 log 2 - 3 log 1.5)
        assertThat(Divergence.JENSEN_SHANNON.divergence(policy, behaviour))
                .isCloseTo(1.5 * Math.log(2) - 1.5 * Math.log(1.5), within(1e-12));
    }

    @ParameterizedTest
    @ValueSource(doubles = {1e-299, 1e-307, Double.MIN_VALUE})
    void aProbabilityNextToZeroIsCloseToTheLimit(double probability) {
        var half = new double[] {0.5, 0.5};
        var rare = new double[] {probability, 1};
        assertThat(Divergence.TOTAL_VARIATION.divergence(half, rare)).isEqualTo(0.5);
        assertThat(Divergence.JENSEN_SHANNON.bonus(half, rare)[0]).isCloseTo(-Math.log(2), within(1e-12));
        assertThat(Divergence.JENSEN_SHANNON.divergence(half, rare))
                .isCloseTo(Divergence.JENSEN_SHANNON.divergence(half, new double[] {0, 1}), within(1e-12));
        assertThat(Divergence.KL.bonus(half, rare)[0]).isLessThan(-600);
        assertThat(Divergence.KL.bonus(rare, half)[0]).isGreaterThan(600);
    }

    @Test
    void aStateThatAnActionNeverLeadsToCountsForNothing() {
        var policy = new double[] {0.75, 0.25, 0};
        var behaviour = new double[] {0.25, 0.75, 0};
        var transition = new double[][] {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}};
        assertThat(Divergence.stateTransition(policy, behaviour, transition))
                .containsExactly(new double[] {-Math.log(3), Math.log(3), 0}, within(1e-12));
    }

    @Test
    void anActionThatMayLeadWhereTheDataNeverComesHasMinusInfinity() {
        var transition = new double[][] {{1, 0}, {0, 1}, {0.5, 0.5}};
        assertThat(Divergence.stateTransition(new double[] {1, 0, 0}, new double[] {0, 1, 0}, transition))
                .containsExactly(Double.NEGATIVE_INFINITY, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY);
        // The same with the two states in the other order.
        assertThat(Divergence.stateTransition(new double[] {0, 1, 0}, new double[] {1, 0, 0}, transition))
                .containsExactly(Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY, Double.NEGATIVE_INFINITY);
    }

    @Test
    void anotherFunctionOfOnesOwnWorks() {
        // Pearson's chi-squared: sum (pi - pi_b)² / pi_b.
        var pearson = Divergence.of(x -> (x - 1) * (x - 1));
        assertThat(pearson.divergence(new double[] {0.75, 0.25}, new double[] {0.5, 0.5}))
                .isCloseTo(0.25, within(1e-12));
        assertThat(pearson.bonus(new double[] {0.75, 0.25}, new double[] {0.5, 0.5}))
                .containsExactly(new double[] {-1.0 / 6, -0.5}, within(1e-12));
        assertThat(pearson.bonus(new double[] {0.5, 0.5}, new double[] {0, 1})[0])
                .isEqualTo(Double.NEGATIVE_INFINITY);
    }

    @Test
    void aFunctionWithASlopeAtZeroHasThatLimit() {
        // f(x) = x² - x has f(x) / x = x - 1.
        var divergence = Divergence.of(x -> x * x - x);
        assertThat(divergence.bonus(new double[] {0, 1}, new double[] {0.5, 0.5}))
                .containsExactly(1.0, -1.0);
    }

    @Test
    void whatIsNoDistributionIsRefusedInWords() {
        var half = new double[] {0.5, 0.5};
        refused(() -> Divergence.KL.bonus(new double[] {1}, half))
                .hasMessage("Cannot compare distributions over 1 and 2 actions: they must be as many");
        refused(() -> Divergence.KL.bonus(new double[] {1.5, -0.5}, half))
                .hasMessage("Cannot use a policy with probability -0.5: it must be 0 or more");
        refused(() -> Divergence.logRatio(half, new double[] {Double.NaN, 1}))
                .hasMessage("Cannot use a behaviour policy with probability NaN: it must be 0 or more");
        refused(() -> Divergence.KL.divergence(half, new double[] {0.5, 0.25}))
                .hasMessage("Cannot use a behaviour policy whose probabilities sum to 0.75, not 1");
        refused(() -> Divergence.KL.divergence(new double[0], new double[0]))
                .hasMessage("Cannot use a policy whose probabilities sum to 0.0, not 1");
    }

    @Test
    void aTransitionThatFitsNoPolicyIsRefusedInWords() {
        var half = new double[] {0.5, 0.5};
        refused(() -> Divergence.stateTransition(half, half, new double[][] {{1}}))
                .hasMessage("Cannot use transitions of 1 actions: the policy has 2");
        refused(() -> Divergence.stateTransition(half, half, new double[][] {{1}, {0.5, 0.5}}))
                .hasMessage("Cannot use a transition to 2 states after action 1: after action 0 there are 1");
        refused(() -> Divergence.stateTransition(half, half, new double[][] {{1, 0}, {0.25, 0.5}}))
                .hasMessage("Cannot use a transition after action 1 whose probabilities sum to 0.75, not 1");
    }

    @Test
    void aFunctionThatMakesNoDivergenceIsRefusedInWords() {
        refused(() -> Divergence.of(x -> x)).hasMessage("Cannot use f with f(1) = 1.0: it must be 0");
        refused(() -> Divergence.of(x -> x * Math.log(x)))
                .hasMessage("Cannot use f with f(0) = NaN: it must be the limit of f(x) for x to 0");
    }

    private static AbstractThrowableAssert<?, ?> refused(ThrowingCallable call) {
        return assertThatThrownBy(call).isInstanceOf(IllegalArgumentException.class);
    }

    private static double expectation(double[] policy, double[] bonus) {
        var expectation = 0.0;
        for (var a = 0; a < policy.length; a++) {
            expectation += policy[a] * bonus[a];
        }
        return expectation;
    }

    private static double[] distribution(int n, long seed) {
        var random = new SplittableRandom(seed);
        var probabilities = new double[n];
        var sum = 0.0;
        for (var a = 0; a < n; a++) {
            probabilities[a] = 0.01 + random.nextDouble();
            sum += probabilities[a];
        }
        for (var a = 0; a < n; a++) {
            probabilities[a] /= sum;
        }
        return probabilities;
    }

    @Test
    void theBonusOfOneActionIsThatOfItsPlaceInTheDistribution() {
        var policy = new double[] {0.5, 0.25, 0.25};
        var behaviour = new double[] {0.1, 0.8, 0.1};
        for (var divergence : List.of(Divergence.KL, Divergence.TOTAL_VARIATION, Divergence.JENSEN_SHANNON)) {
            for (var a = 0; a < 3; a++) {
                assertThat(divergence.bonus(Math.log(policy[a]), Math.log(behaviour[a])))
                        .isEqualTo(divergence.bonus(policy, behaviour)[a], within(1e-12));
            }
        }
        // Densities may be far apart: x = e^2000 counts as infinite, but the ratio of KL is still a number.
        assertThat(Divergence.KL.bonus(1000, -1000)).isEqualTo(-2000);
        assertThat(Divergence.TOTAL_VARIATION.bonus(1000, -1000)).isEqualTo(-0.5, within(1e-6));
        assertThat(Divergence.JENSEN_SHANNON.bonus(-1000, 1000)).isEqualTo(Double.NEGATIVE_INFINITY);
    }
}
