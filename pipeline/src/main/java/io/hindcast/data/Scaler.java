package io.hindcast.data;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * How observations are standardised, {@code (x - mean) / (std + epsilon)} entry by entry. A policy that learned from
 * standardised observations is of no use without it, so it is a part of every checkpoint.
 *
 * @param mean of every entry
 * @param std standard deviation of every entry (divided by the count), 0 or more
 * @param epsilon added to every standard deviation, so that an entry that never changes does no harm
 */
public record Scaler(List<Double> mean, List<Double> std, double epsilon) implements Serializable {
    /** @throws IllegalArgumentException if the lists differ in length, or a divisor would not be above 0 */
    public Scaler {
        mean = List.copyOf(mean);
        std = List.copyOf(std);
        if (mean.size() != std.size()) {
            throw new IllegalArgumentException(
                    "Cannot scale by " + mean.size() + " means and " + std.size() + " standard deviations");
        }
        for (var deviation : std) {
            if (!(deviation >= 0 && deviation + epsilon > 0)) {
                throw new IllegalArgumentException(
                        "Cannot scale by a standard deviation of " + deviation + " and epsilon = " + epsilon);
            }
        }
    }

    /** The scaler of observations whose entries have these moments. */
    public static Scaler of(List<Moments> entries, double epsilon) {
        var mean = new ArrayList<Double>();
        var std = new ArrayList<Double>();
        for (var moments : entries) {
            mean.add(moments.mean());
            std.add(moments.standardDeviation());
        }
        return new Scaler(mean, std, epsilon);
    }

    /** How many numbers an observation has. */
    public int size() {
        return mean.size();
    }

    /**
     * Standardises observations where they stand.
     *
     * @param values the first begins at {@code from}, each other one {@code stride} after the one before
     * @param rows how many
     */
    public void scale(float[] values, int from, int stride, int rows) {
        for (var j = 0; j < size(); j++) {
            var shift = mean.get(j);
            var divisor = std.get(j) + epsilon;
            for (var row = 0; row < rows; row++) {
                var at = from + row * stride + j;
                values[at] = (float) ((values[at] - shift) / divisor);
            }
        }
    }

    /**
     * What standardises observations as {@code wanted} does, if {@code done} was done to them already; empty if nothing is left to do.
     * Neither, where it is empty, leaves them as they were logged.
     */
    public static Optional<Scaler> instead(Optional<Scaler> done, Optional<Scaler> wanted) {
        if (done.equals(wanted) || done.isEmpty()) {
            return done.equals(wanted) ? Optional.empty() : wanted;
        }
        var from = done.get();
        var mean = new ArrayList<Double>();
        var std = new ArrayList<Double>();
        for (var j = 0; j < from.size(); j++) {
            // x = from.mean + z from.divisor, of which the other takes its mean off and divides by its own divisor.
            var divisor = from.std.get(j) + from.epsilon;
            var shift = wanted.isPresent() ? wanted.get().mean.get(j) : 0;
            var scale = wanted.isPresent() ? wanted.get().std.get(j) + wanted.get().epsilon : 1;
            mean.add((shift - from.mean.get(j)) / divisor);
            std.add(scale / divisor);
        }
        return Optional.of(new Scaler(mean, std, 0));
    }
}
