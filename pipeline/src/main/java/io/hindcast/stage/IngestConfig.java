package io.hindcast.stage;

import io.hindcast.config.Setting;
import io.hindcast.config.Settings;
import io.hindcast.config.UserException;
import io.hindcast.source.ColumnMapping;
import io.hindcast.source.EpisodeRules;
import io.hindcast.source.EpisodeRules.ActionConvention;
import io.hindcast.source.EpisodeRules.EpisodePer;
import io.hindcast.source.EpisodeRules.FinalRow;
import io.hindcast.source.EpisodeRules.Jump;
import io.hindcast.source.EpisodeRules.OnBreak;
import io.hindcast.source.EpisodeRules.OutOfBounds;
import io.hindcast.source.Format;
import io.hindcast.source.Lookahead;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Which files to read, and how their rows become transitions. */
public record IngestConfig(
        @Setting(meaning = "files, directories or globs") List<String> input,

        @Setting(meaning = "format of the files; csv and json (one object a line) may be gzipped")
        Format format,

        @Setting(meaning = "name of the dataset") String dataset,
        @Setting(meaning = "the actions of the dataset") ActionSpaceConfig actionSpace,
        @Setting(meaning = "which columns hold what") ColumnMapping columns,

        @Setting(
                value = "column",
                meaning =
                        "an episode is: a row (a decision that nothing follows), a file, the rows up to a flag (done),"
                                + " or the rows with one value in columns.episode-id")
        EpisodePer episodePer,

        @Setting(
                value = "taken-here",
                meaning = "a row's action was taken at the row's own observation (taken-here) or at the row before and"
                        + " led here (led-here)")
        ActionConvention actionConvention,

        @Setting(
                value = "drop",
                meaning = "an episode's last row that is not terminated and whose successor is not logged: drop it, or"
                        + " declare that every episode of this log terminated with its last row (terminated)")
        FinalRow finalRow,

        @Setting(
                value = "quarantine",
                meaning = "an episode in which a step is missing, the time or the state jumps, or rows follow the end:"
                        + " quarantine it, or split it there into several")
        OnBreak onBreak,

        @Setting(
                value = "null",
                range = "(0, inf)",
                meaning = "with columns.time: a longer time between two rows is a break; null: never")
        @Nullable Double maxGap,

        @Setting(value = "null", meaning = "what is a jump of the state, and so a break; null: nothing") @Nullable JumpConfig jump,

        @Setting(
                value = "null",
                meaning = "what to add to every transition about the rest of its episode; null: nothing")
        @Nullable LookaheadConfig lookahead,

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
        double maxQuarantineFraction) {

    /** What is a jump of the state. */
    public record JumpConfig(
            @Setting(meaning = "the entries of the observation that count, from 0")
            List<Integer> dimensions,

            @Setting(range = "(0, inf)", meaning = "the greatest Euclidean distance that one step can bridge")
            double distance) {
        /** @throws UserException if a value is out of range */
        public JumpConfig {
            Settings.check(JumpConfig.class, dimensions, distance);
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

    /** What to add to every transition. */
    public record LookaheadConfig(
            @Setting(
                    value = "0.99",
                    range = "(0, 1]",
                    meaning = "discount of a step, or of a unit of time where the log has times")
            double discount,

            @Setting(value = "1", range = "[1, inf)", meaning = "steps of the n-step return")
            int nStep) {
        /** @throws UserException if a value is out of range */
        public LookaheadConfig {
            Settings.check(LookaheadConfig.class, discount, nStep);
        }
    }

    /** @throws UserException if keys contradict each other */
    public IngestConfig {
        Settings.check(
                IngestConfig.class,
                input,
                format,
                dataset,
                actionSpace,
                columns,
                episodePer,
                actionConvention,
                finalRow,
                onBreak,
                maxGap,
                jump,
                lookahead,
                append,
                clipActions,
                observationSize,
                maxQuarantineFraction);
        if (input.isEmpty()) {
            throw new UserException("Cannot ingest: input = [] names no file; give --set input=PATH");
        }
        if ((episodePer == EpisodePer.COLUMN) != (columns.episodeId() != null)) {
            throw new UserException("Cannot use columns.episode-id = " + columns.episodeId()
                    + ": it must be given if and only if episode-per = column; set one of the two");
        }
        if ((actionSpace.type() == ActionSpaceConfig.Type.DISCRETE) != (columns.actionIndex() != null)) {
            throw new UserException("Cannot use columns.action = " + columns.action()
                    + " with this action-space: discrete actions are read from columns.action-index, continuous ones from"
                    + " columns.action");
        }
        if (maxGap != null && columns.time() == null) {
            throw new UserException("Cannot use max-gap = " + maxGap
                    + ": without columns.time there is no time between rows; give both");
        }
        if (actionConvention == ActionConvention.LED_HERE
                && (!columns.nextObservation().isEmpty() || episodePer == EpisodePer.ROW)) {
            throw new UserException("Cannot use action-convention = led-here: it pairs each row with the one before, so"
                    + " there can be no columns.next-observation and no episode-per = row; use taken-here");
        }
    }

    EpisodeRules rules(int size) {
        return new EpisodeRules(
                episodePer,
                actionConvention,
                finalRow,
                clipActions ? OutOfBounds.CLIP : OutOfBounds.QUARANTINE,
                onBreak,
                maxGap == null ? Double.POSITIVE_INFINITY : maxGap,
                jump == null ? null : jump.jump(size),
                lookahead == null ? null : new Lookahead(lookahead.discount(), lookahead.nStep()),
                actionSpace.actionSpace(),
                size,
                format);
    }
}
