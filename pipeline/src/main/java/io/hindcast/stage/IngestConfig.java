package io.hindcast.stage;

import io.hindcast.config.Setting;
import io.hindcast.config.Settings;
import io.hindcast.config.UserException;
import io.hindcast.source.ColumnMapping;
import io.hindcast.source.EpisodeRules;
import io.hindcast.source.EpisodeRules.ActionConvention;
import io.hindcast.source.EpisodeRules.EpisodePer;
import io.hindcast.source.EpisodeRules.FinalRow;
import io.hindcast.source.EpisodeRules.OutOfBounds;
import io.hindcast.source.Format;
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
                actionSpace.actionSpace(),
                size,
                format);
    }
}
