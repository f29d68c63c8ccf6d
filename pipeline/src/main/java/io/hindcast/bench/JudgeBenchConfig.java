package io.hindcast.bench;

import io.hindcast.config.Setting;
import io.hindcast.config.UserException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What {@code bench judge} lets policies be judged by. */
public record JudgeBenchConfig(
        @Setting(
                value = "[200000, 2000000]",
                range = "[1000, 1000000000]",
                meaning =
                        "transitions of each made-up log: observations of 2 numbers, 5 actions, episodes of 200 steps;"
                                + " each is described (stats) and judged; empty: none")
        List<Integer> rows,

        @Setting(
                value = "10",
                range = "[1, 1000]",
                meaning = "how many policies are judged, networks of 64 and 64 as they are drawn, beside the logged and"
                        + " the uniform one")
        int policies,

        @Setting(
                value = "100000",
                range = "[0, 100000000]",
                meaning =
                        "rows of a made-up log of single decisions: 80 items at 3 positions, contexts of 20 numbers; a"
                                + " policy is judged by it with models; 0: none")
        int decisions,

        @Setting(
                value = "null",
                meaning = "a Python interpreter with obp (Open Bandit Pipeline), which judges by the same decisions for"
                        + " comparison; two of its arrays have 1920 bytes a row; null: none")
        @Nullable String python,

        @Setting(
                value = "null",
                range = "[450, 1000000]",
                meaning =
                        "how large the heap of a JVM that is measured may become, in MB; with less than 450 Spark does not"
                                + " start; null: as large as that of the one that measures")
        @Nullable Integer heap) {

    /** @throws UserException if a value is out of its range or there is nothing to measure */
    public JudgeBenchConfig {
        if (rows.isEmpty() && decisions == 0) {
            throw new UserException(
                    "Cannot use rows = [] and decisions = 0: there is nothing to measure; give one of them");
        }
        if (python != null && decisions == 0) {
            throw new UserException("Cannot use python and decisions = 0: it has no decisions to judge by; give --set"
                    + " decisions=1000000 too");
        }
    }
}
