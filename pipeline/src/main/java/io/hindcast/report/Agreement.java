package io.hindcast.report;

import io.hindcast.judge.Judgement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.apache.commons.math3.stat.correlation.SpearmansCorrelation;

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
     * Of at least two policies; empty if there are fewer.
     *
     * @param played returns of episodes, by {@link #key} of run and updates
     */
    public static Optional<Agreement> of(Ranking ranking, Map<String, double[]> played) {
        var pairs = new ArrayList<Pair>();
        var returns = new ArrayList<double[]>();
        for (var place : ranking.places()) {
            var key = key(place);
            var estimated = place.estimate().value();
            if (Double.isFinite(estimated) && played.containsKey(key)) {
                var episodes = Objects.requireNonNull(played.get(key));
                returns.add(episodes);
                var mean = Arrays.stream(episodes).sum() / episodes.length;
                pairs.add(new Pair(Ranking.name(place), estimated, mean, place.isUsable()));
            }
        }
        return pairs.size() < 2 ? Optional.empty() : Optional.of(new Agreement(pairs, new OnlineTrials(returns)));
    }

    /** What stands for a run's policy after so many updates. */
    public static String key(String run, long step) {
        return run + " " + step;
    }

    private static String key(Judgement judgement) {
        return judgement.run() == null || judgement.step() == null ? "" : key(judgement.run(), judgement.step());
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
