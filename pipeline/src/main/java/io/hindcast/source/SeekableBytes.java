package io.hindcast.source;

import java.io.Closeable;
import java.io.IOException;

/** The bytes of a file, read from any place. */
interface SeekableBytes extends Closeable {
    /** How many there are. */
    long size() throws IOException;

    /**
     * Reads {@code length} bytes from {@code position}.
     *
     * @throws java.io.EOFException if they are not there
     */
    void read(long position, byte[] into, int offset, int length) throws IOException;
}
