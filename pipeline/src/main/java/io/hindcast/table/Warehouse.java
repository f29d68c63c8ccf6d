package io.hindcast.table;

import io.hindcast.config.Outside;
import io.hindcast.config.UserException;
import io.hindcast.files.Place;
import io.hindcast.table.parquet.PartWriter;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;

/**
 * Finds and reads the tables under one output directory, on any Hadoop file system. A version is published if its manifest parses
 * and every file that it lists is there with its length; readers ignore everything else. What writes one is {@link TableWriter}.
 */
public final class Warehouse {
    /** What a Spark session needs so that tables are written and read alike everywhere, and bit rot is found. */
    public static final Map<String, String> SESSION_SETTINGS = Map.of(
            "spark.sql.parquet.compression.codec", "zstd",
            "spark.hadoop.parquet.page.verify-checksum.enabled", "true",
            "spark.sql.files.ignoreCorruptFiles", "false",
            "spark.sql.files.ignoreMissingFiles", "false",
            "spark.sql.session.timeZone", "UTC");

    private static final Pattern VERSION = Pattern.compile("v([1-9][0-9]{0,8})");

    private final SparkOnDemand spark;
    private final String root;

    /**
     * @param root the output directory, a path or URI that Hadoop understands; it need not exist
     */
    public Warehouse(SparkSession spark, String root) {
        this(SparkOnDemand.of(spark), root);
    }

    /** As {@link #Warehouse(SparkSession, String)}, with a Spark that starts when a frame is first read. */
    public Warehouse(SparkOnDemand spark, String root) {
        this.spark = spark;
        this.root = Place.of(root);
    }

    /** The output directory as the user named it. */
    public String root() {
        return root;
    }

    /** The output directory with its file system, the same from wherever it is named. */
    public String location() {
        try {
            var path = new Path(root);
            return path.getFileSystem(configuration()).makeQualified(path).toString();
        } catch (IOException e) {
            throw new UserException("Cannot use --out " + root + ": " + Outside.words(e, "check the path"), e);
        }
    }

    /** What is published at this moment, as one state: every reader begins here. */
    public Snapshot snapshot() {
        return new Snapshot(this);
    }

    /**
     * A table's version in the {@link #snapshot} of this moment, for one who reads no other.
     *
     * @throws UserException if there is none
     */
    public TableVersion require(TableName table) {
        return snapshot().require(table);
    }

    /**
     * A version to come. Of two writers at once the one that publishes later is told, so begin before you look at what is there.
     *
     * @throws UserException if the directory cannot be read
     */
    public Publication begin(TableName table) {
        return new Publication(this, table);
    }

    /**
     * Publishes {@code frame} as the next version.
     *
     * @throws UserException if the directory cannot be written, another writer was faster, or a task of the frame threw one
     * @throws IllegalArgumentException if the frame does not fit the table's schema
     */
    public TableVersion publish(TableName table, Request request, Dataset<Row> frame) {
        try (var publication = begin(table)) {
            return publication.publish(request, frame);
        }
    }

    /**
     * Publishes a few rows as the next version, without a Spark job, whose start alone takes longer.
     *
     * @param rows as {@link PartWriter#write} takes them, of a table without an {@code episode_id}
     * @throws UserException if the directory cannot be written, or another writer was faster
     * @throws IllegalArgumentException if a row does not fit the table's schema
     */
    public TableVersion publish(TableName table, Request request, List<@Nullable Object[]> rows) {
        try (var publication = begin(table)) {
            return publication.publish(request, rows);
        }
    }

    /**
     * The complete version with the highest number, whatever it was made from; see {@link #snapshot}.
     *
     * @throws UserException if the directory cannot be read
     */
    Optional<TableVersion> latest(TableName table) {
        return find(table, version -> true);
    }

    /** A file that a version lists and that is not there with its length, where that is why the latest is not published. */
    Optional<String> torn(TableName table) {
        try {
            for (var number : numbers(table)) {
                var manifest = manifest(table, number);
                if (manifest.isPresent()) {
                    return torn(directory(table, number), manifest.get());
                }
            }
            return Optional.empty();
        } catch (IOException e) {
            throw failure("read", table, e);
        }
    }

    /** Whether there are folders of versions, published or not. */
    boolean hasFolders(TableName table) {
        try {
            return !numbers(table).isEmpty();
        } catch (IOException e) {
            throw failure("read", table, e);
        }
    }

    /** The version of {@code table} that was put in place with {@code last}, which completed it. */
    public Optional<TableVersion> beside(TableVersion last, TableName table) {
        return find(table, version -> belongs(version.manifest(), last));
    }

    static boolean belongs(Manifest beside, TableVersion last) {
        if (beside.publication() != null || last.manifest().publication() != null) {
            return Objects.equals(beside.publication(), last.manifest().publication());
        }
        // Written before publications had names.
        if (last.table() != TableName.TRANSITIONS) {
            return beside.requestKey().equals(last.manifest().requestKey());
        }
        var named = beside.parent(TableName.TRANSITIONS);
        return named.isEmpty()
                || named.get().fingerprint().equals(last.manifest().fingerprint());
    }

    /** A version that {@code request} made, whether or not it is the latest. */
    public Optional<TableVersion> madeBy(TableName table, Request request) {
        return find(table, version -> version.manifest().requestKey().equals(request.key()));
    }

    /** The latest version that another request than this made: what came before it. */
    public Optional<TableVersion> madeOtherwise(TableName table, Request request) {
        return find(table, version -> !version.manifest().requestKey().equals(request.key()));
    }

    Optional<TableVersion> find(TableName table, Predicate<TableVersion> wanted) {
        try {
            for (var number : numbers(table)) {
                var version = version(table, number).filter(wanted);
                if (version.isPresent()) {
                    return version;
                }
            }
            return Optional.empty();
        } catch (IOException e) {
            throw failure("read", table, e);
        }
    }

    /**
     * The rows of a version, columns as {@link TableVersion#schema} says; checksums of pages are verified as they are read.
     *
     * @throws UserException if it was written under another schema version, or a file is not the one that was published
     */
    public Dataset<Row> read(TableVersion version) {
        requireReadable(version);
        requireWhole(version, version.manifest().files());
        return read(
                version.schema(), new Path(version.path()), version.manifest().files());
    }

    /**
     * The paths of a version's Parquet files, in the order of its rows, once they are known to be those that were published.
     *
     * @throws UserException if one is not, or cannot be read
     */
    public List<String> files(TableVersion version) {
        return files(version, file -> true);
    }

    /** The same of some of its files. */
    public List<String> files(TableVersion version, Predicate<Manifest.DataFile> wanted) {
        var files = version.manifest().files().stream().filter(wanted).toList();
        requireWhole(version, files);
        return files.stream().map(file -> version.path() + "/" + file.name()).toList();
    }

    private void requireWhole(TableVersion version, List<Manifest.DataFile> files) {
        try {
            var damaged = WholeFiles.damaged(new Path(version.path()), files, configuration());
            if (damaged.isPresent()) {
                throw DamagedFile.at(
                        root,
                        version.table(),
                        damaged.get().path(),
                        damaged.get().cause());
            }
        } catch (IOException e) {
            throw failure("read", version.table(), e);
        }
    }

    /** @throws UserException if it was written under another schema version */
    void requireReadable(TableVersion version) {
        var table = version.table();
        var manifest = version.manifest();
        if (!table.reads(manifest.schemaVersion())) {
            throw new UserException("Cannot read " + version + " in " + root + ": it has schema version "
                    + manifest.schemaVersion() + ", this hindcast reads " + table.schemaVersion()
                    + "; write it again with this hindcast, or read it with hindcast " + manifest.hindcastVersion());
        }
    }

    /**
     * A version that another one names as read.
     *
     * @throws UserException if it is no longer there
     */
    public TableVersion require(Manifest.Parent parent) {
        return find(parent)
                .orElseThrow(() -> new UserException("Cannot read " + parent.table() + " v" + parent.version() + " in "
                        + root + ": it is not there any more; put it back, or curate again with another --out"));
    }

    Optional<TableVersion> find(Manifest.Parent parent) {
        return Stream.of(TableName.values())
                .filter(table -> table.directory().equals(parent.table()))
                .findFirst()
                .flatMap(table ->
                        find(table, version -> version.manifest().fingerprint().equals(parent.fingerprint())));
    }

    /** The number that the next version of a table gets; those of unpublished directories are passed over, never touched. */
    int nextNumber(TableName table) {
        try {
            return numbers(table).stream().findFirst().orElse(0) + 1;
        } catch (IOException e) {
            throw failure("read", table, e);
        }
    }

    /** Whether a version is there and complete. */
    Optional<TableVersion> numbered(TableName table, int number) {
        try {
            return version(table, number);
        } catch (IOException e) {
            throw failure("read", table, e);
        }
    }

    Dataset<Row> read(StructType schema, Path directory, List<Manifest.DataFile> files) {
        return spark.session()
                .read()
                .schema(schema)
                .option("parquet.page.verify-checksum.enabled", "true")
                .parquet(files.stream()
                        .map(file -> PathPattern.of(new Path(directory, file.name()).toString()))
                        .toArray(String[]::new));
    }

    /** The version if it is complete. */
    Optional<TableVersion> version(TableName table, int number) throws IOException {
        var manifest = manifest(table, number);
        if (manifest.isEmpty()) {
            return Optional.empty();
        }
        var directory = directory(table, number);
        var torn = torn(directory, manifest.get()).map(Path::new);
        if (torn.isPresent() && torn.get().getFileSystem(configuration()).exists(torn.get())) {
            if (!manifest(table, number).equals(manifest)) {
                return version(table, number); // it was removed meanwhile, or another took its number
            }
            // Of a writer that was killed a file may be missing, where folders are renamed file by file; none is cut.
            throw DamagedFile.at(root, table, torn.get().toString(), null);
        }
        return torn.isPresent()
                ? Optional.empty()
                : Optional.of(new TableVersion(table, number, directory.toString(), manifest.get()));
    }

    /** The first file of a version that is not there with its length. */
    private Optional<String> torn(Path directory, Manifest manifest) throws IOException {
        var files = directory.getFileSystem(configuration());
        for (var file : manifest.files()) {
            var path = new Path(directory, file.name());
            try {
                if (files.getFileStatus(path).getLen() != file.bytes()) {
                    return Optional.of(path.toString());
                }
            } catch (FileNotFoundException e) {
                return Optional.of(path.toString());
            }
        }
        return Optional.empty();
    }

    /** A sentence for each version that a file is missing of, and that is therefore not read, above the latest that is whole. */
    public List<String> incomplete(TableName table) {
        var sentences = new ArrayList<String>();
        try {
            for (var number : numbers(table)) {
                if (version(table, number).isPresent()) {
                    break;
                }
                var manifest = manifest(table, number);
                if (manifest.isPresent()) {
                    torn(directory(table, number), manifest.get())
                            .ifPresent(file ->
                                    sentences.add(table + " v" + number + " is not read: " + file + " is not there"));
                }
            }
        } catch (IOException e) {
            throw failure("read", table, e);
        }
        return sentences;
    }

    Optional<Manifest> manifest(TableName table, int number) throws IOException {
        return ManifestFile.read(root, table, directory(table, number), configuration());
    }

    UserException overtaken(TableName table, int number) {
        return new UserException("Cannot publish " + table + " v" + number + " in " + root
                + ": another writer published it first; run the job again");
    }

    /**
     * The numbers of all version directories, published or not, highest first. Listings of object stores may not show yet what was
     * published last: it is asked for by name.
     */
    List<Integer> numbers(TableName table) throws IOException {
        var numbers = new TreeSet<Integer>();
        for (var entry : list(table)) {
            var matcher = VERSION.matcher(entry.getPath().getName());
            if (matcher.matches()) {
                numbers.add(Integer.valueOf(matcher.group(1)));
            }
        }
        var next = numbers.isEmpty() ? 1 : numbers.last() + 1;
        while (manifest(table, next).isPresent()) {
            numbers.add(next++);
        }
        return List.copyOf(numbers.descendingSet());
    }

    private List<FileStatus> list(TableName table) throws IOException {
        try {
            return List.of(directory(table).getFileSystem(configuration()).listStatus(directory(table)));
        } catch (FileNotFoundException e) {
            return List.of();
        }
    }

    Path directory(TableName table) {
        return new Path(root, table.directory());
    }

    Path directory(TableName table, int number) {
        return new Path(directory(table), "v" + number);
    }

    /** How its file system is reached. */
    public Configuration hadoop() {
        return configuration();
    }

    private Configuration configuration() {
        return spark.hadoop();
    }

    UserException failure(String verb, TableName table, IOException e) {
        return new UserException(
                "Cannot " + verb + " " + table + " in " + root + ": "
                        + Outside.words(e, "check the path given as --out"),
                e);
    }
}
