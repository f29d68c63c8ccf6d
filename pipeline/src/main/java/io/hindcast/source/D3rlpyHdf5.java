package io.hindcast.source;

import io.hindcast.config.Settings;
import io.hindcast.config.UserException;
import io.hindcast.data.ActionSpace;
import io.hindcast.timeline.LoggedRow;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The files that d3rlpy's {@code ReplayBuffer.dump} and {@code MDPDataset.dump} write: for episode i {@code observations_<i>} (or
 * {@code observations_<i>_<j>} for the parts j of a tuple), {@code actions_<i>}, {@code rewards_<i>} and one flag {@code
 * terminated_<i>}. Parts of a tuple are called {@code observations/<j>} in columns.
 *
 * <p>An episode that terminated has as many transitions as rows, and zeros follow its last one. Of any other the last row is only
 * what was seen last: the transition before it is truncated, whether a time limit or the end of the recording cut it.
 *
 * <p>Files of d3rlpy 1 have all rows in {@code observations}, {@code actions}, {@code rewards} and {@code terminals}, and a flag at
 * the end of each episode in {@code episode_terminals}.
 */
final class D3rlpyHdf5 {
    private static final int ROWS_IN_PART = 50_000;
    private static final Pattern REWARDS = Pattern.compile("rewards_(\\d{1,9})");
    private static final String ENDS = "episode_terminals";

    private D3rlpyHdf5() {}

    /** Rows {@code [from, to)} of the arrays whose names end in {@code suffix}. */
    private record Key(String suffix, long from, long to) {}

    /**
     * Looks at the sizes of all episodes, and at the actions if nothing else tells how far they go.
     *
     * @param columns null for those of the format
     */
    static FilePlan plan(InputFile input, Hdf5File file, @Nullable ColumnMapping columns, PlannedLogs.Rules rules) {
        var root = file.root();
        var mapping = columns == null ? columns(file, root, rules.actions()) : columns;
        requireKnown(mapping);
        var parts = new ArrayList<FilePart>();
        var from = 0;
        var rows = 0L;
        var before = 0L;
        var keys = keys(file, root, mapping);
        var range = new ActionRange();
        var all = arrays(file, root, input, mapping);
        for (var i = 0; i < keys.size(); i++) {
            var key = keys.get(i);
            var arrays = all.apply(key);
            rows += episode(input, arrays, root, mapping, key).rows();
            if (rules.actions() == null) {
                arrays.actions(key.from(), key.to(), range);
            }
            if (rows >= ROWS_IN_PART || i == keys.size() - 1) {
                parts.add(new FilePart(input, from, i + 1, before));
                from = i + 1;
                before += rows;
                rows = 0;
            }
        }
        return planned(parts, mapping, rules, range);
    }

    private static FilePlan planned(
            List<FilePart> parts, ColumnMapping mapping, PlannedLogs.Rules rules, ActionRange range) {
        if (rules.actions() != null) {
            return new FilePlan(parts, mapping, rules.actions(), List.of());
        }
        if (mapping.actionIndex() != null) {
            var actions = range.numbered();
            return new FilePlan(
                    parts,
                    mapping,
                    actions,
                    actions == null
                            ? List.of()
                            : List.of("the files do not say how many actions there are: " + actions.size()
                                    + ", one more than the greatest number in the data, as d3rlpy counts them; give"
                                    + " action-space if the environment has more"));
        }
        var actions = range.bounded();
        return new FilePlan(
                parts,
                mapping,
                actions,
                actions instanceof ActionSpace.Continuous space ? ActionRange.notes(space) : List.of());
    }

    private static void requireKnown(ColumnMapping columns) {
        if (!columns.nextObservation().isEmpty()
                || columns.truncated() != null
                || columns.done() != null
                || columns.episodeId() != null
                || columns.step() != null
                || columns.time() != null
                || columns.timeDelta() != null
                || columns.propensity() != null
                || columns.behaviourLogProb() != null
                || !columns.actionMask().isEmpty()
                || (columns.group() != null && !columns.group().equals(ColumnMapping.FILE))) {
            throw new UserException("Cannot use columns "
                    + Settings.toMap(columns).keySet()
                    + " with format = d3rlpy: its files have observations, actions, rewards and terminated, and tell by"
                    + " themselves how episodes end; remove the others");
        }
    }

    /** The rows of a part. */
    static LoggedRows rows(FilePart part, Hdf5File file, ColumnMapping columns) {
        var root = file.root();
        var arrays = arrays(file, root, part.file(), columns);
        return new Hdf5EpisodeRows<>(
                file,
                keys(file, root, columns).subList((int) part.from(), (int) part.to()),
                part.rowsBefore(),
                key -> episode(part.file(), arrays.apply(key), root, columns, key));
    }

    private static boolean isOld(Hdf5File.Group root) {
        return root.names().contains(ENDS) && root.names().contains("terminals");
    }

    /** The episodes in their order. */
    private static List<Key> keys(Hdf5File file, Hdf5File.Group root, ColumnMapping columns) {
        return isOld(root) ? oldKeys(file, root) : newKeys(file, root, columns);
    }

    private static List<Key> newKeys(Hdf5File file, Hdf5File.Group root, ColumnMapping columns) {
        var numbers = new TreeMap<Integer, Key>();
        for (var name : root.names()) {
            var matcher = REWARDS.matcher(name);
            if (matcher.matches()) {
                numbers.put(Integer.valueOf(matcher.group(1)), new Key("_" + matcher.group(1), 0, 0));
            }
        }
        if (numbers.isEmpty()) {
            throw new UserException("Cannot read " + file.name()
                    + ": it has no array 'rewards_0' as d3rlpy's files have; " + Hdf5Kinds.advice(root));
        }
        if (root.names().contains("num_episodes") && root.scalar("num_episodes") != numbers.size()) {
            throw new UserException("Cannot read " + file.name() + ": it has the rewards of " + numbers.size()
                    + " episodes, and num_episodes is " + root.scalar("num_episodes") + "; write it again");
        }
        var keys = new ArrayList<Key>();
        for (var key : numbers.values()) {
            var rows = Hdf5EpisodeArrays.steps(columns, path -> array(file, root, key, path))
                    .rows();
            keys.add(new Key(key.suffix(), 0, rows));
        }
        return keys;
    }

    private static List<Key> oldKeys(Hdf5File file, Hdf5File.Group root) {
        var ends = root.dataset(ENDS);
        var terminals = root.dataset("terminals");
        if (ends.rows() != terminals.rows()) {
            throw new UserException("Cannot read " + file.name() + ": array '" + ENDS + "' has " + ends.rows()
                    + " rows, array 'terminals' has " + terminals.rows() + "; write it again");
        }
        var keys = new ArrayList<Key>();
        var from = 0L;
        for (var row = 0L; row < ends.rows(); row++) {
            if (ends.number(row, 0) != 0 || terminals.number(row, 0) != 0 || row + 1 == ends.rows()) {
                keys.add(new Key("", from, row + 1));
                from = row + 1;
            }
        }
        return keys;
    }

    private static ColumnMapping columns(Hdf5File file, Hdf5File.Group root, @Nullable ActionSpace given) {
        var suffix = isOld(root) ? "" : newest(file, root);
        for (var name : List.of("actions", "rewards", isOld(root) ? "terminals" : "terminated")) {
            if (!root.names().contains(name + suffix)) {
                throw new UserException("Cannot read " + file.name() + ": it has no array '" + name + suffix
                        + "' as d3rlpy's files have; " + Hdf5Kinds.advice(root));
            }
        }
        var observations = new ArrayList<String>();
        if (root.names().contains("observations" + suffix)) {
            observations.add("observations");
        }
        while (observations.isEmpty() || !observations.contains("observations")) {
            var next = observations.size();
            if (!root.names().contains("observations" + suffix + "_" + next)) {
                break;
            }
            observations.add("observations/" + next);
        }
        if (observations.isEmpty()) {
            throw new UserException("Cannot read " + file.name() + ": it has no array 'observations" + suffix
                    + "' as d3rlpy's files have; " + Hdf5Kinds.advice(root));
        }
        var actions = root.dataset("actions" + suffix);
        var discrete = given == null
                ? actions.isWhole() && actions.columns() == 1
                : given instanceof ActionSpace.Discrete space && !space.isVector();
        return ColumnMapping.of(
                observations,
                discrete ? List.of() : List.of("actions"),
                discrete ? "actions" : null,
                "rewards",
                List.of(),
                isOld(root) ? "terminals" : "terminated",
                null);
    }

    /** What the names of an episode's arrays end in. */
    private static String newest(Hdf5File file, Hdf5File.Group root) {
        return root.names().stream()
                .map(REWARDS::matcher)
                .filter(Matcher::matches)
                .map(matcher -> "_" + matcher.group(1))
                .min(Comparator.comparingInt(suffix -> Integer.parseInt(suffix.substring(1))))
                .orElseThrow(() -> new UserException("Cannot read " + file.name()
                        + ": it has no array 'rewards_0' as d3rlpy's files have; " + Hdf5Kinds.advice(root)));
    }

    /** What finds the arrays of an episode: of an old file they are those of all. */
    private static Function<Key, Hdf5EpisodeArrays> arrays(
            Hdf5File file, Hdf5File.Group root, InputFile input, ColumnMapping columns) {
        if (isOld(root)) {
            var all = arrays(file, root, input, columns, new Key("", 0, 0));
            return key -> all;
        }
        return key -> arrays(file, root, input, columns, key);
    }

    private static Hdf5EpisodeArrays arrays(
            Hdf5File file, Hdf5File.Group root, InputFile input, ColumnMapping columns, Key key) {
        var stem = Format.D3RLPY.stem(input.name());
        // The flag is one an episode.
        var vectors = ColumnMapping.of(
                columns.observation(),
                columns.action(),
                columns.actionIndex(),
                columns.rewardColumn(),
                List.of(),
                null,
                null);
        var arrays = new Hdf5EpisodeArrays(
                file,
                input.name(),
                ColumnMapping.FILE.equals(columns.group()) ? stem : null,
                vectors,
                path -> array(file, root, key, path));
        arrays.rows(0);
        return arrays;
    }

    private static Hdf5Values array(Hdf5File file, Hdf5File.Group root, Key key, String path) {
        var slash = path.indexOf('/');
        return Hdf5Column.array(
                file,
                root,
                slash < 0
                        ? path + key.suffix()
                        : path.substring(0, slash) + key.suffix() + "_" + path.substring(slash + 1));
    }

    private static Episode episode(
            InputFile input, Hdf5EpisodeArrays arrays, Hdf5File.Group root, ColumnMapping columns, Key key) {
        var stem = Format.D3RLPY.stem(input.name());
        var id = isOld(root)
                ? String.format("%s/%09d", stem, key.from())
                : stem + "/" + key.suffix().substring(1);
        var flag = columns.terminated();
        var terminated = flag != null
                && (isOld(root) ? root.dataset(flag).number(key.to() - 1, 0) : root.scalar(flag + key.suffix())) != 0;
        return new Episode(
                id, arrays, key.from(), terminated ? key.to() - key.from() : key.to() - key.from() - 1, terminated);
    }

    /** Rows from {@code from}. */
    private static final class Episode implements Hdf5EpisodeRows.Episode {
        private final String id;
        private final Hdf5EpisodeArrays arrays;
        private final long from;
        private final long rows;
        private final boolean terminated;
        private float @Nullable [] ahead;

        Episode(String id, Hdf5EpisodeArrays arrays, long from, long rows, boolean terminated) {
            this.id = id;
            this.arrays = arrays;
            this.from = from;
            this.rows = Math.max(0, rows);
            this.terminated = terminated;
        }

        @Override
        public long rows() {
            return rows;
        }

        @Override
        public LoggedRow row(long row, long place) {
            var observation = ahead != null ? ahead : arrays.observation(from + row);
            var isLast = row == rows - 1;
            ahead = isLast && terminated ? new float[observation.length] : arrays.observation(from + row + 1);
            return arrays.row(
                    id, from + row, place, 0, observation, ahead, isLast && terminated, isLast && !terminated);
        }
    }
}
