package io.hindcast.stage.ingest;

import io.hindcast.config.Address;
import io.hindcast.config.Gone;
import io.hindcast.config.Setting;
import io.hindcast.config.UserException;
import io.hindcast.source.ColumnMapping;
import io.hindcast.source.FilePlan;
import io.hindcast.source.Format;
import io.hindcast.stage.ActionSpaceConfig;
import io.hindcast.stage.SparkSourceConfig;
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
                meaning = "files, directories (with all their subdirectories) or globs; with format = spark: the paths"
                        + " to load, if the source has paths")
        List<Address> input,

        @Setting(
                value = "[]",
                meaning = "globs of names of files and directories to leave out, for example item_context.csv")
        List<String> exclude,

        @Setting(
                meaning = "format of the files; csv and json (one object a line) may be compressed (.gz, .bz2, .zst);"
                        + " spark: any source that Spark can read, see spark.format")
        Format format,

        @Setting(meaning = "name of the dataset") String dataset,

        @Setting(
                value = "null",
                meaning = "the actions of the dataset; null: as the files describe them (formats that describe"
                        + " themselves)")
        @Nullable ActionSpaceConfig actionSpace,

        @Setting(value = "null", meaning = "which columns hold what; null: the names that the format defines") @Nullable ColumnMapping columns,

        @Setting(
                value = "null",
                meaning = "what one episode is. row: one row (a decision without a successor); file: one file; done:"
                        + " the rows up to a flag; column: the rows with the same value in"
                        + " columns.episode-id; row-of-steps: one row, with row-holds = steps; null: column,"
                        + " and for d4rl-hdf5 done")
        @Nullable EpisodePer episodePer,

        @Setting(
                value = "null",
                range = "[1, inf)",
                meaning = "d4rl-hdf5 without timeouts: an episode is cut after this many rows")
        @Nullable Integer episodeLength,

        @Setting(
                value = "null",
                meaning = "d4rl-hdf5: what follows a terminal row. goes-on: the same logged trajectory, and curation"
                        + " keeps its parts together; resets: a new start; null: decided from the file, and"
                        + " the job prints what it found")
        @Nullable AfterTerminal afterTerminal,

        @Setting(
                value = "null",
                meaning = "robomimic: read only the demonstrations of this list of the file's mask, such as train;"
                        + " null: all demonstrations")
        @Nullable String filter,

        @Setting(
                value = "taken-here",
                meaning = "a row's action was taken at the row's own observation (taken-here) or at the row before and"
                        + " led here (led-here)")
        ActionConvention actionConvention,

        @Setting(
                value = "drop",
                meaning = "what the last row of an episode means if it is not terminated and its next observation is"
                        + " not logged. drop: it is left out; terminated: every episode of this log"
                        + " terminated with its last row; observation: the last row, terminated or not,"
                        + " holds only the last observation, and its flags say how the step before it ended")
        FinalRow finalRow,

        @Setting(
                value = "step",
                meaning = "step: a row of the files is one step; steps: a row holds many steps. Then every mapped"
                        + " column holds a list with one entry for each step, or one value for all steps (a"
                        + " flag: for the last step); a field of a list of structs is a column too"
                        + " (steps.reward). With final-row = observation there may be one observation more"
                        + " than other entries")
        RowHolds rowHolds,

        @Setting(
                value = "null",
                meaning = "what happens to an episode in which a step is missing, the time or the state jumps, or rows"
                        + " follow the end. quarantine: it is left out; split: it becomes several episodes;"
                        + " null: quarantine, and for HDF5 formats split")
        @Nullable OnBreak onBreak,

        @Setting(
                value = "null",
                range = "(0, inf)",
                meaning = "with columns.time: a longer time between two rows counts as a break (see on-break); null:"
                        + " no limit")
        @Nullable Double maxGap,

        @Setting(value = "null", meaning = "what format = spark reads; null: nothing") @Nullable SparkSourceConfig spark,

        @Setting(value = "null", meaning = "which jump of the state counts as a break (see on-break); null: none")
        @Nullable JumpConfig jump,

        @Setting(
                value = "false",
                meaning = "add new files to the existing dataset: only files that it does not contain yet are read,"
                        + " with the configuration of the dataset")
        boolean append,

        @Setting(
                value = "null",
                meaning =
                        "with format = spark: a column that is greater in every row that comes later, such as the time at"
                                + " which the row was written. append then takes the rows above the greatest value so"
                                + " far; null: append takes what came since the version of a table of Delta or Iceberg"
                                + " that was read last, and nothing of other sources")
        @Nullable String watermark,

        @Setting(
                value = "false",
                meaning = "clip continuous actions to their bounds; false: an episode with an action out of bounds is"
                        + " quarantined")
        boolean clipActions,

        @Setting(
                value = "null",
                range = "[1, inf)",
                meaning = "numbers in an observation; null: as many as in the first row")
        @Nullable Integer observationSize,

        @Setting(
                value = "0.1",
                range = "[0, 1]",
                meaning = "if a larger share of the rows is quarantined, nothing is published")
        double maxQuarantineFraction,

        @Setting(
                value = "null",
                meaning = "input: an episode's id is the same episode in all files; file: ids are counted anew in each"
                        + " file (the file's name is put before the id); null: as input, but if two files"
                        + " have the same id and neither columns.step nor columns.time orders their rows,"
                        + " that is a break (see on-break)")
        @Nullable EpisodeScope episodeScope,

        @Setting(
                value = "null",
                meaning = "flags that must have a value in every row, for example [terminated]; a row without one is"
                        + " quarantined. null: a flag without a value is taken as not set, and such rows are"
                        + " counted")
        @Nullable List<Flag> requiredFlags) {

    /** What a row of a file is. */
    public enum RowHolds {
        STEP,
        STEPS
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
        if (watermark != null && format != Format.SPARK) {
            throw new UserException("Cannot use watermark = " + watermark
                    + " with this format: files are known by their content; remove it");
        }
        if (watermark != null && episodePer == EpisodePer.ROW) {
            throw new UserException("Cannot use watermark = " + watermark
                    + " with episode-per = row: such rows have no name by which one would be known that comes again; use"
                    + " episode-per = column with a key as columns.episode-id");
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
                    + " with this action-space: discrete actions are read from columns.action-index (with factors or"
                    + " one-hot"
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
                watermark,
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
