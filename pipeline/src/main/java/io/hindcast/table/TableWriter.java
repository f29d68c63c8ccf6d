package io.hindcast.table;

import com.fasterxml.jackson.databind.JsonNode;
import io.hindcast.config.Json;
import io.hindcast.config.UserException;
import io.hindcast.config.Version;
import io.hindcast.data.Findings;
import io.hindcast.files.Publisher;
import io.hindcast.table.parquet.PartFile;
import io.hindcast.table.parquet.PartWriter;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.commons.lang3.exception.ExceptionUtils;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSError;
import org.apache.hadoop.fs.Path;
import org.apache.spark.TaskContext;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SaveMode;
import org.apache.spark.sql.functions;
import org.apache.spark.util.SerializableConfiguration;
import org.jspecify.annotations.Nullable;

/**
 * Writes versions of tables aside, describes them by their manifests and puts them in place. Which versions belong together, and
 * under which number one comes, is for {@link Publication}.
 */
final class TableWriter {
    private final Warehouse warehouse;

    TableWriter(Warehouse warehouse) {
        this.warehouse = warehouse;
    }

    /**
     * Makes a directory in which tasks write the files of a version to come, with {@link PartWriter}; what a process that is no
     * more left behind is removed. {@link #discard} ends it.
     *
     * @throws UserException if it cannot be made
     */
    String aside(TableName table) {
        try {
            var aside = prepared(table).aside();
            make(aside);
            return aside.toString();
        } catch (IOException e) {
            throw warehouse.failure("write", table, e);
        }
    }

    /** Writes a few rows aside. */
    Draft draft(TableName table, int number, Iterable<@Nullable Object[]> rows) {
        var directory = aside(table);
        try (var writer = new PartWriter(table.schema(), directory, "part-00000.parquet", warehouse.hadoop())) {
            for (var row : rows) {
                writer.write(row);
            }
            return new Draft(table, number, directory, List.of(writer.finish()), Optional.empty());
        } catch (IOException e) {
            discard(directory);
            throw warehouse.failure("write", table, e);
        } catch (RuntimeException | FSError e) {
            discard(directory);
            throw e;
        }
    }

    /** Writes {@code frame} aside in one file, which one task writes; columns that are vectors cannot be written so. */
    Draft draftInOneFile(TableName table, int number, Dataset<Row> frame) {
        checkColumns(table, frame);
        var directory = aside(table);
        var hadoop = new SerializableConfiguration(warehouse.hadoop());
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

    /** Removes what was written aside; does nothing if it is gone. */
    void discard(String aside) {
        var path = new Path(aside);
        try {
            path.getFileSystem(warehouse.hadoop()).delete(path, true);
        } catch (IOException e) {
            // The next writer removes it.
        }
    }

    /** Publishes {@code frame} under a number. */
    TableVersion publish(
            TableName table,
            int number,
            Request request,
            Dataset<Row> frame,
            Manifest.@Nullable Publication publication) {
        checkColumns(table, frame);
        try {
            var publisher = prepared(table);
            var aside = publisher.aside();
            try {
                var manifest = write(publisher, aside, table, number, request, frame, publication);
                return putInPlace(publisher, aside, table, manifest)
                        .orElseThrow(() -> warehouse.overtaken(table, number));
            } finally {
                publisher.discard(aside);
            }
        } catch (IOException e) {
            throw warehouse.failure("write", table, e);
        } catch (Exception e) { // Spark throws checked exceptions that it does not declare
            throw unwrapped(e);
        }
    }

    private Manifest write(
            Publisher publisher,
            Path aside,
            TableName table,
            int number,
            Request request,
            Dataset<Row> frame,
            Manifest.@Nullable Publication publication)
            throws IOException {
        frame.select(columns(table))
                .write()
                .mode(SaveMode.ErrorIfExists)
                .option("compression", "zstd")
                .option("mapreduce.fileoutputcommitter.marksuccessfuljobs", "false")
                .parquet(aside.toString());
        var written = new ArrayList<Manifest.DataFile>();
        var files = aside.getFileSystem(warehouse.hadoop());
        for (var file : files.listStatus(aside)) {
            written.add(new Manifest.DataFile(
                    file.getPath().getName(), file.getLen(), Publisher.sha256(files, file.getPath())));
        }
        written.sort(Comparator.comparing(Manifest.DataFile::name));
        var contents = Contents.of(warehouse.read(table.schema(), aside, written), table.schema());
        if (!contents.columnsWithNulls().isEmpty()) {
            throw new IllegalArgumentException("Cannot publish " + table + ": there are nulls in "
                    + String.join(", ", contents.columnsWithNulls()) + ", where its schema allows none");
        }
        var manifest = manifest(table, number, request, Optional.empty(), contents, written, null, publication, null);
        ManifestFile.write(publisher, aside, manifest);
        return manifest;
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
        var aside = new Path(draft.directory());
        try {
            var manifest = manifest(
                    table,
                    draft.number(),
                    request,
                    draft.base().map(TableVersion::asParent),
                    new Contents(draft.rows(), episodes, draft.fingerprint(), List.of()),
                    draft.files(),
                    draft.findings(),
                    publication,
                    draft.schema() == null
                            ? null
                            : Json.MAPPER.readTree(draft.schema().json()));
            var publisher = new Publisher(warehouse.directory(table), warehouse.hadoop());
            ManifestFile.write(publisher, aside, manifest);
            return putInPlace(publisher, aside, table, manifest);
        } catch (FileNotFoundException e) {
            return Optional.empty(); // it landed inside another's version, and went with it
        } catch (IOException e) {
            throw warehouse.failure("write", table, e);
        }
    }

    /** Empty if another version is there; then what was written is still aside. */
    private Optional<TableVersion> putInPlace(Publisher publisher, Path aside, TableName table, Manifest manifest)
            throws IOException {
        // Those of other versions begin with dots.
        var names = Stream.concat(
                        manifest.files().stream().map(Manifest.DataFile::name).filter(name -> !name.startsWith("../")),
                        Stream.of(Publisher.MANIFEST))
                .toList();
        if (!publisher.putFolder(aside, warehouse.directory(table, manifest.version()), names)) {
            publisher.discard(new Path(aside, Publisher.MANIFEST));
            return Optional.empty();
        }
        var winner = warehouse.version(table, manifest.version());
        return winner.filter(version -> version.manifest().files().equals(manifest.files()));
    }

    private static Manifest manifest(
            TableName table,
            int number,
            Request request,
            Optional<Manifest.Parent> base,
            Contents contents,
            List<Manifest.DataFile> files,
            @Nullable Findings findings,
            Manifest.@Nullable Publication publication,
            @Nullable JsonNode schema) {
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
                publication,
                schema);
    }

    /** Takes a version that nobody reads out of its place; the next writer removes it if this one cannot. */
    void remove(TableName table, int number) {
        try {
            var publisher = new Publisher(warehouse.directory(table), warehouse.hadoop());
            publisher.removeFolder(warehouse.directory(table, number));
        } catch (IOException e) {
            // It is still read by nobody.
        }
    }

    /** The table's directory, without what killed processes were writing in it. */
    private Publisher prepared(TableName table) throws IOException {
        var directory = warehouse.directory(table);
        make(directory);
        var publisher = new Publisher(directory, warehouse.hadoop());
        publisher.removeOrphans();
        return publisher;
    }

    private void make(Path directory) throws IOException {
        if (!directory.getFileSystem(warehouse.hadoop()).mkdirs(directory)) {
            throw new IOException("no directory can be made there");
        }
    }

    private static RuntimeException unwrapped(Exception e) {
        var cause = ExceptionUtils.throwableOfType(e, UserException.class);
        return cause != null ? cause : ExceptionUtils.<RuntimeException>rethrow(e);
    }

    private static Column[] columns(TableName table) {
        return Stream.of(table.schema().fieldNames()).map(functions::col).toArray(Column[]::new);
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
}
