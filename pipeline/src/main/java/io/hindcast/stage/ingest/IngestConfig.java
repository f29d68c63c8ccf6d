package io.hindcast.stage.ingest;

import io.hindcast.config.Address;
import io.hindcast.config.Gone;
import io.hindcast.config.Secret;
import io.hindcast.config.Setting;
import io.hindcast.config.UserException;
import io.hindcast.source.ColumnMapping;
import io.hindcast.source.FilePlan;
import io.hindcast.source.Format;
import io.hindcast.stage.ActionSpaceConfig;
import io.hindcast.timeline.EpisodeRules;
import io.hindcast.timeline.EpisodeRules.ActionConvention;
import io.hindcast.timeline.EpisodeRules.AfterTerminal;
import io.hindcast.timeline.EpisodeRules.EpisodePer;
import io.hindcast.timeline.EpisodeRules.EpisodeScope;
import io.hindcast.timeline.EpisodeRules.FinalRow;
import io.hindcast.timeline.EpisodeRules.Jump;
import io.hindcast.timeline.EpisodeRules.OnBreak;
import io.hindcast.timeline.EpisodeRules.OutOfBounds;
import io.hindcast.timeline.Flag;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Which files to read, and how their rows become transitions. */
@Gone(
        key = "lookahead",
        instead = "remove it: learners sum up what lies ahead themselves, as they discount it (train.runs.NAME.n-step)")
public record IngestConfig(
        @Setting(
                value = "[]",
                meaning =
                        "files, directories (with all folders below) or globs; of format spark the paths to load, if it loads paths")
        List<Address> input,

        @Setting(
                value = "[]",
                meaning = "globs of names of files and folders in the inputs that are left out, for example"
                        + " item_context.csv")
        List<String> exclude,

        @Setting(
                meaning =
                        "format of the files; csv and json (one object a line) may be packed (.gz, .bz2, .zst); spark:"
                                + " any source that Spark knows, see spark.format")
        Format format,

        @Setting(meaning = "name of the dataset") String dataset,

        @Setting(value = "null", meaning = "the actions of the dataset; null: as an HDF5 file says") @Nullable ActionSpaceConfig actionSpace,

        @Setting(value = "null", meaning = "which columns hold what; null: the names that an HDF5 format has for them")
        @Nullable ColumnMapping columns,

        @Setting(
                value = "null",
                meaning =
                        "an episode is: a row (a decision that nothing follows), a file, the rows up to a flag (done),"
                                + " the rows with one value in columns.episode-id (column), or with row-holds = steps a"
                                + " row of the files (row-of-steps); null: column, and of d4rl-hdf5 done")
        @Nullable EpisodePer episodePer,

        @Setting(
                value = "null",
                range = "[1, inf)",
                meaning = "of d4rl-hdf5 without timeouts: an episode is cut after so many rows")
        @Nullable Integer episodeLength,

        @Setting(
                value = "null",
                meaning =
                        "of d4rl-hdf5: what follows a terminal row is the same logged trajectory, whose parts curation keeps"
                                + " together (goes-on), or a new start (resets); null: as the file shows, which the job says")
        @Nullable AfterTerminal afterTerminal,

        @Setting(
                value = "null",
                meaning = "of robomimic: the list of the file's mask whose demonstrations are read, such as train;"
                        + " null: all demonstrations")
        @Nullable String filter,

        @Setting(
                value = "taken-here",
                meaning = "a row's action was taken at the row's own observation (taken-here) or at the row before and"
                        + " led here (led-here)")
        ActionConvention actionConvention,

        @Setting(
                value = "drop",
                meaning = "an episode's last row that is not terminated and whose successor is not logged: drop it, or"
                        + " declare that every episode of this log terminated with its last row (terminated); or the"
                        + " last row, terminated or not, is only what was seen last, and its flags tell how the step"
                        + " before it ended (observation)")
        FinalRow finalRow,

        @Setting(
                value = "step",
                meaning = "a row of the files is a step, or many (steps): then every mapped column holds a list with an"
                        + " entry a step, or one value for all of them, a flag for the last; a field of a list of"
                        + " structs is a column too (steps.reward). Observations may be one more than all else if"
                        + " final-row = observation")
        RowHolds rowHolds,

        @Setting(
                value = "null",
                meaning = "an episode in which a step is missing, the time or the state jumps, or rows follow the end:"
                        + " quarantine it, or split it there into several; null: quarantine, and of HDF5 formats split")
        @Nullable OnBreak onBreak,

        @Setting(
                value = "null",
                range = "(0, inf)",
                meaning = "with columns.time: a longer time between two rows is a break; null: never")
        @Nullable Double maxGap,

        @Setting(value = "null", meaning = "what format = spark reads; null: nothing") @Nullable SparkSourceConfig spark,

        @Setting(value = "null", meaning = "what is a jump of the state, and so a break; null: nothing") @Nullable JumpConfig jump,

        @Setting(
                value = "false",
                meaning = "add to the dataset that is there: only files that it has not seen are read, with its own"
                        + " configuration")
        boolean append,

        @Setting(
                value = "false",
                meaning = "clip real actions to their bounds; else an episode with one beyond is quarantined")
        boolean clipActions,

        @Setting(
                value = "null",
                range = "[1, inf)",
                meaning = "numbers in an observation; null: as many as in the first row")
        @Nullable Integer observationSize,

        @Setting(value = "0.1", range = "[0, 1]", meaning = "above this share of quarantined rows nothing is published")
        double maxQuarantineFraction,

        @Setting(
                value = "null",
                meaning =
                        "an episode's identifier counts in all files (input) or only in its own (file), whose name then"
                                + " stands before it; null: in all files, but where two files have it and neither columns.step nor"
                                + " columns.time orders their rows is a break")
        @Nullable EpisodeScope episodeScope,

        @Setting(
                value = "null",
                meaning =
                        "flags that every row must tell of, for example [terminated]; a row that does not is quarantined."
                                + " null: a flag that is not told is not set, and counted")
        @Nullable List<Flag> requiredFlags) {

    /** What a row of a file is. */
    public enum RowHolds {
        STEP,
        STEPS
    }

    /**
     * A source that Spark reads. It has no files: {@code source_file} is its name, {@code source_row} a running number, and what
     * it is known by is a hash of the rows that were mapped.
     */
    public record SparkSourceConfig(
            @Setting(
                    value = "null",
                    meaning = "name of the data source, for example delta, iceberg or jdbc, whose jar Spark must have"
                            + " (--spark spark.jars.packages=…); null: read spark.table")
            @Nullable String format,

            @Setting(
                    value = "{}",
                    meaning =
                            "its options; since they may hold secrets they are shown as *** and written into no table")
            Map<String, Secret> options,

            @Setting(
                    value = "null",
                    meaning = "a table of Spark's catalog, for example db.log; null: load spark.format")
            @Nullable String table) {
        /** @throws UserException if not exactly one of format and table is given */
        public SparkSourceConfig {
            if ((format == null) == (table == null)) {
                throw new UserException("Cannot use spark.format = " + format + " with spark.table = " + table
                        + ": exactly one of them must be given");
            }
        }
    }

    /** What is a jump of the state. */
    public record JumpConfig(
            @Setting(meaning = "the entries of the observation that count, from 0")
            List<Integer> dimensions,

            @Setting(range = "(0, inf)", meaning = "the greatest Euclidean distance that one step can bridge")
            double distance) {
        /** @throws UserException if a value is out of range */
        public JumpConfig {
            if (dimensions.isEmpty()) {
                throw new UserException("Cannot use jump.dimensions = []: name the entries of the observation, from 0");
            }
        }

        Jump jump(int size) {
            for (var dimension : dimensions) {
                if (dimension < 0 || dimension >= size) {
                    throw new UserException("Cannot use jump.dimensions = " + dimensions
                            + ": an observation has entries 0 to " + (size - 1) + "; name these");
                }
            }
            return new Jump(dimensions, distance);
        }
    }

    /** @throws UserException if keys contradict each other */
    public IngestConfig {
        requiredFlags = requiredFlags == null || requiredFlags.isEmpty() ? null : requiredFlags;
        if ((format == Format.SPARK) != (spark != null)) {
            throw new UserException("Cannot use " + (spark == null ? "format = spark without" : "this format with")
                    + " the section spark: it says what Spark reads; give both or neither");
        }
        if (format == Format.SPARK && append) {
            throw new UserException(
                    "Cannot append with format = spark: files are known by their hash when they come again,"
                            + " and such a source has none; ingest all of it into another --out");
        }
        if (format == Format.SPARK
                && episodePer != null
                && episodePer != EpisodePer.COLUMN
                && episodePer != EpisodePer.ROW) {
            throw new UserException(
                    "Cannot use this episode-per with format = spark: its rows have no files and no order;"
                            + " use column or row");
        }
        if (input.isEmpty() && format != Format.SPARK) {
            throw new UserException("Cannot ingest: input = [] names no file; give --set input=PATH");
        }
        if (episodePer == null) {
            episodePer = format == Format.D4RL_HDF5 ? EpisodePer.DONE : EpisodePer.COLUMN;
        }
        if (onBreak == null) {
            onBreak = format.isPlanned() ? OnBreak.SPLIT : OnBreak.QUARANTINE;
        }
        if (!format.isPlanned() && (columns == null || actionSpace == null)) {
            throw new UserException(
                    "Cannot read the configuration: key " + (columns == null ? "columns" : "action-space")
                            + " is missing, and this format does not say by itself; add it to the conf file");
        }
        if (afterTerminal != null && (format != Format.D4RL_HDF5 || episodePer != EpisodePer.DONE)) {
            throw new UserException("Cannot use after-terminal with this format and episode-per: it is for format ="
                    + " d4rl-hdf5 with episode-per = done only; remove it");
        }
        if (episodeLength != null && format != Format.D4RL_HDF5) {
            throw new UserException("Cannot use episode-length = " + episodeLength
                    + " with this format: it is for format = d4rl-hdf5 only; remove it");
        }
        if (filter != null && format != Format.ROBOMIMIC) {
            throw new UserException("Cannot use filter = " + filter
                    + " with this format: it is for format = robomimic only; remove it");
        }
        if (format.holdsEpisodes() && episodePer != EpisodePer.COLUMN) {
            throw new UserException("Cannot use this episode-per with this format: its files hold whole episodes by"
                    + " themselves; remove it");
        }
        if (rowHolds == RowHolds.STEPS && format.isPlanned()) {
            throw new UserException(
                    "Cannot use row-holds = steps with this format: its files have a row a step; remove" + " it");
        }
        if (episodePer == EpisodePer.ROW_OF_STEPS && rowHolds != RowHolds.STEPS) {
            throw new UserException("Cannot use episode-per = row-of-steps: a row of the files is one step; set"
                    + " row-holds = steps, or another episode-per");
        }
        if (episodeScope != null && (episodePer != EpisodePer.COLUMN || format == Format.MINARI)) {
            throw new UserException("Cannot use episode-scope with this episode-per or format: it says where a value of"
                    + " columns.episode-id counts; remove it");
        }
        if (episodeScope == EpisodeScope.FILE && format == Format.SPARK) {
            throw new UserException(
                    "Cannot use episode-scope = file with format = spark: its rows have no files; remove it");
        }
        if (columns != null && requiredFlags != null) {
            requireFlags(columns, requiredFlags);
        }
        if (columns != null) {
            requireMapping(columns, actionSpace, format, episodePer, maxGap);
        }
        if (actionConvention == ActionConvention.LED_HERE
                && (format.isPlanned()
                        || (columns != null && !columns.nextObservation().isEmpty())
                        || episodePer == EpisodePer.ROW)) {
            throw new UserException("Cannot use action-convention = led-here: it pairs each row with the one before, so"
                    + " there can be no columns.next-observation and no episode-per = row; use taken-here");
        }
    }

    private static void requireFlags(ColumnMapping columns, List<Flag> flags) {
        for (var flag : flags) {
            var column = switch (flag) {
                case TERMINATED -> columns.terminated();
                case TRUNCATED -> columns.truncated();
                case DONE -> columns.done();
            };
            if (column == null) {
                throw new UserException("Cannot use required-flags = "
                        + flags.stream().map(Flag::key).toList() + ": columns." + flag.key()
                        + " is not given; give it, or remove the flag");
            }
        }
    }

    private static void requireMapping(
            ColumnMapping columns,
            @Nullable ActionSpaceConfig actionSpace,
            Format format,
            EpisodePer episodePer,
            @Nullable Double maxGap) {
        if (!format.holdsEpisodes() && (episodePer == EpisodePer.COLUMN) != (columns.episodeId() != null)) {
            throw new UserException("Cannot use columns.episode-id = "
                    + (columns.episodeIds().size() == 1 ? columns.episodeIds().get(0) : columns.episodeId())
                    + ": it must be given if and only if episode-per = column; set one of the two");
        }
        if (actionSpace != null && !actionSpace.isReadFrom(columns)) {
            throw new UserException("Cannot use columns.action = " + columns.action()
                    + " with this action-space: discrete actions are read from columns.action-index (with factors or one-hot"
                    + " from columns.action), continuous ones from columns.action");
        }
        if (maxGap != null && columns.time() == null) {
            throw new UserException("Cannot use max-gap = " + maxGap
                    + ": without columns.time there is no time between rows; give both");
        }
    }

    /** {@link #input}, to be opened. */
    List<String> paths() {
        return input.stream().map(Address::reveal).toList();
    }

    /** {@link #episodePer}, which the constructor has set. */
    EpisodePer per() {
        return Objects.requireNonNull(episodePer);
    }

    /** {@link #columns}, of a configuration that is complete. */
    ColumnMapping mapping() {
        return Objects.requireNonNull(columns);
    }

    /** What is not given, as {@code plan} has it. */
    IngestConfig completedBy(FilePlan plan) {
        var actions = plan.actions();
        if (actionSpace == null && actions == null) {
            throw new UserException(
                    "Cannot ingest " + dataset + ": its files do not say how many actions there are; add"
                            + " action-space { type = discrete, count = N }");
        }
        return with(
                actionSpace != null ? actionSpace : ActionSpaceConfig.of(Objects.requireNonNull(actions)),
                plan.columns());
    }

    /** The same with other actions. */
    IngestConfig with(ActionSpaceConfig actions) {
        return actions.equals(actionSpace) ? this : with(actions, columns);
    }

    private IngestConfig with(ActionSpaceConfig actions, @Nullable ColumnMapping mapping) {
        return new IngestConfig(
                input,
                exclude,
                format,
                dataset,
                actions,
                mapping,
                episodePer,
                episodeLength,
                afterTerminal,
                filter,
                actionConvention,
                finalRow,
                rowHolds,
                onBreak,
                maxGap,
                spark,
                jump,
                append,
                clipActions,
                observationSize,
                maxQuarantineFraction,
                episodeScope,
                requiredFlags);
    }

    EpisodeRules rules(int size) {
        return new EpisodeRules(
                per() == EpisodePer.ROW_OF_STEPS ? EpisodePer.COLUMN : per(),
                actionConvention,
                finalRow,
                clipActions ? OutOfBounds.CLIP : OutOfBounds.QUARANTINE,
                Objects.requireNonNull(onBreak),
                maxGap == null ? Double.POSITIVE_INFINITY : maxGap,
                jump == null ? null : jump.jump(size),
                Objects.requireNonNull(actionSpace).actionSpace(),
                size,
                format,
                episodeScope,
                requiredFlags == null ? Set.of() : Set.copyOf(requiredFlags));
    }
}
