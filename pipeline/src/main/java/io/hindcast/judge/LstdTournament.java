package io.hindcast.judge;

import java.io.Serializable;

/**
 * Scores of candidate value functions without an estimate of any policy's value: a function that is right has Bellman errors that
 * nothing known of the state and action can tell beforehand, not even the other candidates. With
 * delta_i = Q_i(s,a) - r - discount^duration V_i(s'):
 *
 * <pre>
 * score_i = max( |mean Q_i delta_i| / c_i, max_j |mean (Q_j - Q_i) delta_i| / c_ij )
 * c_i     = sqrt(mean Q_i^2),  c_ij = sqrt(mean (Q_j - Q_i)^2)
 * </pre>
 *
 * The lowest is the best. It is how far Q_i is from solving LSTD with the features Q_i and Q_j. V_i is of the policy that Q_i judges. A
 * state that merges: K x K sums.
 *
 * <p>Liu and others (2025), "Model selection for off-policy evaluation: new algorithms and experimental protocol".
 */
public final class LstdTournament implements Serializable {
    private final int candidates;
    /** Of Q_j delta_i, at i K + j. */
    private final Sums errors;
    /** Of Q_j Q_i, likewise. */
    private final Sums squares;

    private long rows;

    /** The state of no rows. */
    public LstdTournament(int candidates) {
        this.candidates = candidates;
        errors = new Sums(candidates * candidates);
        squares = new Sums(candidates * candidates);
    }

    /**
     * Adds a step.
     *
     * @param values what each candidate says of the logged action, {@code [candidates]}
     * @param nextValues what it says of the state after it, times discount^duration; 0 where the task ended
     */
    public LstdTournament add(double[] values, double reward, double[] nextValues) {
        for (var i = 0; i < candidates; i++) {
            var delta = values[i] - reward - nextValues[i];
            for (var j = 0; j < candidates; j++) {
                errors.add(i * candidates + j, values[j] * delta, 0);
                squares.add(i * candidates + j, values[j] * values[i], 0);
            }
        }
        rows++;
        return this;
    }

    /** Adds what another state of as many candidates has seen. */
    public LstdTournament merge(LstdTournament other) {
        errors.merge(other.errors);
        squares.merge(other.squares);
        rows += other.rows;
        return this;
    }

    /** The score of each candidate, {@code [candidates]}; NaN without rows. */
    public double[] scores() {
        var scores = new double[candidates];
        for (var i = 0; i < candidates; i++) {
            var own = error(i, i);
            scores[i] = rows == 0 ? Double.NaN : ratio(own, square(i, i));
            for (var j = 0; j < candidates; j++) {
                var distance = square(j, j) - 2 * square(i, j) + square(i, i);
                scores[i] = Math.max(scores[i], ratio(error(i, j) - own, distance));
            }
        }
        return scores;
    }

    /** Two functions that are the same, but for rounding, say nothing of each other. */
    private double ratio(double error, double square) {
        return square <= 1e-12 * rows ? 0 : Math.abs(error) / Math.sqrt(square * rows);
    }

    private double error(int i, int j) {
        return errors.of(i * candidates + j).toDouble();
    }

    private double square(int i, int j) {
        return squares.of(i * candidates + j).toDouble();
    }
}
