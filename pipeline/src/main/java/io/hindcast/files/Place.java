package io.hindcast.files;

import io.hindcast.config.UserException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.GlobFilter;
import org.apache.hadoop.fs.LocalFileSystem;
import org.apache.hadoop.fs.Path;

/** Paths as users write them, among them those with colons, which Hadoop takes for something else in several places. */
public final class Place {
    private static final Pattern SCHEME = Pattern.compile("[A-Za-z][A-Za-z0-9+.-]*:/.*", Pattern.DOTALL);
    private static final Pattern SPECIAL = Pattern.compile("[*?\\[{\\\\]");

    private Place() {}

    /** The same path, so that Hadoop does not take {@code run_10:30} for a URI: only what a slash follows is a scheme. */
    public static String of(String text) {
        var colon = text.indexOf(':');
        var slash = text.indexOf('/');
        return colon < 0
                        || (slash >= 0 && slash < colon)
                        || SCHEME.matcher(text).matches()
                ? text
                : "./" + text;
    }

    /** Where the bytes of a file are read. */
    public static FileSystem files(Path path, Configuration configuration) throws IOException {
        var files = path.getFileSystem(configuration);
        // A file of checksums beside one whose name has a colon cannot be named.
        return files instanceof LocalFileSystem local && path.getName().indexOf(':') >= 0 ? local.getRaw() : files;
    }

    /**
     * What a path or a glob names: the very file or directory of this name if there is one.
     *
     * @throws UserException if it is no path
     */
    public static List<FileStatus> matches(String text, Configuration configuration) throws IOException {
        try {
            var path = new Path(of(text));
            var files = path.getFileSystem(configuration);
            if (!SPECIAL.matcher(text).find()) {
                return files.exists(path) ? List.of(files.getFileStatus(path)) : List.of();
            }
            var found = glob(files, path);
            return found.isEmpty() && files.exists(path) ? List.of(files.getFileStatus(path)) : found;
        } catch (IllegalArgumentException e) {
            throw new UserException(
                    "Cannot read " + text + ": it is no path ("
                            + String.valueOf(e.getMessage()).lines().findFirst().orElse("") + "); check input",
                    e);
        }
    }

    private static List<FileStatus> glob(FileSystem files, Path pattern) throws IOException {
        try {
            var found = files.globStatus(pattern);
            return found == null ? List.of() : List.of(found);
        } catch (IllegalArgumentException e) {
            // Hadoop's own search stumbles over every name with a colon that it meets.
            var names = new ArrayList<String>();
            var top = files.makeQualified(pattern);
            for (; top.getParent() != null; top = top.getParent()) {
                names.add(0, top.getName());
            }
            var found = new ArrayList<>(List.of(files.getFileStatus(top)));
            for (var name : names) {
                var filter = new GlobFilter(name);
                var next = new ArrayList<FileStatus>();
                for (var folder : found) {
                    if (folder.isDirectory()) {
                        next.addAll(List.of(files.listStatus(folder.getPath(), filter)));
                    }
                }
                found = next;
            }
            return found;
        }
    }
}
