package io.hindcast.source;

import io.hindcast.config.UserException;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The arrays of an npz file side by side: row i holds entry i of each, a number or a vector. */
final class NpzReader implements RowReader {
    private final List<String> columns;
    private final List<double[]> values = new ArrayList<>();
    private final int rows;
    private int row;

    NpzReader(String name, InputStream in, Wanted wanted) {
        try (in) {
            var arrays = Npz.read(name, in);
            columns = List.copyOf(arrays.keySet());
            rows = arrays.values().stream().mapToInt(NpyArray::rows).findFirst().orElse(0);
            arrays.forEach((column, array) -> {
                if (array.rows() != rows) {
                    throw new UserException("Cannot read " + name + ": array '" + column + "' has " + array.rows()
                            + " rows, array '" + columns.get(0) + "' has " + rows + "; give arrays of one length");
                }
                values.add(array.doubles());
            });
        } catch (IOException e) {
            throw Format.damaged(name, e);
        }
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
        var next = values.stream()
                .map(array -> {
                    var width = array.length / rows;
                    return Arrays.copyOfRange(array, row * width, (row + 1) * width);
                })
                .toArray();
        row++;
        return next;
    }

    @Override
    public void close() {}
}
