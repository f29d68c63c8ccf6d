package io.hindcast.source;

import io.hindcast.config.UserException;
import io.hindcast.data.ActionSpace;
import io.hindcast.timeline.EpisodeRules.AfterTerminal;
import io.hindcast.timeline.EpisodeRules.EpisodePer;
import java.io.Serializable;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import org.apache.hadoop.conf.Configuration;
import org.jspecify.annotations.Nullable;

/**
 * Logs whose files say themselves what is in them ({@link Format#isPlanned}): a file is planned first, which reads its
 * description and sizes only, then its parts are read by one task each. A new format of this kind is one class with the two
 * methods {@code plan} and {@code rows}, and a case in each of the two below.
 */
public final class PlannedLogs {
    private PlannedLogs() {}

    /**
     * What to know beside a file to find its episodes.
     *
     * @param episodeLength after how many rows an episode is cut, null if only the file says
     * @param afterTerminal what the log does after a terminal row, null if the file is to show it
     * @param jumps whether episodes will be split where the state jumps
     * @param actions the actions as the user gives them, null if the files are to say
     * @param filter of {@code robomimic} the mask whose demonstrations are read, null for all
     */
    public record Rules(
            Format format,
            EpisodePer per,
            @Nullable Integer episodeLength,
            @Nullable AfterTerminal afterTerminal,
            boolean jumps,
            @Nullable ActionSpace actions,
            @Nullable String filter)
            implements Serializable {
        /** Where the files say all else themselves. */
        public Rules(Format format, EpisodePer per, @Nullable Integer episodeLength, boolean jumps) {
            this(format, per, episodeLength, null, jumps, null, null);
        }
    }

    /**
     * Looks at a file's description, flags and sizes.
     *
     * @param columns null for those of the format
     * @throws io.hindcast.config.UserException if it is damaged, or its arrays do not fit the format or {@code columns}
     */
    public static FilePlan plan(
            InputFile input, @Nullable ColumnMapping columns, Rules rules, Configuration configuration) {
        if (columns != null && !columns.kept().isEmpty()) {
            throw new UserException("Cannot use columns.keep = " + columns.kept() + " with format = "
                    + rules.format().name().toLowerCase(Locale.ROOT).replace('_', '-')
                    + ": of its files no further columns are read; remove it");
        }
        return switch (rules.format()) {
            case D4RL_HDF5 -> {
                try (var file = hdf5(input, configuration)) {
                    yield D4rlHdf5.plan(input, file, columns, rules);
                }
            }
            case MINARI -> {
                if (MinariTables.isPart(input.name())) {
                    yield MinariTables.plan(input, columns, rules, configuration);
                }
                try (var file = hdf5(input, configuration)) {
                    yield MinariHdf5.plan(input, file, columns, rules, configuration);
                }
            }
            case D3RLPY -> {
                try (var file = hdf5(input, configuration)) {
                    yield D3rlpyHdf5.plan(input, file, columns, rules);
                }
            }
            case ROBOMIMIC -> {
                try (var file = hdf5(input, configuration)) {
                    yield RobomimicHdf5.plan(input, file, columns, rules);
                }
            }
            case TFDS -> Tfds.plan(input, columns, configuration);
            case RLLIB_EPISODES -> RllibEpisodes.plan(input, columns, rules, configuration);
            case TORCHRL -> TorchRl.plan(input, columns, rules, configuration);
            case VOWPAL_WABBIT -> VowpalWabbit.plan(input, columns, configuration);
            case NPZ, CSV, JSON, PARQUET, ORC, AVRO, ARROW, SPARK -> throw notPlanned(rules.format());
        };
    }

    /** The rows of a part of a file that has neither categories nor maps. */
    static LoggedRows rows(FilePart part, ColumnMapping columns, Rules rules, Configuration configuration) {
        return rows(part, columns, Map.of(), rules, configuration);
    }

    /**
     * The names in the columns of all files that are categories or maps.
     *
     * @param count how many actions there are, null if only the files say
     * @throws io.hindcast.config.UserException if they have more actions
     */
    public static Map<String, List<String>> categories(List<FilePlan> plans, Rules rules, @Nullable Integer count) {
        var categories = FilePlan.categories(plans);
        if (rules.format() == Format.VOWPAL_WABBIT && count != null) {
            categories.computeIfPresent(
                    VowpalWabbitReader.ACTION, (column, found) -> VowpalWabbit.actions(found, count));
        }
        return categories;
    }

    /**
     * The rows of a part.
     *
     * @param columns those of the plan
     * @param categories the names in its columns that are categories or maps
     * @throws io.hindcast.config.UserException now or while reading, if the file is damaged
     */
    public static LoggedRows rows(
            FilePart part,
            ColumnMapping columns,
            Map<String, List<String>> categories,
            Rules rules,
            Configuration configuration) {
        return switch (rules.format()) {
            case D4RL_HDF5 -> hdf5Rows(part, configuration, file -> D4rlHdf5.rows(part, file, columns, rules));
            case MINARI ->
                MinariTables.isPart(part.file().name())
                        ? MinariTables.rows(part, columns, configuration)
                        : hdf5Rows(part, configuration, file -> MinariHdf5.rows(part, file, columns, configuration));
            case D3RLPY -> hdf5Rows(part, configuration, file -> D3rlpyHdf5.rows(part, file, columns));
            case ROBOMIMIC -> hdf5Rows(part, configuration, file -> RobomimicHdf5.rows(part, file, columns, rules));
            case TFDS -> Tfds.rows(part, columns, configuration);
            case RLLIB_EPISODES -> RllibEpisodes.rows(part, columns, configuration);
            case TORCHRL -> TorchRl.rows(part, columns, configuration);
            case VOWPAL_WABBIT -> VowpalWabbit.rows(part, columns, categories, configuration);
            case NPZ, CSV, JSON, PARQUET, ORC, AVRO, ARROW, SPARK -> throw notPlanned(rules.format());
        };
    }

    private static Hdf5File hdf5(InputFile input, Configuration configuration) {
        return Hdf5File.open(input.name(), input.seekable(configuration));
    }

    /** The rows close the file. */
    private static LoggedRows hdf5Rows(
            FilePart part, Configuration configuration, Function<Hdf5File, LoggedRows> rows) {
        var file = hdf5(part.file(), configuration);
        try {
            return rows.apply(file);
        } catch (RuntimeException e) {
            file.close();
            throw e;
        }
    }

    private static IllegalStateException notPlanned(Format format) {
        return new IllegalStateException(format + " is read row by row");
    }
}
