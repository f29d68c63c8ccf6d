package io.hindcast.source;

import io.hindcast.config.UserException;
import io.hindcast.source.TfdsFeatures.Feature;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.zip.InflaterInputStream;
import org.jspecify.annotations.Nullable;

/**
 * The steps of a file of episodes, each a {@code tf.Example}: a row a step, a column a feature. What belongs to an episode as a
 * whole stands in each of its rows, and so do {@link #EPISODE} and {@link #SPLIT}.
 */
final class TfdsReader implements RowReader {
    /** The column of the file's name and the episode's place in it. */
    static final String EPISODE = "{episode}";
    /** The column of the name of the split that the file is a part of. */
    static final String SPLIT = "{split}";

    /** After the name of a list that has the entries of many lists. */
    private static final String RAGGED = "/ragged_flat_values";

    private final String file;
    private final Records records;
    private final List<Feature> features;
    private final List<String> columns;
    private final Set<String> wanted;
    private final @Nullable String split;
    private final long episodes;
    private long episode = -1;
    private @Nullable Object[] lists = new Object[0];
    private int steps;
    private int step;

    /**
     * @param wanted the names of columns whose values are read
     * @param episodes how many there must be, -1 if that is not known
     */
    TfdsReader(
            String file,
            Records records,
            TfdsFeatures features,
            List<String> wanted,
            @Nullable String split,
            long episodes) {
        this.file = file;
        this.records = records;
        this.features = features.all();
        this.wanted = new HashSet<>(wanted);
        this.split = split;
        this.episodes = episodes;
        var names = new ArrayList<>(this.features.stream().map(Feature::name).toList());
        names.add(EPISODE);
        names.add(SPLIT);
        columns = List.copyOf(names);
    }

    @Override
    public List<String> columns() {
        return columns;
    }

    @Override
    public @Nullable Object @Nullable [] next() {
        while (step == steps) {
            var record = records.next();
            episode++;
            if (record == null) {
                if (episodes >= 0 && episode != episodes) {
                    throw new UserException("Cannot read " + file + ": it has " + episode
                            + " episodes, and dataset_info.json beside it counts " + episodes + "; copy both again");
                }
                return null;
            }
            begin(record);
        }
        var values = new @Nullable Object[columns.size()];
        for (var i = 0; i < features.size(); i++) {
            var list = lists[i];
            if (list != null) {
                var feature = features.get(i);
                values[i] = value(feature, list, feature.isPerStep() ? step : 0);
            }
        }
        values[features.size()] = file + "/" + String.format("%06d", episode);
        values[features.size() + 1] = split;
        step++;
        return values;
    }

    @Override
    public void close() throws IOException {
        records.close();
    }

    private String what() {
        return "episode " + episode + " of " + file;
    }

    private void begin(byte[] record) {
        var example = TfExample.of(
                record,
                what(),
                name -> wanted.contains(name) || name.endsWith(RAGGED) || TfdsFeatures.tellsSteps(name));
        steps = TfdsFeatures.steps(example);
        step = 0;
        lists = new Object[features.size()];
        for (var i = 0; i < lists.length; i++) {
            var feature = features.get(i);
            if (!wanted.contains(feature.name())) {
                continue;
            }
            if (feature.kind() == TfdsFeatures.Kind.OTHER || feature.kind() == TfdsFeatures.Kind.IMAGE) {
                throw new UserException("Cannot read '" + feature.name() + "' of " + file + ": it is "
                        + (feature.kind() == TfdsFeatures.Kind.IMAGE ? "an image" : feature.type())
                        + ", which is not read; map other features");
            }
            var plain = example.list(feature.name());
            var list = plain != null ? plain : example.list(feature.name() + RAGGED);
            if (list == null) {
                continue;
            }
            var entries = feature.isPerStep() ? steps : 1;
            var width = list instanceof byte[][] ? 1 : feature.width();
            if (TfExample.size(list) != (long) entries * width) {
                throw new UserException("Cannot read '" + feature.name() + "' in " + what() + ": it has "
                        + TfExample.size(list) + " entries where " + entries + " steps of " + width
                        + " are expected; write the file again");
            }
            lists[i] = list;
        }
    }

    private Object value(Feature feature, Object list, int at) {
        var width = feature.width();
        if (list instanceof float[] floats) {
            return feature.scalar()
                    ? Double.valueOf(floats[at])
                    : Arrays.copyOfRange(floats, at * width, (at + 1) * width);
        }
        if (list instanceof long[] longs) {
            return feature.scalar()
                    ? Long.valueOf(longs[at])
                    : Arrays.stream(longs, at * width, (at + 1) * width)
                            .asDoubleStream()
                            .toArray();
        }
        var bytes = ((byte[][]) list)[at];
        return feature.kind() == TfdsFeatures.Kind.PACKED
                ? unpacked(feature, bytes)
                : new String(bytes, StandardCharsets.UTF_8);
    }

    /** Numbers as they lie in memory, little-endian. */
    private Object unpacked(Feature feature, byte[] packed) {
        var size = size(feature.type());
        var length = feature.width() * size;
        var bytes = packed;
        if (feature.zlib()) {
            try (var in = new InflaterInputStream(new ByteArrayInputStream(packed))) {
                bytes = in.readNBytes(length + 1);
            } catch (IOException e) {
                throw Format.damaged(what(), e);
            }
        }
        if (bytes.length != length) {
            throw new UserException("Cannot read '" + feature.name() + "' in " + what() + ": its " + feature.width()
                    + " numbers of type " + feature.type() + " are not " + length + " bytes; write the file again");
        }
        var buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        var numbers = new double[feature.width()];
        for (var i = 0; i < numbers.length; i++) {
            numbers[i] = number(feature.type(), buffer, i * size);
        }
        return feature.scalar() ? Double.valueOf(numbers[0]) : numbers;
    }

    private static int size(String type) {
        return switch (type) {
            case "int8", "uint8", "bool" -> 1;
            case "int16", "uint16", "float16", "bfloat16" -> 2;
            case "int32", "uint32", "float32" -> 4;
            default -> 8;
        };
    }

    private static double number(String type, ByteBuffer bytes, int at) {
        return switch (type) {
            case "int8" -> bytes.get(at);
            case "uint8", "bool" -> bytes.get(at) & 0xff;
            case "int16" -> bytes.getShort(at);
            case "uint16" -> bytes.getShort(at) & 0xffff;
            case "int32" -> bytes.getInt(at);
            case "uint32" -> bytes.getInt(at) & 0xffff_ffffL;
            case "float16" -> half(bytes.getShort(at));
            case "bfloat16" -> Float.intBitsToFloat(bytes.getShort(at) << 16);
            case "float32" -> bytes.getFloat(at);
            case "float64" -> bytes.getDouble(at);
            default -> bytes.getLong(at);
        };
    }

    /** A number of IEEE 754's binary16. */
    private static double half(short bits) {
        var exponent = bits >> 10 & 0x1f;
        var fraction = bits & 0x3ff;
        var size = exponent == 0
                ? fraction * 0x1p-24
                : exponent == 0x1f
                        ? (fraction == 0 ? Double.POSITIVE_INFINITY : Double.NaN)
                        : (1 + fraction * 0x1p-10) * Math.scalb(1.0, exponent - 15);
        return bits < 0 ? -size : size;
    }
}
