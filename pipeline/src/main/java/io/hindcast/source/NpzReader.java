package io.hindcast.source;

import io.hindcast.config.UserException;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The wanted arrays of an npz file side by side: row i holds entry i of each, a number, or a vector of floats made from the
 * file's own bytes. The other arrays may be of any shape and kind.
 */
final class NpzReader implements RowReader {
    private final String name;
    private final List<String> columns;
    private final Wanted wanted;
    private final @Nullable NpyArray[] arrays;
    /** How many rows tell of a step; there may be one more. */
    private final int steps;

    private final int rows;
    private int row;

    NpzReader(String name, InputStream in, Wanted wanted) {
        this.name = name;
        this.wanted = wanted;
        try (in) {
            var content = Npz.content(name, in, Npz.DEFAULT_MAX_BYTES, wanted::includes);
            columns = content.names();
            arrays = columns.stream().map(content.arrays()::get).toArray(NpyArray[]::new);
            rows = content.arrays().values().stream()
                    .mapToInt(NpyArray::rows)
                    .max()
                    .orElse(0);
            steps = content.arrays().values().stream()
                    .mapToInt(NpyArray::rows)
                    .min()
                    .orElse(0);
            requireRows(content.arrays());
        } catch (IOException e) {
            throw Format.damaged(name, e);
        }
    }

    private void requireRows(Map<String, NpyArray> read) {
        var isOneMore = rows == steps + 1
                && read.values().stream()
                        .allMatch(array -> array.rows() == (wanted.last().contains(array.name()) ? rows : steps));
        if (rows == steps || isOneMore) {
            return;
        }
        var first = read.values().iterator().next();
        var other = read.values().stream()
                .filter(array -> array.rows() != first.rows())
                .findFirst()
                .orElseThrow();
        throw new UserException("Cannot read " + name + ": array '" + other.name() + "' has " + other.rows()
                + " rows, array '" + first.name() + "' has " + first.rows() + "; map arrays of one length"
                + (rows == steps + 1
                        ? ", or, if each file is an episode with one observation more than actions, use episode-per ="
                                + " file and final-row = observation"
                        : ""));
    }

    @Override
    public List<String> columns() {
        return columns;
    }

    @Override
    public @Nullable Object @Nullable [] next() {
        if (row == rows) {
            return null;
        }
        var next = new @Nullable Object[arrays.length];
        for (var i = 0; i < next.length; i++) {
            var array = arrays[i];
            if (array != null) {
                next[i] = rows == steps ? value(array, row) : valueOfOneMore(array);
            }
        }
        row++;
        return next;
    }

    /** In the last row stand the flags of the row before it, which has none. */
    private @Nullable Object valueOfOneMore(NpyArray array) {
        if (wanted.flags().contains(array.name())) {
            return row == steps ? value(array, steps - 1) : row == steps - 1 ? 0L : value(array, row);
        }
        return row < array.rows() ? value(array, row) : null;
    }

    private static Object value(NpyArray array, int row) {
        return array.size() == array.rows() ? array.number(row) : array.vector(row);
    }

    @Override
    public void close() {}
}
