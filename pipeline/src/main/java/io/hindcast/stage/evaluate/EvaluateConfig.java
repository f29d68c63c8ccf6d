package io.hindcast.stage.evaluate;

import io.hindcast.config.Setting;
import io.hindcast.config.Settings;
import io.hindcast.config.UserException;
import java.io.Serializable;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** How trained policies are evaluated. */
public record EvaluateConfig(
        @Setting(value = "20", range = "[1, 100000]", meaning = "episodes that each evaluated checkpoint plays")
        int episodes,

        @Setting(value = "1000", range = "[0, inf)", meaning = "seed of those episodes, the same for all runs")
        long seed,

        @Setting(value = "all", meaning = "which checkpoints are evaluated: all of a run, or its last one")
        Checkpoints checkpoints,

        @Setting(
                value = "50",
                range = "[1, 10000]",
                meaning = "episodes of a checkpoint that one task plays side by side (in one simulator process, if the"
                        + " environment has one); it does not change the results")
        int episodesPerTask,

        @Setting(
                value = "10",
                range = "[0, 1000]",
                meaning = "how many episodes of each run's last evaluated checkpoint keep their path over the floor,"
                        + " for pictures; environments without a floor plan keep none")
        int paths,

        @Setting(
                value = "null",
                meaning = "the returns that normalised scores refer to; null: D4RL's values if D4RL has the"
                        + " environment, otherwise no scores")
        @Nullable Reference reference)
        implements Serializable {

    /** Which checkpoints are judged. */
    public enum Checkpoints {
        ALL,
        LAST
    }

    /** The returns that score 0 and 100. */
    public record Reference(
            @Setting(meaning = "the return that scores 0, such as a random policy's")
            double min,

            @Setting(meaning = "the return that scores 100, such as an expert's")
            double max)
            implements Serializable {
        /** @throws UserException if {@code max} is not above {@code min} */
        public Reference {
            if (!(max > min)) {
                throw new UserException("Cannot use min = " + min + " with max = " + max
                        + ": scores rise from min to max; give a larger max");
            }
        }
    }

    /** The configuration without what changes no result. */
    Map<String, Object> decisive() {
        var map = Settings.toMap(this);
        map.remove("episodes-per-task");
        return map;
    }
}
