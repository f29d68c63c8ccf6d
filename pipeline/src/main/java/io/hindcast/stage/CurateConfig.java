package io.hindcast.stage;

import io.hindcast.config.Setting;
import io.hindcast.config.Settings;
import io.hindcast.config.UserException;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Which subsets of the episodes to name; {@code all} is always there. */
public record CurateConfig(
        @Setting(value = "{}", meaning = "the subsets, by name")
        Map<String, Subset> subsets) {
    /** The subset of every episode. */
    public static final String ALL = "all";

    /** Which episodes a subset selects. */
    public record Subset(
            @Setting(
                    value = "100",
                    range = "(0, 100]",
                    meaning = "keep this share of the episodes, the best by return (rounded up, at least one)")
            double topPercent,

            @Setting(value = "null", meaning = "rank within each value of this column of episodes; null: among all")
            @Nullable String groupColumn) {
        /** @throws UserException if a value is out of range */
        public Subset {
            Settings.check(Subset.class, topPercent, groupColumn);
        }
    }

    /** @throws UserException if a subset is called {@code all} */
    public CurateConfig {
        if (subsets.containsKey(ALL)) {
            throw new UserException(
                    "Cannot use subsets.all: that name is kept for the subset of every episode; choose another");
        }
    }
}
