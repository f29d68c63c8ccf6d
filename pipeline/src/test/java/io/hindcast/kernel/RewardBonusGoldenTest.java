package io.hindcast.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.hindcast.GoldenFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Recomputes recorded reward bonuses; {@code -Dhindcast.golden=FOLDER} takes them from elsewhere. */
public final class RewardBonusGoldenTest {
    /** The test below, for the rows of a fixture. */
    public static void verify(JsonNode fixture) {
        assertThat(fixture.get("rows")).isNotEmpty();
        fixture.get("rows").forEach(new RewardBonusGoldenTest()::everyBonusAndDivergenceAgreesWithTheOracle);
    }

    private static final Map<String, Divergence> NAMED = Map.of(
            "kl", Divergence.KL,
            "total_variation", Divergence.TOTAL_VARIATION,
            "jensen_shannon", Divergence.JENSEN_SHANNON);

    static Stream<JsonNode> rows() throws IOException {
        var file = GoldenFolder.path().resolve("reward-bonus.json");
        assumeTrue(Files.exists(file), "this folder has no reward bonuses");
        var rows = new ObjectMapper().readTree(file.toFile()).get("rows");
        return StreamSupport.stream(rows.spliterator(), false);
    }

    @ParameterizedTest
    @MethodSource("rows")
    void everyBonusAndDivergenceAgreesWithTheOracle(JsonNode row) {
        var policy = numbers(row.get("policy"));
        var behaviour = numbers(row.get("behavior"));
        var transition = new double[policy.length][];
        assertThat(row.get("transition")).hasSize(policy.length);
        for (var a = 0; a < policy.length; a++) {
            transition[a] = numbers(row.get("transition").get(a));
        }
        var expected = row.get("expected");
        assertThat(names(expected))
                .containsExactlyInAnyOrder(
                        "kl_direct", "kl", "total_variation", "jensen_shannon", "state_transition_kl", "divergence");
        assertThat(names(expected.get("divergence"))).containsExactlyInAnyOrderElementsOf(NAMED.keySet());
        close(Divergence.logRatio(policy, behaviour), numbers(expected.get("kl_direct")), "kl_direct");
        close(
                Divergence.stateTransition(policy, behaviour, transition),
                numbers(expected.get("state_transition_kl")),
                "state_transition_kl");
        NAMED.forEach((name, divergence) -> {
            close(divergence.bonus(policy, behaviour), numbers(expected.get(name)), name);
            close(
                    new double[] {divergence.divergence(policy, behaviour)},
                    new double[] {expected.get("divergence").get(name).asDouble()},
                    "divergence." + name);
        });
    }

    /** The bound of the fixtures' README for double precision, relative to max(1, |expected|). */
    private static void close(double[] actual, double[] expected, String what) {
        assertThat(actual).as(what).hasSameSizeAs(expected);
        for (var i = 0; i < actual.length; i++) {
            var error = Math.abs(actual[i] - expected[i]) / Math.max(1, Math.abs(expected[i]));
            assertThat(error)
                    .as("%s [%d]: %s, expected %s", what, i, actual[i], expected[i])
                    .isLessThanOrEqualTo(1e-7);
        }
    }

    private static double[] numbers(JsonNode array) {
        var numbers = new double[array.size()];
        for (var i = 0; i < numbers.length; i++) {
            numbers[i] = array.get(i).asDouble();
        }
        return numbers;
    }

    private static List<String> names(JsonNode object) {
        var names = new ArrayList<String>();
        object.fieldNames().forEachRemaining(names::add);
        return names;
    }
}
