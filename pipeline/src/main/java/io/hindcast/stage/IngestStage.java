package io.hindcast.stage;

import io.hindcast.config.Settings;
import io.hindcast.config.UserException;
import io.hindcast.source.EpisodeAssembler;
import io.hindcast.source.IngestTally;
import io.hindcast.source.InputFile;
import io.hindcast.source.LoggedRow;
import io.hindcast.table.EpisodesTable;
import io.hindcast.table.Input;
import io.hindcast.table.Request;
import io.hindcast.table.TableName;
import io.hindcast.table.TransitionsTable;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.apache.commons.io.FileUtils;
import org.apache.commons.lang3.exception.ExceptionUtils;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.util.SerializableConfiguration;

/** Reads foreign logs and publishes their transitions and episodes. */
public final class IngestStage {
    private static final int TRANSITIONS_PER_FILE = 250_000;
    private static final int MOST_CATEGORIES = 1_000;

    private IngestStage() {}

    /**
     * Publishes {@code transitions} and {@code episodes}.
     *
     * @throws UserException if an input cannot be read, too much of it breaks the contract, or something else is published
     */
    public static StageResult run(StageContext context, IngestConfig config) {
        return inOneLine(config, () -> ingest(context, config));
    }

    private static StageResult ingest(StageContext context, IngestConfig config) {
        var spark = context.spark();
        var warehouse = context.warehouse();
        var progress = context.progress();
        var files = InputFile.find(spark.sparkContext().hadoopConfiguration(), config.input(), config.format());
        progress.say("[ingest] " + files.size() + " files, "
                + FileUtils.byteCountToDisplaySize(
                        files.stream().mapToLong(InputFile::bytes).sum()));
        var found = new FoundRows(spark, files, config.format());
        var categories = categories(found, config);
        var request = new Request("ingest", configuration(config, categories), List.of(), inputs(spark, files));

        var published = warehouse.published(TableName.TRANSITIONS, request);
        if (published.isPresent()) {
            EpisodesTable.publish(warehouse, "ingest", published.get());
            return StageResult.upToDate(published.get());
        }
        var rows = found.logged(config.columns(), categories);
        var rules = config.rules(observationSize(rows, config));
        var episodes = EpisodeOrder.of(rows, config.episodePer(), config.format())
                .mapPartitions(part -> new EpisodeAssembler(rules, part));
        var tally = episodes.aggregate(new IngestTally(), IngestTally::add, IngestTally::merge);
        tally.problems().forEach(problem -> progress.say("[ingest] " + problem));
        check(tally, config);

        var transitions = episodes.flatMap(episode -> episode.transitions().iterator())
                .map(TransitionsTable::row)
                .coalesce((int) (tally.transitions() / TRANSITIONS_PER_FILE) + 1);
        var version = warehouse.publish(TableName.TRANSITIONS, request, TransitionsTable.frame(spark, transitions));
        EpisodesTable.publish(warehouse, "ingest", version);
        return new StageResult(
                false,
                version + ": " + tally.transitions() + " transitions of "
                        + version.manifest().episodes() + " episodes from " + tally.rows() + " rows of " + files.size()
                        + " files; quarantined " + tally.quarantinedRows() + " rows of " + tally.quarantinedEpisodes()
                        + " episodes, " + tally.unpairedRows() + " rows had no partner",
                List.of());
    }

    private static List<Input> inputs(SparkSession spark, List<InputFile> files) {
        var hadoop = new SerializableConfiguration(spark.sparkContext().hadoopConfiguration());
        return JavaSparkContext.fromSparkContext(spark.sparkContext())
                .parallelize(files, files.size())
                .map(file -> new Input(file.name(), file.bytes(), file.sha256(hadoop.value())))
                .collect();
    }

    private static Map<String, List<String>> categories(FoundRows found, IngestConfig config) {
        var categories = found.categories(config.columns());
        categories.forEach((column, names) -> {
            if (names.size() > MOST_CATEGORIES) {
                throw new UserException("Cannot use category:" + column + ": it has " + names.size()
                        + " different values, more than " + MOST_CATEGORIES + "; leave it out of the observation");
            }
        });
        return categories;
    }

    /** Where the files lie does not matter, what is in them does; a policy needs the order of the categories. */
    private static Map<String, Object> configuration(IngestConfig config, Map<String, List<String>> categories) {
        var configuration = Settings.toMap(config);
        configuration.remove("input");
        if (!categories.isEmpty()) {
            configuration.put("categories", categories);
        }
        return configuration;
    }

    private static int observationSize(JavaRDD<LoggedRow> rows, IngestConfig config) {
        var first = rows.take(1);
        if (first.isEmpty()) {
            throw new UserException("Cannot ingest " + config.dataset() + ": its files hold no rows; check input");
        }
        return config.observationSize() != null
                ? config.observationSize()
                : first.get(0).observation().length;
    }

    private static void check(IngestTally tally, IngestConfig config) {
        var fraction = (double) tally.quarantinedRows() / tally.rows();
        if (fraction > config.maxQuarantineFraction()) {
            throw new UserException("Cannot ingest " + config.dataset() + ": " + tally.quarantinedRows() + " of "
                    + tally.rows() + " rows break the contract, above max-quarantine-fraction = "
                    + config.maxQuarantineFraction() + " ("
                    + tally.problems().get(0) + "); mend the data or the mapping of columns, or allow more");
        }
        if (tally.transitions() == 0) {
            throw new UserException("Cannot ingest " + config.dataset() + ": none of its " + tally.rows()
                    + " rows has a successor; check episode-per and final-row");
        }
    }

    /** What a task throws arrives wrapped; a user gets the one line at the bottom of it. */
    private static StageResult inOneLine(IngestConfig config, Supplier<StageResult> work) {
        try {
            return work.get();
        } catch (Exception e) { // Spark throws checked exceptions that it does not declare
            var cause = ExceptionUtils.throwableOfType(e, UserException.class);
            if (cause != null) {
                throw cause;
            }
            // Spark's own word for an input whose pages do not decode.
            var unreadable = ExceptionUtils.getThrowableList(e).stream()
                    .anyMatch(t -> String.valueOf(t.getMessage()).startsWith("[FAILED_READ_FILE"));
            if (!unreadable && ExceptionUtils.throwableOfType(e, IOException.class) == null) {
                throw e;
            }
            var root = ExceptionUtils.getRootCauseMessage(e).lines().findFirst().orElse("");
            throw new UserException(
                    "Cannot ingest " + config.dataset() + ": " + root + "; a file is damaged, copy it again", e);
        }
    }
}
