package io.hindcast.files;

import java.io.ByteArrayOutputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.CommonPathCapabilities;
import org.apache.hadoop.fs.DelegateToFileSystem;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FileAlreadyExistsException;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RawLocalFileSystem;
import org.apache.hadoop.fs.permission.FsPermission;
import org.apache.hadoop.util.Progressable;

/**
 * The local file system under the scheme {@code failing}, whose n-th change fails, and every one after it: as if the process had
 * been killed there. A file that is being written, or renamed by copying as object stores do, is left half.
 */
public class FailingFileSystem extends RawLocalFileSystem {
    /** Where in a change it fails. */
    public enum Fault {
        BEFORE,
        HALFWAY,
        AFTER
    }

    private static int changes;
    private static int listings;
    private static int failing;
    private static Fault fault = Fault.BEFORE;

    /** Lets change number {@code n} fail, counted from now and from 1; 0: none. */
    public static void failAt(int n, Fault where) {
        changes = 0;
        listings = 0;
        failing = n;
        fault = where;
    }

    /** Whether the change that was to fail came. */
    public static boolean failed() {
        return failing > 0 && changes >= failing;
    }

    /** How often a folder was listed from then on. */
    public static int listings() {
        return listings;
    }

    public static Configuration configuration() {
        var configuration = new Configuration();
        configuration.set("fs.AbstractFileSystem.failing.impl", Context.class.getName());
        configuration.set("fs.failing.impl", FailingFileSystem.class.getName());
        configuration.set("fs.AbstractFileSystem.bucket.impl", StoreContext.class.getName());
        configuration.set("fs.bucket.impl", Store.class.getName());
        configuration.set("fs.AbstractFileSystem.lagging.impl", LaggingStore.Context.class.getName());
        configuration.set("fs.lagging.impl", LaggingStore.class.getName());
        return configuration;
    }

    @Override
    public URI getUri() {
        return URI.create("failing:///");
    }

    @Override
    public String getScheme() {
        return "failing";
    }

    @Override
    public FileStatus[] listStatus(Path path) throws IOException {
        listings++;
        return super.listStatus(path);
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
        var fails = fails();
        var stream = super.create(file, permission, overwrite, bufferSize, replication, blockSize, progress);
        return fails ? new FSDataOutputStream(new Half(stream), new FileSystem.Statistics("failing")) : stream;
    }

    @Override
    public boolean rename(Path from, Path to) throws IOException {
        if (fails()) {
            if (fault == Fault.HALFWAY) {
                var bytes = Files.readAllBytes(pathToFile(from).toPath());
                Files.write(pathToFile(to).toPath(), Arrays.copyOf(bytes, bytes.length / 2));
            } else {
                super.rename(from, to);
            }
            throw gone();
        }
        return super.rename(from, to);
    }

    @Override
    public boolean delete(Path path, boolean recursive) throws IOException {
        var fails = fails();
        var deleted = super.delete(path, recursive);
        if (fails) {
            throw gone();
        }
        return deleted;
    }

    @Override
    public boolean mkdirs(Path path) throws IOException {
        var fails = fails();
        var made = super.mkdirs(path);
        if (fails) {
            throw gone();
        }
        return made;
    }

    /** Whether this change fails in its course; throws if it fails at once. */
    private static boolean fails() throws IOException {
        changes++;
        if (failing > 0 && (changes > failing || (changes == failing && fault == Fault.BEFORE))) {
            throw gone();
        }
        return changes == failing;
    }

    private static IOException gone() {
        return new IOException("change " + failing + " fails");
    }

    /** Takes the first half of what it is given, or all of it, and then fails. */
    private static final class Half extends FilterOutputStream {
        Half(OutputStream stream) {
            super(stream);
        }

        @Override
        public void write(byte[] bytes, int from, int length) throws IOException {
            out.write(bytes, from, fault == Fault.HALFWAY ? length / 2 : length);
            out.flush();
            throw gone();
        }
    }

    /**
     * The same under the scheme {@code bucket}, as object stores do it: a file is there when it is closed, whole, and a folder is
     * renamed by copying one file after the other, so that one may be left of which half of the files are there.
     */
    public static class Store extends FailingFileSystem {
        @Override
        public URI getUri() {
            return URI.create("bucket:///");
        }

        @Override
        public String getScheme() {
            return "bucket";
        }

        @Override
        public boolean hasPathCapability(Path path, String capability) throws IOException {
            return capability.equals(CommonPathCapabilities.ABORTABLE_STREAM)
                    || super.hasPathCapability(path, capability);
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
            var fails = fails();
            var place = pathToFile(file).toPath();
            if (!overwrite && Files.exists(place)) {
                throw new FileAlreadyExistsException(file.toString());
            }
            return new FSDataOutputStream(new Whole(place, fails), null);
        }

        @Override
        public boolean rename(Path from, Path to) throws IOException {
            var fails = fails();
            var source = pathToFile(from).toPath();
            var target = pathToFile(to).toPath();
            if (Files.isRegularFile(target)) {
                throw new FileAlreadyExistsException(to.toString());
            }
            var files = below(source);
            for (var file : files.subList(0, fails && fault == Fault.HALFWAY ? files.size() / 2 : files.size())) {
                var copy = target.resolve(source.relativize(file).toString());
                Files.createDirectories(copy.getParent());
                Files.copy(file, copy, StandardCopyOption.REPLACE_EXISTING);
            }
            if (fails && fault == Fault.HALFWAY) {
                throw gone();
            }
            remove(source, files);
            if (fails) {
                throw gone();
            }
            return true;
        }

        @Override
        public boolean delete(Path path, boolean recursive) throws IOException {
            var place = pathToFile(path).toPath();
            if (!recursive || !Files.isDirectory(place)) {
                return super.delete(path, recursive);
            }
            var fails = fails();
            remove(place, below(place));
            if (fails) {
                throw gone();
            }
            return true;
        }

        /** The files that a listing shows below a folder, or the file itself. */
        List<java.nio.file.Path> below(java.nio.file.Path place) throws IOException {
            try (var all = Files.walk(place)) {
                return all.filter(Files::isRegularFile).toList();
            }
        }

        /** Removes files, and the folders that are empty then. */
        private static void remove(java.nio.file.Path place, List<java.nio.file.Path> files) throws IOException {
            for (var file : files) {
                Files.deleteIfExists(file);
            }
            try (var all = Files.walk(place)) {
                for (var folder : all.sorted(Comparator.reverseOrder()).toList()) {
                    if (Files.isDirectory(folder) && isEmpty(folder)) {
                        Files.delete(folder);
                    }
                }
            } catch (NoSuchFileException e) {
                // It was a file.
            }
        }

        static boolean isEmpty(java.nio.file.Path folder) throws IOException {
            try (var entries = Files.list(folder)) {
                return entries.findAny().isEmpty();
            }
        }
    }

    /** A file that is there when it is closed. */
    private static final class Whole extends ByteArrayOutputStream {
        private final java.nio.file.Path place;
        private final boolean fails;

        Whole(java.nio.file.Path place, boolean fails) {
            this.place = place;
            this.fails = fails;
        }

        @Override
        public void close() throws IOException {
            if (fails && fault == Fault.HALFWAY) {
                throw gone();
            }
            Files.createDirectories(place.getParent());
            Files.write(place, toByteArray());
            if (fails) {
                throw gone();
            }
        }
    }

    /** For a FileContext. */
    public static final class StoreContext extends DelegateToFileSystem {
        public StoreContext(URI uri, Configuration configuration) throws IOException, URISyntaxException {
            super(URI.create("bucket:///"), new Store(), configuration, "bucket", false);
        }
    }

    /** For a FileContext. */
    public static final class Context extends DelegateToFileSystem {
        public Context(URI uri, Configuration configuration) throws IOException, URISyntaxException {
            super(URI.create("failing:///"), new FailingFileSystem(), configuration, "failing", false);
        }
    }
}
