package io.hindcast.bench;

import io.hindcast.config.Setting;
import io.hindcast.config.UserException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What {@code bench data} puts through the stages from logs to curated subsets. */
public record DataBenchConfig(
        @Setting(
                value = "[200000, 2000000]",
                range = "[1000, 1000000000]",
                meaning = "rows of each synthetic log: observations of 16 numbers, actions of 4, episodes of 200"
                        + " steps, in random order; empty: none. A log of 100000000 rows takes 16 GB of disk")
        List<Integer> rows,

        @Setting(value = "null", meaning = "an HDF5 file in D4RL's layout to ingest; null: none") @Nullable String d4rl,

        @Setting(
                value = "null",
                meaning =
                        "a Python interpreter for comparison: with duckdb and polars, which sort the synthetic logs and"
                                + " add the next observation, and for d4rl with h5py, which loads, pairs and saves as npz; null:"
                                + " none")
        @Nullable String python) {

    /** @throws UserException if a value is out of its range or there is nothing to measure */
    public DataBenchConfig {
        if (rows.isEmpty() && d4rl == null) {
            throw new UserException("Cannot use rows = [] and no d4rl: there is nothing to measure; name one of them");
        }
    }
}
