package io.hindcast.judge;

import java.io.Serializable;

/**
 * The features of {@link MarginalRatio}: for each action 1, each entry of the observation, standardised, and its square. The simple ones,
 * without squares, come first. Where observations say which of a few states it is, 1 for that and 0 for the others, they tell each pair
 * of a state and an action apart, and the ratio is exact.
 *
 * @param actions how many there are
 * @param entries of an observation
 */
public record RatioFeatures(int actions, int entries) implements Serializable {
    /** A policy has a sum for each pair of them. */
    public static final int MOST = 128;

    /** How many there are. */
    public long size() {
        return actions * (1 + 2L * entries);
    }

    /** What weighs by them. */
    MarginalRatio estimator() {
        return new MarginalRatio(Math.toIntExact(size()), actions * (1 + entries));
    }

    /**
     * Their mean over the actions of a state, {@code [size]}.
     *
     * @param observations standardised, {@code [rows * entries]}
     * @param chances of each action, {@code [actions]}; 1 for one that was taken and 0 for the others
     */
    public double[] of(float[] observations, int row, double[] chances) {
        var features = new double[Math.toIntExact(size())];
        for (var a = 0; a < actions; a++) {
            features[a] = chances[a];
            for (var j = 0; chances[a] != 0 && j < entries; j++) {
                double entry = observations[row * entries + j];
                features[(1 + j) * actions + a] = entry * chances[a];
                features[(1 + entries + j) * actions + a] = entry * entry * chances[a];
            }
        }
        return features;
    }
}
