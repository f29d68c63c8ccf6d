package io.hindcast.source;

import java.io.Closeable;
import org.jspecify.annotations.Nullable;

/** The records of one file, in order: byte arrays whose meaning another class knows. */
interface Records extends Closeable {
    /**
     * The next record, or null after the last.
     *
     * @throws io.hindcast.config.UserException if the file is damaged
     */
    byte @Nullable [] next();
}
