package io.hindcast.source;

import java.io.Closeable;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The rows of one file, in order. A value is a {@link Number}, a {@link Boolean}, a {@link String}, a {@code double[]}, a
 * {@link List} of numbers, or null where there is none.
 */
public interface RowReader extends Closeable {
    /** The names of the columns. */
    List<String> columns();

    /**
     * The next row, a value a column, or null after the last.
     *
     * @throws io.hindcast.config.UserException if the file is damaged
     */
    @Nullable Object @Nullable [] next();
}
