package io.hindcast.timeline;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;

/** The memory and the disk that a task may use to bring rows into order. */
public interface Workspace {
    /** Whether so many bytes of memory more may be used; then they count as used. */
    boolean grants(long bytes);

    /** Nothing that was granted is used any more. */
    void release();

    /** A new file, which goes when the task ends. */
    Scratch scratch() throws IOException;

    /** A file that is written once, then read. */
    interface Scratch {
        OutputStream write() throws IOException;

        InputStream read() throws IOException;
    }
}
