package io.hindcast.stage.ingest;

import io.hindcast.config.Settings;
import io.hindcast.config.UserException;
import io.hindcast.source.FileNotes;
import io.hindcast.source.Format;
import io.hindcast.source.FoundFiles;
import io.hindcast.source.InputFile;
import io.hindcast.stage.DataBounds;
import io.hindcast.stage.FanOut;
import io.hindcast.stage.FileInputs;
import io.hindcast.stage.LoggedRewards;
import io.hindcast.stage.ReadFailure;
import io.hindcast.stage.SparkSource;
import io.hindcast.stage.StageContext;
import io.hindcast.stage.StageResult;
import io.hindcast.stage.Turn;
import io.hindcast.table.DatasetWriter;
import io.hindcast.table.EpisodeIds;
import io.hindcast.table.Input;
import io.hindcast.table.Publication;
import io.hindcast.table.Request;
import io.hindcast.table.TableName;
import io.hindcast.table.TableVersion;
import io.hindcast.table.UpToDate;
import io.hindcast.timeline.EpisodeAssembler;
import io.hindcast.timeline.EpisodeRules.EpisodePer;
import io.hindcast.timeline.EpisodeRules.EpisodeScope;
import io.hindcast.timeline.IngestTally;
import io.hindcast.timeline.LoggedRow;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.commons.collections4.IteratorUtils;
import org.apache.commons.io.FileUtils;
import org.apache.commons.lang3.StringUtils;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.sql.AnalysisException;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/** Reads foreign logs and publishes their transitions and episodes. */
public final class IngestStage {
    private static final long BYTES_PER_PART = 32L << 20;
    private static final int MOST_CATEGORIES = 1_000;

    private IngestStage() {}

    /**
     * Publishes {@code transitions} and {@code episodes}.
     *
     * @throws UserException if an input cannot be read, too much of it breaks the contract, or something else is published
     */
    public static StageResult run(StageContext context, IngestConfig config) {
        // Whether it is the same that another one ingests is known only when the files are read.
        return Turn.of(
                context,
                TableName.TRANSITIONS.directory(),
                "ingest",
                Map.of(),
                () -> ReadFailure.inOneLine("ingest " + config.dataset(), () -> {
                    try (var publication = context.warehouse().begin(TableName.TRANSITIONS)) {
                        return ingest(context, config, publication);
                    }
                }));
    }

    /**
     * The same of a frame that is handed in. It stands in for the table that {@code spark.table} names, by which its rows are traced. It
     * is read several times, and must be the same each time: cache it if it is not.
     *
     * @throws UserException as {@link #run(StageContext, IngestConfig)}, if {@code spark.table} is not given, or if there is a
     *     temporary view of that name
     */
    public static StageResult run(StageContext context, Dataset<Row> frame, IngestConfig config) {
        var name = config.spark() == null ? null : config.spark().table();
        if (name == null) {
            throw new UserException(
                    "Cannot ingest a frame without a name for it: set format = spark and spark.table to a name");
        }
        try {
            frame.createTempView(name);
        } catch (AnalysisException e) {
            throw new UserException(
                    "Cannot ingest a frame as " + name
                            + ": that is no name, or there is a temporary view of that name; set spark.table to another",
                    e);
        }
        try {
            return run(new StageContext(frame.sparkSession(), context.warehouse(), context.progress()), config);
        } finally {
            frame.sparkSession().catalog().dropTempView(name);
        }
    }

    private static StageResult ingest(StageContext context, IngestConfig given, Publication publication) {
        var spark = context.spark();
        var warehouse = context.warehouse();
        var progress = context.progress();
        var fromFiles = given.format() != Format.SPARK;
        var search = fromFiles
                ? FoundFiles.find(
                        warehouse.hadoop(), given.paths(), given.format(), given.exclude(), warehouse.location())
                : new FoundFiles(
                        List.of(new InputFile(
                                SparkSource.name(Objects.requireNonNull(given.spark()), given.input()), "", 0)),
                        List.of());
        search.notes().forEach(note -> progress.say("[ingest] " + note));
        var found = search.files();
        var inputs = fromFiles ? FileInputs.of(spark, found, given.format()) : List.<Input>of();
        var there = warehouse.snapshot();
        var base = given.append() ? there.find(TableName.TRANSITIONS) : Optional.<TableVersion>empty();
        var source = fromFiles ? null : SourceRows.of(context, given, base);
        if (source != null && source.problem() != null) {
            progress.say("[ingest] " + source.problem());
        }
        if (source != null && source.nothing() != null) {
            if (source.seen() != null) {
                source.seen().write(warehouse, base.orElseThrow(), line -> progress.say("[ingest] " + line));
            }
            return new StageResult(true, source.nothing() + ": nothing to do", List.of());
        }
        var files = source != null
                ? List.of(numbered(found.get(0), base))
                : base.map(version -> fresh(found, inputs, version)).orElse(found);
        if (files.isEmpty()) {
            return new StageResult(
                    true,
                    "all " + found.size() + " files are in " + base.orElseThrow() + " already: nothing to do",
                    List.of());
        }
        if (files.size() < found.size()) {
            progress.say("[ingest] " + (found.size() - files.size()) + " of " + found.size() + " files are in "
                    + base.orElseThrow() + " already, by their content, and are not read again");
        }
        if (fromFiles) {
            progress.say("[ingest] " + files.size() + " files, "
                    + FileUtils.byteCountToDisplaySize(
                            files.stream().mapToLong(InputFile::bytes).sum()));
        }
        var isNamedByFile = given.per() != EpisodePer.COLUMN
                || given.format().holdsEpisodes()
                || given.episodeScope() == EpisodeScope.FILE;
        if (fromFiles && isNamedByFile) {
            FoundFiles.requireStems(files, base.map(IngestStage::names).orElse(Set.of()), given.format());
        }
        var parts = given.format().isPlanned() ? new PartRows(spark, files, given) : null;
        var planned = parts == null ? given : parts.config();
        // What the scorecard tells beside what is counted.
        var notes = new ArrayList<String>();
        if (parts != null) {
            notes.addAll(parts.notes());
        }
        var rows = new FoundRows(spark, files, planned, source);
        var categories = base.map(version -> categories(version))
                .orElseGet(() -> parts != null ? parts.categories() : categories(rows, planned, notes));
        var logged = parts != null ? parts.logged(categories) : rows.logged(planned.mapping(), categories);
        var config = planned.with(DataBounds.found(
                Objects.requireNonNull(planned.actionSpace()),
                planned.dataset(),
                logged,
                base,
                note -> progress.say("[ingest] " + note)));
        notes.forEach(note -> progress.say("[ingest] " + note));
        var configuration = configuration(config, categories);
        var known = source == null
                ? named(inputs, files)
                : List.of(RowsIdentity.of(logged).input(files.get(0).name(), source));
        var request = new Request("ingest", configuration, List.of(), union(base, known));
        if (base.isEmpty()) {
            var published = publication.published(request);
            if (published.isPresent()) {
                return StageResult.upToDate(published.get());
            }
        } else {
            new UpToDate(warehouse).requireConfiguration(base.get(), configuration);
        }

        var rules = config.rules(observationSize(logged, config));
        var ordered = isOrdered(config)
                ? logged
                : EpisodeOrder.of(
                        spark,
                        logged,
                        config.per(),
                        config.episodeScope(),
                        partitions(
                                fromFiles
                                        ? files.stream()
                                                .mapToLong(InputFile::bytes)
                                                .sum()
                                        : known.get(0).bytes()));
        // Spark numbers the rows of a source by how it cut it; once they are in order, that is told by their place.
        var placed = source == null || !source.areFixed()
                ? ordered
                : ordered.mapPartitionsWithIndex(IngestStage::placed, true);
        var present = base.map(version -> EpisodeIds.of(warehouse, there)).orElse(EpisodeIds.NONE);
        var episodes = placed.mapPartitions(part -> new EpisodeAssembler(rules, part, present::contains));
        try (var writer = new DatasetWriter(publication)) {
            var written =
                    FanOut.watched(context, "[ingest] parts", ordered.getNumPartitions(), () -> writer.write(episodes));
            if (base.isEmpty()) {
                FileNotes.requireColumns(rows.notes(), files.size());
            }
            var tally = written.tally();
            FileNotes.inWords(rows.notes()).forEach(line -> {
                progress.say("[ingest] " + line);
                tally.note(line);
            });
            search.notes().forEach(tally::note);
            notes.forEach(tally::note);
            Stream.ofNullable(source)
                    .map(SourceRows::problem)
                    .filter(Objects::nonNull)
                    .forEach(tally::note);
            tally.problems().forEach(problem -> progress.say("[ingest] " + problem));
            inWords(tally).forEach(line -> progress.say("[ingest] " + line));
            if (base.isEmpty() && config.columns() != null) {
                LeRobotInfo.of(warehouse.hadoop(), config.paths()).stream()
                        .flatMap(info -> info.differences(config, tally, rules.observationSize()).stream())
                        .forEach(line -> progress.say("[ingest] " + line));
            }
            check(tally, config);
            var version = writer.publish(written, request, base);
            return new StageResult(false, summary(version, tally, files.size(), base), List.of());
        }
    }

    private static Iterator<LoggedRow> placed(int part, Iterator<LoggedRow> rows) {
        var next = new long[] {(long) part << 33};
        return IteratorUtils.transformedIterator(rows, row -> row.numbered(next[0]++));
    }

    /** Rows are traced by what they came with: of a source the second time, NAME-2. */
    private static InputFile numbered(InputFile source, Optional<TableVersion> base) {
        var times = 1 + base.map(version -> version.manifest().inputs().size()).orElse(0);
        return times == 1 ? source : new InputFile(source.name() + "-" + times, source.path(), source.bytes());
    }

    private static String summary(TableVersion version, IngestTally tally, int files, Optional<TableVersion> base) {
        return version + base.map(before -> ", " + before + " and").orElse(":") + " " + tally.transitions()
                + " transitions of " + tally.episodes() + " episodes from " + tally.rows() + " rows of " + files
                + " files; quarantined " + tally.quarantinedRows() + " rows of " + tally.quarantinedEpisodes()
                + " episodes, " + tally.unpairedRows() + " rows gave no transition (no successor was logged)";
    }

    private static List<String> inWords(IngestTally tally) {
        var lines = new ArrayList<String>();
        if (!tally.reasons().isEmpty()) {
            lines.add("quarantined rows by reason: " + counts(tally.reasons()));
        }
        if (tally.duplicates() > 0) {
            lines.add(tally.duplicates() + " rows only repeat another, and were dropped");
        }
        if (tally.cuts() > 0) {
            lines.add(tally.cuts() + " times an episode had a hole, a jump or an end within, and was split there");
        }
        lines.addAll(tally.remarks());
        lines.add("episodes by ending: " + counts(tally.endings()));
        return lines;
    }

    private static String counts(Map<?, Long> counts) {
        return counts.entrySet().stream()
                .map(entry -> entry.getValue() + " " + entry.getKey())
                .collect(Collectors.joining(", "));
    }

    /** Whether a task that reads a file finds the rows of an episode together and in order. */
    private static boolean isOrdered(IngestConfig config) {
        return config.per() == EpisodePer.ROW
                || config.per() == EpisodePer.ROW_OF_STEPS
                || config.format().holdsEpisodes()
                || (config.per() != EpisodePer.COLUMN && !config.format().isFrame());
    }

    /** A function of the input alone, so that the same files are written whatever the cores. */
    private static int partitions(long bytes) {
        return (int) (bytes / BYTES_PER_PART) + 1;
    }

    /** The files whose content {@code version} has not seen, under names that it does not have. */
    private static List<InputFile> fresh(List<InputFile> files, List<Input> inputs, TableVersion version) {
        var seen = version.manifest().inputs();
        var hashes = seen.stream().map(Input::sha256).collect(Collectors.toSet());
        var fresh = new ArrayList<InputFile>();
        for (var i = 0; i < files.size(); i++) {
            if (!hashes.contains(inputs.get(i).sha256())) {
                requireNew(files.get(i), seen, version);
                fresh.add(files.get(i));
            }
        }
        return FoundFiles.named(fresh, names(version));
    }

    /** Of older versions it is not known where their files lay: there a name alone tells a file that changed. */
    private static void requireNew(InputFile file, List<Input> seen, TableVersion version) {
        for (var other : seen) {
            if (other.place() == null
                    ? other.name().equals(file.name())
                    : other.place().equals(file.place())) {
                throw new UserException(
                        "Cannot append " + file.path() + ": " + version
                                + " holds a file of that name with other content; rename it, since rows are traced by file name");
            }
        }
    }

    private static Set<String> names(TableVersion version) {
        return version.manifest().inputs().stream().map(Input::name).collect(Collectors.toSet());
    }

    /** What is known of {@code files}, under their names. */
    private static List<Input> named(List<Input> inputs, List<InputFile> files) {
        var byPlace = inputs.stream().collect(Collectors.toMap(Input::place, Function.identity()));
        return files.stream()
                .map(file -> {
                    var input = Objects.requireNonNull(byPlace.get(file.place()));
                    return new Input(file.name(), input.bytes(), input.sha256(), input.place());
                })
                .toList();
    }

    private static List<Input> union(Optional<TableVersion> base, List<Input> inputs) {
        return Stream.concat(base.stream().flatMap(version -> version.manifest().inputs().stream()), inputs.stream())
                .sorted(Comparator.comparing(Input::name))
                .toList();
    }

    /** The categories that a version was made with: what it does not know of is quarantined. */
    @SuppressWarnings("unchecked") // written by configuration(), read back as JSON
    private static Map<String, List<String>> categories(TableVersion version) {
        return (Map<String, List<String>>) version.manifest().configuration().getOrDefault("categories", Map.of());
    }

    /**
     * The names of the columns that are categories or maps.
     *
     * @param notes gets a line for each column with names in several spellings
     */
    private static Map<String, List<String>> categories(FoundRows found, IngestConfig config, List<String> notes) {
        var mapping = config.mapping();
        var spelt = found.categories(mapping, MOST_CATEGORIES);
        spelt.merged()
                .forEach((column, count) -> notes.add("category:" + column + " has " + count
                        + " names in more than one spelling (as 7 and 7.0 are), which were read as one each"));
        var categories = spelt.names();
        categories.forEach((column, names) -> {
            if (names.size() > MOST_CATEGORIES) {
                throw new UserException("Cannot use category:" + column + ": it has more than " + MOST_CATEGORIES
                        + " different values; leave it out");
            }
        });
        var actions = categories.get(mapping.actionCategory());
        if (actions == null) {
            return categories;
        }
        var count = Objects.requireNonNull(config.actionSpace()).actionSpace().size();
        if (actions.size() > count) {
            throw new UserException("Cannot use action-space with count = " + count + ": " + mapping.actionIndex()
                    + " has " + actions.size() + " different values ("
                    + StringUtils.abbreviate(String.join(", ", actions), 60) + "); give count = " + actions.size());
        }
        return categories;
    }

    /**
     * What shapes the rows: where the files lie does not, nor how many rows may be left out; a policy needs the order of the
     * categories.
     */
    private static Map<String, Object> configuration(IngestConfig config, Map<String, List<String>> categories) {
        var configuration = Settings.toMap(config);
        configuration.remove("input");
        configuration.remove("exclude");
        configuration.remove("append");
        configuration.remove("max-quarantine-fraction");
        if (configuration.get("spark") instanceof Map<?, ?> source) {
            source.remove("options");
            source.remove("version"); // it is the input's
        }
        if (config.watermark() == null) {
            configuration.remove("watermark"); // older manifests do not have it
        }
        if (config.filter() == null) {
            configuration.remove("filter"); // older manifests do not have it
        }
        if (config.mapping().reward() == null) {
            LoggedRewards.writeNone(configuration);
        }
        if (!categories.isEmpty()) {
            configuration.put("categories", categories);
        }
        return configuration;
    }

    private static int observationSize(JavaRDD<LoggedRow> rows, IngestConfig config) {
        // A single NaN may stand for a vector that is missing.
        var whole = rows.filter(row -> row.observation().length != 1 || !Float.isNaN(row.observation()[0]))
                .take(1);
        var first = whole.isEmpty() ? rows.take(1) : whole;
        if (first.isEmpty()) {
            throw new UserException("Cannot ingest " + config.dataset() + ": its files hold no rows; check input");
        }
        if (config.observationSize() != null) {
            return config.observationSize();
        }
        if (isComplete(first.get(0))) {
            return first.get(0).observation().length;
        }
        var complete = rows.filter(IngestStage::isComplete).take(1);
        return (complete.isEmpty() ? first : complete).get(0).observation().length;
    }

    /** Whether nothing is missing in what the row observes. */
    private static boolean isComplete(LoggedRow row) {
        for (var number : row.observation()) {
            if (Float.isNaN(number)) {
                return false;
            }
        }
        return row.observation().length > 0;
    }

    private static void check(IngestTally tally, IngestConfig config) {
        if (tally.rows() == 0) {
            throw new UserException("Cannot ingest " + config.dataset() + ": its files hold no rows; check input");
        }
        var fraction = (double) tally.quarantinedRows() / tally.rows();
        if (fraction > config.maxQuarantineFraction()) {
            throw new UserException("Cannot ingest " + config.dataset() + ": " + tally.quarantinedRows() + " of "
                    + tally.rows() + " rows break the contract, above max-quarantine-fraction = "
                    + config.maxQuarantineFraction() + " ("
                    + tally.problems().get(0) + "); mend the data or the mapping of columns, or allow more");
        }
        if (tally.transitions() == 0 && tally.quarantinedRows() > 0) {
            throw new UserException(
                    "Cannot ingest " + config.dataset() + ": no transition is left of its " + tally.rows()
                            + " rows, of which " + tally.quarantinedRows() + " break the contract ("
                            + tally.problems().get(0) + "); mend the data or the mapping of columns");
        }
        if (tally.transitions() == 0) {
            throw new UserException("Cannot ingest " + config.dataset() + ": none of its " + tally.rows()
                    + " rows has a successor; check episode-per and final-row");
        }
    }
}
