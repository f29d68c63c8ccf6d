package io.hindcast.source;

import java.io.Serializable;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a file says about itself, found out without reading its observations.
 *
 * @param parts which parts of it tasks read
 * @param columns which of its arrays hold what
 * @param actions how its actions are numbered or bounded, null if it does not say
 * @param notes what the user should know about it
 */
public record FilePlan(
        List<FilePart> parts,
        ColumnMapping columns,
        @Nullable Actions actions,
        List<String> notes) implements Serializable {
    /**
     * The actions of a file.
     *
     * @param size numbers in a real action, or how many actions there are
     */
    public record Actions(Kind kind, int size, double low, double high) implements Serializable {
        /** The kinds of action. */
        public enum Kind {
            CONTINUOUS,
            DISCRETE
        }
    }
}
