package io.hindcast.source;

import com.typesafe.config.ConfigValueFactory;
import io.hindcast.config.Shown;
import io.hindcast.config.UserException;
import io.hindcast.data.ActionSpace;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.zip.InflaterInputStream;
import org.apache.hadoop.conf.Configuration;
import org.jspecify.annotations.Nullable;

/**
 * The episodes that RLlib writes unless told otherwise: Parquet files with one binary column {@code item}, each of its values an
 * episode, or a part of one, in MessagePack. An item has one observation more than actions, so every step has its next
 * observation; parts of an episode have its {@code id_} and go on at {@code t_started}, wherever they lie.
 *
 * <p>Its columns are {@code observations}, {@code next_observations}, {@code actions}, {@code rewards}, {@code terminated},
 * {@code truncated}, {@code id_}, {@code t} and {@code extra_model_outputs/NAME}; what is a dictionary or a tuple has a column for
 * each of its arrays, {@code observations/KEY}, in the order of the keys.
 */
final class RllibEpisodes {
    static final String ITEM = "item";
    private static final String LOG_PROBABILITY = "extra_model_outputs/action_logp";
    private static final int DEEPEST = 16;
    private static final int MOST_BOUNDS = 64 << 20;

    private RllibEpisodes() {}

    /**
     * Looks at the first item.
     *
     * @param columns null for those of the format
     * @throws UserException if the file has no such items
     */
    static FilePlan plan(
            InputFile input, @Nullable ColumnMapping columns, PlannedLogs.Rules rules, Configuration configuration) {
        try (var items = new Items(input, configuration)) {
            var item = items.next();
            if (item == null) {
                throw new UserException("Cannot read " + input.name() + ": it holds no episode; leave it out");
            }
            var mapping = columns != null ? columns : columns(item);
            return new FilePlan(
                    List.of(new FilePart(input, 0, Long.MAX_VALUE, 0)),
                    mapping,
                    rules.actions() != null ? rules.actions() : actions(input.name(), item.state),
                    List.of());
        } catch (IOException e) {
            throw Format.damaged(input.name(), e);
        }
    }

    /** The rows of a file. */
    static LoggedRows rows(FilePart part, ColumnMapping columns, Configuration configuration) {
        var name = part.file().name();
        var items = new Items(part.file(), configuration);
        try {
            return new ReaderRows(name, Format.RLLIB_EPISODES.stem(name), new Steps(items), columns, 0);
        } catch (RuntimeException e) {
            items.closeQuietly();
            throw e;
        }
    }

    private static ColumnMapping columns(Item item) {
        var isIndex = "discrete".equals(item.actionSpace().get("space"));
        var observations = new ArrayList<String>();
        var next = new ArrayList<String>();
        var actions = new ArrayList<String>();
        for (var column : item.columns) {
            if (isOf(column, "observations")) {
                observations.add(column);
            } else if (isOf(column, "next_observations")) {
                next.add(column);
            } else if (isOf(column, "actions")) {
                actions.add(column);
            }
        }
        return new ColumnMapping(
                observations,
                isIndex ? List.of() : actions,
                isIndex ? "actions" : null,
                ConfigValueFactory.fromAnyRef("rewards"),
                next,
                "terminated",
                "truncated",
                null,
                "id_",
                "t",
                null,
                item.columns.contains(LOG_PROBABILITY) ? LOG_PROBABILITY : null,
                null,
                List.of(),
                null,
                null,
                null);
    }

    private static boolean isOf(String column, String name) {
        return column.equals(name) || column.startsWith(name + "/");
    }

    /** The actions, null if the item does not say. */
    static @Nullable ActionSpace actions(String file, Map<?, ?> state) {
        if (!(state.get("_action_space") instanceof Map<?, ?> space)) {
            return null;
        }
        if ("discrete".equals(space.get("space"))) {
            return space.get("n") instanceof Long count && count >= 1 && count <= Integer.MAX_VALUE
                    ? new ActionSpace.Discrete(count.intValue())
                    : null;
        }
        var low = new ArrayList<Double>();
        var high = new ArrayList<Double>();
        addBounds(file, space, low, high, 0);
        for (var i = 0; i < low.size(); i++) {
            if (!Double.isFinite(low.get(i)) || !Double.isFinite(high.get(i)) || low.get(i) >= high.get(i)) {
                throw new UserException("Cannot read the action space of " + file + ": entry " + i + " is within "
                        + low.get(i) + " and " + high.get(i)
                        + ", and only finite bounds are known; give action-space { type = continuous, dimension = "
                        + low.size() + ", low = …, high = … }");
            }
        }
        return low.isEmpty() || low.size() != high.size() ? null : new ActionSpace.Continuous(low, high);
    }

    private static void addBounds(String file, Map<?, ?> space, List<Double> low, List<Double> high, int depth) {
        var inner = space.get("spaces");
        if (depth < DEEPEST && "box".equals(space.get("space"))) {
            addNumbers(file, space.get("low"), low);
            addNumbers(file, space.get("high"), high);
        } else if (depth < DEEPEST && inner instanceof Map<?, ?> map) {
            sorted(map)
                    .values()
                    .forEach(one -> addBounds(file, one instanceof Map<?, ?> m ? m : Map.of(), low, high, depth + 1));
        } else if (depth < DEEPEST && inner instanceof List<?> list) {
            list.forEach(one -> addBounds(file, one instanceof Map<?, ?> m ? m : Map.of(), low, high, depth + 1));
        } else {
            throw new UserException("Cannot read the action space of " + file + ": it is " + shown(space.get("space"))
                    + ", and only discrete, box, and dict or tuple of box are known; give action-space and columns");
        }
    }

    private static String shown(@Nullable Object value) {
        return Shown.beginning(String.valueOf(value), 40);
    }

    /** Bounds are an npy file, packed, in base64. */
    private static void addNumbers(String file, @Nullable Object packed, List<Double> into) {
        try {
            var npy = new InflaterInputStream(
                            new ByteArrayInputStream(Base64.getDecoder().decode(String.valueOf(packed))))
                    .readNBytes(MOST_BOUNDS);
            for (var value : NumpyItems.npy(file, "_action_space", npy).doubles()) {
                into.add(value);
            }
        } catch (IOException | IllegalArgumentException e) {
            throw new UserException(
                    "Cannot read the bounds of the actions of " + file
                            + ": they are no npy array as RLlib writes them; copy the file again, or give action-space",
                    e);
        }
    }

    private static Map<String, @Nullable Object> sorted(Map<?, ?> map) {
        Map<String, @Nullable Object> sorted = new TreeMap<>();
        map.forEach((key, value) -> sorted.put(String.valueOf(key), value));
        return sorted;
    }

    /** The items of a file. */
    private static final class Items implements java.io.Closeable {
        private final String file;
        private final ParquetRecords records;
        private final NumpyItems arrays;
        private int count;

        Items(InputFile input, Configuration configuration) {
            file = input.name();
            arrays = new NumpyItems(file);
            records = new ParquetRecords(input, ITEM::equals, configuration);
            if (!records.columns().contains(ITEM)) {
                closeQuietly();
                throw new UserException(
                        "Cannot read " + file + ": it has no column 'item' as RLlib's episodes have, but "
                                + records.columns().stream()
                                        .limit(8)
                                        .map(RllibEpisodes::shown)
                                        .toList()
                                + "; steps in rows are read with format = parquet, see conf/ingest/rllib.conf");
            }
        }

        @Nullable Item next() {
            var record = records.next();
            if (record == null) {
                return null;
            }
            if (!(record.get(ITEM) instanceof ArrowVector.Binary packed)) {
                throw new UserException("Cannot read " + file + ": item " + count
                        + " is no binary value as RLlib's episodes are; check format");
            }
            return new Item(file, count++, packed.bytes(), arrays);
        }

        void closeQuietly() {
            try {
                close();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        @Override
        public void close() throws IOException {
            records.close();
        }
    }

    /** An item: its columns, and their values step by step. */
    static final class Item {
        final Map<?, ?> state;
        final List<String> columns;
        private final String place;
        private final NumpyItems arrays;
        private final String id;
        private final long start;
        private final int firstAction;
        private final boolean terminated;
        private final boolean truncated;
        private final int steps;
        private final Map<String, Series> series = new TreeMap<>();
        private final List<String> observations = new ArrayList<>();
        private final List<String> others = new ArrayList<>();

        /** A quantity at all of its times. */
        private final class Series {
            final String name;
            private final @Nullable Object data;
            private final boolean isWhole;
            private final int lookback;
            final int length;

            Series(String name, @Nullable Object buffer) {
                this.name = name;
                if (!(buffer instanceof Map<?, ?> map) || !(map.get("lookback") instanceof Long before) || before < 0) {
                    throw refused("'" + name + "' is no buffer of RLlib's");
                }
                data = map.get("data");
                isWhole = flag(map.get("finalized"));
                lookback = (int) Math.min(Integer.MAX_VALUE, before);
                length = Math.max(0, length(data, 0) - lookback);
            }

            private int length(@Nullable Object value, int depth) {
                if (depth > DEEPEST) {
                    throw refused("'" + name + "' has too many values one in another");
                }
                if (!isWhole) {
                    if (!(value instanceof List<?> list)) {
                        throw refused("'" + name + "' is not finalized, and no list");
                    }
                    return list.size();
                }
                if (value instanceof List<?> parts) {
                    return parts.isEmpty() ? 0 : length(parts.get(0), depth + 1);
                }
                return value instanceof Map<?, ?> map && !NumpyItems.isArray(map)
                        ? map.isEmpty() ? 0 : length(map.values().iterator().next(), depth + 1)
                        : array(value).rows();
            }

            private NpyArray array(@Nullable Object value) {
                return arrays.array(place + " '" + name + "'", value);
            }

            /** Its columns: itself, or one for each array in it. */
            List<String> leaves() {
                var found = new ArrayList<String>();
                if (length > 0) {
                    add(found, name, isWhole ? data : listOf(data).get(lookback), 0);
                }
                return found;
            }

            private List<?> listOf(@Nullable Object value) {
                return value instanceof List<?> list ? list : List.of();
            }

            private void add(List<String> found, String path, @Nullable Object value, int depth) {
                if (depth > DEEPEST) {
                    throw refused("'" + name + "' has too many values one in another");
                }
                if (value instanceof Map<?, ?> map && !NumpyItems.isArray(map)) {
                    sorted(map).forEach((key, one) -> add(found, path + "/" + key, one, depth + 1));
                } else if (value instanceof List<?> list
                        && (isWhole || !list.stream().allMatch(Number.class::isInstance))) {
                    for (var i = 0; i < list.size(); i++) {
                        add(found, path + "/" + i, list.get(i), depth + 1);
                    }
                } else {
                    found.add(path);
                }
            }

            private @Nullable Object entry(List<?> list, String key) {
                // It may be a name: at another time there was a dictionary here.
                return key.matches("[0-9]{1,8}") && Integer.parseInt(key) < list.size()
                        ? list.get(Integer.parseInt(key))
                        : null;
            }

            /** The value of a column at a time. */
            @Nullable Object at(String path, int time) {
                var value = isWhole ? data : data instanceof List<?> list ? list.get(lookback + time) : null;
                if (path.length() > name.length()) {
                    for (var key : path.substring(name.length() + 1).split("/", -1)) {
                        value = value instanceof Map<?, ?> map
                                ? map.get(key)
                                : value instanceof List<?> list ? entry(list, key) : null;
                    }
                }
                if (value == null || value instanceof Number || value instanceof Boolean || value instanceof List<?>) {
                    return value;
                }
                if (value instanceof String) {
                    return value;
                }
                return isWhole ? NumpyItems.row(array(value), lookback + time) : NumpyItems.whole(array(value));
            }
        }

        Item(String file, int number, byte[] bytes, NumpyItems arrays) {
            place = "item " + number + " of " + file;
            this.arrays = arrays;
            try {
                state = MsgPack.read(bytes) instanceof Map<?, ?> map ? map : Map.of();
            } catch (MsgPack.Damaged e) {
                throw new UserException(
                        "Cannot read " + place + ": it is no MessagePack as RLlib writes its episodes ("
                                + e.getMessage() + "); copy the file again, or check format",
                        e);
            }
            if (state.containsKey("agent_episodes")) {
                throw refused("it is an episode of several agents, and only single agents are read");
            }
            if (!(state.get("id_") instanceof String name)) {
                throw refused("it has no 'id_' as RLlib's episodes have");
            }
            id = name;
            start = state.get("t_started") instanceof Number number0 ? number0.longValue() : 0;
            terminated = flag(state.get("is_terminated"));
            truncated = flag(state.get("is_truncated"));
            firstAction = actionSpace().get("start") instanceof Number first ? first.intValue() : 0;
            var seen = add("observations", state.get("observations"));
            var acted = add("actions", state.get("actions"));
            var rewarded = add("rewards", state.get("rewards"));
            steps = acted.length;
            if (rewarded.length != steps || (seen.length != steps + 1 && !(seen.length == 0 && steps == 0))) {
                throw refused("it has " + seen.length + " observations, " + steps + " actions and " + rewarded.length
                        + " rewards, where one observation more than the others must be");
            }
            if (state.get("extra_model_outputs") instanceof Map<?, ?> extra) {
                sorted(extra).forEach((key, buffer) -> {
                    if (buffer instanceof Map<?, ?>) {
                        add("extra_model_outputs/" + key, buffer);
                    }
                });
            }
            columns = new ArrayList<>(observations);
            observations.forEach(column -> columns.add("next_" + column));
            columns.addAll(others);
            columns.addAll(List.of("terminated", "truncated", "id_", "t"));
        }

        private Series add(String name, @Nullable Object buffer) {
            var added = new Series(name, buffer);
            for (var leaf : added.leaves()) {
                series.put(leaf, added);
                (name.equals("observations") ? observations : others).add(leaf);
            }
            return added;
        }

        Map<?, ?> actionSpace() {
            return state.get("_action_space") instanceof Map<?, ?> space ? space : Map.of();
        }

        int steps() {
            return steps;
        }

        private boolean flag(@Nullable Object value) {
            return value instanceof Boolean flag
                    ? flag
                    : value instanceof Map<?, ?> && arrays.array(place, value).doubles()[0] != 0;
        }

        private UserException refused(String reason) {
            return new UserException(
                    "Cannot read " + place + ": " + reason + "; write the episodes again with RLlib, or check format");
        }

        /** The value of a column at a step. */
        @Nullable Object value(String column, int step) {
            var last = step == steps - 1;
            return switch (column) {
                case "terminated" -> last && terminated;
                case "truncated" -> last && truncated;
                case "id_" -> id;
                case "t" -> start + step;
                default -> {
                    var next = column.startsWith("next_");
                    var path = next ? column.substring("next_".length()) : column;
                    var found = series.get(path);
                    if (found == null) {
                        throw refused("it has no '" + shown(path) + "' as the first item has");
                    }
                    if (step + (next ? 1 : 0) >= found.length) {
                        throw refused("'" + shown(path) + "' has " + found.length + " entries for " + steps + " steps");
                    }
                    var value = found.at(path, step + (next ? 1 : 0));
                    yield firstAction != 0 && column.equals("actions") && value instanceof Number number
                            ? (Object) (number.doubleValue() - firstAction)
                            : value;
                }
            };
        }
    }

    /** The steps of all items, in their order. */
    private static final class Steps implements RowReader {
        private final Items items;
        private final List<String> columns;
        private @Nullable Item item;
        private int step;

        Steps(Items items) {
            this.items = items;
            item = items.next();
            columns = item == null ? List.of() : item.columns;
        }

        @Override
        public List<String> columns() {
            return columns;
        }

        @Override
        public @Nullable Object @Nullable [] next() {
            while (item != null && step == item.steps()) {
                item = items.next();
                step = 0;
            }
            var current = item;
            if (current == null) {
                return null;
            }
            var values = new @Nullable Object[columns.size()];
            for (var i = 0; i < values.length; i++) {
                values[i] = current.value(columns.get(i), step);
            }
            step++;
            return values;
        }

        @Override
        public FileNotes notes() {
            return FileNotes.none(Objects.requireNonNull(items).file);
        }

        @Override
        public void close() throws IOException {
            items.close();
        }
    }
}
