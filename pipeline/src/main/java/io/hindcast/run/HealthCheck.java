package io.hindcast.run;

import io.hindcast.data.ReplayBuffer;
import io.hindcast.kernel.Losses;
import io.hindcast.learn.Learner;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Looks at a learner between updates: what its metrics are, whether it has diverged, and what deserves a warning. Values are
 * judged by what the rewards of the data allow, {@code r / (1 - discount)}.
 */
final class HealthCheck {
    /** Half of the attainable range may be missed on either side before a value is called out of range. */
    private static final double MARGIN = 0.5;

    /** A warning is given above these shares of a batch. */
    private static final double WARN_OUT_OF_RANGE = 0.1;

    private static final double WARN_CLAMPED = 0.5;

    /** A loss is exploding when it is as if values missed by ten thousand times what is attainable, 1 at least. */
    private static final double EXPLODED = 1e8;

    private static final Map<String, Double> QUANTILES = new TreeMap<>(Map.of("p10", 0.1, "p50", 0.5, "p90", 0.9));

    /** What is judged by the attainable range, by its name among the intermediates, and what it is called in a warning. */
    private static final Map<String, String> VALUES = Map.of("q_data", "Q(s,a)", "value", "V(s)");

    private static final String OUT_OF_RANGE = "/out-of-range-share";

    private final double least;
    private final double greatest;
    private final double limit;

    /** A check by what the rewards of the data allow; without bounds for a learner that looks at none. */
    static HealthCheck of(ReplayBuffer.Range attainable) {
        // Values begin near 0, whatever the rewards.
        var low = Math.min(0, attainable.least());
        var high = Math.max(0, attainable.greatest());
        var margin = MARGIN * (high - low);
        return new HealthCheck(low - margin, high + margin, attainable);
    }

    /** The same of a run that acts: what it may earn is not known from the data, so that no value is out of range. */
    static HealthCheck ofRunThatActs(ReplayBuffer.Range attainable) {
        return new HealthCheck(Double.NEGATIVE_INFINITY, Double.POSITIVE_INFINITY, attainable);
    }

    private HealthCheck(double least, double greatest, ReplayBuffer.Range attainable) {
        this.least = least;
        this.greatest = greatest;
        var size = Math.max(1, Math.max(Math.abs(attainable.least()), Math.abs(attainable.greatest())));
        // A learner without a discount has no values.
        limit = Double.isFinite(size) ? EXPLODED * size * size : EXPLODED;
    }

    /** Whether the sum of losses is neither finite nor of a sane size. */
    boolean diverged(double loss) {
        return !(Math.abs(loss) <= limit);
    }

    /** The loss that is to blame: the first that is not finite, or else the largest. */
    Map.Entry<String, Double> culprit(Learner learner) {
        var worst = Map.entry("total/loss", 0.0);
        for (var loss : new TreeMap<>(learner.losses()).entrySet()) {
            var entry = Map.entry(word(loss.getKey()) + "/loss", loss.getValue());
            if (!Double.isFinite(entry.getValue())) {
                return entry;
            }
            if (Math.abs(entry.getValue()) > Math.abs(worst.getValue())) {
                worst = entry;
            }
        }
        return worst;
    }

    /**
     * All metrics after the last update: losses, gradient norms, learning rates, means over the batch, quantiles of the
     * advantage, the share of values out of range, what the learner adds, and a 1 for each warning that these give cause for.
     */
    List<Metric> metrics(Learner learner, long step, int batchSize) {
        var values = new LinkedHashMap<String, Double>();
        new TreeMap<>(learner.losses()).forEach((name, loss) -> values.put(word(name) + "/loss", loss));
        new TreeMap<>(learner.optimisers()).forEach((name, adam) -> {
            if (learner.stepped().contains(name)) {
                values.put(word(name) + "/gradient-norm", adam.gradientNorm());
            }
            values.put(word(name) + "/learning-rate", adam.learningRate());
        });
        new TreeMap<>(learner.intermediates()).forEach((name, numbers) -> {
            if (numbers.length == batchSize) {
                values.put(word(name) + "/mean", Losses.mean(numbers));
            }
            if (numbers.length == batchSize && name.equals("advantage")) {
                QUANTILES.forEach((quantile, share) -> values.put("advantage/" + quantile, quantile(numbers, share)));
            }
            if (numbers.length == batchSize && VALUES.containsKey(name)) {
                values.put(word(name) + OUT_OF_RANGE, outOfRange(numbers));
            }
        });
        values.putAll(new TreeMap<>(learner.diagnostics()));
        var metrics = new ArrayList<Metric>();
        values.forEach((name, value) -> metrics.add(new Metric(step, name, value)));
        warnings(metrics).keySet().forEach(name -> metrics.add(new Metric(step, "warning/" + name, 1)));
        return metrics;
    }

    /** The first of these metrics that is not finite, if any: rectifiers let no NaN through to the losses. */
    static Optional<Metric> notFinite(List<Metric> metrics) {
        return metrics.stream()
                .filter(metric -> !Double.isFinite(metric.value()))
                .findFirst();
    }

    /** Warnings in words that these metrics give cause for, by what is warned of; the metrics themselves hold their names. */
    Map<String, String> warnings(List<Metric> metrics) {
        var warnings = new TreeMap<String, String>();
        for (var metric : metrics) {
            if (metric.name().endsWith(OUT_OF_RANGE) && metric.value() > WARN_OUT_OF_RANGE) {
                var values = metric.name().substring(0, metric.name().length() - OUT_OF_RANGE.length());
                warnings.put(
                        values + "-out-of-range",
                        String.format(
                                Locale.ROOT,
                                "%.0f %% of %s lie outside %.4g to %.4g, far from what the data's rewards allow;"
                                        + " the critics overestimate or diverge",
                                100 * metric.value(),
                                VALUES.get(values.replace('-', '_')),
                                least,
                                greatest));
            }
            if (metric.name().equals("weight/clamped-share") && metric.value() > WARN_CLAMPED) {
                warnings.put(
                        "weight-clamped",
                        String.format(
                                Locale.ROOT,
                                "%.0f %% of the advantage weights are clamped at max-weight; raise temperature or"
                                        + " max-weight",
                                100 * metric.value()));
            }
        }
        return warnings;
    }

    private double outOfRange(float[] values) {
        var out = 0;
        for (var value : values) {
            if (!(value >= least && value <= greatest)) {
                out++;
            }
        }
        return (double) out / values.length;
    }

    /** The value below which that share of the batch lies, the nearest of the ranks. */
    private static double quantile(float[] values, double share) {
        var sorted = values.clone();
        Arrays.sort(sorted);
        return sorted[(int) Math.round(share * (sorted.length - 1))];
    }

    /** Tables speak of the policy where networks are called actor. */
    private static String word(String name) {
        return name.equals("actor") ? "policy" : name.replace('_', '-');
    }
}
