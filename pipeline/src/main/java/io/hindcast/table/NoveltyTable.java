package io.hindcast.table;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The table of how new places were to the exploration that collected the transitions. */
public final class NoveltyTable {
    private NoveltyTable() {}

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
}
