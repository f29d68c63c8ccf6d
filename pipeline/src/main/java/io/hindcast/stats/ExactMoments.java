package io.hindcast.stats;

import java.io.Serializable;

/**
 * Counts, means and standard deviations of several quantities; a state that merges, and does so to the last bit: the same numbers
 * give the same state in any order and however they were cut. Not for several threads.
 */
public final class ExactMoments implements Serializable {
    private static final long serialVersionUID = 1L;

    private final long[] counts;
    private final ExactSum[] sums;
    private final ExactSum[] squares;

    /** Of no numbers. */
    public ExactMoments(int quantities) {
        counts = new long[quantities];
        sums = new ExactSum[quantities];
        squares = new ExactSum[quantities];
        for (var i = 0; i < quantities; i++) {
            sums[i] = new ExactSum();
            squares[i] = new ExactSum();
        }
    }

    /** How many quantities. */
    public int size() {
        return counts.length;
    }

    /** Adds a number of quantity {@code i}. */
    public void add(int i, double value) {
        counts[i]++;
        sums[i].add(value);
        squares[i].addSquare(value);
    }

    /** Adds what another state of as many quantities has seen. */
    public void merge(ExactMoments other) {
        for (var i = 0; i < counts.length; i++) {
            counts[i] += other.counts[i];
            sums[i].merge(other.sums[i]);
            squares[i].merge(other.squares[i]);
        }
    }

    /** How many numbers of quantity {@code i} there are. */
    public long count(int i) {
        return counts[i];
    }

    /** Their mean, computed exactly and rounded once; 0 if there are none, and not finite if one of them is not. */
    public double mean(int i) {
        return Distribution.mean(counts[i], sums[i]);
    }

    /** Their standard deviation (divided by their count), from an exact variance; 0 if there are none, infinite if one of them is. */
    public double standardDeviation(int i) {
        return Distribution.standardDeviation(counts[i], sums[i], squares[i]);
    }
}
