package io.hindcast.judge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.hindcast.GoldenFolder;
import io.hindcast.judge.Estimate.Interval;
import io.hindcast.stats.DatasetStats.Ending;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.apache.commons.math3.stat.descriptive.rank.Percentile;
import org.junit.jupiter.api.Test;

/** Every estimator, error and bound against float64 fixtures; {@code -Dhindcast.golden=FOLDER} takes them from elsewhere. */
public final class EstimatorsGoldenTest {
    /** The bound of the fixtures' README for double precision, relative to max(1, |expected|). */
    private static final double FLOAT64 = 1e-7;

    @Test
    void estimatorsOfEndedEpisodes() throws IOException {
        verifyOpe(fixture("ope"));
    }

    @Test
    void estimatorsOfAllEpisodes() throws IOException {
        verifyOpe2(fixture("ope2"));
    }

    @Test
    void estimatorsOfProcessesWithExactValues() throws IOException {
        verifyTruth(fixture("ope-truth"));
    }

    private static JsonNode fixture(String name) throws IOException {
        var file = GoldenFolder.path().resolve(name + ".json");
        assumeTrue(Files.exists(file), "this folder has no " + name);
        return new ObjectMapper().readTree(file.toFile());
    }

    /** Estimators where every episode ends with its last step. */
    public static void verifyOpe(JsonNode fixture) {
        assertThat(fixture.get("datasets")).isNotEmpty();
        for (var dataset : fixture.get("datasets")) {
            var name = dataset.get("name").asText();
            var expected = dataset.get("expected");
            var log = log(dataset, false);
            var estimators = Map.<String, Estimator>of(
                    "is", new Is(),
                    "wis", new Wis(),
                    "pdis", new Pdis(Tail.NOTHING),
                    "cwpdis", new Wpdis(Tail.NOTHING),
                    "dm", new Dm(),
                    "dr", new Dr(),
                    "wdr", new Wdr());
            assertNames(expected, estimators.keySet(), "returns", "cumulative_ratio", "effective_sample_size");
            estimators.forEach((key, estimator) ->
                    close(judge(estimator, log).value(), expected.get(key).asDouble(), name + " " + key));
            verifyEpisodes(log, expected, name);
        }
    }

    /** Estimators, their errors, MAGIC, bootstrap and bounds, with bootstrapped ends and durations; and logs of one step. */
    public static void verifyOpe2(JsonNode fixture) {
        var datasets = fixture.path("datasets");
        var bandits = fixture.path("bandits");
        assertThat(datasets.size() + bandits.size()).as("logs").isPositive();
        datasets.forEach(EstimatorsGoldenTest::verifyEpisodes);
        bandits.forEach(EstimatorsGoldenTest::verifyOneStep);
    }

    private static Map<String, Estimator> estimators() {
        var estimators = new LinkedHashMap<String, Estimator>();
        estimators.put("is", new Is());
        estimators.put("pdis", new Pdis(Tail.NOTHING));
        estimators.put("pdis_boot", new Pdis(Tail.MODEL));
        estimators.put("dr", new Dr());
        estimators.put("wis", new Wis());
        estimators.put("wpdis", new Wpdis(Tail.NOTHING));
        estimators.put("wpdis_boot", new Wpdis(Tail.MODEL));
        estimators.put("wdr", new Wdr());
        estimators.put("dm", new Dm());
        return estimators;
    }

    private static void verifyEpisodes(JsonNode dataset) {
        var name = dataset.get("name").asText();
        var expected = dataset.get("expected");
        var log = log(dataset, true);
        assertNames(
                expected,
                estimators().keySet(),
                "returns",
                "discount_factor",
                "cumulative_ratio",
                "mean_cumulative_ratio",
                "effective_sample_size",
                "standard_error",
                "influence",
                "magic",
                "bootstrap",
                "clipped_bernstein");
        verifyEpisodes(log, expected, name);
        var first = new FirstPass(List.copyOf(estimators().values()));
        log.forEach(first::add);
        close(first.weights().mean(), expected.get("mean_cumulative_ratio"), name + " mean ratio");
        var second = first.second(Bootstrap.NONE);
        log.forEach(second::add);
        var keys = List.copyOf(estimators().keySet());
        for (var e = 0; e < keys.size(); e++) {
            var key = keys.get(e);
            var estimate = second.estimates(0.95).get(e);
            close(estimate.value(), expected.get(key).asDouble(), name + " " + key);
            if (expected.get("standard_error").has(key)) {
                close(
                        estimate.standardError(),
                        expected.get("standard_error").get(key).asDouble(),
                        name + " error of " + key);
            }
            var index = e;
            if (expected.get("influence").has(key)) {
                close(
                        log.stream()
                                .mapToDouble(episode -> second.influence(index, episode))
                                .toArray(),
                        expected.get("influence").get(key),
                        name + " influence on " + key);
            }
        }
        if (dataset.has("bootstrap")) {
            var replicated = new TreeSet<String>();
            expected.get("bootstrap").get("replicates").fieldNames().forEachRemaining(replicated::add);
            assertThat(replicated).containsExactly("wdr", "wis", "wpdis", "wpdis_boot");
            for (var key : replicated) {
                verifyReplicates((RatioEstimator) estimators().get(key), log, dataset, expected, key);
            }
        }
        if (dataset.has("magic")) {
            verifyMagic(log, dataset.get("magic"), expected.get("magic"), name);
        }
        if (dataset.has("clips")) {
            var bound = new ClippedBernstein(dataset.get("return_min").asDouble(), list(dataset.get("clips")));
            log.forEach(bound::add);
            verifyBernstein(bound, dataset, expected, name);
        }
        if (dataset.has("true_value")) {
            for (var key : keys) {
                if (!key.equals("dm")) {
                    close(
                            judge(estimators().get(key), log).value(),
                            dataset.get("true_value").asDouble(),
                            name + " " + key);
                }
            }
        }
    }

    private static void verifyReplicates(
            RatioEstimator estimator, List<Episode> log, JsonNode dataset, JsonNode expected, String key) {
        var sums = new RatioSums(estimator);
        log.forEach(sums::add);
        var draws = dataset.get("bootstrap").get("weights");
        var replicates = new RatioSums.Replicates(sums, new Bootstrap(0, draws.size()));
        for (var i = 0; i < log.size(); i++) {
            replicates.add(log.get(i), counts(draws, i));
        }
        var ones = new double[100];
        Arrays.fill(ones, 1);
        var values = replicates.values(ones);
        var name = dataset.get("name").asText() + " replicates of " + key;
        close(values, expected.get("bootstrap").get("replicates").get(key), name);
        var probabilities = dataset.get("bootstrap").get("probabilities");
        var percentile = new Percentile().withEstimationType(Percentile.EstimationType.R_7);
        for (var q = 0; q < probabilities.size(); q++) {
            close(
                    percentile.evaluate(values, 100 * probabilities.get(q).asDouble()),
                    expected.get("bootstrap").get("quantiles").get(key).get(q).asDouble(),
                    name);
        }
    }

    private static long[] counts(JsonNode draws, int episode) {
        var counts = new long[draws.size()];
        for (var r = 0; r < counts.length; r++) {
            counts[r] = draws.get(r).get(episode).asInt();
        }
        return counts;
    }

    private static void verifyMagic(List<Episode> log, JsonNode given, JsonNode expected, String name) {
        var sums = new RatioSums(new Wdr());
        log.forEach(sums::add);
        var steps = new ArrayList<Integer>();
        given.get("steps").forEach(step -> steps.add(step.asInt()));
        var mixture = new Magic.Mixture(new RatioSums.Fit(sums), new RatioSums.Replicates(sums, Bootstrap.NONE), steps);
        log.forEach(episode -> mixture.add(episode, new long[0]));
        var interval = new Interval(
                given.get("interval").get(0).asDouble(),
                given.get("interval").get(1).asDouble());
        close(mixture.estimates, expected.get("g"), name + " g");
        var omega = mixture.omega();
        for (var j = 0; j < omega.length; j++) {
            close(omega[j], expected.get("omega").get(j), name + " omega " + j);
        }
        close(mixture.biases(interval), expected.get("bias"), name + " bias");
        close(mixture.weights(interval), expected.get("weights"), name + " weights of MAGIC");
        close(
                SimplexProgramme.dot(mixture.weights(interval), mixture.estimates),
                expected.get("value").asDouble(),
                name + " MAGIC");
    }

    private static void verifyOneStep(JsonNode bandit) {
        var name = bandit.get("name").asText();
        var expected = bandit.get("expected");
        var log = new ArrayList<Episode>();
        for (var i = 0; i < bandit.get("states").size(); i++) {
            var fold = new Episode.Fold("" + i, 1);
            fold.step(step(bandit, bandit, i, 1));
            log.add(fold.end(Ending.TERMINATED, Double.NaN));
        }
        assertNames(
                expected,
                Set.of(
                        "ips",
                        "snips",
                        "dm",
                        "dr",
                        "switch_dr",
                        "dr_os",
                        "sub_gaussian",
                        "sub_gaussian_dr",
                        "clipped_ips"),
                "weight",
                "effective_sample_size",
                "standard_error",
                "cressie_read",
                "clipped_bernstein");
        var errors = expected.get("standard_error");
        for (var plain : Map.of("ips", new Is(), "snips", new Wis(), "dm", new Dm(), "dr", new Dr())
                .entrySet()) {
            var estimate = judge(plain.getValue(), log);
            close(estimate.value(), expected.get(plain.getKey()).asDouble(), name + " " + plain.getKey());
            if (errors.has(plain.getKey())) {
                close(estimate.standardError(), errors.get(plain.getKey()).asDouble(), name + " error");
            }
        }
        var lambdas = bandit.get("lambdas");
        for (var i = 0; i < lambdas.get("switch_dr").size(); i++) {
            var estimate = judge(new SwitchDr(lambdas.get("switch_dr").get(i).asDouble()), log);
            close(estimate.value(), expected.get("switch_dr").get(i).asDouble(), name + " switch-dr " + i);
        }
        for (var i = 0; i < lambdas.get("dr_os").size(); i++) {
            var estimate = judge(new ShrunkDr(lambdas.get("dr_os").get(i).asDouble()), log);
            close(estimate.value(), expected.get("dr_os").get(i).asDouble(), name + " dr-os " + i);
        }
        for (var i = 0; i < lambdas.get("sub_gaussian").size(); i++) {
            var lambda = lambdas.get("sub_gaussian").get(i).asDouble();
            close(
                    judge(new SubGaussian(lambda), log).value(),
                    expected.get("sub_gaussian").get(i).asDouble(),
                    name + " sub-gaussian " + i);
            close(
                    judge(new SubGaussianDr(lambda), log).value(),
                    expected.get("sub_gaussian_dr").get(i).asDouble(),
                    name + " sub-gaussian-dr " + i);
        }
        for (var i = 0; i < lambdas.get("clipped").size(); i++) {
            var estimate = judge(new ClippedIps(lambdas.get("clipped").get(i).asDouble()), log);
            close(estimate.value(), expected.get("clipped_ips").get(i).asDouble(), name + " clipped " + i);
        }
        var weights = new FirstPass(List.of());
        log.forEach(weights::add);
        close(
                weights.weights().effectiveSampleSize(),
                expected.get("effective_sample_size").asDouble(),
                name + " effective sample size");
        verifyCressieRead(log, bandit, expected.get("cressie_read"), name);
        var bernstein = new ClippedBernstein(bandit.get("reward_min").asDouble(), list(bandit.get("clips")));
        log.forEach(bernstein::add);
        verifyBernstein(bernstein, bandit, expected, name);
    }

    private static void verifyCressieRead(List<Episode> log, JsonNode bandit, JsonNode expected, String name) {
        for (var a = 0; a < bandit.get("alphas").size(); a++) {
            var alpha = bandit.get("alphas").get(a).asDouble();
            close(
                    Quantiles.upperF(log.size(), alpha),
                    expected.get("f_quantile").get(a).asDouble(),
                    name + " quantile of F");
            for (var b = 0; b < bandit.get("weight_bounds").size(); b++) {
                var bounds = bandit.get("weight_bounds").get(b);
                var bound = new CressieRead(
                        bandit.get("reward_min").asDouble(),
                        bandit.get("reward_max").asDouble(),
                        bounds.get(0).asDouble(),
                        bounds.get(1).isNull()
                                ? Double.POSITIVE_INFINITY
                                : bounds.get(1).asDouble());
                log.forEach(bound::add);
                var interval = bound.interval(alpha);
                close(
                        new double[] {interval.low(), interval.high()},
                        expected.get("interval").get(b).get(a),
                        name + " Cressie-Read " + b + " " + a);
            }
        }
    }

    private static void verifyBernstein(ClippedBernstein bound, JsonNode given, JsonNode expected, String name) {
        for (var c = 0; c < given.get("clips").size(); c++) {
            close(
                    bound.lower(c, given.get("delta").asDouble()),
                    expected.get("clipped_bernstein").get(c).asDouble(),
                    name + " bound " + c);
        }
    }

    /** Estimates from logs of processes whose exact values are known. */
    public static void verifyTruth(JsonNode fixture) {
        assertThat(fixture.get("processes")).isNotEmpty();
        for (var process : fixture.get("processes")) {
            var name = process.get("name").asText();
            var log = truthLog(process);
            var truth = process.get("true_value").asDouble();
            var expected = process.get("expected");
            expected.get("estimate").properties().forEach(entry -> {
                var estimate = judge(estimators().get(entry.getKey()), log);
                var error = expected.get("standard_error").get(entry.getKey()).asDouble();
                close(estimate.value(), entry.getValue().asDouble(), name + " " + entry.getKey());
                close(estimate.standardError(), error, name + " error of " + entry.getKey());
                assertThat(Math.abs(estimate.value() - truth))
                        .as(name + " " + entry.getKey())
                        .isLessThan(3 * error);
            });
        }
    }

    private static List<Episode> truthLog(JsonNode process) {
        var log = process.get("log");
        var episodes = new ArrayList<Episode>();
        var row = 0;
        for (var i = 0; i < log.get("lengths").size(); i++) {
            var fold = new Episode.Fold("" + i, process.get("discount").asDouble());
            for (var t = 0; t < log.get("lengths").get(i).asInt(); t++, row++) {
                var state = log.get("states").get(row).asInt();
                var action = log.get("actions").get(row).asInt();
                fold.step(new Episode.Step(
                        Math.log(process.get("evaluation_policy")
                                .get(state)
                                .get(action)
                                .asDouble()),
                        Math.log(process.get("behavior_policy")
                                .get(state)
                                .get(action)
                                .asDouble()),
                        log.get("rewards").get(row).asDouble(),
                        process.get("time_delta").get(state).get(action).asDouble(),
                        process.get("q").get(state).get(action).asDouble(),
                        process.get("v").get(state).asDouble()));
            }
            var end = log.get("end_states").get(i).asInt();
            episodes.add(
                    end < 0
                            ? fold.end(Ending.TERMINATED, Double.NaN)
                            : fold.end(
                                    Ending.TRUNCATED, process.get("v").get(end).asDouble()));
        }
        return episodes;
    }

    private static Estimate judge(Estimator estimator, List<Episode> log) {
        var first = new FirstPass(List.of(estimator));
        log.forEach(first::add);
        var second = first.second(Bootstrap.NONE);
        log.forEach(second::add);
        return second.estimates(0.95).get(0);
    }

    private static void verifyEpisodes(List<Episode> log, JsonNode expected, String name) {
        for (var i = 0; i < log.size(); i++) {
            var episode = log.get(i);
            close(
                    episode.discountedReturn(),
                    expected.get("returns").get(i).asDouble(),
                    name + " return of episode " + i);
            var weights = new double[episode.length()];
            for (var t = 0; t < weights.length; t++) {
                weights[t] = episode.weights().at(t).toDouble();
            }
            close(weights, expected.get("cumulative_ratio").get(i), name + " weights of episode " + i);
            if (expected.has("discount_factor")) {
                close(
                        Arrays.copyOf(episode.discounts(), weights.length),
                        expected.get("discount_factor").get(i),
                        name + " discounts of episode " + i);
            }
        }
        var first = new FirstPass(List.of());
        log.forEach(first::add);
        close(
                first.weights().effectiveSampleSize(),
                expected.get("effective_sample_size").asDouble(),
                name + " effective sample size");
    }

    /** @param hasEnds whether episodes say what comes after them; else all end */
    private static List<Episode> log(JsonNode dataset, boolean hasEnds) {
        var log = new ArrayList<Episode>();
        for (var given : dataset.get("episodes")) {
            var fold = new Episode.Fold("" + log.size(), dataset.get("discount").asDouble());
            var length = given.get("states").size();
            for (var t = 0; t < length; t++) {
                fold.step(step(
                        dataset,
                        given,
                        t,
                        hasEnds ? given.get("time_delta").get(t).asDouble() : 1));
            }
            var isEnded = !hasEnds || given.get("terminated").get(length - 1).asInt() == 1;
            log.add(
                    isEnded
                            ? fold.end(Ending.TERMINATED, Double.NaN)
                            : fold.end(Ending.TRUNCATED, given.get("v_end").asDouble()));
        }
        return log;
    }

    private static Episode.Step step(JsonNode dataset, JsonNode rows, int t, double duration) {
        var state = rows.get("states").get(t).asInt();
        var action = rows.get("actions").get(t).asInt();
        return new Episode.Step(
                Math.log(rows.get("evaluation_probability").get(t).asDouble()),
                Math.log(rows.get("behavior_probability").get(t).asDouble()),
                rows.get("rewards").get(t).asDouble(),
                duration,
                dataset.get("q").get(state).get(action).asDouble(),
                dataset.get("v").get(state).asDouble());
    }

    private static void assertNames(JsonNode expected, Set<String> estimators, String... others) {
        var known = new TreeSet<>(estimators);
        known.addAll(List.of(others));
        expected.fieldNames().forEachRemaining(key -> assertThat(known).contains(key));
        assertThat(estimators).allMatch(expected::has);
    }

    private static List<Double> list(JsonNode values) {
        var list = new ArrayList<Double>();
        values.forEach(value -> list.add(value.asDouble()));
        return list;
    }

    private static void close(double[] actual, JsonNode expected, String what) {
        assertThat(actual).as(what).hasSize(expected.size());
        for (var i = 0; i < actual.length; i++) {
            close(actual[i], expected.get(i).asDouble(), what + " [" + i + "]");
        }
    }

    private static void close(double actual, double expected, String what) {
        assertThat(Math.abs(actual - expected) / Math.max(1, Math.abs(expected)))
                .as("%s: %s, expected %s", what, actual, expected)
                .isLessThanOrEqualTo(FLOAT64);
    }
}
