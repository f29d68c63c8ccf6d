package io.hindcast.source;

import io.hindcast.config.Settings;
import io.hindcast.config.UserException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Objects;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.apache.hadoop.conf.Configuration;
import org.jspecify.annotations.Nullable;

/**
 * Minari's HDF5 files: a group {@code episode_<i>} an episode, in which {@code observations} has one row more than
 * {@code actions}, {@code rewards}, {@code terminations} and {@code truncations}. Row t's next observation is row t + 1, so no
 * row is left out; an episode without a flag at its end is open.
 *
 * <p>Observations and actions that are dictionaries or tuples are groups of arrays, perhaps of groups again: their numbers are laid
 * side by side in the order of their names, compared character by character at every level ({@code achieved_goal},
 * {@code desired_goal}, {@code observation}), and those of an array in row-major order.
 */
final class MinariHdf5 {
    /** How the path of such a file ends. */
    static final String MAIN = "/data/main_data.hdf5";

    private static final int ROWS_IN_PART = 50_000;
    private static final Pattern EPISODE = Pattern.compile("episode_(\\d{1,9})");
    private static final int DEEPEST = 16;

    private MinariHdf5() {}

    /**
     * Looks at the sizes of all episodes and at the names in the first.
     *
     * @param columns null for those of the format
     */
    static FilePlan plan(InputFile input, Hdf5File file, @Nullable ColumnMapping columns, Configuration configuration) {
        var root = file.root();
        var names = episodes(root);
        if (names.isEmpty()) {
            throw new UserException("Cannot read " + file.name()
                    + ": it has no group 'episode_0' or the like, as Minari's files have; check format");
        }
        var metadata = MinariMetadata.of(input, configuration);
        metadata.requireEpisodes(file.name(), names.size());
        var first = root.group(names.get(0));
        var mapping = columns == null ? columns(file, first, metadata) : columns;
        requireKnown(mapping);
        var action = Hdf5Column.of(file, first, mapping.action());
        var actions = metadata.actions(file.name(), action == null ? 0 : action.width());
        return new FilePlan(parts(input, file, root, names, mapping), mapping, actions, metadata.notes());
    }

    private static void requireKnown(ColumnMapping columns) {
        if (!columns.nextObservation().isEmpty()
                || columns.episodeId() != null
                || columns.step() != null
                || columns.timeDelta() != null
                || !columns.actionMask().isEmpty()
                || (columns.group() != null && !columns.group().equals(ColumnMapping.FILE))) {
            throw new UserException(
                    "Cannot use columns " + Settings.toMap(columns).keySet()
                            + " with format = minari: next-observation, episode-id and step are what its files say by themselves,"
                            + " and time-delta, action-mask and a group but {file} are not read; remove them");
        }
    }

    /** The rows of a part. */
    static LoggedRows rows(FilePart part, Hdf5File file, ColumnMapping columns, Configuration configuration) {
        var first = MinariMetadata.of(part.file(), configuration).firstAction();
        return new Rows(part, file, columns, first);
    }

    /** The episodes' names, in the order of their numbers. */
    private static List<String> episodes(Hdf5File.Group root) {
        var byNumber = new TreeMap<Integer, String>();
        for (var name : root.names()) {
            var matcher = EPISODE.matcher(name);
            if (matcher.matches()) {
                byNumber.put(Integer.valueOf(matcher.group(1)), name);
            }
        }
        return List.copyOf(byNumber.values());
    }

    private static ColumnMapping columns(Hdf5File file, Hdf5File.Group episode, MinariMetadata metadata) {
        for (var name : List.of("observations", "actions", "rewards", "terminations", "truncations")) {
            if (!episode.names().contains(name)) {
                throw new UserException("Cannot read " + file.name() + ": its first episode has no '" + name
                        + "' as Minari's files have; check format, or map its arrays with columns"
                        + (name.equals("rewards") ? ", where reward = null says that none were logged" : ""));
            }
        }
        var actions = leaves(file, episode, "actions", 0);
        var single = actions.size() == 1 && actions.get(0).equals("actions") ? episode.dataset("actions") : null;
        var discrete = single != null
                && single.columns() == 1
                && (metadata.isPresent() ? metadata.isDiscrete() : single.isWhole());
        return ColumnMapping.of(
                leaves(file, episode, "observations", 0),
                discrete ? List.of() : actions,
                discrete ? "actions" : null,
                "rewards",
                List.of(),
                "terminations",
                "truncations");
    }

    private static List<String> leaves(Hdf5File file, Hdf5File.Group group, String path, int depth) {
        var name = path.substring(path.lastIndexOf('/') + 1);
        if (!group.isGroup(name)) {
            return List.of(path);
        }
        if (depth == DEEPEST) {
            throw new UserException("Cannot read " + file.name() + ": '" + path + "' has more than " + DEEPEST
                    + " groups one in another; map its arrays with columns");
        }
        var inner = group.group(name);
        var leaves = new ArrayList<String>();
        for (var child : inner.names().stream().sorted().toList()) {
            leaves.addAll(leaves(file, inner, path + "/" + child, depth + 1));
        }
        return leaves;
    }

    /** How many steps an episode has: its rewards, or its actions where no rewards were logged. */
    private static long steps(Hdf5File file, Hdf5File.Group episode, ColumnMapping columns) {
        for (var column : Arrays.asList(
                Hdf5Column.of(file, episode, columns.rewardColumn()),
                Hdf5Column.of(file, episode, columns.actionIndex()),
                Hdf5Column.of(file, episode, columns.action()))) {
            if (column != null) {
                return column.rows();
            }
        }
        throw new IllegalStateException("A mapping without actions");
    }

    private static List<FilePart> parts(
            InputFile input, Hdf5File file, Hdf5File.Group root, List<String> names, ColumnMapping columns) {
        var parts = new ArrayList<FilePart>();
        var from = 0;
        var rows = 0L;
        var before = 0L;
        for (var i = 0; i < names.size(); i++) {
            rows += steps(file, root.group(names.get(i)), columns);
            if (rows >= ROWS_IN_PART || i == names.size() - 1) {
                parts.add(new FilePart(input, from, i + 1, before));
                from = i + 1;
                before += rows;
                rows = 0;
            }
        }
        return parts;
    }

    /** The arrays of one episode. */
    private static final class Episode {
        final String id;
        final long rows;
        final Hdf5Column observation;
        final @Nullable Hdf5Column action;
        final @Nullable Hdf5Column actionIndex;
        final @Nullable Hdf5Column reward;
        final @Nullable Hdf5Column terminated;
        final @Nullable Hdf5Column truncated;
        final @Nullable Hdf5Column done;
        final @Nullable Hdf5Column logProbability;
        final @Nullable Hdf5Column probability;
        final @Nullable Hdf5Column time;

        Episode(Hdf5File file, Hdf5File.Group root, String name, ColumnMapping columns, String stem) {
            var group = root.group(name);
            id = stem + "/" + name;
            reward = Hdf5Column.of(file, group, columns.rewardColumn());
            rows = steps(file, group, columns);
            observation = Objects.requireNonNull(Hdf5Column.of(file, group, columns.observation()));
            action = atLeast(rows, file, Hdf5Column.of(file, group, columns.action()));
            actionIndex = atLeast(rows, file, Hdf5Column.of(file, group, columns.actionIndex()));
            terminated = atLeast(rows, file, Hdf5Column.of(file, group, columns.terminated()));
            truncated = atLeast(rows, file, Hdf5Column.of(file, group, columns.truncated()));
            done = atLeast(rows, file, Hdf5Column.of(file, group, columns.done()));
            logProbability = atLeast(rows, file, Hdf5Column.of(file, group, columns.behaviourLogProb()));
            probability = atLeast(rows, file, Hdf5Column.of(file, group, columns.propensity()));
            time = atLeast(rows, file, Hdf5Column.of(file, group, columns.time()));
            atLeast(rows + 1, file, observation);
            var all = new ArrayList<>(observation.arrays());
            if (reward != null) {
                all.addAll(reward.arrays());
            }
            if (action != null) {
                all.addAll(action.arrays());
            }
            Hdf5Dataset.requireFit(file, all);
        }

        private static @Nullable Hdf5Column atLeast(long rows, Hdf5File file, @Nullable Hdf5Column column) {
            if (column != null && column.rows() < rows) {
                throw new UserException(
                        "Cannot read array '" + column.arrays().get(0).path() + "' of " + file.name()
                                + ": it has " + column.rows() + " rows where " + rows
                                + " must stand (observations one more than rewards); save it again");
            }
            return column;
        }
    }

    private static final class Rows implements LoggedRows {
        private final Hdf5File file;
        private final String name;
        private final String stem;
        private final ColumnMapping columns;
        private final int firstAction;
        private final Hdf5File.Group root;
        private final List<String> names;
        private long place;
        private int next;
        private @Nullable Episode episode;
        private long row;
        private float @Nullable [] ahead;

        Rows(FilePart part, Hdf5File file, ColumnMapping columns, int firstAction) {
            this.file = file;
            this.columns = columns;
            this.firstAction = firstAction;
            name = part.file().name();
            stem = Format.MINARI.stem(name);
            root = file.root();
            names = episodes(root).subList((int) part.from(), (int) part.to());
            place = part.rowsBefore();
        }

        @Override
        public boolean hasNext() {
            while (episode == null || row == episode.rows) {
                if (next == names.size()) {
                    return false;
                }
                episode = new Episode(file, root, names.get(next++), columns, stem);
                row = 0;
                ahead = null;
            }
            return true;
        }

        @Override
        public LoggedRow next() {
            if (!hasNext()) {
                throw new NoSuchElementException();
            }
            var arrays = Objects.requireNonNull(episode);
            var observation = ahead != null ? ahead : arrays.observation.vector(row);
            ahead = arrays.observation.vector(row + 1);
            var cut = isSet(arrays.truncated);
            var index = number(arrays.actionIndex);
            var logged = new LoggedRow(
                    arrays.id,
                    null,
                    number(arrays.time),
                    observation,
                    arrays.action == null ? null : arrays.action.vector(row),
                    index == null ? null : Double.valueOf(index - firstAction),
                    arrays.reward == null ? columns.rewardOfEveryRow() : arrays.reward.number(row),
                    ahead,
                    isSet(arrays.terminated) || (!cut && isSet(arrays.done)),
                    cut,
                    number(arrays.probability),
                    number(arrays.logProbability),
                    null,
                    null,
                    ColumnMapping.FILE.equals(columns.group()) ? stem : null,
                    name,
                    place++);
            row++;
            return logged;
        }

        private boolean isSet(@Nullable Hdf5Column flag) {
            return flag != null && flag.flag(row);
        }

        private @Nullable Double number(@Nullable Hdf5Column column) {
            return column == null ? null : Double.valueOf(column.number(row));
        }

        @Override
        public void close() {
            file.close();
        }
    }
}
