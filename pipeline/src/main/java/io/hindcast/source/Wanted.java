package io.hindcast.source;

import java.io.Serializable;
import java.util.List;

/**
 * What is asked of a file; a reader may leave out whatever is not.
 *
 * @param columns the mapped columns; {@code a.b} is the column of that name, else the field b of the column a
 */
public record Wanted(List<String> columns) implements Serializable {
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
