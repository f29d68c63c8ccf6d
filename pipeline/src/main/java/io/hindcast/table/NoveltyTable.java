package io.hindcast.table;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.Row;
import org.jspecify.annotations.Nullable;

/** The table of how new places were to the exploration that collected the transitions. */
public final class NoveltyTable {
    private NoveltyTable() {}

    /** Whether transitions of this configuration come from exploration by novelty. */
    static boolean isOf(Map<String, Object> configuration) {
        return "rnd".equals(configuration.get("behaviour"));
    }

    /**
     * The rows to publish.
     *
     * @param observations {@code [places * size]}
     * @param errors {@code [places]}
     */
    public static List<@Nullable Object[]> rows(float[] observations, float[] errors) {
        var size = observations.length / errors.length;
        var rows = new ArrayList<@Nullable Object[]>();
        for (var place = 0; place < errors.length; place++) {
            var observation = new float[size];
            System.arraycopy(observations, place * size, observation, 0, size);
            rows.add(new @Nullable Object[] {observation, (double) errors[place]});
        }
        return rows;
    }

    /**
     * The errors on a grid of places in [0, 1] x [0, 1].
     *
     * @param side places along either axis
     * @return {@code [side * side]}, the second entry of the observation changes fastest
     */
    public static List<Double> grid(List<Row> rows, int side) {
        var errors = new ArrayList<>(Collections.nCopies(side * side, Double.NaN));
        for (var row : rows) {
            var observation = row.<float[]>getAs("observation");
            var column = (int) (observation[0] * side);
            errors.set(column * side + (int) (observation[1] * side), row.<Double>getAs("error"));
        }
        return errors;
    }
}
