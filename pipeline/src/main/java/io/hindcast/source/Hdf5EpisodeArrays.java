package io.hindcast.source;

import io.hindcast.config.UserException;
import io.hindcast.timeline.Flag;
import io.hindcast.timeline.LoggedRow;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The arrays of one episode, as a mapping names them. */
final class Hdf5EpisodeArrays {
    private final Hdf5File file;
    private final String name;
    private final @Nullable String group;
    private final Hdf5Column observation;
    private final @Nullable Hdf5Column nextObservation;
    private final @Nullable Hdf5Column action;
    private final @Nullable Hdf5Column actionIndex;
    private final @Nullable Hdf5Column reward;
    private final double rewardOfEveryRow;
    private final Hdf5Column steps;
    private final @Nullable Hdf5Column terminated;
    private final @Nullable Hdf5Column truncated;
    private final @Nullable Hdf5Column done;
    private final @Nullable Hdf5Column logProbability;
    private final @Nullable Hdf5Column probability;
    private final @Nullable Hdf5Column time;
    private final List<Hdf5Values> all = new ArrayList<>();

    /**
     * @param input the file's name
     * @param group the episode's group, null if it has none
     * @param arrays the array behind a path of the mapping
     * @throws UserException if one is missing
     */
    Hdf5EpisodeArrays(
            Hdf5File file,
            String input,
            @Nullable String group,
            ColumnMapping columns,
            Function<String, Hdf5Values> arrays) {
        this.file = file;
        this.name = input;
        this.group = group;
        observation = Objects.requireNonNull(vector(columns.observation(), arrays));
        nextObservation = vector(columns.nextObservation(), arrays);
        action = vector(columns.action(), arrays);
        actionIndex = number(columns.actionIndex(), arrays);
        reward = number(columns.rewardColumn(), arrays);
        rewardOfEveryRow = columns.rewardOfEveryRow();
        steps = reward != null ? reward : actionIndex != null ? actionIndex : Objects.requireNonNull(action);
        terminated = number(columns.terminated(), arrays);
        truncated = number(columns.truncated(), arrays);
        done = number(columns.done(), arrays);
        logProbability = number(columns.behaviourLogProb(), arrays);
        probability = number(columns.propensity(), arrays);
        time = number(columns.time(), arrays);
        Hdf5Dataset.requireFit(file, all);
    }

    private @Nullable Hdf5Column vector(List<String> paths, Function<String, Hdf5Values> arrays) {
        return add(Hdf5Column.of(paths, arrays));
    }

    private @Nullable Hdf5Column number(@Nullable String path, Function<String, Hdf5Values> arrays) {
        return add(path == null ? null : Hdf5Column.one(file, arrays.apply(path)));
    }

    private @Nullable Hdf5Column add(@Nullable Hdf5Column column) {
        if (column != null) {
            all.addAll(column.arrays());
        }
        return column;
    }

    /** An array with a row a step: the rewards, or the actions where no rewards were logged. */
    static Hdf5Values steps(ColumnMapping columns, Function<String, Hdf5Values> arrays) {
        var reward = columns.rewardColumn();
        var index = columns.actionIndex();
        return arrays.apply(
                reward != null
                        ? reward
                        : index != null
                                ? index
                                : ColumnMapping.expand(columns.action()).get(0));
    }

    /**
     * How many rewards there are, or actions where no rewards were logged.
     *
     * @param more how many more observations there must be
     * @throws UserException if another array has fewer
     */
    long rows(int more) {
        var rows = steps.rows();
        for (var column : new @Nullable Hdf5Column[] {
            action, actionIndex, nextObservation, terminated, truncated, done, logProbability, probability, time
        }) {
            requireRows(column, rows, more);
        }
        requireRows(observation, rows + more, more);
        return rows;
    }

    private void requireRows(@Nullable Hdf5Column column, long rows, int more) {
        if (column == null) {
            return;
        }
        for (var array : column.arrays()) {
            if (array.rows() < rows) {
                throw new UserException("Cannot read array '" + array.path() + "' of " + file.name() + ": it has "
                        + array.rows() + " rows where " + rows + " are expected (observations "
                        + (more == 1 ? "one more than" : "as many as") + " rewards); save it again");
            }
        }
    }

    float[] observation(long row) {
        return observation.vector(row);
    }

    float @Nullable [] nextObservation(long row) {
        return nextObservation == null ? null : nextObservation.vector(row);
    }

    double reward(long row) {
        return reward == null ? rewardOfEveryRow : reward.number(row);
    }

    boolean isTerminated(long row) {
        return isSet(terminated, row) || (!isTruncated(row) && isSet(done, row));
    }

    boolean isTruncated(long row) {
        return isSet(truncated, row);
    }

    /** Adds the actions of the rows {@code [from, to)} to {@code range}. */
    void actions(long from, long to, ActionRange range) {
        for (var row = from; row < to; row++) {
            if (action != null) {
                range.add(action.vector(row));
            } else if (actionIndex != null) {
                range.add(actionIndex.number(row));
            }
        }
    }

    /**
     * A row as it was logged.
     *
     * @param id the episode's name
     * @param firstAction the number of the first of discrete actions
     * @param place its place in the file
     */
    LoggedRow row(
            String id,
            long row,
            long place,
            long firstAction,
            float[] observation,
            float @Nullable [] next,
            boolean isTerminated,
            boolean isTruncated) {
        var index = number(actionIndex, row);
        return new LoggedRow(
                id,
                null,
                number(time, row),
                observation,
                action == null ? null : action.vector(row),
                index == null ? null : Double.valueOf(index - firstAction),
                reward(row),
                next,
                isTerminated,
                isTruncated,
                number(probability, row),
                number(logProbability, row),
                null,
                null,
                group,
                name,
                place,
                null,
                null,
                unknown(Flag.TERMINATED, terminated, row)
                        | unknown(Flag.TRUNCATED, truncated, row)
                        | unknown(Flag.DONE, done, row),
                null);
    }

    private static boolean isSet(@Nullable Hdf5Column flag, long row) {
        var value = flag == null ? Boolean.FALSE : flag.flag(row);
        return value != null && value;
    }

    /** The bit of a flag that the log has and the row does not tell of. */
    private static int unknown(Flag flag, @Nullable Hdf5Column column, long row) {
        return column == null || column.flag(row) != null ? 0 : flag.bit();
    }

    private static @Nullable Double number(@Nullable Hdf5Column column, long row) {
        return column == null ? null : Double.valueOf(column.number(row));
    }
}
