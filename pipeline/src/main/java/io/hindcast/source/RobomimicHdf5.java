package io.hindcast.source;

import io.hindcast.config.Settings;
import io.hindcast.config.Shown;
import io.hindcast.config.UserException;
import io.hindcast.data.ActionSpace;
import io.hindcast.timeline.LoggedRow;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The HDF5 files of robomimic, and of what writes as it does (robosuite, MimicGen, LIBERO): a group {@code data/demo_<i>} a
 * demonstration, with {@code actions}, {@code rewards}, {@code dones}, {@code obs/<key>} and perhaps {@code next_obs/<key>}; and
 * lists of demonstrations in {@code mask/<filter>}.
 *
 * <p>A demonstration is an episode, in the order of the numbers. It ends with its last row, which is terminated if it is done and
 * its reward is above 0, a success, and truncated if not: {@code dones} may be 1 on several rows in which the task is solved, and
 * on the last row of all demonstrations. Without {@code next_obs} the last row of a truncated one is only what was seen last.
 */
final class RobomimicHdf5 {
    private static final int ROWS_IN_PART = 50_000;
    private static final Pattern DEMO = Pattern.compile("demo_(\\d{1,9})");
    private static final int MOST_NAMES = 1 << 20;

    private RobomimicHdf5() {}

    /**
     * Looks at the sizes of all demonstrations, at the names in the first, and at the actions if nothing else tells how far they go.
     *
     * @param columns null for those of the format
     */
    static FilePlan plan(InputFile input, Hdf5File file, @Nullable ColumnMapping columns, PlannedLogs.Rules rules) {
        var data = data(file);
        var names = demonstrations(file, data, rules);
        var notes = new ArrayList<String>();
        var mapping = columns == null ? columns(file, data.group(names.get(0)), notes) : columns;
        requireKnown(mapping);
        var parts = new ArrayList<FilePart>();
        var range = new ActionRange();
        var from = 0;
        var rows = 0L;
        var before = 0L;
        for (var i = 0; i < names.size(); i++) {
            var arrays = arrays(file, data, names.get(i), input, mapping);
            rows += arrays.rows(0);
            if (rules.actions() == null) {
                arrays.actions(0, arrays.rows(0), range);
            }
            if (rows >= ROWS_IN_PART || i == names.size() - 1) {
                parts.add(new FilePart(input, from, i + 1, before));
                from = i + 1;
                before += rows;
                rows = 0;
            }
        }
        var actions = rules.actions() != null
                ? rules.actions()
                : mapping.actionIndex() != null ? range.numbered() : range.bounded();
        if (rules.actions() == null && actions instanceof ActionSpace.Continuous space) {
            notes.addAll(ActionRange.notes(space));
        }
        return new FilePlan(parts, mapping, actions, notes);
    }

    private static Hdf5File.Group data(Hdf5File file) {
        var root = file.root();
        if (!root.isGroup("data")) {
            throw new UserException("Cannot read " + file.name()
                    + ": it has no group 'data' of demonstrations as robomimic's files have; "
                    + Hdf5Kinds.advice(root));
        }
        return root.group("data");
    }

    private static void requireKnown(ColumnMapping columns) {
        if (columns.episodeId() != null
                || columns.step() != null
                || columns.timeDelta() != null
                || !columns.actionMask().isEmpty()
                || (columns.group() != null && !columns.group().equals(ColumnMapping.FILE))) {
            throw new UserException(
                    "Cannot use columns " + Settings.toMap(columns).keySet()
                            + " with format = robomimic: episode-id and step are what its files say by themselves, and time-delta,"
                            + " action-mask and a group but {file} are not read; remove them");
        }
    }

    /** The rows of a part. */
    static LoggedRows rows(FilePart part, Hdf5File file, ColumnMapping columns, PlannedLogs.Rules rules) {
        var data = data(file);
        var stem = Format.ROBOMIMIC.stem(part.file().name());
        return new Hdf5EpisodeRows<>(
                file,
                demonstrations(file, data, rules).subList((int) part.from(), (int) part.to()),
                part.rowsBefore(),
                name -> new Episode(arrays(file, data, name, part.file(), columns), stem + "/" + name, columns));
    }

    /** The names of the demonstrations in the order of their numbers: all, or those of a filter. */
    private static List<String> demonstrations(Hdf5File file, Hdf5File.Group data, PlannedLogs.Rules rules) {
        var byNumber = new TreeMap<Integer, String>();
        for (var name : data.names()) {
            var matcher = DEMO.matcher(name);
            if (matcher.matches()) {
                byNumber.put(Integer.valueOf(matcher.group(1)), name);
            }
        }
        if (byNumber.isEmpty()) {
            throw new UserException("Cannot read " + file.name()
                    + ": its group 'data' has no group 'demo_0' or the like, as robomimic's files have; check format");
        }
        var filter = rules.filter();
        if (filter == null) {
            return List.copyOf(byNumber.values());
        }
        var wanted = filtered(file, filter);
        for (var name : wanted) {
            if (!byNumber.containsValue(name)) {
                throw new UserException("Cannot read " + file.name() + ": mask/" + filter + " names a demonstration '"
                        + Shown.beginning(name, 40)
                        + "' that is not there; write the mask again");
            }
        }
        byNumber.values().retainAll(wanted);
        if (byNumber.isEmpty()) {
            throw new UserException("Cannot read " + file.name() + ": mask/" + filter
                    + " names no demonstration; choose another filter");
        }
        return List.copyOf(byNumber.values());
    }

    private static Set<String> filtered(Hdf5File file, String filter) {
        var root = file.root();
        var masks = root.isGroup("mask") ? root.group("mask") : null;
        if (masks == null || !masks.names().contains(filter)) {
            throw new UserException("Cannot use filter = " + filter + ": " + file.name() + " has "
                    + (masks == null
                            ? "no masks; remove filter"
                            : "the masks " + masks.names().stream().sorted().toList() + "; choose one of them"));
        }
        var mask = masks.bytes(filter);
        if (mask.rows() > MOST_NAMES) {
            throw new UserException("Cannot read " + file.name() + ": mask/" + filter + " has " + mask.rows()
                    + " names, more than " + MOST_NAMES + "; write the mask again");
        }
        var names = new HashSet<String>();
        for (var row = 0L; row < mask.rows(); row++) {
            names.add(mask.text(row));
        }
        return names;
    }

    private static ColumnMapping columns(Hdf5File file, Hdf5File.Group first, List<String> notes) {
        if (!first.names().contains("actions")) {
            throw new UserException("Cannot read " + file.name()
                    + ": its first demonstration has no 'actions' as robomimic's files have; check format, or map its"
                    + " arrays with columns");
        }
        if (!first.isGroup("obs")) {
            throw new UserException("Cannot read " + file.name()
                    + ": its demonstrations have no observations 'obs'; make them with robomimic's"
                    + " dataset_states_to_obs.py, or name other arrays in columns");
        }
        var all = first.group("obs");
        var observations = new ArrayList<String>();
        var images = new ArrayList<String>();
        for (var name : all.names().stream().sorted().toList()) {
            (isImage(all, name) ? images : observations).add("obs/" + name);
        }
        if (observations.isEmpty()) {
            throw new UserException("Cannot read " + file.name() + ": its observations are images only: " + images
                    + "; name those that are to be read in columns.observation, with the other columns of the format");
        }
        if (!images.isEmpty()) {
            notes.add("images are left out: " + String.join(", ", images)
                    + "; name them in columns.observation to read them as numbers");
        }
        var following = observations.stream().map(path -> "next_" + path).toList();
        var hasNext = first.isGroup("next_obs")
                && following.stream()
                        .allMatch(path ->
                                first.group("next_obs").names().contains(path.substring(path.indexOf('/') + 1)));
        return new ColumnMapping(
                observations,
                List.of("actions"),
                null,
                first.names().contains("rewards") ? ColumnMapping.column("rewards") : null,
                hasNext ? following : List.of(),
                null,
                null,
                first.names().contains("dones") ? "dones" : null,
                null,
                null,
                null,
                null,
                null,
                List.of(),
                null,
                null,
                null);
    }

    private static boolean isImage(Hdf5File.Group group, String name) {
        if (group.isBytes(name)) {
            return true;
        }
        var array = group.dataset(name);
        return array.extents() >= 4 || (array.extents() == 3 && array.item().bytes() == 1);
    }

    private static Hdf5EpisodeArrays arrays(
            Hdf5File file, Hdf5File.Group data, String name, InputFile input, ColumnMapping columns) {
        var group = data.group(name);
        return new Hdf5EpisodeArrays(
                file,
                input.name(),
                ColumnMapping.FILE.equals(columns.group()) ? Format.ROBOMIMIC.stem(input.name()) : null,
                columns,
                path -> Hdf5Column.array(file, group, path));
    }

    private static final class Episode implements Hdf5EpisodeRows.Episode {
        private final Hdf5EpisodeArrays arrays;
        private final String id;
        private final boolean isSuccess;
        private final long rows;
        private final boolean hasNext;

        Episode(Hdf5EpisodeArrays arrays, String id, ColumnMapping columns) {
            this.arrays = arrays;
            this.id = id;
            rows = arrays.rows(0);
            hasNext = !columns.nextObservation().isEmpty();
            isSuccess = rows > 0
                    && (columns.terminated() != null
                            ? arrays.isTerminated(rows - 1)
                            : columns.rewardColumn() != null
                                    && arrays.reward(rows - 1) > 0
                                    && (columns.done() == null || arrays.isTerminated(rows - 1)));
        }

        @Override
        public long rows() {
            return rows;
        }

        @Override
        public LoggedRow row(long row, long place) {
            var isLast = row == rows - 1;
            return arrays.row(
                    id,
                    row,
                    place,
                    0,
                    arrays.observation(row),
                    hasNext ? arrays.nextObservation(row) : null,
                    isLast && isSuccess,
                    isLast && !isSuccess);
        }
    }
}
