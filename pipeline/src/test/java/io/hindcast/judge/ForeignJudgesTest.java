package io.hindcast.judge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.hindcast.Part;
import io.hindcast.PinnedPython;
import io.hindcast.stats.DatasetStats.Ending;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Logs of single decisions as others judge them: Open Bandit Pipeline and vw-estimators, wherever a definition is the same. Not compared
 * are the errors and intervals that Open Bandit Pipeline gives for self-normalised weights (they take the mean weight as known), its
 * bootstrap (its random numbers), and what vw-estimators has and hindcast has not. Raise a version in {@code requirements-judges.txt} to see
 * whether they still agree.
 */
@Tag("slow") // its packages are large
class ForeignJudgesTest {
    /** What differs by rounding alone. */
    private static final double ROUNDING = 1e-9;

    /** Of one that subtracts squares, and that vw-estimators rounds to 1e-9 on purpose. */
    private static final double CANCELLING = 1e-6;

    @TempDir
    static Path folder;

    /** Without it nothing can be told, so nothing is skipped: the test fails. */
    @BeforeAll
    static void letThemJudge() throws IOException, InterruptedException {
        Part.require(4);
        // One of them says that it is for Python 3.10 and older, and needs much for what is not asked of it here.
        PinnedPython.of("judges", "--no-deps", "--ignore-requires-python").script("judge-logs.py", folder);
    }

    @ParameterizedTest
    @ValueSource(strings = {"generated", "open-bandit-all", "open-bandit-men", "open-bandit-women"})
    void theirNumbersAreOurs(String name) throws IOException {
        var log = log(name);
        var said = said(name);
        var estimators = estimators(said.get("lambdas"));
        var expected = said.get("value");
        assertThat(estimators.keySet()).containsExactlyInAnyOrderElementsOf(expected::fieldNames);
        var estimates = judge(estimators, log, 0.95);
        estimates.forEach((key, estimate) -> {
            assertThat(estimate.value()).as(key).isCloseTo(expected.get(key).asDouble(), within(ROUNDING));
            var lower = said.get("lower").path(key);
            if (!lower.isMissingNode()) {
                assertThat(estimate.value() - estimate.half(0.95))
                        .as("bound of " + key)
                        .isCloseTo(lower.asDouble(), within(ROUNDING));
            }
        });

        var vowpal = said.get("vw");
        for (var key : List.of("is", "wis")) {
            assertThat(estimate(estimates, key).value())
                    .as("vw " + key)
                    .isCloseTo(vowpal.get(key).asDouble(), within(ROUNDING));
        }
        assertThat(estimate(estimates, "is").standardError())
                .isCloseTo(vowpal.get("error of is").asDouble(), within(ROUNDING));
    }

    @ParameterizedTest
    @ValueSource(strings = {"generated", "open-bandit-all", "open-bandit-men", "open-bandit-women"})
    void theirBoundsAreOurs(String name) throws IOException {
        var log = log(name);
        var said = said(name);
        var vowpal = said.get("vw");
        for (var largest : Map.of(
                        "cressie-read",
                        Double.POSITIVE_INFINITY,
                        "cressie-read of bounded weights",
                        vowpal.get("largest weight").asDouble())
                .entrySet()) {
            var bounds = new CressieRead(0, 1, 0, largest.getValue());
            log.forEach(bounds::add);
            var interval = bounds.interval(0.05);
            var theirs = vowpal.get(largest.getKey());
            assertThat(interval.low())
                    .as(largest.getKey())
                    .isCloseTo(theirs.get(0).asDouble(), within(CANCELLING));
            assertThat(interval.high())
                    .as(largest.getKey())
                    .isCloseTo(theirs.get(1).asDouble(), within(CANCELLING));
        }
        var bernstein = new ClippedBernstein(0, List.of(said.get("clip").asDouble()));
        log.forEach(bernstein::add);
        assertThat(bernstein.lower(0, 0.05)).isCloseTo(said.get("bernstein").asDouble(), within(ROUNDING));
    }

    @Test
    void theirChoiceOfAParameterIsOurs() throws IOException {
        var said = said("generated");
        var estimates = judge(estimators(said.get("lambdas")), log("generated"), 0.95);
        for (var key : List.of("clipped-ips", "switch-dr", "dr-os")) {
            var candidates = IntStream.range(0, said.get("lambdas").size())
                    .mapToObj(i -> estimate(estimates, key + "/" + i))
                    .toList();
            assertThat(Slope.choose(candidates, 0.95))
                    .as(key)
                    .isEqualTo(said.get("slope").get(key).asInt());
        }
    }

    /** The largest weight is 21739 of 10,000 rows: every other judge gives a number all the same. */
    @Test
    void theLogThatTellsNextToNothingIsRefused() throws IOException {
        var estimates = judge(Map.of("is", new Is(), "wis", new Wis(), "dr", new Dr()), log("open-bandit-women"), 0.95);
        assertThat(estimate(estimates, "is").value()).isCloseTo(0.007437578, within(1e-9));
        estimates.forEach((key, estimate) -> assertThat(estimate.objection())
                .as(key)
                .isEqualTo("the effective sample size is 2.1 of 10000 episodes; at least 100 are needed"));
    }

    private static Map<String, Estimator> estimators(JsonNode lambdas) {
        var estimators = new TreeMap<String, Estimator>(
                Map.of("is", new Is(), "wis", new Wis(), "dm", new Dm(), "dr", new Dr()));
        for (var i = 0; i < lambdas.size(); i++) {
            var lambda = lambdas.get(i).asDouble();
            estimators.put("clipped-ips/" + i, new ClippedIps(lambda));
            estimators.put("switch-dr/" + i, new SwitchDr(lambda));
            estimators.put("dr-os/" + i, new ShrunkDr(lambda));
            estimators.put("sub-gaussian/" + i, new SubGaussian(lambda / 10));
            estimators.put("sub-gaussian-dr/" + i, new SubGaussianDr(lambda / 10));
        }
        return estimators;
    }

    private static Map<String, Estimate> judge(
            Map<String, Estimator> estimators, List<Episode> log, double confidence) {
        var keys = List.copyOf(estimators.keySet());
        var first = new FirstPass(keys.stream().map(estimators::get).toList());
        log.forEach(first::add);
        var second = first.second(Bootstrap.NONE);
        log.forEach(second::add);
        var estimates = second.estimates(confidence);
        var named = new TreeMap<String, Estimate>();
        for (var i = 0; i < keys.size(); i++) {
            named.put(keys.get(i), estimates.get(i));
        }
        return named;
    }

    private static Estimate estimate(Map<String, Estimate> estimates, String key) {
        return Objects.requireNonNull(estimates.get(key), key);
    }

    private static JsonNode said(String name) throws IOException {
        return new ObjectMapper().readTree(folder.resolve(name + ".json").toFile());
    }

    private static List<Episode> log(String name) throws IOException {
        var log = new ArrayList<Episode>();
        for (var line : Files.readAllLines(folder.resolve(name + ".csv"))) {
            var row = line.split(",", -1);
            var step = new Episode.Step(
                    Math.log(Double.parseDouble(row[1])),
                    Math.log(Double.parseDouble(row[0])),
                    Double.parseDouble(row[2]),
                    1,
                    Double.parseDouble(row[3]),
                    Double.parseDouble(row[4]));
            log.add(new Episode.Fold("row " + log.size(), 1).step(step).end(Ending.TERMINATED, Double.NaN));
        }
        return log;
    }
}
