package io.hindcast.track;

import java.io.ByteArrayOutputStream;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * TensorBoard's event, as far as numbers need it: the protocol buffer {@code Event} with {@code wall_time = 1},
 * {@code step = 2}, {@code file_version = 3} and {@code summary = 5}; in a {@code Summary} {@code value = 1}, and in that
 * {@code tag = 1} and {@code simple_value = 2} (tensorflow/core/util/event.proto, tensorflow/core/framework/summary.proto).
 *
 * @param wallTime seconds since 1970
 * @param fileVersion {@link #VERSION} in the first event of a file, empty in the others
 * @param values by tag; not finite ones are written as they are
 */
record Event(double wallTime, long step, String fileVersion, Map<String, Float> values) {
    static final String VERSION = "brain.Event:2";

    private static final int VARINT = 0;
    private static final int FIXED64 = 1;
    private static final int BYTES = 2;
    private static final int FIXED32 = 5;

    private static final int WALL_TIME = 1;
    private static final int STEP = 2;
    private static final int FILE_VERSION = 3;
    private static final int SUMMARY = 5;
    private static final int VALUE = 1;
    private static final int TAG = 1;
    private static final int SIMPLE_VALUE = 2;

    /** What a file begins with. */
    static Event first(double wallTime) {
        return new Event(wallTime, 0, VERSION, Map.of());
    }

    /** The event as a protocol buffer; fields that have their default value are left out, as the format wants it. */
    byte[] bytes() {
        var event = new Wire();
        event.fixed64(WALL_TIME, Double.doubleToRawLongBits(wallTime));
        if (step != 0) {
            event.varint(STEP, step);
        }
        if (!fileVersion.isEmpty()) {
            event.bytes(FILE_VERSION, fileVersion.getBytes(StandardCharsets.UTF_8));
        }
        if (!values.isEmpty()) {
            var summary = new Wire();
            values.forEach((tag, number) -> {
                var value = new Wire();
                value.bytes(TAG, tag.getBytes(StandardCharsets.UTF_8));
                value.fixed32(SIMPLE_VALUE, Float.floatToRawIntBits(number));
                summary.bytes(VALUE, value.toByteArray());
            });
            event.bytes(SUMMARY, summary.toByteArray());
        }
        return event.toByteArray();
    }

    /**
     * Reads what {@link #bytes} or TensorFlow wrote; fields other than those above are passed over.
     *
     * @throws IllegalArgumentException if it is no protocol buffer
     */
    static Event parse(byte[] bytes) {
        var buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        var wallTime = 0.0;
        var step = 0L;
        var fileVersion = "";
        var values = new LinkedHashMap<String, Float>();
        try {
            while (buffer.hasRemaining()) {
                var key = (int) varint(buffer);
                switch (key >>> 3) {
                    case WALL_TIME -> wallTime = buffer.getDouble();
                    case STEP -> step = varint(buffer);
                    case FILE_VERSION -> fileVersion = text(buffer);
                    case SUMMARY -> summary(slice(buffer), values);
                    default -> skip(key & 7, buffer);
                }
            }
        } catch (BufferUnderflowException e) {
            throw new IllegalArgumentException("Cannot read an event: it is cut off", e);
        }
        return new Event(wallTime, step, fileVersion, values);
    }

    private static void summary(ByteBuffer summary, Map<String, Float> values) {
        while (summary.hasRemaining()) {
            var key = (int) varint(summary);
            if (key >>> 3 == VALUE) {
                value(slice(summary), values);
            } else {
                skip(key & 7, summary);
            }
        }
    }

    private static void value(ByteBuffer value, Map<String, Float> values) {
        var tag = "";
        var number = Float.NaN;
        var simple = false;
        while (value.hasRemaining()) {
            var key = (int) varint(value);
            switch (key >>> 3) {
                case TAG -> tag = text(value);
                case SIMPLE_VALUE -> {
                    number = value.getFloat();
                    simple = true;
                }
                default -> skip(key & 7, value);
            }
        }
        if (simple) {
            values.put(tag, number);
        }
    }

    private static long varint(ByteBuffer buffer) {
        var value = 0L;
        for (var shift = 0; shift < 64; shift += 7) {
            var next = buffer.get();
            value |= (long) (next & 0x7f) << shift;
            if (next >= 0) {
                return value;
            }
        }
        throw new IllegalArgumentException("Cannot read an event: a number has more than ten bytes");
    }

    private static ByteBuffer slice(ByteBuffer buffer) {
        var length = varint(buffer);
        if (length < 0 || length > buffer.remaining()) {
            throw new BufferUnderflowException();
        }
        var slice = buffer.slice(buffer.position(), (int) length).order(ByteOrder.LITTLE_ENDIAN);
        buffer.position(buffer.position() + (int) length);
        return slice;
    }

    private static String text(ByteBuffer buffer) {
        return StandardCharsets.UTF_8.decode(slice(buffer)).toString();
    }

    private static void skip(int type, ByteBuffer buffer) {
        switch (type) {
            case VARINT -> varint(buffer);
            case FIXED64 -> buffer.getLong();
            case BYTES -> slice(buffer);
            case FIXED32 -> buffer.getInt();
            default -> throw new IllegalArgumentException("Cannot read an event: it has a field of type " + type);
        }
    }

    /** Fields of a protocol buffer (protobuf.dev, Encoding). */
    private static final class Wire extends ByteArrayOutputStream {
        void varint(int field, long value) {
            varint(((long) field << 3) | VARINT);
            varint(value);
        }

        void fixed64(int field, long bits) {
            varint(((long) field << 3) | FIXED64);
            for (var shift = 0; shift < Long.SIZE; shift += 8) {
                write((int) (bits >>> shift));
            }
        }

        void fixed32(int field, int bits) {
            varint(((long) field << 3) | FIXED32);
            for (var shift = 0; shift < Integer.SIZE; shift += 8) {
                write(bits >>> shift);
            }
        }

        void bytes(int field, byte[] bytes) {
            varint(((long) field << 3) | BYTES);
            varint(bytes.length);
            writeBytes(bytes);
        }

        private void varint(long value) {
            var rest = value;
            while ((rest & ~0x7fL) != 0) {
                write((int) ((rest & 0x7f) | 0x80));
                rest >>>= 7;
            }
            write((int) rest);
        }
    }
}
