package io.hindcast.source;

import io.hindcast.timeline.LoggedRow;
import java.io.Closeable;
import java.util.Iterator;

/** The rows of a part of a file, in order. */
public interface LoggedRows extends Iterator<LoggedRow>, Closeable {
    @Override
    void close();
}
