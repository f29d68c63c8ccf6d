package io.hindcast.files;

import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.EnumSet;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.CreateFlag;
import org.apache.hadoop.fs.DelegateToFileSystem;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FileContext;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.FsConstants;
import org.apache.hadoop.fs.Options;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RawLocalFileSystem;
import org.apache.hadoop.fs.UnsupportedFileSystemException;
import org.apache.hadoop.fs.local.LocalFs;
import org.apache.hadoop.fs.permission.FsPermission;

/**
 * Hadoop's local file system for files that prove themselves by their own hashes. It differs in three ways: no {@code .NAME.crc} is
 * written beside a file, and one that Hadoop left there goes with its file; a file takes the place of another one in one step; and
 * permissions are set by the JVM, since without its native library Hadoop starts a process, {@code chmod}, for every file.
 */
public final class LocalFiles extends DelegateToFileSystem {
    private static final String IMPLEMENTATION = "fs.AbstractFileSystem.file.impl";

    /** Of object stores, by scheme and bucket: each has a client of its own, which nobody closes. */
    private static final Map<String, FileContext> STORES = new ConcurrentHashMap<>();

    /** As Hadoop makes one, with the URI {@code file:///}. */
    public LocalFiles(URI uri, Configuration configuration) throws IOException, URISyntaxException {
        super(FsConstants.LOCAL_FS_URI, new Raw(), configuration, FsConstants.LOCAL_FS_URI.getScheme(), false);
    }

    /**
     * The file system that {@code path} is on: this one where that would be Hadoop's local one.
     *
     * @throws IOException if there is none of its scheme
     */
    public static FileContext context(Path path, Configuration configuration) throws IOException {
        var bucket = path.toUri().getScheme() + "://" + path.toUri().getAuthority();
        var store = STORES.get(bucket);
        if (store != null) {
            return store;
        }
        var used = configuration;
        if (LocalFs.class.getName().equals(configuration.get(IMPLEMENTATION))) {
            used = new Configuration(configuration);
            used.setClassLoader(LocalFiles.class.getClassLoader());
            used.set(IMPLEMENTATION, LocalFiles.class.getName());
        }
        var context = open(path.toUri(), used);
        if (path.toUri().getAuthority() != null && ObjectStore.holds(context, path)) {
            STORES.putIfAbsent(bucket, context);
        }
        return context;
    }

    private static FileContext open(URI uri, Configuration configuration) throws IOException {
        try {
            return FileContext.getFileContext(uri, configuration);
        } catch (UnsupportedFileSystemException e) {
            if (!isOlder(uri, configuration)) {
                throw e;
            }
            var used = new Configuration(configuration);
            used.setClassLoader(OlderFiles.class.getClassLoader());
            used.set("fs.AbstractFileSystem." + uri.getScheme() + ".impl", OlderFiles.class.getName());
            return FileContext.getFileContext(uri, used);
        }
    }

    private static boolean isOlder(URI uri, Configuration configuration) {
        try {
            return uri.getScheme() != null && FileSystem.getFileSystemClass(uri.getScheme(), configuration) != null;
        } catch (IOException e) {
            return false;
        }
    }

    /**
     * A new file, without checksums of Hadoop beside it.
     *
     * @throws IOException if it is there, or cannot be made
     */
    public static FSDataOutputStream create(Path path, Configuration configuration) throws IOException {
        return context(path, configuration)
                .create(path, EnumSet.of(CreateFlag.CREATE), Options.CreateOpts.createParent());
    }

    /** Whether a path is on Hadoop's local file system, which does not prove what it reads where no checksums are. */
    public static boolean isLocal(Path path, Configuration configuration) throws IOException {
        return FsConstants.LOCAL_FS_URI
                .getScheme()
                .equals(path.getFileSystem(configuration).getUri().getScheme());
    }

    /**
     * Removes the checksums that Hadoop wrote beside the files of a directory, if that is a local one.
     *
     * @throws IOException if it cannot be read or changed
     */
    public static void forgetChecksums(Path directory, Configuration configuration) throws IOException {
        if (!isLocal(directory, configuration)) {
            return;
        }
        try (var sums = Files.newDirectoryStream(file(directory), ".*.crc")) {
            for (var sum : sums) {
                Files.deleteIfExists(sum);
            }
        }
    }

    @Override
    public int getUriDefaultPort() {
        return -1; // it has no authority
    }

    @Override
    public boolean isValidName(String source) {
        return true; // a Path is none otherwise
    }

    @Override
    public void renameInternal(Path from, Path to, boolean overwrite) throws IOException {
        if (!overwrite) {
            super.renameInternal(from, to, false);
            return;
        }
        Files.move(file(from), file(to), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        forget(to);
    }

    @Override
    public boolean delete(Path path, boolean recursive) throws IOException {
        forget(path);
        return super.delete(path, recursive);
    }

    /** Checksums that Hadoop itself wrote would not fit other bytes. */
    private static void forget(Path path) throws IOException {
        Files.deleteIfExists(file(path).resolveSibling("." + path.getName() + ".crc"));
    }

    private static java.nio.file.Path file(Path path) {
        return java.nio.file.Path.of(path.toUri().getPath());
    }

    private static final class Raw extends RawLocalFileSystem {
        @Override
        public void setPermission(Path path, FsPermission permission) throws IOException {
            var view = Files.getFileAttributeView(pathToFile(path).toPath(), PosixFileAttributeView.class);
            if (view == null || permission.getStickyBit()) {
                super.setPermission(path, permission);
                return;
            }
            view.setPermissions(PosixFilePermissions.fromString(permission.getUserAction().SYMBOL
                    + permission.getGroupAction().SYMBOL
                    + permission.getOtherAction().SYMBOL));
        }
    }
}
