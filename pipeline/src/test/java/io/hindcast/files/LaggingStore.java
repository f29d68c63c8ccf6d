package io.hindcast.files;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.DelegateToFileSystem;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.Path;

/**
 * The object store of {@link FailingFileSystem.Store} under the scheme {@code lagging}, whose listings are old from {@link #freeze} to
 * {@link #thaw}: they do not show yet what came since, or still show what went. So do renames and removals of folders, which list
 * them, and a folder is there if a listing shows something in it. Who names a file sees it as it is.
 */
public final class LaggingStore extends FailingFileSystem.Store {
    /** What listings do not know yet. */
    public enum Lag {
        CREATED,
        REMOVED
    }

    private static Set<Lag> lag = EnumSet.noneOf(Lag.class);
    private static Map<java.nio.file.Path, FileStatus> known = Map.of();

    /** From now on listings do not know what is created, removed or written anew below a local folder. */
    public static void freeze(java.nio.file.Path folder, Collection<Lag> what) throws IOException {
        var frozen = new TreeMap<java.nio.file.Path, FileStatus>();
        var store = new LaggingStore();
        store.initialize(store.getUri(), new Configuration());
        for (var file : there(folder)) {
            frozen.put(file, store.status(file));
        }
        known = frozen;
        lag = EnumSet.copyOf(what);
    }

    /** Listings show what is there. */
    public static void thaw() {
        lag = EnumSet.noneOf(Lag.class);
        known = Map.of();
    }

    @Override
    public URI getUri() {
        return URI.create("lagging:///");
    }

    @Override
    public String getScheme() {
        return "lagging";
    }

    @Override
    public FileStatus getFileStatus(Path path) throws IOException {
        var place = pathToFile(path).toPath();
        if (Files.isRegularFile(place)) {
            return super.getFileStatus(path);
        }
        for (var file : shown(place)) {
            if (!file.equals(place) || isFolder(file)) {
                return folder(place);
            }
        }
        throw new FileNotFoundException("File " + path + " does not exist");
    }

    @Override
    public boolean exists(Path path) throws IOException {
        try {
            return getFileStatus(path) != null;
        } catch (FileNotFoundException e) {
            return false;
        }
    }

    @Override
    public FileStatus[] listStatus(Path path) throws IOException {
        var place = pathToFile(path).toPath();
        if (Files.isRegularFile(place)) {
            return new FileStatus[] {super.getFileStatus(path)};
        }
        getFileStatus(path);
        var entries = new TreeMap<java.nio.file.Path, FileStatus>();
        for (var file : shown(place)) {
            if (!file.equals(place)) {
                var entry = place.resolve(place.relativize(file).getName(0));
                entries.put(
                        entry,
                        !entry.equals(file) || isFolder(file)
                                ? folder(entry)
                                : known.containsKey(file) ? known.get(file) : status(file));
            }
        }
        return entries.values().toArray(FileStatus[]::new);
    }

    @Override
    public boolean rename(Path from, Path to) throws IOException {
        return exists(from) && super.rename(from, to);
    }

    @Override
    public boolean delete(Path path, boolean recursive) throws IOException {
        return exists(path) && super.delete(path, recursive);
    }

    @Override
    List<java.nio.file.Path> below(java.nio.file.Path place) throws IOException {
        return Files.isRegularFile(place)
                ? List.of(place)
                : shown(place).stream().filter(file -> !isFolder(file)).toList();
    }

    private static boolean isFolder(java.nio.file.Path shown) {
        return Files.isDirectory(shown)
                || (known.containsKey(shown) && known.get(shown).isDirectory());
    }

    private FileStatus status(java.nio.file.Path file) throws IOException {
        return Files.isDirectory(file) ? folder(file) : super.getFileStatus(new Path(file.toString()));
    }

    private FileStatus folder(java.nio.file.Path folder) {
        return new FileStatus(0, true, 1, 0, 0, makeQualified(new Path(folder.toString())));
    }

    /** Files and empty folders below a place, as a listing has them. */
    private static List<java.nio.file.Path> shown(java.nio.file.Path place) throws IOException {
        var shown = new TreeSet<java.nio.file.Path>();
        for (var file : there(place)) {
            if (!lag.contains(Lag.CREATED) || known.containsKey(file)) {
                shown.add(file);
            }
        }
        for (var file : known.keySet()) {
            if (file.startsWith(place) && (lag.contains(Lag.REMOVED) || Files.exists(file))) {
                shown.add(file);
            }
        }
        return new ArrayList<>(shown);
    }

    private static List<java.nio.file.Path> there(java.nio.file.Path place) throws IOException {
        if (!Files.exists(place)) {
            return List.of();
        }
        try (var all = Files.walk(place)) {
            var files = new ArrayList<java.nio.file.Path>();
            for (var file : all.toList()) {
                if (Files.isRegularFile(file) || isEmpty(file)) {
                    files.add(file);
                }
            }
            return files;
        }
    }

    /** For a FileContext. */
    public static final class Context extends DelegateToFileSystem {
        public Context(URI uri, Configuration configuration) throws IOException, URISyntaxException {
            super(URI.create("lagging:///"), new LaggingStore(), configuration, "lagging", false);
        }
    }
}
