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
    private static final Pattern OF_TUPLE = Pattern.compile("_index_(\\d{1,9})");
    /** By name, but the entries of a tuple by their numbers. */
    private static final Comparator<String> ORDER =
            Comparator.comparingInt(MinariHdf5::place).thenComparing(Comparator.naturalOrder());

    private MinariHdf5() {}

    /**
     * Looks at the sizes of all episodes and at the names in the first.
     *
     * @param columns null for those of the format
     */
    static FilePlan plan(
            InputFile input,
            Hdf5File file,
            @Nullable ColumnMapping columns,
            PlannedLogs.Rules rules,
            Configuration configuration) {
        var root = file.root();
        var names = episodes(root);
        if (names.isEmpty()) {
            throw new UserException("Cannot read " + file.name()
                    + ": it has no group 'episode_0' or the like, as Minari's files have; "
                    + Hdf5Kinds.advice(root));
        }
        var metadata = MinariMetadata.of(input, configuration);
        metadata.requireEpisodes(file.name(), names.size());
        var first = root.group(names.get(0));
        var mapping = columns == null ? columns(file, first, metadata, rules.actions()) : columns;
        requireKnown(mapping);
        var found = arrays(file, first, metadata);
        Hdf5Column.of(mapping.observation(), found);
        var action = Hdf5Column.of(mapping.action(), found);
        var actions = rules.actions() != null
                ? rules.actions()
                : metadata.actions(file.name(), action == null ? 0 : action.width());
        return new FilePlan(parts(input, file, root, names, mapping), mapping, actions, List.of());
    }

    static void requireKnown(ColumnMapping columns) {
        if (!columns.nextObservation().isEmpty()
                || columns.episodeId() != null
                || columns.step() != null
                || columns.tieBreak() != null
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
        var metadata = MinariMetadata.of(part.file(), configuration);
        var name = part.file().name();
        var stem = Format.MINARI.stem(name);
        var root = file.root();
        return new Hdf5EpisodeRows<>(
                file,
                episodes(root).subList((int) part.from(), (int) part.to()),
                part.rowsBefore(),
                episode -> new Episode(
                        stem + "/" + episode,
                        new Hdf5EpisodeArrays(
                                file,
                                name,
                                ColumnMapping.FILE.equals(columns.group()) ? stem : null,
                                columns,
                                arrays(file, root.group(episode), metadata)),
                        first(metadata.actions())));
    }

    /** One row an observation but the last. */
    private static final class Episode implements Hdf5EpisodeRows.Episode {
        private final String id;
        private final Hdf5EpisodeArrays arrays;
        private final long firstAction;
        private final long rows;
        private float @Nullable [] ahead;

        Episode(String id, Hdf5EpisodeArrays arrays, long firstAction) {
            this.id = id;
            this.arrays = arrays;
            this.firstAction = firstAction;
            rows = arrays.rows(1);
        }

        @Override
        public long rows() {
            return rows;
        }

        @Override
        public LoggedRow row(long row, long place) {
            var observation = ahead != null ? ahead : arrays.observation(row);
            ahead = arrays.observation(row + 1);
            return arrays.row(
                    id, row, place, firstAction, observation, ahead, arrays.isTerminated(row), arrays.isTruncated(row));
        }
    }

    /** What finds an episode's arrays: images, numbers. */
    private static Function<String, Hdf5Values> arrays(Hdf5File file, Hdf5File.Group episode, MinariMetadata metadata) {
        return path -> {
            var group = Hdf5Column.holder(file, episode, path);
            var name = path.substring(path.lastIndexOf('/') + 1);
            return space(metadata, path) instanceof MinariSpace.Box box && box.isImage() && isPacked(group, name)
                    ? new Hdf5Frames(file, group, name, box.shape())
                    : numbers(file, group, name, metadata);
        };
    }

    /** The number of the first of discrete actions. */
    private static long first(@Nullable MinariSpace actions) {
        return actions instanceof MinariSpace.Choices choices && choices.type().equals("Discrete")
                ? choices.starts().get(0)
                : 0;
    }

    /** The space of the array at {@code path}, null if it is not told. */
    private static @Nullable MinariSpace space(MinariMetadata metadata, String path) {
        var from = path.indexOf('/');
        var root = switch (from < 0 ? path : path.substring(0, from)) {
            case "observations" -> metadata.observations();
            case "actions" -> metadata.actions();
            default -> null;
        };
        if (root == null) {
            return null;
        }
        for (var leaf : root.leaves(i -> "_index_" + i)) {
            if (String.join("/", leaf.names()).equals(from < 0 ? "" : path.substring(from + 1))) {
                return leaf.space();
            }
        }
        return null;
    }

    /** Images as they are have extents of their own; packed ones are bytes of any length, or a row of bytes. */
    private static boolean isPacked(Hdf5File.Group group, String name) {
        return group.isBytes(name) || group.dataset(name).extents() <= 2;
    }

    private static Hdf5Values numbers(Hdf5File file, Hdf5File.Group group, String name, MinariMetadata metadata) {
        if (group.isBytes(name)) {
            var bytes = group.bytes(name);
            throw new UserException(
                    "Cannot read array '" + ArrowField.shown(bytes.path()) + "' of " + file.name() + ": it holds "
                            + (bytes.isText() ? "texts" : "packed images") + ", not numbers; "
                            + (bytes.isText() || metadata.actions() != null
                                    ? "leave it out of columns"
                                    : "put Minari's metadata.json, which has their size, beside the file"));
        }
        var array = group.dataset(name);
        if (metadata.observations() == null && Jpeg.begins(array)) {
            throw new UserException(
                    "Cannot read array '" + ArrowField.shown(array.path()) + "' of " + file.name()
                            + ": it holds packed images, not numbers; put Minari's metadata.json, which has their size, beside the file");
        }
        return array;
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

    private static ColumnMapping columns(
            Hdf5File file, Hdf5File.Group episode, MinariMetadata metadata, @Nullable ActionSpace given) {
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
                && (given != null
                        ? given instanceof ActionSpace.Discrete space && !space.isVector()
                        : metadata.actions() != null
                                ? metadata.actions() instanceof MinariSpace.Choices one
                                        && one.type().equals("Discrete")
                                : single.isWhole());
        return ColumnMapping.of(
                observations(file, episode, metadata),
                discrete ? List.of() : actions,
                discrete ? "actions" : null,
                "rewards",
                List.of(),
                "terminations",
                "truncations");
    }

    /**
     * All arrays of numbers and of images, as Gymnasium flattens them: what is one of several values is spread over one entry
     * each. Others are not left out unsaid.
     */
    private static List<String> observations(Hdf5File file, Hdf5File.Group episode, MinariMetadata metadata) {
        var leaves = leaves(file, episode, "observations", 0);
        var texts = leaves.stream().filter(path -> isText(file, episode, path)).toList();
        if (texts.isEmpty()) {
            return leaves.stream().map(path -> spread(metadata, path)).toList();
        }
        var others = leaves.stream().filter(path -> !texts.contains(path)).toList();
        throw new UserException("Cannot read " + file.name() + ": " + String.join(", ", texts)
                + (texts.size() == 1 ? " is text" : " are text") + ", which is not read; "
                + (others.isEmpty()
                        ? "there is nothing else in its observations, so use another data set"
                        : "name the others, with the other columns of the format: columns.observation = "
                                + others.stream()
                                        .map(path -> '"' + spread(metadata, path) + '"')
                                        .toList()));
    }

    private static String spread(MinariMetadata metadata, String path) {
        var space = space(metadata, path);
        return space == null ? path : space.spread(path);
    }

    private static boolean isText(Hdf5File file, Hdf5File.Group episode, String path) {
        var group = Hdf5Column.holder(file, episode, path);
        var name = path.substring(path.lastIndexOf('/') + 1);
        return group.isBytes(name) && group.bytes(name).isText();
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
        for (var child : inner.names().stream().sorted(ORDER).toList()) {
            leaves.addAll(leaves(file, inner, path + "/" + child, depth + 1));
        }
        return leaves;
    }

    private static int place(String name) {
        var matcher = OF_TUPLE.matcher(name);
        return matcher.matches() ? Integer.parseInt(matcher.group(1)) : Integer.MAX_VALUE;
    }

    private static List<FilePart> parts(
            InputFile input, Hdf5File file, Hdf5File.Group root, List<String> names, ColumnMapping columns) {
        var parts = new ArrayList<FilePart>();
        var from = 0;
        var rows = 0L;
        var before = 0L;
        for (var i = 0; i < names.size(); i++) {
            var name = names.get(i);
            rows += Hdf5EpisodeArrays.steps(columns, path -> Hdf5Column.array(file, root.group(name), path))
                    .rows();
            if (rows >= ROWS_IN_PART || i == names.size() - 1) {
                parts.add(new FilePart(input, from, i + 1, before));
                from = i + 1;
                before += rows;
                rows = 0;
            }
        }
        return parts;
    }
}
