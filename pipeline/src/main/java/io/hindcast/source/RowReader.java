package io.hindcast.source;

import java.io.Closeable;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The rows of one file, in order. A value is a {@link Number}, a {@link Boolean}, a {@link String}, a {@code double[]} or
 * {@code float[]} of its own, a {@link List} of values, a {@link java.util.Map} from names to values, a {@link java.time.Instant}, a
 * {@link java.time.LocalDate}, or null where there is none.
 */
public interface RowReader extends Closeable {
    /** The names of the columns; the values of those that nobody wanted may be left out. */
    List<String> columns();

    /**
     * The next row, a value a column, or null after the last.
     *
     * @throws io.hindcast.config.UserException if the file is damaged
     */
    @Nullable Object @Nullable [] next();

    /** What was found beside the rows, once {@link #next} has returned null. */
    default FileNotes notes() {
        return FileNotes.none("");
    }
}
