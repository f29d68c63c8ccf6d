package io.hindcast.files;

import java.io.IOException;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import org.apache.hadoop.fs.CommonPathCapabilities;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FSDataOutputStreamBuilder;
import org.apache.hadoop.fs.FileContext;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Options;
import org.apache.hadoop.fs.Path;

/**
 * Puts files and folders in place where a rename copies one file after the other, and removes what lies in its way first: on object
 * stores. There a file appears when its stream is closed, whole, in the place of an older one. So it is written to its place. Of a
 * folder {@link Publisher#MANIFEST}, which says what else is in it, is written by itself.
 */
final class ObjectStore implements Placing {
    /** Of S3A: does not ask first whether a folder has the file's name; others pass it over. */
    private static final String UNASKED = "fs.s3a.create.performance";

    private final FileSystem files;

    ObjectStore(FileSystem files) {
        this.files = files;
    }

    /** Whether a path is on one: a file of it is there when it is closed, and can be given up before. */
    static boolean holds(FileContext files, Path path) throws IOException {
        return files.hasPathCapability(path, CommonPathCapabilities.ABORTABLE_STREAM);
    }

    /** It is on disk when it is there. */
    @Override
    public void put(Publisher publisher, Path file, byte[] bytes, Disk disk) throws IOException {
        write(file, bytes, disk);
    }

    @Override
    public void write(Path file, byte[] bytes, Disk disk) throws IOException {
        put(file, bytes);
    }

    private void put(Path file, byte[] bytes) throws IOException {
        FSDataOutputStreamBuilder<?, ?> builder = files.createFile(file);
        builder.recursive();
        builder.overwrite(true);
        builder.opt(UNASKED, true);
        write(builder.build(), bytes);
    }

    /** Puts a file where there is none: of two that do so at once one does, where the store can tell. */
    private boolean putNew(Path file, byte[] bytes) throws IOException {
        FSDataOutputStreamBuilder<?, ?> builder = files.createFile(file);
        builder.recursive();
        builder.overwrite(false);
        builder.opt(Options.CreateFileOptionKeys.FS_OPTION_CREATE_CONDITIONAL_OVERWRITE, true);
        try {
            write(builder.build(), bytes);
            return true;
        } catch (IOException e) {
            if (!files.exists(file)) {
                throw e;
            }
            // It may be ours: that the first try went well was not heard.
            return Arrays.equals(bytes(file), bytes);
        }
    }

    private static void write(FSDataOutputStream stream, byte[] bytes) throws IOException {
        try {
            stream.write(bytes);
        } catch (IOException | RuntimeException e) {
            stream.abort(); // closed, it would be there
            throw e;
        }
        stream.close();
    }

    /**
     * Puts a folder in its place: its manifest last.
     *
     * @return false if something is there
     */
    @Override
    public boolean putFolder(Path aside, Path place) throws IOException {
        if (files.exists(place)) {
            return false;
        }
        var manifest = new Path(aside, Publisher.MANIFEST);
        if (!files.exists(manifest)) {
            return files.rename(aside, place);
        }
        var bytes = bytes(manifest);
        files.delete(manifest, false);
        return files.rename(aside, place) && putNew(new Path(place, Publisher.MANIFEST), bytes);
    }

    /** Puts the files of a folder in the place of those that are there: its manifest first, which does not fit the old ones. */
    @Override
    public boolean replaceFolder(Publisher publisher, Path aside, Path place) throws IOException {
        Set<String> names = new HashSet<>();
        var manifest = new Path(aside, Publisher.MANIFEST);
        if (files.exists(manifest)) {
            put(new Path(place, Publisher.MANIFEST), bytes(manifest));
            names.add(Publisher.MANIFEST);
        }
        for (var file : files.listStatus(aside)) {
            if (names.add(file.getPath().getName())) {
                put(new Path(place, file.getPath().getName()), bytes(file.getPath()));
            }
        }
        for (var old : files.listStatus(place)) {
            if (!names.contains(old.getPath().getName())) {
                files.delete(old.getPath(), true);
            }
        }
        files.delete(aside, true);
        return true;
    }

    /** Removes a folder: its manifest first. */
    @Override
    public void removeFolder(Publisher publisher, Path place) throws IOException {
        files.delete(new Path(place, Publisher.MANIFEST), false);
        files.delete(place, true);
    }

    /** When a file, or the newest one of a folder, was written: folders themselves have no time. */
    @Override
    public long modified(FileStatus status) throws IOException {
        if (status.isFile()) {
            return status.getModificationTime();
        }
        var newest = 0L;
        for (var inside : files.listStatus(status.getPath())) {
            newest = Math.max(newest, modified(inside));
        }
        return newest;
    }

    private byte[] bytes(Path file) throws IOException {
        try (var stream = files.open(file)) {
            return stream.readAllBytes();
        }
    }
}
