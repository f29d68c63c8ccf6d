package io.hindcast.files;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.util.Arrays;
import java.util.EnumSet;
import org.apache.hadoop.fs.ChecksumException;
import org.apache.hadoop.fs.CreateFlag;
import org.apache.hadoop.fs.FSError;
import org.apache.hadoop.fs.FileContext;
import org.apache.hadoop.fs.Options;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.permission.FsPermission;

/** Files that are written under another name, brought to disk and then renamed. */
public final class FilesInPlace {
    private static final Aside ASIDE = Aside.ofThisProcess(".tmp-");
    private static final int ATTEMPTS = 20;

    private final FileContext files;

    /** In a file system. */
    public FilesInPlace(FileContext files) {
        this.files = files;
    }

    /** Puts a file in place, and its folder; one that another attempt left there with the same bytes stays. */
    public void put(Path folder, String name, byte[] bytes) throws IOException {
        put(folder, name, bytes, Disk.AWAITED);
    }

    /** The same of a file that nothing depends on: a power cut may leave it empty. */
    public void putUnsynced(Path folder, String name, byte[] bytes) throws IOException {
        put(folder, name, bytes, Disk.NOT_AWAITED);
    }

    /** Whether to wait until bytes are on disk. */
    private enum Disk {
        AWAITED,
        NOT_AWAITED
    }

    private void put(Path folder, String name, byte[] bytes, Disk disk) throws IOException {
        var target = new Path(folder, name);
        for (var attempt = 1; !holds(target, bytes); attempt++) {
            files.mkdir(folder, FsPermission.getDirDefault(), true);
            var aside = new Path(folder.getParent(), ASIDE.name());
            var written = false;
            try {
                write(aside, bytes, disk);
                written = true;
                files.rename(aside, target, Options.Rename.OVERWRITE);
                return;
            } catch (IOException | FSError e) {
                files.delete(aside, false);
                // A store may do it in two steps, between which another writer of the same bytes may come.
                if (!written || attempt == ATTEMPTS) {
                    throw e;
                }
            }
        }
    }

    private void write(Path file, byte[] bytes, Disk disk) throws IOException {
        try (var stream = files.create(file, EnumSet.of(CreateFlag.CREATE))) {
            stream.write(bytes);
            if (disk == Disk.AWAITED) {
                stream.hsync();
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

    /** Removes from a folder what killed processes were writing in it, or to the folders in it. */
    public void removeOrphans(Path folder) throws IOException {
        if (!files.util().exists(folder)) {
            return;
        }
        for (var status : files.util().listStatus(folder)) {
            // Beside it an earlier hindcast left the checksums of Hadoop's local file system.
            var name = status.getPath().getName().replaceFirst("^\\.(\\..*)\\.crc$", "$1");
            if (ASIDE.isLeft(name, status.getModificationTime())) {
                files.delete(status.getPath(), true);
            }
        }
    }
}
