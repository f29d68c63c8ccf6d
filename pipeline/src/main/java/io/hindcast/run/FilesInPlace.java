package io.hindcast.run;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.EnumSet;
import org.apache.hadoop.fs.ChecksumException;
import org.apache.hadoop.fs.CreateFlag;
import org.apache.hadoop.fs.FileContext;
import org.apache.hadoop.fs.Options;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.permission.FsPermission;

/** Files that are written under another name, brought to disk and then renamed. */
public final class FilesInPlace {
    private static final Aside ASIDE = Aside.ofThisProcess(".tmp-");
    private static final int RENAMES = 100;
    private static final Duration STALE = Duration.ofDays(1);

    private final FileContext files;

    /** In a file system. */
    public FilesInPlace(FileContext files) {
        this.files = files;
    }

    /** Puts a file in place, and its folder; one that another attempt left there with the same bytes stays. */
    public void put(Path folder, String name, byte[] bytes) throws IOException {
        var target = new Path(folder, name);
        if (holds(target, bytes)) {
            return;
        }
        files.mkdir(folder, FsPermission.getDirDefault(), true);
        var aside = new Path(folder.getParent(), ASIDE.name());
        try {
            try (var stream = files.create(aside, EnumSet.of(CreateFlag.CREATE))) {
                stream.write(bytes);
                stream.hsync();
            }
            rename(aside, target, bytes);
        } finally {
            if (files.util().exists(aside)) {
                files.delete(aside, false);
            }
        }
    }

    /** On a local disk it is done in two steps, between which another writer of the same bytes may come. */
    private void rename(Path aside, Path target, byte[] bytes) throws IOException {
        for (var attempt = 1; ; attempt++) {
            try {
                files.rename(aside, target, Options.Rename.OVERWRITE);
                return;
            } catch (IOException e) {
                if (holds(target, bytes)) {
                    return;
                }
                if (attempt == RENAMES) {
                    throw e;
                }
            }
        }
    }

    /** Whether there is a file of these bytes. */
    public boolean holds(Path path, byte[] bytes) throws IOException {
        try {
            return files.util().exists(path)
                    && files.getFileStatus(path).getLen() == bytes.length
                    && Arrays.equals(bytes(path), bytes);
        } catch (ChecksumException | FileNotFoundException e) {
            return false;
        }
    }

    /** All bytes of a file. */
    public byte[] bytes(Path path) throws IOException {
        try (var stream = files.open(path)) {
            return stream.readAllBytes();
        }
    }

    /** Removes from a folder what killed processes were writing to the folders in it. */
    public void removeOrphans(Path folder) throws IOException {
        if (!files.util().exists(folder)) {
            return;
        }
        var limit = System.currentTimeMillis() - STALE.toMillis();
        for (var status : files.util().listStatus(folder)) {
            var name = status.getPath().getName();
            if (ASIDE.isOrphan(name) || (name.startsWith(ASIDE.prefix()) && status.getModificationTime() < limit)) {
                files.delete(status.getPath(), true);
            }
        }
    }
}
