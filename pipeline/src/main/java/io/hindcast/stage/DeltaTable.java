package io.hindcast.stage;

import com.fasterxml.jackson.databind.JsonNode;
import io.hindcast.config.Json;
import io.hindcast.config.UserException;
import io.hindcast.table.Input.Pinned;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;
import org.jspecify.annotations.Nullable;

/** A table of Delta: its log says, file by file, what each version added and removed. */
record DeltaTable(LakeTable.Named named) implements LakeTable {
    private static final Column FILE = functions.col("_metadata.file_path");
    private static final String FEED = "delta.enableChangeDataFeed";

    @Override
    public Pinned version() {
        return named.ask(() -> {
            var asked = named.source().version();
            var log = log();
            var detail = log.detail();
            var version = asked != null ? asked : String.valueOf(log.newest());
            return new Pinned(
                    "delta",
                    detail.getAs("id"),
                    null,
                    version,
                    hash(log, detail, version).orElse(null));
        });
    }

    private static Optional<String> hash(DeltaLog log, Row detail, String version) {
        return version.matches("\\d{1,18}")
                ? log.hash(new Path(detail.<String>getAs("location")), Long.parseLong(version))
                : Optional.empty();
    }

    /** Of a version that the log no longer has, or of which nothing was noted, this is believed. */
    @Override
    public boolean isThatOf(Pinned read) {
        return named.ask(() -> {
            var log = log();
            var noted = read.commit();
            return noted == null
                    || hash(log, log.detail(), read.version())
                            .filter(now -> !now.equals(noted))
                            .isEmpty();
        });
    }

    @Override
    public Dataset<Row> at(Pinned version) {
        return at(version.version());
    }

    @Override
    public Optional<String> commit(String version) {
        try {
            return log().time(Long.parseLong(version)).map(Instant::toString);
        } catch (Exception e) { // Spark throws checked exceptions that it does not declare; to do without is right, too
            return Optional.empty();
        }
    }

    /** Logs forget their oldest versions: one that is not there, but older than the newest, is believed. */
    @Override
    public boolean isStill(String version, String commit) {
        try {
            var log = log();
            var number = Long.parseLong(version);
            return number <= log.newest()
                    && log.time(number).map(Instant::toString).orElse(commit).equals(commit);
        } catch (Exception e) { // as above
            return false;
        }
    }

    private Dataset<Row> at(String version) {
        return named.load(Map.of("versionAsOf", version));
    }

    @Override
    public Optional<Supplier<Dataset<Row>>> since(Pinned version, @Nullable String seen) {
        return named.ask(() -> {
            var after = Long.parseLong(seen != null ? seen : Objects.requireNonNull(version.after()));
            var upTo = Long.parseLong(version.version());
            if (upTo < after) {
                throw named.refused(version, "it is older");
            }
            var log = log();
            var detail = log.detail();
            var changes = new Changes(log, new Path(detail.<String>getAs("location")), version);
            for (var number = after + 1; number <= upTo; number++) {
                changes.read(number);
            }
            if (changes.added.isEmpty()) {
                return Optional.empty();
            }
            var isFed = "true"
                            .equals(detail.getJavaMap(detail.fieldIndex("properties"))
                                    .get(FEED))
                    && !changes.describes
                    && upTo == log.newest(); // the feed shows earlier rows with the columns of today
            if (isFed) {
                return named.unlessEmpty(() -> fed(after + 1, upTo));
            }
            changes.requireFound(upTo);
            return named.unlessEmpty(() -> changes.rows(upTo));
        });
    }

    /** By the feed of changes, which opens only the files that were added. */
    private Dataset<Row> fed(long from, long upTo) {
        return named.load(Map.of(
                        "readChangeFeed", "true",
                        "startingVersion", Long.toString(from),
                        "endingVersion", Long.toString(upTo)))
                .drop("_change_type", "_commit_version", "_commit_timestamp");
    }

    private DeltaLog log() {
        var table = named.source().table();
        if (table != null) {
            return new DeltaLog(named.spark(), table);
        }
        try {
            return DeltaLog.of(named.spark(), new Path(named.path()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What the log says of some versions. */
    private final class Changes {
        private final DeltaLog log;
        private final Path location;
        private final Pinned range;
        /** The files with new rows, and the last version that has them; of those that no version took away the greatest number. */
        private final Map<Path, Long> added = new HashMap<>();
        /** Whether one of them changes columns or properties. */
        private boolean describes;

        Changes(DeltaLog log, Path location, Pinned range) {
            this.log = log;
            this.location = location;
            this.range = range;
        }

        void read(long version) {
            try (var lines = log.open(location, version)) {
                var removes = false;
                var operation = "";
                for (var line = lines.readLine(); line != null; line = lines.readLine()) {
                    var action = Json.MAPPER.readTree(line);
                    describes |= action.has("metaData");
                    operation = action.path("commitInfo").path("operation").asText(operation);
                    if (DeltaLog.changesRows(action.path("add"))) {
                        if (holdsRows(action.get("add"))) {
                            added.put(path(action.get("add")), Long.MAX_VALUE);
                        }
                    } else if (DeltaLog.changesRows(action.path("remove"))) {
                        removes = true;
                    } else if (action.has("remove")) { // written again together with others, with the same rows
                        added.computeIfPresent(path(action.get("remove")), (path, last) -> version - 1);
                    }
                }
                if (removes) {
                    throw named.refused(
                            range,
                            "version " + version + (operation.isEmpty() ? "" : " (" + operation + ")")
                                    + " took rows away or wrote them again");
                }
            } catch (FileNotFoundException e) {
                throw named.refused(
                        range,
                        log.isManaged(location)
                                ? "a catalogue manages the table, and keeps what version " + version
                                        + " did where only it can tell (" + DeltaLog.STAGED + ")"
                                : "the log no longer says what version " + version + " changed");
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        /** What the writer counted, if it did. */
        private boolean holdsRows(JsonNode add) throws IOException {
            var counts = add.path("stats").asText("");
            return counts.isEmpty()
                    || Json.MAPPER.readTree(counts).path("numRecords").asLong(1) > 0;
        }

        private Path path(JsonNode action) {
            return new Path(location, new Path(URI.create(action.get("path").asText())));
        }

        /** The files by the last version that has them. */
        private Map<Long, Set<Path>> byVersion(long upTo) {
            var byVersion = new TreeMap<Long, Set<Path>>();
            added.forEach((path, last) -> byVersion
                    .computeIfAbsent(Math.min(last, upTo), version -> new HashSet<>())
                    .add(path));
            return byVersion;
        }

        Dataset<Row> rows(long upTo) {
            return byVersion(upTo).entrySet().stream()
                    .map(entry -> rows(entry.getKey(), entry.getValue()))
                    .reduce((one, other) -> one.unionByName(other, true))
                    .orElseThrow();
        }

        private Dataset<Row> rows(long version, Set<Path> paths) {
            // Spark writes what is odd in a path now as it is, now as a URI does.
            var names = paths.stream()
                    .flatMap(path -> Stream.of(path.toString(), path.toUri().toString()))
                    .distinct()
                    .toArray();
            return at(Long.toString(version)).where(FILE.isin(names));
        }

        /** @throws UserException if not all files are found by their names */
        void requireFound(long upTo) {
            byVersion(upTo).forEach((version, paths) -> {
                var found = named.reading(
                        () -> rows(version, paths).select(FILE).distinct().count());
                if (found != paths.size()) {
                    throw named.refused(
                            range, "of " + paths.size() + " files that came since, rows of " + found + " are found");
                }
            });
        }
    }
}
