package io.hindcast.table;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.ArrayList;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.DelegateToFileSystem;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.PositionedReadable;
import org.apache.hadoop.fs.Seekable;
import org.apache.hadoop.fs.permission.FsPermission;
import org.apache.hadoop.util.Progressable;
import org.jspecify.annotations.Nullable;

/**
 * Files in memory, {@code memory://NAME/}, that tell what is about to be done with them. As on a local disk, two looks are two
 * steps, and a folder that is renamed to one that is there lands inside it.
 */
public final class MemoryFiles extends FileSystem {
    private static final Map<String, MemoryFiles> OPEN = new ConcurrentHashMap<>();

    private final TreeMap<String, byte @Nullable []> entries = new TreeMap<>();
    private Consumer<String> listener = operation -> {};
    private URI uri = URI.create("memory://nowhere/");

    /** For Hadoop's other interface. */
    public static final class Context extends DelegateToFileSystem {
        /** Called by Hadoop. */
        public Context(URI uri, Configuration hadoop) throws IOException, URISyntaxException {
            super(uri, at(uri.getHost()), hadoop, "memory", true);
        }
    }

    /** Makes them known. */
    static void register(Configuration hadoop) {
        hadoop.set("fs.memory.impl", MemoryFiles.class.getName());
        hadoop.set("fs.memory.impl.disable.cache", "true");
        hadoop.set("fs.AbstractFileSystem.memory.impl", Context.class.getName());
    }

    /** Those of a name. */
    static MemoryFiles at(String name) {
        return OPEN.computeIfAbsent(name, unknown -> new MemoryFiles());
    }

    /** Forgets them. */
    static void close(String name) {
        OPEN.remove(name);
    }

    /** Who is told of everything before it is done, as {@code rename /a/b}. */
    void listener(Consumer<String> newListener) {
        listener = newListener;
    }

    private MemoryFiles store() {
        return at(uri.getHost());
    }

    private TreeMap<String, byte @Nullable []> before(String operation, Path path) {
        store().listener.accept(operation + " " + path.toUri().getPath());
        return store().entries;
    }

    private static String key(Path path) {
        return path.toUri().getPath();
    }

    @Override
    public void initialize(URI name, Configuration hadoop) throws IOException {
        super.initialize(name, hadoop);
        uri = URI.create("memory://" + name.getHost());
        setConf(hadoop);
    }

    @Override
    protected int getDefaultPort() {
        return 1; // Hadoop wants one
    }

    @Override
    public URI getUri() {
        return uri;
    }

    @Override
    public FSDataInputStream open(Path path, int bufferSize) throws IOException {
        var bytes = before("open", path).get(key(path));
        if (bytes == null) {
            throw new FileNotFoundException("there is no " + path);
        }
        return new FSDataInputStream(new Bytes(bytes));
    }

    @Override
    public FSDataOutputStream create(
            Path path,
            FsPermission permission,
            boolean overwrite,
            int bufferSize,
            short replication,
            long blockSize,
            @Nullable Progressable progress)
            throws IOException {
        before("create", path);
        mkdirs(path.getParent(), permission);
        return new FSDataOutputStream(
                new ByteArrayOutputStream() {
                    @Override
                    public void close() {
                        before("close", path).put(key(path), toByteArray());
                    }
                },
                null);
    }

    @Override
    public FSDataOutputStream append(Path path, int bufferSize, @Nullable Progressable progress) {
        throw new UnsupportedOperationException();
    }

    @Override
    public boolean rename(Path from, Path to) throws IOException {
        var all = before("rename", to);
        if (!all.containsKey(key(from))) {
            throw new FileNotFoundException("there is no " + from);
        }
        var target = all.containsKey(key(to)) ? key(to) + "/" + from.getName() : key(to);
        var moved = new TreeMap<String, byte @Nullable []>();
        all.forEach((key, bytes) -> {
            if (isWithin(key, from)) {
                moved.put(target + key.substring(key(from).length()), bytes);
            }
        });
        all.keySet().removeIf(key -> isWithin(key, from));
        all.putAll(moved);
        return true;
    }

    @Override
    public boolean delete(Path path, boolean recursive) {
        // One by one, as everywhere.
        var all = before("delete", path);
        var keys = all.keySet().stream().filter(key -> isWithin(key, path)).toList();
        for (var key : keys) {
            before("delete", new Path(key)).remove(key);
        }
        return !keys.isEmpty();
    }

    private static boolean isWithin(String key, Path folder) {
        return key.equals(key(folder)) || key.startsWith(key(folder) + "/");
    }

    @Override
    public FileStatus[] listStatus(Path path) throws IOException {
        var all = before("list", path);
        if (!all.containsKey(key(path))) {
            throw new FileNotFoundException("there is no " + path);
        }
        var found = new ArrayList<FileStatus>();
        all.forEach((key, bytes) -> {
            if (key.startsWith(key(path) + "/") && key.indexOf('/', key(path).length() + 1) < 0) {
                found.add(status(key, bytes));
            }
        });
        return found.toArray(FileStatus[]::new);
    }

    @Override
    public boolean mkdirs(Path path, FsPermission permission) {
        var all = before("mkdirs", path);
        for (var folder = path; folder != null; folder = folder.getParent()) {
            all.putIfAbsent(key(folder), null);
        }
        return true;
    }

    @Override
    public FileStatus getFileStatus(Path path) throws IOException {
        var all = before("look", path);
        if (!all.containsKey(key(path))) {
            throw new FileNotFoundException("there is no " + path);
        }
        return status(key(path), all.get(key(path)));
    }

    private FileStatus status(String key, byte @Nullable [] bytes) {
        return new FileStatus(
                bytes == null ? 0 : bytes.length,
                bytes == null,
                1,
                1 << 20,
                System.currentTimeMillis(),
                new Path(uri + key));
    }

    @Override
    public void setWorkingDirectory(Path path) {}

    @Override
    public Path getWorkingDirectory() {
        return new Path(uri + "/");
    }

    private static final class Bytes extends ByteArrayInputStream implements Seekable, PositionedReadable {
        Bytes(byte[] bytes) {
            super(bytes);
        }

        @Override
        public void seek(long position) {
            pos = Math.toIntExact(position);
        }

        @Override
        public long getPos() {
            return pos;
        }

        @Override
        public boolean seekToNewSource(long position) {
            return false;
        }

        @Override
        public int read(long position, byte[] buffer, int offset, int length) {
            var there = Math.min(length, count - Math.toIntExact(position));
            if (there <= 0) {
                return -1;
            }
            System.arraycopy(buf, Math.toIntExact(position), buffer, offset, there);
            return there;
        }

        @Override
        public void readFully(long position, byte[] buffer, int offset, int length) throws IOException {
            if (read(position, buffer, offset, length) < length) {
                throw new EOFException();
            }
        }

        @Override
        public void readFully(long position, byte[] buffer) throws IOException {
            readFully(position, buffer, 0, buffer.length);
        }
    }
}
