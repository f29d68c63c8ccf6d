package io.hindcast.stage;

import io.hindcast.config.Setting;
import io.hindcast.config.Settings;
import io.hindcast.config.UserException;
import java.io.Serializable;

/** How trained policies are judged. */
public record EvaluateConfig(
        @Setting(value = "20", range = "[1, 10000]", meaning = "episodes that every judged checkpoint plays")
        int episodes,

        @Setting(value = "1000", range = "[0, inf)", meaning = "seed of those episodes, the same for all runs")
        long seed,

        @Setting(value = "all", meaning = "which checkpoints play: all of a run, or its last")
        Checkpoints checkpoints)
        implements Serializable {

    /** Which checkpoints are judged. */
    public enum Checkpoints {
        ALL,
        LAST
    }

    /** @throws UserException if a value is out of its range */
    public EvaluateConfig {
        Settings.check(EvaluateConfig.class, episodes, seed, checkpoints);
    }
}
