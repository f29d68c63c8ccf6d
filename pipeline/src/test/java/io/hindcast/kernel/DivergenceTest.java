package io.hindcast.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.hindcast.GoldenFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class DivergenceTest {
    private static final Map<String, Divergence> NAMED = Map.of(
            "kl", Divergence.KL,
            "total_variation", Divergence.TOTAL_VARIATION,
            "jensen_shannon", Divergence.JENSEN_SHANNON);

    @Test
    void bonusesAndDivergencesAgreeWithTheOracle() throws IOException {
        var file = GoldenFolder.path().resolve("reward-bonus.json");
        assumeTrue(Files.exists(file), "this folder has no reward bonuses");
        var rows = new ObjectMapper().readTree(file.toFile()).get("rows");
        assertThat(rows).isNotEmpty();
        for (var row : rows) {
            var policy = numbers(row.get("policy"));
            var behaviour = numbers(row.get("behavior"));
            var transition = new double[policy.length][];
            for (var a = 0; a < policy.length; a++) {
                transition[a] = numbers(row.get("transition").get(a));
            }
            var expected = row.get("expected");
            close(Divergence.logRatio(policy, behaviour), expected.get("kl_direct"));
            close(Divergence.stateTransition(policy, behaviour, transition), expected.get("state_transition_kl"));
            NAMED.forEach((name, divergence) -> {
                close(divergence.bonus(policy, behaviour), expected.get(name));
                var wanted = expected.get("divergence").get(name).asDouble();
                assertThat(divergence.divergence(policy, behaviour))
                        .isCloseTo(wanted, within(1e-7 * Math.max(1, Math.abs(wanted))));
            });
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 5, 40})
    void theExpectationOfABonusUnderThePolicyIsMinusItsDivergence(int actions) {
        var policy = distribution(actions, 1);
        var behaviour = distribution(actions, 2);
        NAMED.forEach((name, divergence) -> {
            var bonus = divergence.bonus(policy, behaviour);
            var expectation = 0.0;
            for (var a = 0; a < actions; a++) {
                expectation += policy[a] * bonus[a];
            }
            assertThat(expectation).as(name).isCloseTo(-divergence.divergence(policy, behaviour), within(1e-12));
        });
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
        assertThat(Divergence.KL.divergence(policy, behaviour)).isInfinite();
        assertThat(Divergence.TOTAL_VARIATION.divergence(policy, behaviour)).isCloseTo(0.5, within(1e-12));
        assertThat(Divergence.TOTAL_VARIATION.bonus(policy, behaviour)[1]).isCloseTo(-0.5, within(1e-12));
        // Disjoint: 2 log 2, twice the usual maximum.
        assertThat(Divergence.JENSEN_SHANNON.divergence(new double[] {1, 0}, new double[] {0, 1}))
                .isCloseTo(2 * Math.log(2), within(1e-6));
    }

    @Test
    void anotherFunctionOfOnesOwnWorks() {
        // Pearson's chi-squared: sum (pi - pi_b)² / pi_b.
        var pearson = Divergence.of(x -> (x - 1) * (x - 1));
        assertThat(pearson.divergence(new double[] {0.75, 0.25}, new double[] {0.5, 0.5}))
                .isCloseTo(0.25, within(1e-12));
    }

    @Test
    void whatIsNoDistributionIsRefusedInWords() {
        var half = new double[] {0.5, 0.5};
        assertThatThrownBy(() -> Divergence.KL.bonus(new double[] {1}, half))
                .hasMessage("Cannot compare distributions over 1 and 2 actions: they must be as many");
        assertThatThrownBy(() -> Divergence.KL.bonus(new double[] {1.5, -0.5}, half))
                .hasMessage("Cannot use a policy with probability -0.5: it is below 0");
        assertThatThrownBy(() -> Divergence.KL.bonus(half, new double[] {0.5, 0.4}))
                .hasMessageStartingWith("Cannot use a behaviour policy whose probabilities sum to 0.9");
        assertThatThrownBy(() -> Divergence.of(x -> x)).hasMessage("Cannot use f with f(1) = 1.0: it must be 0");
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

    private static void close(double[] actual, JsonNode expected) {
        assertThat(actual).hasSize(expected.size());
        for (var a = 0; a < actual.length; a++) {
            var wanted = expected.get(a).asDouble();
            assertThat(actual[a]).isCloseTo(wanted, within(1e-7 * Math.max(1, Math.abs(wanted))));
        }
    }

    private static double[] numbers(JsonNode array) {
        var numbers = new double[array.size()];
        for (var i = 0; i < numbers.length; i++) {
            numbers[i] = array.get(i).asDouble();
        }
        return numbers;
    }
}
