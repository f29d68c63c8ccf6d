package io.hindcast.source;

import io.hindcast.config.Secrets;
import io.hindcast.config.UserException;
import io.hindcast.files.Place;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import java.util.stream.Collectors;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.GlobFilter;
import org.apache.hadoop.fs.LocalFileSystem;
import org.apache.hadoop.fs.Path;
import org.jspecify.annotations.Nullable;

/**
 * The files that inputs name.
 *
 * @param files those to read, sorted by name; no two have one name
 * @param notes a line for each kind of thing that lies in the inputs and is not read
 */
public record FoundFiles(List<InputFile> files, List<String> notes) {
    private static final String EXCLUDED = "files or folders were left out, as exclude says";
    private static final int DEEPEST = 32;
    /** How far above an input a table is looked for to which its files belong. */
    private static final int LEVELS_ABOVE = 5;

    /** Written by Spark and its kin, by version control and by desktops beside what they keep. */
    private static final Pattern USUAL = Pattern.compile("_SUCCESS|_metadata|_common_metadata|_committed_.*|_started_.*"
            + "|_temporary|_spark_metadata|\\..*\\.crc|\\.DS_Store|\\._.*|\\.git.*|\\.cache|\\.ipynb_checkpoints"
            + "|__MACOSX|__pycache__|Thumbs\\.db|desktop\\.ini");

    /** A table whose files are not all part of it: what tells it, and which source reads it. */
    private enum Lake {
        DELTA("a Delta table", "_delta_log"),
        HUDI("a Hudi table", ".hoodie"),
        ICEBERG("an Iceberg table", "metadata");

        private static final Set<String> FOLDERS =
                Arrays.stream(values()).map(lake -> lake.folder).collect(Collectors.toSet());

        private final String words;
        private final String folder;

        Lake(String words, String folder) {
            this.words = words;
            this.folder = folder;
        }
    }

    /**
     * Looks for the files.
     *
     * @param inputs files, directories (of which all files with the format's ending are taken, those in the folders below too)
     *     or globs
     * @param exclude globs of names of files and folders to leave out
     * @param out a directory to leave out, with its file system
     * @throws UserException if an input names nothing to read, or belongs to a table that only its own source reads rightly
     */
    public static FoundFiles find(
            Configuration configuration, List<String> inputs, Format format, List<String> exclude, String out) {
        var search = new Search(configuration, format, exclude, out);
        for (var input : inputs) {
            search.add(input);
        }
        return search.found();
    }

    /**
     * The files under names of their own: those that share one are told apart by the folders they lie in, as many as it takes.
     *
     * @param taken names that other files have already
     */
    public static List<InputFile> named(List<InputFile> files, Set<String> taken) {
        var named = files;
        while (true) {
            var counts = named.stream().collect(Collectors.groupingBy(InputFile::name, Collectors.counting()));
            var longer = new ArrayList<InputFile>();
            var changed = false;
            for (var file : named) {
                var isShared = counts.getOrDefault(file.name(), 0L) > 1 || taken.contains(file.name());
                var name = isShared ? longer(file) : file.name();
                changed |= !name.equals(file.name());
                longer.add(new InputFile(name, file.path(), file.bytes()));
            }
            if (!changed) {
                return longer.stream()
                        .sorted(Comparator.comparing(InputFile::name).thenComparing(InputFile::path))
                        .toList();
            }
            named = longer;
        }
    }

    /** Its name with one folder more. */
    private static String longer(InputFile file) {
        var path = new Path(file.path()).toUri().getPath();
        var end = path.length() - file.name().length() - 1;
        return end <= 0 || !path.endsWith(file.name())
                ? Secrets.hideUser(file.path())
                : path.substring(path.lastIndexOf('/', end - 1) + 1);
    }

    private static final class Search {
        private final Configuration configuration;
        private final Format format;
        private final List<GlobFilter> exclude;
        private final String out;
        /** By path, the shortest name first. */
        private final Map<String, InputFile> files = new LinkedHashMap<>();

        private final Map<String, List<String>> unread = new TreeMap<>();
        private final List<String> empty = new ArrayList<>();
        private final Set<Path> checked = new HashSet<>();
        private final Set<String> twice = new HashSet<>();
        private boolean took;
        private String input = "";

        Search(Configuration configuration, Format format, List<String> exclude, String out) {
            this.configuration = configuration;
            this.format = format;
            this.exclude = exclude.stream().map(Search::filter).toList();
            this.out = out;
        }

        private static GlobFilter filter(String glob) {
            try {
                return new GlobFilter(glob);
            } catch (IOException | PatternSyntaxException e) {
                throw new UserException(
                        "Cannot use exclude = " + glob + ": it is no glob; write a name with * or ?", e);
            }
        }

        void add(String input) {
            took = false;
            try {
                for (var match : Place.matches(input, configuration)) {
                    this.input = input;
                    requireNoLakeAbove(match.getPath());
                    if (match.isDirectory()) {
                        walk(match.getPath(), "", 0);
                    } else if (isExcluded(match.getPath().getName())) {
                        leave(EXCLUDED, match.getPath().getName());
                    } else {
                        take(match.getPath().getName(), match);
                    }
                }
            } catch (FileNotFoundException e) {
                throw nothing(input);
            } catch (IOException e) {
                throw Format.damaged(input, e);
            }
            if (!took) {
                throw nothing(input);
            }
        }

        private UserException nothing(String input) {
            var there = unread.values().stream().flatMap(List::stream).toList();
            return new UserException("Cannot read " + input + ": there is no such file, or no file ending in "
                    + format.endings() + " in it"
                    + (there.isEmpty() ? "" : " (there is " + FileNotes.names(there) + ")")
                    + "; check input and format");
        }

        FoundFiles found() {
            var notes = new ArrayList<String>();
            if (files.isEmpty()) {
                throw new UserException("Cannot read " + FileNotes.names(empty) + ": "
                        + (empty.size() == 1 ? "it is" : "they are") + " empty; give a file with rows");
            }
            if (!empty.isEmpty()) {
                notes.add(empty.size() + " empty files were left out: " + FileNotes.names(empty));
            }
            unread.forEach((why, names) -> notes.add(names.size() + " " + why + ": "
                    + FileNotes.names(names.stream().sorted().toList())));
            if (!twice.isEmpty()) {
                notes.add(twice.size() + " files are named by more than one input and are read once: "
                        + FileNotes.names(files.values().stream()
                                .filter(file -> twice.contains(file.path()))
                                .map(InputFile::name)
                                .sorted()
                                .toList()));
            }
            return new FoundFiles(named(List.copyOf(files.values()), Set.of()), notes);
        }

        private void walk(Path directory, String under, int depth) throws IOException {
            if (depth > DEEPEST) {
                throw new UserException("Cannot read " + directory + ": it is more than " + DEEPEST
                        + " folders deep in the input; look for a link to a folder above, or name the folders to read");
            }
            var list = files(directory).listStatus(directory);
            Arrays.sort(list, Comparator.comparing(status -> status.getPath().getName()));
            var names = Arrays.stream(list)
                    .map(status -> status.getPath().getName())
                    .collect(Collectors.toSet());
            if (Lake.FOLDERS.stream().anyMatch(names::contains)) {
                requireNoLake(directory, under.isEmpty() ? input : under);
            }
            if (format == Format.TORCHRL && names.containsAll(Set.of("meta.json", TorchRl.LENGTH))) {
                takeFolder(directory);
                return;
            }
            // What else a LeRobot dataset has beside its data is about it, and Parquet too.
            var isLeRobot = format == Format.PARQUET
                    && names.containsAll(Set.of("meta", "data"))
                    && files(directory).exists(new Path(directory, "meta/info.json"));
            var isMinari = format == Format.MINARI
                    && directory.getName().equals("data")
                    && names.stream().anyMatch(FoundFiles::isMain);
            for (var status : list) {
                var name = status.getPath().getName();
                if (isExcluded(name)) {
                    leave(EXCLUDED, under + name);
                } else if (status.isDirectory()) {
                    if (!isLeRobot || name.equals("data")) {
                        walkInto(status.getPath(), under + name, depth);
                    }
                } else if (isHidden(name)) {
                    leaveHidden(under + name, name);
                } else if (format.isNameOf(name) && (!isMinari || isMain(name))) {
                    // All of Minari's files have one name; that of their dataset's folder tells them apart.
                    var dataset = isMinari && under.equals("data/")
                            ? directory.getParent().getName() + "/"
                            : "";
                    take(
                            format == Format.MINARI && MinariTables.isPart(name)
                                    ? MinariTables.name(status.getPath())
                                    : dataset + under + name,
                            status);
                } else if (!isLeRobot
                        && !format.isCompanion(name)
                        && !USUAL.matcher(name).matches()) {
                    leave("files of other kinds were not read", under + name);
                }
            }
        }

        private void walkInto(Path folder, String under, int depth) throws IOException {
            if (isHidden(folder.getName())) {
                leaveHidden(under + "/", folder.getName());
            } else if (files(folder).makeQualified(folder).toString().equals(out)) {
                // At first it holds only what says who is at work there.
                if (Arrays.stream(files(folder).listStatus(folder))
                        .anyMatch(status -> !isHidden(status.getPath().getName()))) {
                    leave("folders were not read, since --out is there", under + "/");
                }
            } else {
                walk(folder, under + "/", depth + 1);
            }
        }

        private void take(String name, FileStatus status) throws IOException {
            took = true;
            if (format.isFrame()
                    && status.getPath().getName().indexOf(':') >= 0
                    && files(status.getPath()) instanceof LocalFileSystem) {
                throw new UserException(
                        "Cannot read " + name + ": Spark cannot read files in a local folder whose name has a"
                                + " colon; rename it, for example to "
                                + status.getPath().getName().replace(':', '-'));
            }
            var path = status.getPath().toString();
            if (status.getLen() == 0) {
                empty.add(name);
                return;
            }
            var other = files.get(path);
            if (other != null) {
                twice.add(path);
            }
            if (other == null || name.length() < other.name().length()) {
                files.put(path, new InputFile(name, path, status.getLen()));
            }
        }

        /** A folder that is read as one file is. */
        private void takeFolder(Path folder) throws IOException {
            took = true;
            var path = folder.toString();
            if (files.containsKey(path)) {
                twice.add(path);
            }
            var above = folder.getParent() == null ? "" : folder.getParent().getName() + "/";
            files.put(
                    path,
                    new InputFile(
                            above + folder.getName(),
                            path,
                            files(folder).getContentSummary(folder).getLength()));
        }

        private boolean isExcluded(String name) {
            return exclude.stream()
                    .anyMatch(filter -> filter.accept(new Path(new Path("/"), new Path(null, null, name))));
        }

        private void leaveHidden(String name, String last) {
            if (!USUAL.matcher(last).matches()) {
                leave("hidden files or folders were not read", name);
            }
        }

        private void leave(String why, String name) {
            unread.computeIfAbsent(why, unseen -> new ArrayList<>()).add(name);
        }

        private FileSystem files(Path path) throws IOException {
            return path.getFileSystem(configuration);
        }

        /** A folder itself is listed anyway. */
        private void requireNoLakeAbove(Path match) throws IOException {
            var folder = match.getParent();
            for (var level = 0; folder != null && level <= LEVELS_ABOVE; level++, folder = folder.getParent()) {
                requireNoLake(folder, input);
            }
        }

        private void requireNoLake(Path folder, String input) throws IOException {
            if (!(format == Format.PARQUET || format == Format.ORC || format == Format.AVRO) || !checked.add(folder)) {
                return;
            }
            var lake = lake(folder);
            if (lake != null) {
                var source = lake.name().toLowerCase(Locale.ROOT);
                throw new UserException("Cannot read " + input + " as files: " + folder + " is " + lake.words
                        + ", whose files also hold rows that it no longer has; use format = spark, spark { format = "
                        + source + " } and input = \"" + folder + "\"");
            }
        }

        /** Web servers' file systems say of every path that it is there, as a file. */
        private static boolean hasFolder(FileSystem system, Path path) throws IOException {
            try {
                return system.getFileStatus(path).isDirectory();
            } catch (FileNotFoundException e) {
                return false;
            }
        }

        private @Nullable Lake lake(Path folder) throws IOException {
            var system = files(folder);
            if (hasFolder(system, new Path(folder, Lake.DELTA.folder))) {
                return Lake.DELTA;
            }
            if (hasFolder(system, new Path(folder, Lake.HUDI.folder))) {
                return Lake.HUDI;
            }
            var metadata = new Path(folder, Lake.ICEBERG.folder);
            if (!system.exists(metadata)) {
                return null;
            }
            return Arrays.stream(system.listStatus(metadata))
                            .anyMatch(status -> status.getPath().getName().endsWith(".metadata.json"))
                    ? Lake.ICEBERG
                    : null;
        }
    }

    private static boolean isMain(String name) {
        return MinariHdf5.MAIN.endsWith("/" + name);
    }

    private static boolean isHidden(String name) {
        return name.startsWith(".") || name.startsWith("_");
    }

    /**
     * Makes sure that the names which episodes get from their files differ.
     *
     * @param known names of files that are in the dataset already
     * @throws UserException if two files have one name but for their endings
     */
    public static void requireStems(List<InputFile> files, Collection<String> known, Format format) {
        var seen = new TreeMap<String, String>();
        known.forEach(name -> seen.put(format.stem(name), name));
        for (var file : files) {
            var other = seen.put(format.stem(file.name()), file.name());
            if (other != null) {
                throw new UserException("Cannot read " + file.name() + " beside " + other
                        + ": their episodes would have the same ids, since only the endings differ; rename one, or leave one"
                        + " out with exclude");
            }
        }
    }
}
