package io.hindcast.table;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.hindcast.config.Json;
import io.hindcast.config.Outside;
import io.hindcast.config.UserException;
import io.hindcast.config.Version;
import io.hindcast.data.Findings;
import io.hindcast.files.Aside;
import io.hindcast.files.FilesInPlace;
import io.hindcast.files.LocalFiles;
import io.hindcast.files.Place;
import io.hindcast.files.Seal;
import io.hindcast.table.parquet.PartFile;
import io.hindcast.table.parquet.PartWriter;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.commons.lang3.exception.ExceptionUtils;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.ChecksumException;
import org.apache.hadoop.fs.FSError;
import org.apache.hadoop.fs.FileAlreadyExistsException;
import org.apache.hadoop.fs.FileContext;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Options;
import org.apache.hadoop.fs.Path;
import org.apache.spark.TaskContext;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SaveMode;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.apache.spark.util.SerializableConfiguration;
import org.jspecify.annotations.Nullable;

/**
 * The tables under one output directory, on any Hadoop file system. A version is written aside, read back, described by its
 * manifest and put in its place by one rename; it is published if the manifest parses and every file it lists is there with
 * its length, and readers ignore everything else.
 */
public final class Warehouse {
    /** What a Spark session needs so that tables are written and read alike everywhere, and bit rot is found. */
    public static final Map<String, String> SESSION_SETTINGS = Map.of(
            "spark.sql.parquet.compression.codec", "zstd",
            "spark.hadoop.parquet.page.verify-checksum.enabled", "true",
            "spark.sql.files.ignoreCorruptFiles", "false",
            "spark.sql.files.ignoreMissingFiles", "false",
            "spark.sql.session.timeZone", "UTC");

    private static final String MANIFEST = "_manifest.json";
    private static final Pattern VERSION = Pattern.compile("v([1-9][0-9]{0,8})");
    private static final Pattern BASE = Pattern.compile("^\\.\\./v([1-9][0-9]{0,8})/");
    private static final Aside ASIDE = Aside.ofThisProcess(".tmp-");

    private final SparkSession spark;
    private final String root;

    /**
     * @param root the output directory, a path or URI that Hadoop understands; it need not exist
     */
    public Warehouse(SparkSession spark, String root) {
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
                    return torn(new Path(directory(table), "v" + number), manifest.get());
                }
            }
            return Optional.empty();
        } catch (IOException e) {
            throw failure("read", table, e);
        }
    }

    /** The version of {@code table} that was put in place with {@code last}, which completed it. */
    public Optional<TableVersion> beside(TableVersion last, TableName table) {
        return find(table, version -> belongs(version.manifest(), last));
    }

    private static boolean belongs(Manifest beside, TableVersion last) {
        if (beside.publication() != null || last.manifest().publication() != null) {
            return Objects.equals(beside.publication(), last.manifest().publication());
        }
        // Written before publications had names.
        if (last.table() != TableName.TRANSITIONS) {
            return beside.requestKey().equals(last.manifest().requestKey());
        }
        var named = named(beside, TableName.TRANSITIONS);
        return named.isEmpty()
                || named.get().fingerprint().equals(last.manifest().fingerprint());
    }

    /** The version of a table that another names as read. */
    static Optional<Manifest.Parent> named(Manifest manifest, TableName table) {
        return manifest.parents().stream()
                .filter(parent -> parent.table().equals(table.directory()))
                .findFirst();
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
     * The rows of a version, columns as in the schema; checksums of pages are verified as they are read.
     *
     * @throws UserException if it was written under another schema version, or a file is not the one that was published
     */
    public Dataset<Row> read(TableVersion version) {
        requireReadable(version);
        requireWhole(version, version.manifest().files());
        return read(
                version.table(), new Path(version.path()), version.manifest().files());
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
     * What {@code request} asked for, if it is the latest version already; empty if it is to be made and published: the table
     * has no version, or its latest is out of date. That is so where the latest came from the same job, configuration and
     * inputs, and every version that {@code request} reads is the one that was read then or a later one that came of it: by
     * appending, or because what it was made from was brought up to date in this same sense.
     *
     * @throws UserException if the latest version came from another request
     */
    public Optional<TableVersion> published(TableName table, Request request) {
        var latest = latest(table);
        if (latest.isPresent() && bringsUpToDate(request, latest.get().manifest())) {
            return Optional.empty();
        }
        latest.filter(version -> !version.manifest().requestKey().equals(request.key()))
                .ifPresent(version -> {
                    throw new UserException("Cannot write " + table + " to " + root + ": v" + version.number()
                            + " there came from another input or configuration ("
                            + request.differencesFrom(version.manifest()) + "); choose another --out or remove "
                            + root + "/" + table);
                });
        return latest;
    }

    private boolean bringsUpToDate(Request request, Manifest made) {
        return !request.key().equals(made.requestKey())
                && request.differsOnlyInParentsFrom(made)
                && comeOf(request.parents(), parentsOfOthers(made));
    }

    /**
     * Whether the versions of {@code now} are, table by table, those of {@code before} or come of them. An earlier hindcast may have
     * named fewer.
     */
    private boolean comeOf(List<Manifest.Parent> now, List<Manifest.Parent> before) {
        return before.isEmpty() == now.isEmpty()
                && before.stream().allMatch(earlier -> now.stream().anyMatch(later -> comesOf(later, earlier)));
    }

    private boolean comesOf(Manifest.Parent now, Manifest.Parent before) {
        if (!now.table().equals(before.table())) {
            return false;
        }
        if (now.fingerprint().equals(before.fingerprint())) {
            return true;
        }
        var later = find(now).map(TableVersion::manifest);
        if (later.isEmpty()) {
            return false;
        }
        var appendedTo = later.get().parents().stream()
                .filter(parent -> parent.table().equals(now.table()))
                .findFirst();
        if (appendedTo.isPresent()) {
            return comesOf(appendedTo.get(), before);
        }
        var remade = asked(later.get());
        return find(before)
                .filter(earlier -> remade.differsOnlyInParentsFrom(earlier.manifest()))
                .filter(earlier -> comeOf(remade.parents(), parentsOfOthers(earlier.manifest())))
                .isPresent();
    }

    private static Request asked(Manifest manifest) {
        return new Request(manifest.job(), manifest.configuration(), parentsOfOthers(manifest), manifest.inputs());
    }

    /** What was read; an appended version names the one before it too, which was not asked for. */
    private static List<Manifest.Parent> parentsOfOthers(Manifest manifest) {
        return manifest.parents().stream()
                .filter(parent -> !parent.table().equals(manifest.table()))
                .toList();
    }

    /**
     * A version that another one names as read.
     *
     * @throws UserException if it is no longer there
     */
    public TableVersion require(Manifest.Parent parent) {
        return find(parent)
                .orElseThrow(() -> new UserException("Cannot read " + parent.table() + " v" + parent.version() + " in "
                        + root + ": it is not there any more; put it back, or curate anew with another --out"));
    }

    private Optional<TableVersion> find(Manifest.Parent parent) {
        return Stream.of(TableName.values())
                .filter(table -> table.directory().equals(parent.table()))
                .findFirst()
                .flatMap(table ->
                        find(table, version -> version.manifest().fingerprint().equals(parent.fingerprint())));
    }

    /**
     * Makes sure that {@code base} was made with a configuration, so that more can be added to it.
     *
     * @throws UserException if it was another one
     */
    public void requireConfiguration(TableVersion base, Map<String, Object> configuration) {
        var manifest = base.manifest();
        var same = new Request(manifest.job(), configuration, List.of(), manifest.inputs());
        if (!same.differsOnlyInParentsFrom(manifest)) {
            throw new UserException("Cannot append to " + base + " in " + root
                    + ": it came from another configuration (" + same.differencesFrom(manifest)
                    + "); use that one, or ingest all files anew with another --out");
        }
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

    /** Publishes {@code frame} under a number. */
    TableVersion publish(TableName table, int number, Request request, Dataset<Row> frame, Findings findings) {
        checkColumns(table, frame);
        try {
            var files = prepare(table);
            var temporary = new Path(directory(table), ASIDE.name());
            try {
                var manifest = write(files, temporary, table, number, request, frame, findings);
                return putInPlace(files, temporary, table, manifest).orElseThrow(() -> overtaken(table, number));
            } finally {
                files.delete(temporary, true);
            }
        } catch (IOException e) {
            throw failure("write", table, e);
        } catch (Exception e) { // Spark throws checked exceptions that it does not declare
            throw unwrapped(e);
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

    /** Writes a few rows aside. */
    Draft draft(TableName table, int number, List<@Nullable Object[]> rows) {
        var directory = aside(table);
        try (var writer = new PartWriter(table.schema(), directory, "part-00000.parquet", configuration())) {
            for (var row : rows) {
                writer.write(row);
            }
            return new Draft(table, number, directory, List.of(writer.finish()), Optional.empty());
        } catch (IOException e) {
            discard(directory);
            throw failure("write", table, e);
        } catch (RuntimeException | FSError e) {
            discard(directory);
            throw e;
        }
    }

    /** Writes {@code frame} aside in one file, which one task writes; columns that are vectors cannot be written so. */
    Draft draftInOneFile(TableName table, int number, Dataset<Row> frame) {
        checkColumns(table, frame);
        var directory = aside(table);
        var hadoop = new SerializableConfiguration(configuration());
        try {
            var parts = frame.select(columns(table))
                    .coalesce(1)
                    .toJavaRDD()
                    .mapPartitions(rows -> List.of(part(table, directory, rows, hadoop.value()))
                            .iterator())
                    .collect();
            return new Draft(table, number, directory, parts, Optional.empty());
        } catch (Exception e) { // Spark throws checked exceptions that it does not declare
            discard(directory);
            throw unwrapped(e);
        }
    }

    private static PartFile part(TableName table, String directory, Iterator<Row> rows, Configuration hadoop)
            throws IOException {
        var name = "part-00000-" + TaskContext.get().taskAttemptId() + ".parquet";
        try (var writer = new PartWriter(table.schema(), directory, name, hadoop)) {
            while (rows.hasNext()) {
                var row = rows.next();
                var values = new @Nullable Object[row.size()];
                for (var c = 0; c < values.length; c++) {
                    values[c] = row.get(c);
                }
                writer.write(values);
            }
            return writer.finish();
        }
    }

    private static RuntimeException unwrapped(Exception e) {
        var cause = ExceptionUtils.throwableOfType(e, UserException.class);
        return cause != null ? cause : ExceptionUtils.<RuntimeException>rethrow(e);
    }

    private static Column[] columns(TableName table) {
        return Stream.of(table.schema().fieldNames()).map(functions::col).toArray(Column[]::new);
    }

    /** The number that the next version of a table gets; those of unpublished directories are passed over, never touched. */
    int nextNumber(TableName table) {
        try {
            return numbers(table).stream().findFirst().orElse(0) + 1;
        } catch (IOException e) {
            throw failure("read", table, e);
        }
    }

    /**
     * Makes a directory in which tasks write the files of a version to come, with {@link PartWriter}; what a process that is no
     * more left behind is removed. {@link #discard} ends it.
     *
     * @throws UserException if it cannot be made
     */
    public String aside(TableName table) {
        try {
            var temporary = new Path(directory(table), ASIDE.name());
            if (!prepare(table).mkdirs(temporary)) {
                throw new IOException("no directory can be made there");
            }
            return temporary.toString();
        } catch (IOException e) {
            throw failure("write", table, e);
        }
    }

    /** Removes what was written aside; does nothing if it is gone. */
    public void discard(String aside) {
        var path = new Path(aside);
        try {
            path.getFileSystem(configuration()).delete(path, true);
        } catch (IOException e) {
            // The next writer removes it.
        }
    }

    /**
     * Puts what was written aside in place under the number of {@code draft}, with the files of {@code draft.base()} before it.
     *
     * @param episodes distinct episodes, null for a table without an {@code episode_id}
     * @return empty if another version has that number by now; then what was written is still aside
     * @throws UserException if the directory cannot be written
     */
    Optional<TableVersion> put(
            Draft draft, Request request, @Nullable Long episodes, Manifest.@Nullable Publication publication) {
        var table = draft.table();
        var temporary = new Path(draft.directory());
        try {
            var files = temporary.getFileSystem(configuration());
            // An attempt of a task that was not the one to succeed may have left its file.
            var names = draft.parts().stream().map(PartFile::name).toList();
            for (var file : files.listStatus(temporary)) {
                if (!names.contains(file.getPath().getName())) {
                    files.delete(file.getPath(), true);
                }
            }
            var manifest = manifest(
                    table,
                    draft.number(),
                    request,
                    draft.base().map(TableVersion::asParent),
                    new Contents(draft.rows(), episodes, draft.fingerprint(), List.of()),
                    draft.files(),
                    draft.findings(),
                    publication);
            writeManifest(temporary, manifest);
            return putInPlace(files, temporary, table, manifest);
        } catch (FileNotFoundException e) {
            return Optional.empty(); // it landed inside another's version, and went with it
        } catch (IOException e) {
            throw failure("write", table, e);
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

    /** Takes a version that nobody reads out of its place; the next writer removes it if this one cannot. */
    void remove(TableName table, int number) {
        try {
            var place = new Path(directory(table), "v" + number);
            var files = place.getFileSystem(configuration());
            var aside = new Path(directory(table), ASIDE.name());
            // In one step, so that no half of it is left under its number.
            if (files.exists(place) && files.rename(place, aside)) {
                files.delete(aside, true);
            }
        } catch (IOException e) {
            // It is still read by nobody.
        }
    }

    /**
     * Removes versions of the tables that one of {@code table} completes, where none ever will: the version that they wait for is
     * there, and another writer put it in place. No reader takes them, and no writer can still be about to complete them.
     */
    void removeLeftovers(TableName table) {
        for (var other : TableName.values()) {
            if (other.completedBy().equals(Optional.of(table))) {
                try {
                    leftovers(other, table).forEach(number -> remove(other, number));
                } catch (IOException e) {
                    // They are still read by nobody.
                }
            }
        }
    }

    /**
     * From the latest that is published down to the one before it: what lies below was looked at before that one was made. Above
     * the latest a number may be given again before it is removed, and then to a version that is waited for.
     */
    private List<Integer> leftovers(TableName table, TableName last) throws IOException {
        var leftovers = new ArrayList<Integer>();
        var published = 0;
        var standsOn = new HashSet<Integer>();
        for (var number : numbers(table)) {
            var manifest = manifest(table, number);
            if (manifest.isEmpty()) {
                continue;
            }
            var awaited = awaited(manifest.get(), last);
            var there = awaited.isPresent() ? version(last, awaited.getAsInt()) : Optional.<TableVersion>empty();
            var isLeft = there.isPresent() && !isOwned(manifest.get(), there.get()) && !standsOn.contains(number);
            if (isLeft) {
                if (published == 0) {
                    continue;
                }
                leftovers.add(number);
                continue;
            }
            standsOn.addAll(bases(manifest.get()));
            if (there.isPresent() && ++published == 2) {
                break;
            }
        }
        return leftovers;
    }

    /** The number of the version that completes this one; empty if an earlier hindcast did not say. */
    private static OptionalInt awaited(Manifest beside, TableName last) {
        if (beside.publication() != null) {
            return OptionalInt.of(beside.publication().version());
        }
        return named(beside, last).stream().mapToInt(Manifest.Parent::version).findFirst();
    }

    private boolean isOwned(Manifest beside, TableVersion last) {
        return belongs(beside, last)
                || (beside.publication() == null
                        && find(last.table(), other -> belongs(beside, other)).isPresent());
    }

    private static List<Integer> bases(Manifest manifest) {
        return manifest.files().stream()
                .map(file -> BASE.matcher(file.name()))
                .filter(Matcher::find)
                .map(matcher -> Integer.valueOf(matcher.group(1)))
                .toList();
    }

    private FileSystem prepare(TableName table) throws IOException {
        var files = directory(table).getFileSystem(configuration());
        if (!files.mkdirs(directory(table))) {
            throw new IOException("no directory can be made there");
        }
        removeStale(files, table);
        return files;
    }

    /** Removes what jobs were writing that are no more; what cannot be removed is still read by nobody. */
    public void removeLeft() {
        try {
            var places = new FilesInPlace(LocalFiles.context(new Path(root), configuration()));
            places.removeOrphans(new Path(root));
            places.removeOrphans(new Path(root, "policies"));
            for (var table : TableName.values()) {
                places.removeOrphans(directory(table));
            }
        } catch (IOException e) {
            // Whoever writes there is told.
        }
    }

    private static void checkColumns(TableName table, Dataset<Row> frame) {
        var schema = table.schema();
        var wanted = Arrays.asList(schema.fieldNames());
        var given = Arrays.asList(frame.columns());
        for (var name : given) {
            if (!wanted.contains(name)) {
                throw new IllegalArgumentException(
                        "Cannot publish " + table + ": its schema has no column '" + name + "'");
            }
        }
        for (var field : schema.fields()) {
            if (!given.contains(field.name())) {
                throw new IllegalArgumentException(
                        "Cannot publish " + table + ": column '" + field.name() + "' is missing");
            }
            var type = frame.schema().apply(field.name()).dataType().simpleString();
            if (!type.equals(field.dataType().simpleString())) {
                throw new IllegalArgumentException("Cannot publish " + table + ": column '" + field.name() + "' is "
                        + type + ", its schema says " + field.dataType().simpleString());
            }
        }
    }

    private Manifest write(
            FileSystem files,
            Path temporary,
            TableName table,
            int number,
            Request request,
            Dataset<Row> frame,
            Findings findings)
            throws IOException {
        frame.select(columns(table))
                .write()
                .mode(SaveMode.ErrorIfExists)
                .option("compression", "zstd")
                .option("mapreduce.fileoutputcommitter.marksuccessfuljobs", "false")
                .parquet(temporary.toString());
        var written = new ArrayList<Manifest.DataFile>();
        for (var file : files.listStatus(temporary)) {
            written.add(new Manifest.DataFile(
                    file.getPath().getName(), file.getLen(), PartFile.sha256(files, file.getPath())));
        }
        written.sort(Comparator.comparing(Manifest.DataFile::name));
        var contents = Contents.of(read(table, temporary, written), table.schema());
        if (!contents.columnsWithNulls().isEmpty()) {
            throw new IllegalArgumentException("Cannot publish " + table + ": there are nulls in "
                    + String.join(", ", contents.columnsWithNulls()) + ", where its schema allows none");
        }
        var manifest = manifest(
                table,
                number,
                request,
                Optional.empty(),
                contents,
                written,
                findings.equals(Findings.NONE) ? null : findings,
                null);
        writeManifest(temporary, manifest);
        return manifest;
    }

    private static Manifest manifest(
            TableName table,
            int number,
            Request request,
            Optional<Manifest.Parent> base,
            Contents contents,
            List<Manifest.DataFile> files,
            @Nullable Findings findings,
            Manifest.@Nullable Publication publication) {
        return new Manifest(
                table.directory(),
                number,
                table.schemaVersion(),
                contents.rows(),
                contents.episodes(),
                contents.fingerprint(),
                request.key(),
                request.job(),
                request.configuration(),
                Stream.concat(request.parents().stream(), base.stream()).toList(),
                request.inputs(),
                files,
                Instant.now().toString(),
                Version.TEXT,
                findings,
                publication);
    }

    private void writeManifest(Path directory, Manifest manifest) throws IOException {
        try (var out = LocalFiles.create(new Path(directory, MANIFEST), configuration())) {
            out.write(Seal.put(Json.sortedLines(manifest)).getBytes(StandardCharsets.UTF_8));
            out.hsync();
        }
    }

    /** Empty if another version is there; then what was written is still aside. */
    private Optional<TableVersion> putInPlace(FileSystem files, Path temporary, TableName table, Manifest manifest)
            throws IOException {
        var place = new Path(directory(table), "v" + manifest.version());
        LocalFiles.forgetChecksums(temporary, configuration());
        var renaming = FileContext.getFileContext(files.getUri(), configuration());
        try {
            renaming.rename(temporary, place, Options.Rename.NONE);
        } catch (FileAlreadyExistsException e) {
            return Optional.empty();
        }
        // A file system may look and rename in two steps; then a late writer lands inside the winner's directory.
        var inside = new Path(place, temporary.getName());
        if (files.exists(inside)) {
            renaming.rename(inside, temporary, Options.Rename.NONE);
            return Optional.empty();
        }
        var winner = version(table, manifest.version());
        return winner.filter(version -> version.manifest().files().equals(manifest.files()));
    }

    UserException overtaken(TableName table, int number) {
        return new UserException("Cannot publish " + table + " v" + number + " in " + root
                + ": another writer published it first; run the job again");
    }

    private void removeStale(FileSystem files, TableName table) throws IOException {
        for (var entry : list(table)) {
            if (ASIDE.isLeft(entry.getPath().getName(), entry.getModificationTime())) {
                files.delete(entry.getPath(), true);
            }
        }
    }

    private Dataset<Row> read(TableName table, Path directory, List<Manifest.DataFile> files) {
        return spark.read()
                .schema(table.schema())
                .option("parquet.page.verify-checksum.enabled", "true")
                .parquet(files.stream()
                        .map(file -> PathPattern.of(new Path(directory, file.name()).toString()))
                        .toArray(String[]::new));
    }

    /** The version if it is complete. */
    private Optional<TableVersion> version(TableName table, int number) throws IOException {
        var manifest = manifest(table, number);
        if (manifest.isEmpty()) {
            return Optional.empty();
        }
        var directory = new Path(directory(table), "v" + number);
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

    /**
     * Empty if there is none: then nothing was put in place there as a whole.
     *
     * @throws UserException if it is not what was written
     */
    private Optional<Manifest> manifest(TableName table, int number) throws IOException {
        var path = new Path(directory(table), "v" + number + "/" + MANIFEST);
        try (var in = path.getFileSystem(configuration()).open(path)) {
            var text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
            var fields = Json.SORTED.readValue(text, ObjectNode.class);
            // Of before manifests proved themselves it has no seal.
            if (fields.has(Seal.FIELD) && !Seal.isWhole(text)) {
                throw DamagedFile.at(root, table, path.toString(), null);
            }
            // Manifests of before there were findings and publications have no such field.
            fields.putIfAbsent("findings", fields.nullNode());
            fields.putIfAbsent("publication", fields.nullNode());
            // Nor have inputs one of where they lay, of old and of sources without files.
            for (var input : fields.path("inputs")) {
                if (input instanceof ObjectNode noted) {
                    noted.putIfAbsent("place", noted.nullNode());
                }
            }
            return Optional.of(Json.SORTED.treeToValue(fields, Manifest.class));
        } catch (FileNotFoundException e) {
            return Optional.empty();
        } catch (JacksonException | ChecksumException e) {
            throw DamagedFile.at(root, table, path.toString(), e);
        }
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
                    torn(new Path(directory(table), "v" + number), manifest.get())
                            .ifPresent(file ->
                                    sentences.add(table + " v" + number + " is not read: " + file + " is not there"));
                }
            }
        } catch (IOException e) {
            throw failure("read", table, e);
        }
        return sentences;
    }

    /** The numbers of all version directories, published or not, highest first. */
    private List<Integer> numbers(TableName table) throws IOException {
        return list(table).stream()
                .map(entry -> VERSION.matcher(entry.getPath().getName()))
                .filter(matcher -> matcher.matches())
                .map(matcher -> Integer.valueOf(matcher.group(1)))
                .sorted(Comparator.reverseOrder())
                .toList();
    }

    private List<FileStatus> list(TableName table) throws IOException {
        try {
            return List.of(directory(table).getFileSystem(configuration()).listStatus(directory(table)));
        } catch (FileNotFoundException e) {
            return List.of();
        }
    }

    private Path directory(TableName table) {
        return new Path(root, table.directory());
    }

    /** How its file system is reached. */
    public Configuration hadoop() {
        return configuration();
    }

    private Configuration configuration() {
        return spark.sparkContext().hadoopConfiguration();
    }

    private UserException failure(String verb, TableName table, IOException e) {
        return new UserException(
                "Cannot " + verb + " " + table + " in " + root + ": "
                        + Outside.words(e, "check the path given as --out"),
                e);
    }

    /** The job that makes a table, in words. */
    static String producers(TableName table) {
        return switch (table) {
            case TRANSITIONS, EPISODES, QUARANTINE -> "ingest or collect";
            case NOVELTY -> "collect with behaviour rnd";
            case DATASET_STATE, DATASET_STATS -> "stats";
            case SUBSETS, SUBSET_STEPS -> "curate";
            case RUNS, METRICS -> "train";
            case EVALUATIONS -> "evaluate";
        };
    }
}
