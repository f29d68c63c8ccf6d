package io.hindcast.report;

import io.hindcast.report.chart.Numbers;
import io.hindcast.report.chart.ScatterPlot;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.apache.commons.math3.stat.correlation.SpearmansCorrelation;
import org.jspecify.annotations.Nullable;

/**
 * How well a ranking by the log agrees with what the policies earned where they were played.
 *
 * @param pairs the policies that were played and have an estimate, usable or not, as they are ranked
 * @param trials what choosing among them by playing would have earned
 */
public record Agreement(List<Pair> pairs, OnlineTrials trials) {
    /**
     * A policy.
     *
     * @param estimated what the log says that it earns
     * @param played the mean return of the episodes that it played
     * @param isUsable whether the log can tell of it
     */
    public record Pair(String name, double estimated, double played, boolean isUsable) {}

    /**
     * What the log says of a policy.
     *
     * @param key of its run and updates
     * @param value NaN if it says nothing
     */
    public record Told(String name, String key, double value, boolean isUsable) {}

    /**
     * Of at least two policies; empty if there are fewer.
     *
     * @param ranked as they are ranked
     * @param played returns of episodes, by {@link #key} of run and updates
     */
    public static Optional<Agreement> of(List<Told> ranked, Map<String, double[]> played) {
        var pairs = new ArrayList<Pair>();
        var returns = new ArrayList<double[]>();
        for (var told : ranked) {
            if (Double.isFinite(told.value()) && played.containsKey(told.key())) {
                var episodes = Objects.requireNonNull(played.get(told.key()));
                returns.add(episodes);
                var mean = Arrays.stream(episodes).sum() / episodes.length;
                pairs.add(new Pair(told.name(), told.value(), mean, told.isUsable()));
            }
        }
        return pairs.size() < 2 ? Optional.empty() : Optional.of(new Agreement(pairs, new OnlineTrials(returns)));
    }

    /** Returns of episodes by run and updates, as {@link #of} takes them. */
    public static Map<String, double[]> played(Map<String, Map<Long, double[]>> returns) {
        var played = new HashMap<String, double[]>();
        returns.forEach((run, steps) -> steps.forEach((step, episodes) -> played.put(key(run, step), episodes)));
        return played;
    }

    /** What stands for a run's policy after so many updates; for one of no run, what no run has. */
    public static String key(@Nullable String run, @Nullable Long step) {
        return run == null || step == null ? "" : run + " " + step;
    }

    /** Writes how well they agree, with a picture. */
    void writeTo(Page page, String estimator) {
        var others = usable() < pairs.size() ? "; the others are compared too, for interest" : "";
        page.soft("Of " + pairs.size() + " policies that were played the log can tell of " + usable() + others
                + ". Rank correlation " + Numbers.plain(rankCorrelation())
                + " (1: the same order). To take the first of the ranking costs " + Numbers.percent(regret())
                + " of the distance between the best and the worst of them.");
        page.figure(new ScatterPlot(
                "Estimated and played return",
                "estimated by the log (" + estimator + ")",
                "played",
                pairs.stream()
                        .map(pair -> new ScatterPlot.Point(pair.name(), pair.estimated(), pair.played()))
                        .toList()));
    }

    /** Of how many of them the log can tell. */
    public long usable() {
        return pairs.stream().filter(Pair::isUsable).count();
    }

    /** Spearman's rank correlation of estimated and played returns, -1 to 1; NaN if all of either are equal. */
    public double rankCorrelation() {
        return new SpearmansCorrelation()
                .correlation(
                        pairs.stream().mapToDouble(Pair::estimated).toArray(),
                        pairs.stream().mapToDouble(Pair::played).toArray());
    }

    /** How much less than the best one the policy earned that is ranked first, as a share of best less worst; 0 if all earned alike. */
    public double regret() {
        var played = pairs.stream().mapToDouble(Pair::played).summaryStatistics();
        var spread = played.getMax() - played.getMin();
        return spread == 0 ? 0 : (played.getMax() - pairs.get(0).played()) / spread;
    }
}
