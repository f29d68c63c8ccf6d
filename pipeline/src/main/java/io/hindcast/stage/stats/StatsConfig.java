package io.hindcast.stage.stats;

import io.hindcast.config.Address;
import io.hindcast.config.Setting;
import io.hindcast.config.UserException;
import io.hindcast.data.ActionSpace;
import io.hindcast.stats.CheckConfig;
import io.hindcast.stats.DatasetStats;
import java.util.HashSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What to find out about a dataset, and when to warn. */
public record StatsConfig(
        @Setting(
                value = "0.99",
                range = "(0, 1]",
                meaning =
                        "discount of discounted returns, for each step, or for each unit of time if the log has times")
        double discount,

        @Setting(value = "{}", meaning = "the grid on which visits are counted")
        CoverageConfig coverage,

        @Setting(
                value = "null",
                meaning = "which dataset to compare with: parent (the version to which this one was appended), or the"
                        + " --out directory of another dataset; null: none")
        @Nullable Address driftAgainst,

        @Setting(value = "{}", meaning = "when to warn, and which warnings fail the job")
        CheckConfig checks) {
    static final Address PARENT = new Address("parent");

    private static final int MOST_DIMENSIONS = 4;

    /** The grid on which visits are counted. */
    public record CoverageConfig(
            @Setting(
                    value = "[]",
                    range = "[0, inf)",
                    meaning = "the entries of the observation, from 0, at most four; empty: the first two")
            List<Integer> dimensions,

            @Setting(
                    value = "[]",
                    range = "(0, inf)",
                    meaning = "the width of a cell in each of these entries; empty: the least power of two for which"
                            + " at most 64 intervals of each entry are visited (with three entries 16, with"
                            + " four 8)")
            List<Double> widths) {
        /** @throws UserException if there are too many dimensions, one comes twice, or not each has a width */
        public CoverageConfig {
            if (dimensions.size() > MOST_DIMENSIONS || new HashSet<>(dimensions).size() < dimensions.size()) {
                throw new UserException("Cannot use coverage.dimensions = " + dimensions
                        + ": there must be at most four, all different");
            }
            if (!widths.isEmpty() && widths.size() != dimensions.size()) {
                throw new UserException("Cannot use coverage.widths = " + widths + ": there must be one for each of "
                        + "coverage.dimensions = " + dimensions + ", or none");
            }
        }
    }

    /** What decides the state of a dataset with these actions. */
    DatasetStats.Rules rules(ActionSpace actions) {
        var space = actions instanceof ActionSpace.Continuous continuous ? continuous : null;
        return new DatasetStats.Rules(
                discount,
                coverage.dimensions(),
                coverage.widths(),
                space == null ? List.of() : space.lows(),
                space == null ? List.of() : space.highs());
    }
}
