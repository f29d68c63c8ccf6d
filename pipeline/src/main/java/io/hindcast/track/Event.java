package io.hindcast.track;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * TensorBoard's event, as far as numbers and its plugin {@code hparams} need it: the protocol buffer {@code Event} with
 * {@code wall_time = 1}, {@code step = 2}, {@code file_version = 3} and {@code summary = 5}; in a {@code Summary} {@code value = 1},
 * and in that {@code tag = 1} and {@code simple_value = 2}, or {@code tensor = 8} and {@code metadata = 9} (tensorflow/core/util/event.proto,
 * tensorflow/core/framework/summary.proto). In such metadata {@code plugin_data = 1} has {@code plugin_name = 1} and {@code content = 2}.
 *
 * @param wallTime seconds since 1970
 * @param fileVersion {@link #VERSION} in the first event of a file, empty in the others
 * @param values by tag; not finite ones are written as they are
 * @param hparams by tag what the plugin is told, see {@link Hparams}
 */
record Event(
        double wallTime, long step, String fileVersion, Map<String, Float> values, Map<String, ByteBuffer> hparams) {
    static final String VERSION = "brain.Event:2";

    private static final int WALL_TIME = 1;
    private static final int STEP = 2;
    private static final int FILE_VERSION = 3;
    private static final int SUMMARY = 5;
    private static final int VALUE = 1;
    private static final int TAG = 1;
    private static final int SIMPLE_VALUE = 2;
    private static final int TENSOR = 8;
    private static final int METADATA = 9;
    private static final int PLUGIN_DATA = 1;
    private static final int PLUGIN_NAME = 1;
    private static final int CONTENT = 2;
    private static final String PLUGIN = "hparams";

    // A tensor of no numbers: dtype = 1 is DT_FLOAT, tensor_shape = 2 has one dim = 2, of size 0. The plugin wants one.
    private static final byte[] NOTHING = new Wire()
            .varint(1, 1)
            .message(2, new Wire().message(2, new Wire()))
            .toByteArray();

    /** An event of numbers. */
    Event(double wallTime, long step, String fileVersion, Map<String, Float> values) {
        this(wallTime, step, fileVersion, values, Map.of());
    }

    /** What a file begins with. */
    static Event first(double wallTime) {
        return new Event(wallTime, 0, VERSION, Map.of());
    }

    /** The event as a protocol buffer; fields that have their default value are left out, as the format wants it. */
    byte[] bytes() {
        var event = new Wire();
        event.number(WALL_TIME, wallTime);
        if (step != 0) {
            event.varint(STEP, step);
        }
        if (!fileVersion.isEmpty()) {
            event.text(FILE_VERSION, fileVersion);
        }
        if (!values.isEmpty() || !hparams.isEmpty()) {
            var summary = new Wire();
            values.forEach((tag, number) ->
                    summary.message(VALUE, new Wire().text(TAG, tag).number(SIMPLE_VALUE, number)));
            hparams.forEach((tag, content) -> {
                var bytes = new byte[content.remaining()];
                content.duplicate().get(bytes);
                var data = new Wire().text(PLUGIN_NAME, PLUGIN).bytes(CONTENT, bytes);
                summary.message(
                        VALUE,
                        new Wire()
                                .text(TAG, tag)
                                .bytes(TENSOR, NOTHING)
                                .message(METADATA, new Wire().message(PLUGIN_DATA, data)));
            });
            event.message(SUMMARY, summary);
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
        var hparams = new LinkedHashMap<String, ByteBuffer>();
        try {
            while (buffer.hasRemaining()) {
                var key = (int) varint(buffer);
                switch (key >>> 3) {
                    case WALL_TIME -> wallTime = buffer.getDouble();
                    case STEP -> step = varint(buffer);
                    case FILE_VERSION -> fileVersion = text(buffer);
                    case SUMMARY -> summary(slice(buffer), values, hparams);
                    default -> skip(key & 7, buffer);
                }
            }
        } catch (BufferUnderflowException e) {
            throw new IllegalArgumentException("Cannot read an event: it is cut off", e);
        }
        return new Event(wallTime, step, fileVersion, values, hparams);
    }

    private static void summary(ByteBuffer summary, Map<String, Float> values, Map<String, ByteBuffer> hparams) {
        while (summary.hasRemaining()) {
            var key = (int) varint(summary);
            if (key >>> 3 == VALUE) {
                value(slice(summary), values, hparams);
            } else {
                skip(key & 7, summary);
            }
        }
    }

    private static void value(ByteBuffer value, Map<String, Float> values, Map<String, ByteBuffer> hparams) {
        var tag = "";
        var content = Optional.<ByteBuffer>empty();
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
                case METADATA -> content = field(PLUGIN_DATA, slice(value)).flatMap(Event::content);
                default -> skip(key & 7, value);
            }
        }
        if (simple) {
            values.put(tag, number);
        }
        if (content.isPresent()) {
            hparams.put(tag, content.get());
        }
    }

    /** What the plugin is told, if it is this one. */
    private static Optional<ByteBuffer> content(ByteBuffer data) {
        return field(PLUGIN_NAME, data.duplicate())
                .filter(name -> StandardCharsets.UTF_8.decode(name).toString().equals(PLUGIN))
                .flatMap(name -> field(CONTENT, data));
    }

    /** A message's field that is bytes. */
    private static Optional<ByteBuffer> field(int field, ByteBuffer message) {
        while (message.hasRemaining()) {
            var key = varint(message);
            if (key == ((long) field << 3 | Wire.BYTES)) {
                return Optional.of(slice(message));
            }
            skip((int) key & 7, message);
        }
        return Optional.empty();
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
            case Wire.VARINT -> varint(buffer);
            case Wire.FIXED64 -> buffer.getLong();
            case Wire.BYTES -> slice(buffer);
            case Wire.FIXED32 -> buffer.getInt();
            default -> throw new IllegalArgumentException("Cannot read an event: it has a field of type " + type);
        }
    }
}
