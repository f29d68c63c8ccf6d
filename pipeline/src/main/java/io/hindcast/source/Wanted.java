package io.hindcast.source;

import java.io.Serializable;
import java.util.List;

/**
 * The columns that are wanted from a file; a reader may leave out all others.
 *
 * @param columns the mapped columns; {@code a.b} is the column of that name, else the field b of the column a
 * @param last those that may have one entry more than the others, which is then a last row: what was seen after the last step
 * @param flags those whose last entry then tells how the step before that row ended
 */
public record Wanted(List<String> columns, List<String> last, List<String> flags) implements Serializable {
    /** Columns of one length. */
    public Wanted(List<String> columns) {
        this(columns, List.of(), List.of());
    }

    /** Whether a column of a file is one of them, or has one of them as a field. */
    boolean includes(String column) {
        for (var name : columns) {
            if (name.startsWith(column) && (name.length() == column.length() || name.charAt(column.length()) == '.')) {
                return true;
            }
        }
        return false;
    }
}
