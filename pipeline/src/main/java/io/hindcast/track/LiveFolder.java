package io.hindcast.track;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Arrays;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.ChecksumFileSystem;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.StreamCapabilities;

/**
 * A folder on any file system Hadoop knows whose files are read while they grow. On object stores a file is there only when it
 * is closed.
 */
final class LiveFolder {
    private final FileSystem files;
    private final Path folder;

    private LiveFolder(FileSystem files, Path folder) {
        this.files = files;
        this.folder = folder;
    }

    static LiveFolder at(String folder, Configuration hadoop) throws IOException {
        var path = new Path(folder);
        var files = path.getFileSystem(hadoop);
        // Hadoop's local files have checksums of whole blocks: they cannot be appended to, nor seen before a block is
        // full.
        return new LiveFolder(files instanceof ChecksumFileSystem checked ? checked.getRawFileSystem() : files, path);
    }

    /** Its files, sorted; none if there is no such folder. */
    List<String> names() throws IOException {
        if (!files.exists(folder)) {
            return List.of();
        }
        return Arrays.stream(files.listStatus(folder))
                .filter(FileStatus::isFile)
                .map(status -> status.getPath().getName())
                .sorted()
                .toList();
    }

    /** Whether there is a file: a listing of an object store may not show it yet. */
    boolean has(String name) throws IOException {
        return files.exists(new Path(folder, name));
    }

    InputStream open(String name) throws IOException {
        return files.open(new Path(folder, name));
    }

    /** A new file. */
    OutputStream create(String name) throws IOException {
        return files.create(new Path(folder, name), false);
    }

    /** Removes a file, if it is there. */
    void delete(String name) throws IOException {
        files.delete(new Path(folder, name), false);
    }

    /** @throws IOException if that is not possible here, or not now */
    OutputStream append(String name) throws IOException {
        try {
            return files.append(new Path(folder, name));
        } catch (UnsupportedOperationException e) {
            throw new IOException(e);
        }
    }

    /** Makes what was written visible to readers, as far as the file system can. */
    static void flush(OutputStream stream) throws IOException {
        if (stream instanceof FSDataOutputStream live && live.hasCapability(StreamCapabilities.HSYNC)) {
            live.hflush();
        } else {
            stream.flush();
        }
    }

    @Override
    public String toString() {
        return folder.toString();
    }
}
