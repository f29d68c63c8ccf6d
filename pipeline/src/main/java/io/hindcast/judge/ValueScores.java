package io.hindcast.judge;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;

/**
 * How far what models say of several policies contradicts the log, each of its own policy: the scores of {@link LstdTournament} and
 * {@link Bvft}, by every step of the episodes that all these models tell of. A state that merges, of the second of two passes.
 */
public final class ValueScores implements Serializable {
    /** Of more policies no scores are made: they are all compared with each other. */
    public static final int MOST = 16;

    private static final int BINS = 16;

    /** Those that have a model. */
    private final int[] policies;

    private final LstdTournament lstd;
    private final Bvft bvft;

    /** The first pass: which policies have a model, and what it says at least and at most. A state that merges. */
    public static final class Range implements Serializable {
        private final boolean[] hasModel;
        private double low = Double.POSITIVE_INFINITY;
        private double high = Double.NEGATIVE_INFINITY;

        /** The state of no episodes. */
        public Range(int policies) {
            hasModel = new boolean[policies];
        }

        /** Adds an episode, as each policy weighs it, {@code [policies]}. */
        public void add(List<Episode> episodes) {
            for (var p = 0; p < hasModel.length; p++) {
                var episode = episodes.get(p);
                if (episode.has(Need.MODEL)) {
                    hasModel[p] = true;
                    for (var t = 0; t < episode.length(); t++) {
                        low = Math.min(low, episode.actionValue(t));
                        high = Math.max(high, episode.actionValue(t));
                    }
                }
            }
        }

        /** Adds what another state of as many policies has seen. */
        public void merge(Range other) {
            for (var p = 0; p < hasModel.length; p++) {
                hasModel[p] |= other.hasModel[p];
            }
            low = Math.min(low, other.low);
            high = Math.max(high, other.high);
        }

        /** How many policies have a model. */
        public int candidates() {
            return (int)
                    IntStream.range(0, hasModel.length).filter(p -> hasModel[p]).count();
        }

        /** The second pass, over the same episodes; of fewer than two policies, or too many, it scores none. */
        public ValueScores second() {
            var candidates = candidates();
            return new ValueScores(this, candidates < 2 || candidates > MOST ? 0 : candidates);
        }
    }

    private ValueScores(Range range, int candidates) {
        policies = IntStream.range(0, range.hasModel.length)
                .filter(p -> range.hasModel[p])
                .limit(candidates)
                .toArray();
        lstd = new LstdTournament(candidates);
        bvft = new Bvft(candidates, range.low, range.high, BINS);
    }

    /** Adds an episode of the first pass. */
    public void add(List<Episode> episodes) {
        if (policies.length == 0) {
            return;
        }
        var tell = Arrays.stream(policies)
                .mapToObj(episodes::get)
                .filter(episode -> episode.has(Need.MODEL) && episode.has(Need.REWARDS))
                .toList();
        if (tell.size() < policies.length) {
            return;
        }
        var length = tell.stream().mapToInt(Episode::length).min().orElse(0);
        // Where the discount has no place in a double any more nothing is told of what follows.
        for (var t = 0; t < length && tell.get(0).discounts()[t] > 0; t++) {
            var values = new double[policies.length];
            var nextValues = new double[policies.length];
            for (var k = 0; k < policies.length; k++) {
                values[k] = tell.get(k).actionValue(t);
                nextValues[k] = tell.get(k).nextValue(t);
            }
            lstd.add(values, tell.get(0).reward(t), nextValues);
            bvft.add(values, tell.get(0).reward(t), nextValues);
        }
    }

    /** Adds what another state of the same first pass has seen. */
    public void merge(ValueScores other) {
        lstd.merge(other.lstd);
        bvft.merge(other.bvft);
    }

    /**
     * The score of each policy.
     *
     * @param count of all policies
     */
    public List<ValueScore> scores(int count) {
        var all = new ArrayList<>(Collections.nCopies(count, ValueScore.NONE));
        var lstdScores = lstd.scores();
        var bvftScores = bvft.scores();
        for (var k = 0; k < policies.length; k++) {
            all.set(policies[k], new ValueScore(lstdScores[k], bvftScores[k]));
        }
        return all;
    }
}
