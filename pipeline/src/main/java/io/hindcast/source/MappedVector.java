package io.hindcast.source;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The numbers of some mapped columns of one file, laid side by side: an observation, an action or a mask. It computes in room of its
 * own, for one thread.
 */
public final class MappedVector {
    private final Column[] columns;
    private final Floats floats = new Floats();

    /**
     * Columns as a {@link ColumnMapping} names them.
     *
     * @param file the file's name
     * @param given what is mapped
     * @param names the columns that the file has
     * @param known the sorted names of each column that is a category or a map, by the column without its prefix
     * @param missingKey what stands for a key that a map lacks; NaN: it is missing
     * @throws io.hindcast.config.UserException if the file has no such column
     */
    public MappedVector(
            String file, List<String> given, List<String> names, Map<String, List<String>> known, double missingKey) {
        columns = ColumnMapping.expand(given).stream()
                .map(name -> new Column(
                        file, name, names, known.getOrDefault(ColumnMapping.bare(name), List.of()), missingKey))
                .toArray(Column[]::new);
    }

    /**
     * That of a row; null if no column is mapped.
     *
     * @param row the row's place in its file, for messages
     * @param values its values, see {@link RowReader}
     * @throws io.hindcast.config.UserException if a value that must be a number is something else
     */
    public float @Nullable [] of(long row, @Nullable Object[] values) {
        if (columns.length == 0) {
            return null;
        }
        if (columns.length == 1 && columns[0].value(values) instanceof float[] vector) {
            return vector; // it was read for this row alone
        }
        floats.clear();
        for (var column : columns) {
            column.appendTo(floats, row, values);
        }
        return floats.toArray();
    }

    /**
     * The same as flags: which actions are possible. Where one is missing it has no entries, a length that no action space has.
     *
     * @throws io.hindcast.config.UserException likewise
     */
    public boolean @Nullable [] flags(long row, @Nullable Object[] values) {
        var numbers = of(row, values);
        if (numbers == null) {
            return null;
        }
        var flags = new boolean[numbers.length];
        for (var i = 0; i < flags.length; i++) {
            if (Float.isNaN(numbers[i])) {
                return new boolean[0];
            }
            flags[i] = numbers[i] != 0;
        }
        return flags;
    }
}
