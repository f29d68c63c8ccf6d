package io.hindcast.table;

import io.hindcast.data.Moments;
import io.hindcast.table.parquet.PartColumn;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** Moments of every entry of the observations. */
public final class ObservationMoments {
    private ObservationMoments() {}

    /** Entry by entry; an empty list is neutral. */
    public static List<Moments> merge(List<Moments> one, List<Moments> other) {
        if (one.isEmpty() || other.isEmpty()) {
            return one.isEmpty() ? other : one;
        }
        var sum = new ArrayList<Moments>();
        for (var j = 0; j < one.size(); j++) {
            sum.add(one.get(j).merge(other.get(j)));
        }
        return sum;
    }

    /**
     * Those of some rows.
     *
     * @param rows the first {@code n}, at least 1, are where they are
     */
    static List<Moments> block(PartColumn observation, int[] rows, int n) {
        var values = observation.floats();
        var width = observation.width();
        var starts = new int[n];
        for (var i = 0; i < n; i++) {
            starts[i] = observation.start(rows[i]);
        }
        var block = new ArrayList<>(Collections.nCopies(width, Moments.EMPTY));
        for (var j = 0; j < width; j++) {
            var sum = 0.0;
            var min = Double.POSITIVE_INFINITY;
            var max = Double.NEGATIVE_INFINITY;
            for (var i = 0; i < n; i++) {
                var value = values[starts[i] + j];
                sum += value;
                min = Math.min(min, value);
                max = Math.max(max, value);
            }
            var mean = sum / n;
            var squares = 0.0;
            for (var i = 0; i < n; i++) {
                var deviation = values[starts[i] + j] - mean;
                squares += deviation * deviation;
            }
            block.set(j, new Moments(n, mean, squares, min, max));
        }
        return block;
    }
}
