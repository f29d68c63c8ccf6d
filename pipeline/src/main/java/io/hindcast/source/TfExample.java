package io.hindcast.source;

import io.hindcast.config.UserException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.nd4j.shade.protobuf.CodedInputStream;
import org.nd4j.shade.protobuf.WireFormat;

/**
 * A {@code tf.Example}: lists by name, each a {@code float[]}, a {@code long[]} or a {@code byte[][]}. Only those that are wanted
 * are taken out of the bytes. Written by hand since the classes that protoc makes of it come with TensorFlow only.
 */
final class TfExample {
    /** Nothing that a record says makes a list grow beyond what its bytes hold. */
    private final Map<String, Object> lists = new HashMap<>();

    private final List<String> names = new ArrayList<>();

    /**
     * Takes a record apart.
     *
     * @param what the record, for messages
     * @throws UserException if the bytes are no {@code tf.Example}
     */
    static TfExample of(byte[] record, String what, Predicate<String> wanted) {
        var example = new TfExample();
        try {
            var in = CodedInputStream.newInstance(record);
            in.pushLimit(record.length); // so that no length within may claim more
            for (var tag = in.readTag(); tag != 0; tag = in.readTag()) {
                if (isMessage(tag, 1)) {
                    example.features(in, wanted);
                } else {
                    skip(in, tag);
                }
            }
        } catch (IOException e) {
            throw new UserException(
                    "Cannot read " + what + ": its bytes are no tf.Example (" + e.getMessage() + "); check format", e);
        }
        return example;
    }

    /** The names of all its lists. */
    List<String> names() {
        return names;
    }

    /** A wanted list, null if the record lacks it. */
    @Nullable Object list(String name) {
        return lists.get(name);
    }

    /** How many entries a list has. */
    static int size(Object list) {
        return list instanceof float[] floats
                ? floats.length
                : list instanceof long[] longs ? longs.length : ((byte[][]) list).length;
    }

    private void features(CodedInputStream in, Predicate<String> wanted) throws IOException {
        var outer = in.pushLimit(in.readRawVarint32());
        for (var tag = in.readTag(); tag != 0; tag = in.readTag()) {
            if (isMessage(tag, 1)) {
                entry(in, wanted);
            } else {
                skip(in, tag);
            }
        }
        in.popLimit(outer);
    }

    private void entry(CodedInputStream in, Predicate<String> wanted) throws IOException {
        var outer = in.pushLimit(in.readRawVarint32());
        var name = "";
        for (var tag = in.readTag(); tag != 0; tag = in.readTag()) {
            if (isMessage(tag, 1)) {
                name = in.readString();
                names.add(name);
            } else if (isMessage(tag, 2) && wanted.test(name)) {
                var list = feature(in);
                if (list != null) {
                    lists.put(name, list);
                }
            } else {
                skip(in, tag);
            }
        }
        in.popLimit(outer);
    }

    private static @Nullable Object feature(CodedInputStream in) throws IOException {
        var outer = in.pushLimit(in.readRawVarint32());
        Object list = null;
        for (var tag = in.readTag(); tag != 0; tag = in.readTag()) {
            switch (WireFormat.getTagFieldNumber(tag)) {
                case 1 -> list = bytes(in);
                case 2 -> list = floats(in);
                case 3 -> list = longs(in);
                default -> skip(in, tag);
            }
        }
        in.popLimit(outer);
        return list;
    }

    private static byte[][] bytes(CodedInputStream in) throws IOException {
        var outer = in.pushLimit(in.readRawVarint32());
        var items = new ArrayList<byte[]>();
        for (var tag = in.readTag(); tag != 0; tag = in.readTag()) {
            if (isMessage(tag, 1)) {
                items.add(in.readByteArray());
            } else {
                skip(in, tag);
            }
        }
        in.popLimit(outer);
        return items.toArray(new byte[0][]);
    }

    private static float[] floats(CodedInputStream in) throws IOException {
        var outer = in.pushLimit(in.readRawVarint32());
        var items = new float[Math.max(1, in.getBytesUntilLimit() / Float.BYTES)];
        var count = 0;
        for (var tag = in.readTag(); tag != 0; tag = in.readTag()) {
            if (isMessage(tag, 1)) {
                var packed = in.pushLimit(in.readRawVarint32());
                while (in.getBytesUntilLimit() > 0) {
                    items[count++] = in.readFloat();
                }
                in.popLimit(packed);
            } else if (tag == tag(1, WireFormat.WIRETYPE_FIXED32)) {
                items[count++] = in.readFloat();
            } else {
                skip(in, tag);
            }
        }
        in.popLimit(outer);
        return Arrays.copyOf(items, count);
    }

    private static long[] longs(CodedInputStream in) throws IOException {
        var outer = in.pushLimit(in.readRawVarint32());
        var items = new long[16];
        var count = 0;
        for (var tag = in.readTag(); tag != 0; tag = in.readTag()) {
            if (isMessage(tag, 1)) {
                var packed = in.pushLimit(in.readRawVarint32());
                while (in.getBytesUntilLimit() > 0) {
                    items = count < items.length ? items : Arrays.copyOf(items, 2 * count);
                    items[count++] = in.readInt64();
                }
                in.popLimit(packed);
            } else if (tag == tag(1, WireFormat.WIRETYPE_VARINT)) {
                items = count < items.length ? items : Arrays.copyOf(items, 2 * count);
                items[count++] = in.readInt64();
            } else {
                skip(in, tag);
            }
        }
        in.popLimit(outer);
        return Arrays.copyOf(items, count);
    }

    /**
     * Passes over a field. Groups, which no message here has, are refused: they nest, and are passed over by recursion without an end.
     * A limit ends in the middle of nothing: {@code skipField} says false for the end of a group.
     */
    static void skip(CodedInputStream in, int tag) throws IOException {
        if (WireFormat.getTagWireType(tag) == WireFormat.WIRETYPE_START_GROUP || !in.skipField(tag)) {
            throw new IOException("a group begins or ends, which has no place here");
        }
    }

    private static boolean isMessage(int tag, int field) {
        return tag == tag(field, WireFormat.WIRETYPE_LENGTH_DELIMITED);
    }

    private static int tag(int field, int type) {
        return field << 3 | type;
    }
}
