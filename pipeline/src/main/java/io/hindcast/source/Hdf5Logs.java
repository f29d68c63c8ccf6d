package io.hindcast.source;

import io.hindcast.source.EpisodeRules.EpisodePer;
import java.io.Serializable;
import org.apache.hadoop.conf.Configuration;
import org.jspecify.annotations.Nullable;

/** Logs in HDF5 files, {@link Format#D4RL_HDF5} and {@link Format#MINARI}: a file is planned first, then read in parts. */
public final class Hdf5Logs {
    private Hdf5Logs() {}

    /**
     * What to know beside a file to find its episodes.
     *
     * @param episodeLength after how many rows an episode is cut, null if only the file says
     * @param jumps whether episodes will be split where the state jumps
     */
    public record Rules(
            Format format, EpisodePer per, @Nullable Integer episodeLength, boolean jumps) implements Serializable {}

    /**
     * Looks at a file's flags and sizes.
     *
     * @param columns null for those of the format
     * @throws io.hindcast.config.UserException if it is damaged, or its arrays do not fit the format or {@code columns}
     */
    public static FilePlan plan(
            InputFile input, @Nullable ColumnMapping columns, Rules rules, Configuration configuration) {
        try (var file = Hdf5File.open(input.name(), input.seekable(configuration))) {
            return rules.format() == Format.MINARI
                    ? MinariHdf5.plan(input, file, columns, configuration)
                    : D4rlHdf5.plan(input, file, columns, rules);
        }
    }

    /**
     * The rows of a part.
     *
     * @param columns those of the plan
     * @throws io.hindcast.config.UserException now or while reading, if the file is damaged
     */
    public static LoggedRows rows(FilePart part, ColumnMapping columns, Rules rules, Configuration configuration) {
        var file = Hdf5File.open(part.file().name(), part.file().seekable(configuration));
        try {
            return rules.format() == Format.MINARI
                    ? MinariHdf5.rows(part, file, columns, configuration)
                    : D4rlHdf5.rows(part, file, columns, rules);
        } catch (RuntimeException e) {
            file.close();
            throw e;
        }
    }
}
