package io.hindcast.files;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SortedMap;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import org.apache.hadoop.fs.CommonPathCapabilities;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FSDataOutputStreamBuilder;
import org.apache.hadoop.fs.FileAlreadyExistsException;
import org.apache.hadoop.fs.FileContext;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Options;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.util.functional.FutureIO;

/**
 * Puts files and folders in place where a rename copies one file after the other, and removes what lies in its way first: on object
 * stores. There a file appears when its stream is closed, whole, in the place of an older one. So it is written to its place. Of a
 * folder {@link Publisher#MANIFEST}, which says what else is in it, is written by itself.
 */
final class ObjectStore implements Placing {
    /** Of S3A: does not ask first whether a folder has the file's name; others pass it over. */
    private static final String UNASKED = "fs.s3a.create.performance";

    /** How many files of a folder are copied at a time. */
    private static final int AT_ONCE = 16;

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
     * Puts a folder in its place: its manifest last. Its files are moved by their names, since a listing may not show all of them yet.
     *
     * @return false if something is there
     */
    @Override
    public boolean putFolder(Path aside, Path place, List<String> names) throws IOException {
        var manifest = new Path(place, Publisher.MANIFEST);
        if (files.exists(manifest) || files.exists(place)) {
            return false;
        }
        var others = new ArrayList<>(names);
        var hasManifest = others.remove(Publisher.MANIFEST);
        return move(aside, place, others)
                && (!hasManifest || putNew(manifest, bytes(new Path(aside, Publisher.MANIFEST))));
    }

    private boolean move(Path aside, Path place, List<String> names) throws IOException {
        var threads = Executors.newFixedThreadPool(AT_ONCE);
        try {
            var moves = names.stream()
                    .<Callable<Boolean>>map(name -> () -> move(new Path(aside, name), new Path(place, name)))
                    .toList();
            var all = true;
            for (var move : threads.invokeAll(moves)) {
                all &= FutureIO.awaitFuture(move);
            }
            return all;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while files were copied to " + place);
        } finally {
            threads.shutdownNow();
        }
    }

    /** False if another writer's is there, who may be about to write its manifest. */
    private boolean move(Path from, Path to) throws IOException {
        try {
            if (files.rename(from, to)) {
                return true;
            }
        } catch (FileAlreadyExistsException e) {
            return false;
        }
        if (!files.exists(from)) {
            throw new FileNotFoundException(from + " is not there");
        }
        return false;
    }

    /** Puts the files of a folder in the place of those that are there: its manifest first, which does not fit the old ones. */
    @Override
    public boolean replaceFolder(Publisher publisher, Path place, SortedMap<String, byte[]> contents)
            throws IOException {
        var manifest = contents.get(Publisher.MANIFEST);
        if (manifest != null) {
            put(new Path(place, Publisher.MANIFEST), manifest);
        }
        for (var content : contents.entrySet()) {
            if (!content.getKey().equals(Publisher.MANIFEST)) {
                put(new Path(place, content.getKey()), content.getValue());
            }
        }
        for (var old : listed(place)) {
            if (!contents.containsKey(old.getPath().getName())) {
                files.delete(old.getPath(), true);
            }
        }
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
        for (var inside : listed(status.getPath())) {
            var modified = modified(inside);
            newest = modified == Long.MAX_VALUE ? newest : Math.max(newest, modified);
        }
        return newest == 0 ? Long.MAX_VALUE : newest;
    }

    private FileStatus[] listed(Path folder) throws IOException {
        try {
            return files.listStatus(folder);
        } catch (FileNotFoundException e) {
            return new FileStatus[0]; // not yet, or not any more
        }
    }

    private byte[] bytes(Path file) throws IOException {
        try (var stream = files.open(file)) {
            return stream.readAllBytes();
        }
    }
}
