package io.hindcast.files;

import java.io.IOException;
import java.util.List;
import java.util.SortedMap;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.Path;

/** How files and folders get to their places on a kind of file system; what each promises is said by {@link Publisher}. */
sealed interface Placing permits Renaming, ObjectStore {
    /** Whether to wait until bytes are on disk. */
    enum Disk {
        AWAITED,
        NOT_AWAITED
    }

    /** Puts a file in its place, in that of another one if there is one. */
    void put(Publisher publisher, Path file, byte[] bytes, Disk disk) throws IOException;

    /** Writes a new file of a folder that is still aside. */
    void write(Path file, byte[] bytes, Disk disk) throws IOException;

    /** As {@link Publisher#putFolder}. */
    boolean putFolder(Path aside, Path place, List<String> names) throws IOException;

    /** As {@link Publisher#replaceFolder}. */
    boolean replaceFolder(Publisher publisher, Path place, SortedMap<String, byte[]> contents) throws IOException;

    /** As {@link Publisher#removeFolder}. */
    void removeFolder(Publisher publisher, Path place) throws IOException;

    /** When a file or folder was written; {@link Long#MAX_VALUE} if nothing of it is seen that was. */
    long modified(FileStatus status) throws IOException;
}
