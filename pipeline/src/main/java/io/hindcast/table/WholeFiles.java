package io.hindcast.table;

import io.hindcast.files.LocalFiles;
import io.hindcast.files.Publisher;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.ChecksumException;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.jspecify.annotations.Nullable;

/**
 * Checks that files are the ones that were published. The checksums of Parquet's pages do not cover their headers nor
 * the footer, and a local disk has no others, unlike HDFS and object stores: so a local file is read as a whole, once,
 * and again when it changed.
 */
final class WholeFiles {
    private static final Map<String, Seen> WHOLE = new ConcurrentHashMap<>();

    private WholeFiles() {}

    /** What a file looked like when it was found whole. */
    private record Seen(long bytes, long modified, String sha256) {}

    /**
     * A file that is not what was published.
     *
     * @param cause null if it is there and its bytes are others
     */
    record Damaged(String path, @Nullable IOException cause) {}

    /**
     * The first of {@code files} that is not what was published, or that cannot be found.
     *
     * @throws IOException if one cannot be read
     */
    static Optional<Damaged> damaged(Path directory, List<Manifest.DataFile> files, Configuration hadoop)
            throws IOException {
        if (!LocalFiles.isLocal(directory, hadoop)) {
            return Optional.empty();
        }
        var system = directory.getFileSystem(hadoop);
        try {
            // Hashing takes as long as the disk: all cores do it.
            return files.parallelStream()
                    .flatMap(file -> damage(system, new Path(directory, file.name()), file).stream())
                    .findFirst();
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }

    private static Optional<Damaged> damage(FileSystem system, Path path, Manifest.DataFile file) {
        try {
            var status = system.getFileStatus(path);
            var now = new Seen(status.getLen(), status.getModificationTime(), file.sha256());
            if (now.equals(WHOLE.get(path.toString()))) {
                return Optional.empty();
            }
            if (!Publisher.sha256(system, path).equals(file.sha256())) {
                return Optional.of(new Damaged(path.toString(), null));
            }
            WHOLE.put(path.toString(), now);
            return Optional.empty();
        } catch (FileNotFoundException | ChecksumException e) {
            return Optional.of(new Damaged(path.toString(), e));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
