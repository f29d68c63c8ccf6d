package io.hindcast.table;

import io.hindcast.table.parquet.PartReader;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.hadoop.conf.Configuration;

/** The episodes of a subset, read without Spark. */
final class SubsetEpisodes {
    private SubsetEpisodes() {}

    /**
     * How many transitions of each episode are in a subset, from its first.
     *
     * @param subsets the Parquet files of a version of {@code subsets}
     */
    static Map<String, Long> lengths(Configuration hadoop, List<String> subsets, String subset) throws IOException {
        var episodes = new HashMap<String, Long>();
        for (var file : subsets) {
            try (var part = new PartReader(hadoop, file, List.of("subset", "episode_id", "length"))) {
                var names = part.column("subset").texts();
                var ids = part.column("episode_id").texts();
                var lengths = part.column("length").longs();
                while (part.next()) {
                    for (var row = 0; row < part.rows(); row++) {
                        if (subset.equals(names[row])) {
                            episodes.put(Objects.requireNonNull(ids[row]), lengths[row]);
                        }
                    }
                }
            }
        }
        return episodes;
    }
}
