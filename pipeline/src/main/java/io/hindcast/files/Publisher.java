package io.hindcast.files;

import io.hindcast.config.Sha256;
import io.hindcast.files.Placing.Disk;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.SortedMap;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.ChecksumException;
import org.apache.hadoop.fs.FileContext;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.permission.FsPermission;

/**
 * Publishes files and folders below a directory: each is whole or absent. It is written in that directory under a name that says by
 * which process ({@link ProcessMark}), brought to disk, and renamed to its place. What a killed process left under such a name is
 * removed by the next one. Works on any file system that Hadoop knows; on object stores, which cannot rename in one step, files are
 * written to their places, and a folder is whole when its {@link #MANIFEST} and all that this names are there.
 */
public final class Publisher {
    /** The file of a folder that says what else is in it. */
    public static final String MANIFEST = "_manifest.json";

    private static final ProcessMark MARK = ProcessMark.ofThisProcess(".tmp-");
    private static final int BUFFER = 1 << 18;

    private final FileContext files;
    private final Path directory;
    private final Placing placing;

    /**
     * @param directory where things are written before they get to their places, which are in it or in folders of it
     * @throws IOException if there is no file system of its scheme
     */
    public Publisher(Path directory, Configuration configuration) throws IOException {
        this(directory, configuration, LocalFiles.context(directory, configuration));
    }

    Publisher(Path directory, Configuration configuration, FileContext files) throws IOException {
        this(
                directory,
                files,
                ObjectStore.holds(files, directory)
                        ? new ObjectStore(directory.getFileSystem(configuration))
                        : new Renaming(files, configuration));
    }

    private Publisher(Path directory, FileContext files, Placing placing) {
        this.directory = directory;
        this.files = files;
        this.placing = placing;
    }

    /** The same for a folder of its directory. */
    public Publisher in(String folder) {
        return new Publisher(new Path(directory, folder), files, placing);
    }

    /** Puts a file in its place, and makes its folder; one with the same bytes that is there stays. */
    public void put(Path file, byte[] bytes) throws IOException {
        put(file, bytes, Disk.AWAITED);
    }

    /** The same of a file that nothing depends on: a power cut may leave it empty. */
    public void putUnsynced(Path file, byte[] bytes) throws IOException {
        put(file, bytes, Disk.NOT_AWAITED);
    }

    private void put(Path file, byte[] bytes, Disk disk) throws IOException {
        if (!holds(file, bytes)) {
            placing.put(this, file, bytes, disk);
        }
    }

    /** A name in the directory that no other file or folder has, for what is being written. */
    public Path aside() {
        return new Path(directory, MARK.name());
    }

    /**
     * Writes a new file of a folder that is still aside, and brings it to disk.
     *
     * @throws IOException if it is there, or cannot be written
     */
    public void write(Path file, byte[] bytes) throws IOException {
        placing.write(file, bytes, Disk.AWAITED);
    }

    /**
     * Puts a folder that was written aside in its place.
     *
     * @param names all files that it is to have; what else is aside does not get there
     * @return false if something is there; then the folder is still aside, or on an object store may be no more
     */
    public boolean putFolder(Path aside, Path place, List<String> names) throws IOException {
        return placing.putFolder(aside, place, names);
    }

    /**
     * Puts a folder in the place of the one that is there, if any. A reader sees the old one, for a moment none, then the new one; on
     * an object store for that moment a manifest to which some files do not fit yet.
     *
     * @param contents its files by name
     * @return false if another writer was faster
     */
    public boolean replaceFolder(Path place, SortedMap<String, byte[]> contents) throws IOException {
        return placing.replaceFolder(this, place, contents);
    }

    /** Makes the folder in which something is to have its place. */
    public void makeParent(Path place) throws IOException {
        files.mkdir(place.getParent(), FsPermission.getDirDefault(), true);
    }

    /** Takes a folder out of its place in one step, so that no half of it is left there, and removes it. */
    public void removeFolder(Path place) throws IOException {
        placing.removeFolder(this, place);
    }

    /** Removes what was written aside; does nothing if it is gone. */
    public void discard(Path aside) throws IOException {
        files.delete(aside, true);
    }

    /** Removes what killed processes were writing in the directory. */
    public void removeOrphans() throws IOException {
        if (!files.util().exists(directory)) {
            return;
        }
        for (var status : files.util().listStatus(directory)) {
            // Beside it an earlier hindcast left the checksums of Hadoop's local file system.
            var name = status.getPath().getName().replaceFirst("^\\.(\\..*)\\.crc$", "$1");
            if (name.startsWith(MARK.prefix()) && MARK.isLeft(name, placing.modified(status))) {
                files.delete(status.getPath(), true);
            }
        }
    }

    /** Whether there is a file of these bytes. */
    public boolean holds(Path file, byte[] bytes) throws IOException {
        try {
            return files.util().exists(file)
                    && files.getFileStatus(file).getLen() == bytes.length
                    && Arrays.equals(bytes(file), bytes);
        } catch (ChecksumException | FileNotFoundException e) {
            return false;
        }
    }

    /** All bytes of a file. */
    public byte[] bytes(Path file) throws IOException {
        try (var stream = files.open(file)) {
            return stream.readAllBytes();
        }
    }

    /** The SHA-256 of a file in hex. */
    public static String sha256(FileSystem system, Path file) throws IOException {
        try (var in = system.open(file, BUFFER)) {
            return new Sha256().add(in).hex();
        }
    }
}
