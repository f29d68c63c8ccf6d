package io.hindcast.source;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.typesafe.config.ConfigValueFactory;
import io.hindcast.config.Json;
import io.hindcast.config.Sha256;
import io.hindcast.config.UserException;
import io.hindcast.data.ActionSpace;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.Path;
import org.jspecify.annotations.Nullable;

/**
 * A replay buffer that TorchRL dumped: the folder {@code storage}, in which {@code meta.json} tells the type and shape of each
 * {@code KEY.memmap}, and what is nested lies in folders. A row is a transition with its next observation. The rows of a full
 * buffer begin where the writer stands, since those are the oldest.
 *
 * <p>Its columns are the keys, {@code next/reward}; beside them {@code episode} is the trajectory that {@code collector/traj_ids}
 * tells, or else counts the episodes by the flags, and {@code action_index} is the place of the one in an action that is 1 among zeros.
 */
final class TorchRl {
    /** What the folder has beside its arrays. */
    static final String LENGTH = "storage_metadata.json";

    private static final String META = "meta.json";
    private static final String EPISODE = "episode";
    private static final String INDEX = "action_index";
    private static final String TRAJECTORY = "collector/traj_ids";
    private static final int LONGEST = 16 << 20;
    private static final int MOST_ARRAYS = 4_096;
    private static final int DEEPEST = 16;
    private static final int CHUNK = 1 << 20;
    /** What a transition has before and after, and what is no observation. */
    private static final Set<String> NO_OBSERVATION = Set.of(
            "reward", "done", "terminated", "truncated", "step_count", "is_init", "episode_reward", "reward_sum");

    private TorchRl() {}

    /**
     * Looks at the types and shapes, and at the actions if they may be ones among zeros.
     *
     * @param columns null for those of the format
     * @throws UserException if the folder is not as TorchRL writes it
     */
    static FilePlan plan(
            InputFile input, @Nullable ColumnMapping columns, PlannedLogs.Rules rules, Configuration configuration) {
        var buffer = new Buffer(input, configuration);
        var notes = new ArrayList<String>();
        var action = buffer.arrays.get("action");
        var isOneHot = action != null && buffer.isOneHot(action);
        var mapping = columns != null ? columns : columns(buffer, isOneHot);
        var actions = rules.actions();
        if (actions == null && isOneHot) {
            actions = new ActionSpace.Discrete(Objects.requireNonNull(action).width());
        } else if (actions == null && action != null && action.type().isReal() && mapping.actionIndex() == null) {
            actions = new ActionSpace.Continuous(action.width(), -1, 1);
        }
        var parts = buffer.rows() == 0 ? List.<FilePart>of() : List.of(new FilePart(input, 0, buffer.rows(), 0));
        return new FilePlan(parts, mapping, actions, notes);
    }

    /** The rows of a part. */
    static LoggedRows rows(FilePart part, ColumnMapping columns, Configuration configuration) {
        var name = part.file().name();
        var reader = new Rows(new Buffer(part.file(), configuration), columns);
        try {
            return new ReaderRows(name, Format.TORCHRL.stem(name), reader, columns, 0);
        } catch (RuntimeException e) {
            reader.close();
            throw e;
        }
    }

    /** SHA-256 of all files of a folder and of the writer's beside it, with their names, in hex. */
    static String sha256(InputFile input, Configuration configuration) {
        var folder = new Path(input.path());
        var hash = new Sha256();
        try {
            var system = folder.getFileSystem(configuration);
            for (var one :
                    List.of(folder, new Path(Objects.requireNonNullElse(folder.getParent(), folder), "writer"))) {
                var files = new TreeMap<String, Path>();
                for (var all = system.exists(one) ? system.listFiles(one, true) : null;
                        all != null && all.hasNext(); ) {
                    var file = all.next().getPath();
                    files.put(one.toUri().relativize(file.toUri()).toString(), file);
                }
                for (var file : files.entrySet()) {
                    hash.add(file.getKey());
                    try (var in = system.open(file.getValue())) {
                        hash.add(in);
                    }
                }
            }
        } catch (IOException e) {
            throw Format.damaged(input.name(), e);
        }
        return hash.hex();
    }

    private static ColumnMapping columns(Buffer buffer, boolean isOneHot) {
        var keys = buffer.arrays.keySet();
        var observations = keys.stream()
                .filter(key -> !key.startsWith("next/")
                        && keys.contains("next/" + key)
                        && !NO_OBSERVATION.contains(key.substring(key.lastIndexOf('/') + 1)))
                .toList();
        var action = buffer.arrays.get("action");
        if (observations.isEmpty() || action == null || !keys.contains("next/reward")) {
            throw new UserException("Cannot read " + buffer.name + ": its arrays are "
                    + keys.stream().limit(20).map(ArrowField::shown).toList()
                    + ", without an observation that stands under next too, 'action' or 'next/reward'; map its arrays with"
                    + " columns");
        }
        var isIndex = isOneHot || (!action.type().isReal() && action.width() == 1);
        return new ColumnMapping(
                observations,
                isIndex ? List.of() : List.of("action"),
                isOneHot ? INDEX : isIndex ? "action" : null,
                ConfigValueFactory.fromAnyRef("next/reward"),
                observations.stream().map(key -> "next/" + key).toList(),
                known(keys, "next/terminated"),
                known(keys, "next/truncated"),
                known(keys, "next/done"),
                EPISODE,
                null,
                null,
                keys.contains("action_log_prob") ? "action_log_prob" : known(keys, "sample_log_prob"),
                null,
                List.of(),
                null,
                null,
                null);
    }

    private static @Nullable String known(Set<String> keys, String key) {
        return keys.contains(key) ? key : null;
    }

    /** The types of numbers that TorchRL keeps. */
    private enum Type {
        FLOAT16(2),
        BFLOAT16(2),
        FLOAT32(4),
        FLOAT64(8),
        INT8(1),
        UINT8(1),
        INT16(2),
        INT32(4),
        INT64(8),
        BOOL(1);

        final int bytes;

        Type(int bytes) {
            this.bytes = bytes;
        }

        boolean isReal() {
            return switch (this) {
                case FLOAT16, BFLOAT16, FLOAT32, FLOAT64 -> true;
                case INT8, UINT8, INT16, INT32, INT64, BOOL -> false;
            };
        }

        Object number(ByteBuffer bytes, int at) {
            return switch (this) {
                case FLOAT16 -> ArrowVector.half(bytes.getShort(at));
                case BFLOAT16 -> Float.intBitsToFloat(bytes.getShort(at) << 16);
                case FLOAT32 -> bytes.getFloat(at);
                case FLOAT64 -> bytes.getDouble(at);
                case INT8 -> (long) bytes.get(at);
                case UINT8 -> (long) Byte.toUnsignedInt(bytes.get(at));
                case INT16 -> (long) bytes.getShort(at);
                case INT32 -> (long) bytes.getInt(at);
                case INT64 -> bytes.getLong(at);
                case BOOL -> bytes.get(at) != 0;
            };
        }
    }

    /**
     * An array.
     *
     * @param width numbers in a row
     */
    private record Array(String key, Path path, Type type, int width) {
        int rowBytes() {
            return width * type.bytes;
        }
    }

    /** A dumped buffer: its arrays by their keys, and in which order its rows come. */
    private static final class Buffer {
        final String name;
        final Configuration configuration;
        final TreeMap<String, Array> arrays = new TreeMap<>();
        private final Path folder;
        private final List<Long> shape;
        private final long filled;
        private final long first;

        Buffer(InputFile input, Configuration configuration) {
            name = input.name();
            this.configuration = configuration;
            folder = new Path(input.path());
            var meta = json(folder, META);
            var length = json(folder, LENGTH);
            if (meta == null || length == null) {
                throw damaged("it has no " + META + " or no " + LENGTH);
            }
            if (length.path("is_pytree").asBoolean()) {
                throw new UserException("Cannot read " + name
                        + ": it is no TensorDict but another tree of arrays; dump a buffer of TensorDicts");
            }
            shape = shape(meta.path("shape"));
            if (shape.isEmpty()) {
                throw damaged(META + " has no shape");
            }
            filled = length.path("len").asLong(-1);
            if (filled < 0 || filled > shape.get(0)) {
                throw damaged("it has " + shape.get(0) + " places of which " + filled + " are filled");
            }
            add("", folder, meta, 0);
            if (shape.size() > 1 && !arrays.containsKey(TRAJECTORY)) {
                throw new UserException("Cannot read " + name + ": its rows lie in " + shape.size()
                        + " dimensions, and it is not known which of them is time; dump a buffer with collector/traj_ids, or of"
                        + " data.reshape(-1)");
            }
            var writer =
                    json(new Path(folder.getParent() == null ? folder : folder.getParent(), "writer"), "metadata.json");
            var cursor = writer == null ? 0 : writer.path("cursor").asLong(0);
            first = filled == shape.get(0) && cursor > 0 && cursor < filled ? cursor : 0;
        }

        long rows() {
            return filled * inner();
        }

        private long inner() {
            return shape.stream().skip(1).reduce(1L, Math::multiplyExact);
        }

        /** Where row {@code row} lies, the oldest first. */
        long place(long row) {
            return (row + first * inner()) % rows();
        }

        private void add(String under, Path folder, JsonNode meta, int depth) {
            if (depth > DEEPEST) {
                throw damaged("it has more than " + DEEPEST + " folders one in another");
            }
            for (var entry : meta.properties()) {
                var key = entry.getKey();
                var value = entry.getValue();
                if (!value.isObject() || key.contains("/") || key.startsWith(".")) {
                    continue;
                }
                if (value.has("type")) {
                    var inner = json(new Path(folder, key), META);
                    if (inner != null) {
                        add(under + key + "/", new Path(folder, key), inner, depth + 1);
                    }
                } else if (value.has("dtype")) {
                    addArray(under + key, new Path(folder, key + ".memmap"), value);
                }
                if (arrays.size() > MOST_ARRAYS) {
                    throw damaged("it has more than " + MOST_ARRAYS + " arrays");
                }
            }
        }

        private void addArray(String key, Path path, JsonNode value) {
            var type = type(value.path("dtype").asText(""));
            if (type == null || value.path("is_nested").asBoolean()) {
                return; // complex, quantised or jagged: no column, so that nothing maps it
            }
            var extents = shape(value.path("shape"));
            if (extents.size() < shape.size()
                    || !extents.subList(0, shape.size()).equals(shape)) {
                throw damaged("'" + ArrowField.shown(key) + "' has the shape " + extents
                        + ", which does not begin with " + shape);
            }
            var width = 1L;
            for (var extent : extents.subList(shape.size(), extents.size())) {
                width = Math.min(Integer.MAX_VALUE, width * extent);
            }
            if (width * type.bytes > CHUNK * 64L) {
                throw damaged("a row of '" + ArrowField.shown(key) + "' has " + width + " numbers");
            }
            arrays.put(key, new Array(key, path, type, (int) width));
        }

        private static @Nullable Type type(String dtype) {
            for (var type : Type.values()) {
                if (dtype.equalsIgnoreCase("torch." + type.name())) {
                    return type;
                }
            }
            return null;
        }

        private List<Long> shape(JsonNode node) {
            var extents = new ArrayList<Long>();
            for (var extent : node) {
                if (!extent.canConvertToInt() || extent.asInt() < 0 || extents.size() == DEEPEST) {
                    throw damaged("it has a shape out of range");
                }
                extents.add(extent.asLong());
            }
            return extents;
        }

        private @Nullable JsonNode json(Path folder, String file) {
            var text = new InputFile(name, new Path(folder, META).toString(), 0).besides(file, LONGEST, configuration);
            try {
                return text == null ? null : Json.MAPPER.readTree(text);
            } catch (JsonProcessingException | StackOverflowError e) {
                throw new UserException(
                        "Cannot read " + file + " of " + name + ": it is no JSON as TorchRL writes it; copy the folder"
                                + " again",
                        e);
            }
        }

        UserException damaged(String reason) {
            return new UserException("Cannot read " + name + ": " + reason
                    + "; it is no whole storage as TorchRL dumps it, copy the folder again or check format");
        }

        /** Whether all actions are whole numbers, one 1 among zeros. */
        boolean isOneHot(Array action) {
            if (action.type().isReal() || action.width() < 2 || rows() == 0) {
                return false;
            }
            try (var values = new Values(this, action)) {
                for (var row = 0L; row < rows(); row++) {
                    if (values.one(row) < 0) {
                        return false;
                    }
                }
                return true;
            }
        }
    }

    /** The rows of one array, read in pieces. */
    private static final class Values implements AutoCloseable {
        private final Buffer buffer;
        private final Array array;
        private final FSDataInputStream in;
        private final int rowsInPiece;
        private ByteBuffer piece = ByteBuffer.allocate(0);
        private long pieceFrom;

        Values(Buffer buffer, Array array) {
            this.buffer = buffer;
            this.array = array;
            rowsInPiece = Math.max(1, CHUNK / Math.max(1, array.rowBytes()));
            try {
                in = array.path().getFileSystem(buffer.configuration).open(array.path());
            } catch (IOException e) {
                throw Format.damaged(buffer.name + "/" + ArrowField.shown(array.key()), e);
            }
        }

        private int at(long row) {
            var place = buffer.place(row);
            var bytes = array.rowBytes();
            if (bytes > 0 && (place < pieceFrom || place >= pieceFrom + piece.capacity() / bytes)) {
                var count = (int) Math.min(rowsInPiece, buffer.rows() - place);
                var data = new byte[count * bytes];
                try {
                    in.seek(place * bytes);
                    in.readFully(data);
                } catch (EOFException e) {
                    throw buffer.damaged("'" + ArrowField.shown(array.key()) + "' is shorter than its shape");
                } catch (IOException e) {
                    throw Format.damaged(buffer.name + "/" + ArrowField.shown(array.key()), e);
                }
                piece = ByteBuffer.wrap(data).order(ByteOrder.LITTLE_ENDIAN);
                pieceFrom = place;
            }
            return (int) (place - pieceFrom) * bytes;
        }

        /** A row as a {@link RowReader} gives it: one number, or all of them. */
        Object value(long row) {
            var at = at(row);
            var type = array.type();
            if (array.width() == 1) {
                return type.number(piece, at);
            }
            if (type != Type.FLOAT64) {
                var floats = new float[array.width()];
                for (var i = 0; i < floats.length; i++) {
                    floats[i] = (float) real(type.number(piece, at + i * type.bytes));
                }
                return floats;
            }
            var doubles = new double[array.width()];
            for (var i = 0; i < doubles.length; i++) {
                doubles[i] = piece.getDouble(at + 8 * i);
            }
            return doubles;
        }

        private static double real(Object number) {
            return number instanceof Number value ? value.doubleValue() : Boolean.TRUE.equals(number) ? 1 : 0;
        }

        boolean isSet(long row) {
            return real(array.type().number(piece, at(row))) != 0;
        }

        /** The place of the one among zeros, -1 if there are other numbers. */
        int one(long row) {
            var at = at(row);
            var found = -1;
            for (var i = 0; i < array.width(); i++) {
                var number = real(array.type().number(piece, at + i * array.type().bytes));
                if (number != 0 && (number != 1 || found >= 0)) {
                    return -1;
                }
                found = number == 0 ? found : i;
            }
            return found;
        }

        @Override
        public void close() {
            try {
                in.close();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    private static final class Rows implements RowReader {
        private final Buffer buffer;
        private final List<String> columns;
        private final Map<String, Values> values = new TreeMap<>();
        private final List<Values> flags = new ArrayList<>();
        private final String stem;
        private final @Nullable Values trajectory;
        private long row;
        private long episode;

        Rows(Buffer buffer, ColumnMapping mapping) {
            this.buffer = buffer;
            stem = Format.TORCHRL.stem(buffer.name);
            columns = new ArrayList<>(buffer.arrays.keySet());
            columns.add(EPISODE);
            columns.add(INDEX);
            for (var column : mapping.columns()) {
                open(column.equals(INDEX) ? "action" : column);
            }
            trajectory = open(TRAJECTORY);
            for (var flag : List.of("next/done", "next/terminated", "next/truncated")) {
                var opened = open(flag);
                if (opened != null) {
                    flags.add(opened);
                }
            }
        }

        private @Nullable Values open(String column) {
            var array = buffer.arrays.get(column);
            return array == null ? null : values.computeIfAbsent(column, key -> new Values(buffer, array));
        }

        @Override
        public List<String> columns() {
            return columns;
        }

        @Override
        public @Nullable Object @Nullable [] next() {
            if (row == buffer.rows()) {
                return null;
            }
            var read = new @Nullable Object[columns.size()];
            for (var i = 0; i < read.length; i++) {
                var column = columns.get(i);
                var own = values.get(column.equals(INDEX) ? "action" : column);
                read[i] = column.equals(EPISODE)
                        ? stem + (trajectory == null ? (Object) episode : trajectory.value(row))
                        : own == null ? null : column.equals(INDEX) ? (Object) (long) own.one(row) : own.value(row);
            }
            for (var flag : flags) {
                if (flag.isSet(row)) {
                    episode++;
                    break;
                }
            }
            row++;
            return read;
        }

        @Override
        public FileNotes notes() {
            return FileNotes.none(buffer.name);
        }

        @Override
        public void close() {
            values.values().forEach(Values::close);
        }
    }
}
