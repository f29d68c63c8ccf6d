package io.hindcast.jobs;

import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.DelegateToFileSystem;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FSError;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RawLocalFileSystem;
import org.apache.hadoop.fs.Syncable;
import org.apache.hadoop.fs.permission.FsPermission;
import org.apache.hadoop.util.Progressable;

/**
 * The local file system under the scheme {@code fault}, on which something goes wrong where a test says so: when a file is put in
 * its place whose path matches a pattern, when checkpoints have taken all the space there is, or when the whole disk is full.
 */
public final class FaultyFileSystem extends RawLocalFileSystem {
    private static final String KIND = "fs.fault.kind";
    private static final String AT = "fs.fault.at";
    private static final String MARKS = "fs.fault.marks";
    private static final String SPACE = "fs.fault.space";

    private static final AtomicLong WRITTEN = new AtomicLong();

    /** Bytes that files of this JVM may still take. */
    private static final AtomicLong ROOM = new AtomicLong(Long.MAX_VALUE);

    /** What goes wrong when a file is put in its place. */
    enum Fault {
        /** Nothing. */
        NONE,
        /** It is not put there until {@link #released}. */
        STANDS_STILL,
        /** The same, but only the first time for a path. */
        STANDS_STILL_ONCE,
        /** The JVM dies. */
        HALTS,
        /** The same, but only the first time for a path. */
        HALTS_ONCE
    }

    /** What a Spark session needs to be told. */
    static List<String> settings() {
        return List.of(
                "spark.hadoop.fs.fault.impl=" + FaultyFileSystem.class.getName(),
                "spark.hadoop.fs.AbstractFileSystem.fault.impl=" + Context.class.getName());
    }

    /**
     * The same, and where something goes wrong.
     *
     * @param at a regular expression of whole paths
     * @param marks a directory, for a file each time
     */
    static List<String> settings(Fault fault, String at, java.nio.file.Path marks) throws IOException {
        Files.createDirectories(marks);
        var settings = new ArrayList<>(settings());
        settings.add("spark.hadoop." + KIND + "=" + fault);
        settings.add("spark.hadoop." + AT + "=" + at);
        settings.add("spark.hadoop." + MARKS + "=" + marks);
        return settings;
    }

    /** The same, with space for so many bytes of checkpoints a JVM. */
    static List<String> settings(long space) {
        var settings = new ArrayList<>(settings());
        settings.add("spark.hadoop." + SPACE + "=" + space);
        return settings;
    }

    /** From now on there is room for so many bytes, in whatever files this JVM writes. */
    static void makeRoom(long bytes) {
        ROOM.set(bytes);
    }

    /** For how many bytes there is room; less than none where a writer wanted more. */
    static long room() {
        return ROOM.get();
    }

    /** What Hadoop makes of a local disk's error; only it can make one. */
    static FSError diskError(String message) {
        try {
            var constructor = FSError.class.getDeclaredConstructor(Throwable.class);
            constructor.setAccessible(true);
            return constructor.newInstance(new IOException(message));
        } catch (ReflectiveOperationException e) {
            throw new AssertionError(e);
        }
    }

    /** How often something went wrong. */
    static long marks(java.nio.file.Path marks) {
        try (var files = Files.list(marks)) {
            return files.filter(file -> !file.endsWith("go")).count();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Lets those go on that stand still. */
    static void release(java.nio.file.Path marks) throws IOException {
        Files.createFile(marks.resolve("go"));
    }

    @Override
    public URI getUri() {
        return URI.create("fault:///");
    }

    @Override
    public String getScheme() {
        return "fault";
    }

    @Override
    public boolean rename(Path from, Path to) throws IOException {
        var path = to.toUri().getPath();
        var fault = Fault.valueOf(getConf().get(KIND, Fault.NONE.name()));
        if (fault != Fault.NONE && path.matches(getConf().get(AT, ""))) {
            goWrong(fault, path, java.nio.file.Path.of(getConf().get(MARKS)));
        }
        return super.rename(from, to);
    }

    private static void goWrong(Fault fault, String path, java.nio.file.Path marks) throws IOException {
        var once = fault == Fault.HALTS_ONCE || fault == Fault.STANDS_STILL_ONCE;
        var name = path.substring(path.length() - Math.min(path.length(), 80)).replace('/', '_');
        try {
            Files.createFile(marks.resolve(once ? name : name + System.nanoTime()));
        } catch (FileAlreadyExistsException e) {
            return;
        }
        if (fault == Fault.HALTS || fault == Fault.HALTS_ONCE) {
            Runtime.getRuntime().halt(137);
        }
        while (!Files.exists(marks.resolve("go"))) {
            try {
                TimeUnit.MILLISECONDS.sleep(20);
            } catch (InterruptedException e) {
                throw new IOException("interrupted while it stood still", e);
            }
        }
    }

    @Override
    public FSDataOutputStream create(
            Path file,
            FsPermission permission,
            boolean overwrite,
            int bufferSize,
            short replication,
            long blockSize,
            Progressable progress)
            throws IOException {
        return limited(file, super.create(file, permission, overwrite, bufferSize, replication, blockSize, progress));
    }

    @Override
    public FSDataOutputStream create(
            Path file, boolean overwrite, int bufferSize, short replication, long blockSize, Progressable progress)
            throws IOException {
        return limited(file, super.create(file, overwrite, bufferSize, replication, blockSize, progress));
    }

    @Override
    public FSDataOutputStream append(Path file, int bufferSize, Progressable progress) throws IOException {
        return limited(file, super.append(file, bufferSize, progress));
    }

    private FSDataOutputStream limited(Path file, FSDataOutputStream stream) throws IOException {
        var space = getConf().getLong(SPACE, Long.MAX_VALUE);
        return space < Long.MAX_VALUE && file.toUri().getPath().contains("/checkpoints/")
                ? new FSDataOutputStream(new Limited(stream, space), null)
                : new FSDataOutputStream(new InRoom(stream), null, stream.getPos());
    }

    /** As of a disk on which a folder takes a block. */
    @Override
    public boolean mkdirs(Path path, FsPermission permission) throws IOException {
        return (ROOM.get() > 0 || exists(path)) && super.mkdirs(path, permission);
    }

    @Override
    public boolean mkdirs(Path path) throws IOException {
        return (ROOM.get() > 0 || exists(path)) && super.mkdirs(path);
    }

    /** Writes as much as there is room for. */
    private static final class InRoom extends FilterOutputStream implements Syncable {
        private final FSDataOutputStream stream;

        InRoom(FSDataOutputStream stream) {
            super(stream);
            this.stream = stream;
        }

        @Override
        public void write(int value) throws IOException {
            write(new byte[] {(byte) value}, 0, 1);
        }

        @Override
        public void write(byte[] bytes, int from, int length) throws IOException {
            var free = ROOM.getAndAdd(-length);
            stream.write(bytes, from, (int) Math.max(0, Math.min(length, free)));
            if (free < length) {
                throw diskError("No space left on device");
            }
        }

        @Override
        public void hflush() throws IOException {
            stream.hflush();
        }

        @Override
        public void hsync() throws IOException {
            stream.hsync();
        }
    }

    /** Writes as much as there is space for. */
    private static final class Limited extends FilterOutputStream {
        private final long space;

        Limited(OutputStream stream, long space) {
            super(stream);
            this.space = space;
        }

        @Override
        public void write(int value) throws IOException {
            write(new byte[] {(byte) value}, 0, 1);
        }

        @Override
        public void write(byte[] bytes, int from, int length) throws IOException {
            var free = space - WRITTEN.getAndAdd(length);
            out.write(bytes, from, (int) Math.max(0, Math.min(length, free)));
            if (free < length) {
                throw new IOException("No space left on device");
            }
        }
    }

    /** The same for what renames through a FileContext. */
    public static final class Context extends DelegateToFileSystem {
        public Context(URI uri, Configuration configuration) throws IOException, URISyntaxException {
            super(URI.create("fault:///"), new FaultyFileSystem(), configuration, "fault", false);
        }
    }
}
