package io.hindcast.judge;

import java.io.Serializable;

/**
 * Scores of candidate value functions by the batch value-function tournament: for a pair, states and actions that both see alike, to a
 * resolution, make a cell; within it a right function is the mean of its targets r + discount^duration V_i(s'):
 *
 * <pre>
 * loss_ij = sqrt(mean over rows of (Q_i(s,a) - mean target of its cell in (Q_i, Q_j))^2)       score_i = max_j loss_ij
 * </pre>
 *
 * The lowest is the best. A state that merges: K x K x cells sums, whatever the number of rows.
 *
 * <p>Xie and Jiang (2021), "Batch value-function approximation with only realizability"; Zhang and Jiang (2021), "Towards
 * hyperparameter-free policy selection for offline reinforcement learning".
 */
public final class Bvft implements Serializable {
    private final int candidates;
    private final double low;
    private final double high;
    private final int bins;
    /** Four of each cell of each pair: rows, and of Q_i, of its square and of its target. */
    private final Sums sums;

    private long rows;

    /**
     * The state of no rows.
     *
     * @param low the least value that a candidate may have; one below counts as this
     * @param high the largest, likewise
     * @param bins into how many equal parts the values are cut: the coarser, the steadier
     */
    public Bvft(int candidates, double low, double high, int bins) {
        this.candidates = candidates;
        this.low = low;
        this.high = high;
        this.bins = bins;
        sums = new Sums(Math.multiplyExact(4 * candidates * candidates, Math.multiplyExact(bins, bins)));
    }

    /**
     * Adds a step.
     *
     * @param values what each candidate says of the logged action, {@code [candidates]}
     * @param nextValues what it says of the state after it, times discount^duration; 0 where the task ended
     */
    public Bvft add(double[] values, double reward, double[] nextValues) {
        for (var i = 0; i < candidates; i++) {
            for (var j = 0; j < candidates; j++) {
                var cell = cell(i, j, bin(values[i]), bin(values[j]));
                sums.add(cell, 1, 0);
                sums.add(cell + 1, values[i], 0);
                sums.add(cell + 2, values[i] * values[i], 0);
                sums.add(cell + 3, reward + nextValues[i], 0);
            }
        }
        rows++;
        return this;
    }

    private int cell(int i, int j, int binI, int binJ) {
        return 4 * (((i * candidates + j) * bins + binI) * bins + binJ);
    }

    private int bin(double value) {
        return (int) Math.max(0, Math.min(bins - 1, (value - low) / (high - low) * bins));
    }

    /** Adds what another state of the same candidates and bins has seen. */
    public Bvft merge(Bvft other) {
        if (sums.size() != other.sums.size() || low != other.low || high != other.high) {
            throw new IllegalArgumentException("Cannot merge tournaments of other candidates or bins");
        }
        sums.merge(other.sums);
        rows += other.rows;
        return this;
    }

    /** The score of each candidate, {@code [candidates]}; NaN without rows. */
    public double[] scores() {
        var scores = new double[candidates];
        for (var i = 0; i < candidates; i++) {
            for (var j = 0; j < candidates; j++) {
                scores[i] = Math.max(scores[i], Math.sqrt(squares(i, j) / rows));
            }
        }
        return scores;
    }

    private double squares(int i, int j) {
        var squares = 0.0;
        for (var cell = cell(i, j, 0, 0); cell < cell(i, j + 1, 0, 0); cell += 4) {
            var count = sums.of(cell).toDouble();
            if (count > 0) {
                var mean = sums.of(cell + 3).toDouble() / count;
                var sum = sums.of(cell + 1).toDouble();
                squares += Math.max(0, sums.of(cell + 2).toDouble() - 2 * mean * sum + count * mean * mean);
            }
        }
        return squares;
    }
}
