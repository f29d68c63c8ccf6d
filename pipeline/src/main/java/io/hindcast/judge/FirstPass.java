package io.hindcast.judge;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The first of two passes over the episodes: values, and a summary of the weights. A state that merges: the same
 * episodes give the same state to the last bit, however they were cut into parts and in whatever order the parts are
 * merged. Its size grows with the longest episode, not with how many there are. Not for several threads.
 */
public final class FirstPass implements Serializable {
    private final List<Estimator> estimators;
    private final List<Set<Need>> needs;
    private final List<FirstSums> sums = new ArrayList<>();
    private final WeightSums weights = new WeightSums();
    private final List<EnumMap<Need, Long>> lacks = new ArrayList<>();
    private long episodes;
    private long learnedFrom;

    /** The state of no episodes. */
    public FirstPass(List<? extends Estimator> estimators) {
        this.estimators = List.copyOf(estimators);
        needs = this.estimators.stream().map(Estimator::needs).toList();
        for (var estimator : estimators) {
            sums.add(estimator.sums());
            lacks.add(new EnumMap<>(Need.class));
        }
    }

    /** Adds an episode to the sums of every estimator that can use it. */
    public FirstPass add(Episode episode) {
        episodes++;
        learnedFrom += episode.isLearnedFrom() ? 1 : 0;
        if (episode.has(Need.WEIGHTS)) {
            weights.add(episode);
        }
        for (var i = 0; i < sums.size(); i++) {
            var lack = episode.lacks(needs.get(i));
            if (lack.isEmpty()) {
                sums.get(i).add(episode);
            } else {
                lacks.get(i).merge(lack.iterator().next(), 1L, Long::sum);
            }
        }
        return this;
    }

    /** Adds what another state of the same estimators has seen. */
    public FirstPass merge(FirstPass other) {
        if (!estimators.equals(other.estimators)) {
            throw new IllegalArgumentException(
                    "Cannot merge the sums of " + estimators + " with those of " + other.estimators);
        }
        episodes += other.episodes;
        learnedFrom += other.learnedFrom;
        weights.merge(other.weights);
        for (var i = 0; i < sums.size(); i++) {
            sums.get(i).merge(other.sums.get(i));
            var mine = lacks.get(i);
            other.lacks.get(i).forEach((need, count) -> mine.merge(need, count, Long::sum));
        }
        return this;
    }

    /** How many episodes there are, used or not. */
    public long episodes() {
        return episodes;
    }

    /** From how many of them the policy learned. */
    public long learnedFrom() {
        return learnedFrom;
    }

    /** How many episodes the i-th estimator leaves out, by the first thing that it needs and they lack. */
    public Map<Need, Long> leftOut(int estimator) {
        return Map.copyOf(lacks.get(estimator));
    }

    /** What the weights are like. */
    public WeightSummary weights() {
        return weights.summary();
    }

    /** The second pass, over the same episodes: to each part its own, made of the same state. */
    public SecondPass second(Bootstrap bootstrap) {
        var weights = weights();
        return new SecondPass(
                estimators,
                sums.stream().map(sum -> sum.second(bootstrap)).toList(),
                bootstrap,
                weights.mean().length,
                weights.objection().orElse(null));
    }
}
