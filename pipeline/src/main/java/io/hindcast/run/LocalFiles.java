package io.hindcast.run;

import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermissions;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.ChecksumFs;
import org.apache.hadoop.fs.DelegateToFileSystem;
import org.apache.hadoop.fs.FileContext;
import org.apache.hadoop.fs.FsConstants;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RawLocalFileSystem;
import org.apache.hadoop.fs.local.LocalFs;
import org.apache.hadoop.fs.permission.FsPermission;

/**
 * Hadoop's local file system, with permissions set by the JVM: without its native library Hadoop starts a process, {@code chmod},
 * for every file and another one for its checksum.
 */
public final class LocalFiles extends ChecksumFs {
    private static final String IMPLEMENTATION = "fs.AbstractFileSystem.file.impl";

    /** As Hadoop makes one, with the URI {@code file:///}. */
    public LocalFiles(URI uri, Configuration configuration) throws IOException, URISyntaxException {
        super(new Unchecked(configuration));
    }

    /**
     * The file system that {@code path} is on: this one where that would be Hadoop's local one.
     *
     * @throws IOException if there is none of its scheme
     */
    public static FileContext context(Path path, Configuration configuration) throws IOException {
        var used = configuration;
        if (LocalFs.class.getName().equals(configuration.get(IMPLEMENTATION))) {
            used = new Configuration(configuration);
            used.setClassLoader(LocalFiles.class.getClassLoader());
            used.set(IMPLEMENTATION, LocalFiles.class.getName());
        }
        return FileContext.getFileContext(path.toUri(), used);
    }

    /** The same without checksums. */
    private static final class Unchecked extends DelegateToFileSystem {
        Unchecked(Configuration configuration) throws IOException, URISyntaxException {
            super(
                    FsConstants.LOCAL_FS_URI,
                    new Permitting(),
                    configuration,
                    FsConstants.LOCAL_FS_URI.getScheme(),
                    false);
        }

        @Override
        public int getUriDefaultPort() {
            return -1; // it has no authority
        }

        @Override
        public boolean isValidName(String source) {
            return true; // a Path is none otherwise
        }
    }

    private static final class Permitting extends RawLocalFileSystem {
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
