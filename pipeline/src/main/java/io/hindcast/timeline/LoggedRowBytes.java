package io.hindcast.timeline;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** A {@link LoggedRow} as bytes, for the way between two tasks: floats are copied as they lie, nothing is boxed. */
public final class LoggedRowBytes {
    private static final int TERMINATED = 1;
    private static final int TRUNCATED = 2;
    private static final int SPELT = 4;
    private static final int FINE = 8;
    private static final int UNKNOWN_SHIFT = 4;
    private static final int KEPT = 128;
    private static final int MOST_BYTES_PER_CHAR = 3;

    private LoggedRowBytes() {}

    /**
     * All of the row but its episode, file and place, which travel beside it.
     *
     * @param episode the episode as it travels; if the row spells it otherwise, that spelling is in the bytes
     */
    public static byte[] of(LoggedRow row, @Nullable String episode) {
        var out = ByteBuffer.allocate(most(row)).order(ByteOrder.LITTLE_ENDIAN);
        put(out, row, episode);
        return Arrays.copyOf(out.array(), out.position());
    }

    /** No more bytes than {@link #put} writes. */
    static int most(LoggedRow row) {
        var mask = row.actionMask();
        return 1
                + most(row.episode())
                + 3 * Double.BYTES
                + 6 * (1 + Double.BYTES)
                + Double.BYTES
                + bytes(row.observation())
                + bytes(row.action())
                + bytes(row.nextObservation())
                + Integer.BYTES
                + (mask == null ? 0 : mask.length)
                + most(row.group())
                + most(row.kept());
    }

    /** Appends what {@link #of} returns to little-endian bytes. */
    static void put(ByteBuffer out, LoggedRow row, @Nullable String episode) {
        var spelt = row.episode() == null || row.episode().equals(episode) ? null : row.episode();
        var fine = row.fine();
        out.put((byte) ((row.terminated() ? TERMINATED : 0)
                | (row.truncated() ? TRUNCATED : 0)
                | (spelt == null ? 0 : SPELT)
                | (fine == null ? 0 : FINE)
                | (row.kept() == null ? 0 : KEPT)
                | row.unknown() << UNKNOWN_SHIFT));
        if (spelt != null) {
            put(out, spelt);
        }
        if (fine != null) {
            out.putDouble(fine.rest()).putDouble(fine.tie()).putDouble(fine.tieRest());
        }
        put(out, row.step());
        put(out, row.time());
        put(out, row.actionIndex());
        put(out, row.probability());
        put(out, row.logProbability());
        put(out, row.timeDelta());
        out.putDouble(row.reward());
        put(out, row.observation());
        put(out, row.action());
        put(out, row.nextObservation());
        var mask = row.actionMask();
        out.putInt(mask == null ? -1 : mask.length);
        if (mask != null) {
            for (var flag : mask) {
                out.put((byte) (flag ? 1 : 0));
            }
        }
        if (row.group() == null) {
            out.putInt(-1);
        } else {
            put(out, row.group());
        }
        if (row.kept() != null) {
            put(out, row.kept());
        }
    }

    /** The row again; {@code episode} as it travelled. */
    public static LoggedRow row(@Nullable String episode, String file, long place, byte[] bytes) {
        return row(episode, file, place, ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN));
    }

    /** The same of the bytes at the position of {@code in}, which goes past them. */
    static LoggedRow row(@Nullable String episode, String file, long place, ByteBuffer in) {
        var flags = in.get();
        var spelt = (flags & SPELT) == 0 ? null : text(in, in.getInt());
        var fine = (flags & FINE) == 0 ? null : new LoggedRow.Fine(in.getDouble(), in.getDouble(), in.getDouble());
        var step = number(in);
        var time = number(in);
        var actionIndex = number(in);
        var probability = number(in);
        var logProbability = number(in);
        var timeDelta = number(in);
        var reward = in.getDouble();
        var observation = floats(in);
        var action = floats(in);
        var nextObservation = floats(in);
        boolean[] mask = null;
        var entries = in.getInt();
        if (entries >= 0) {
            mask = new boolean[entries];
            for (var i = 0; i < entries; i++) {
                mask[i] = in.get() != 0;
            }
        }
        var length = in.getInt();
        var group = length < 0 ? null : text(in, length);
        var kept = (flags & KEPT) == 0 ? null : text(in, in.getInt());
        return new LoggedRow(
                spelt == null ? episode : spelt,
                step,
                time,
                observation == null ? new float[0] : observation,
                action,
                actionIndex,
                reward,
                nextObservation,
                (flags & TERMINATED) != 0,
                (flags & TRUNCATED) != 0,
                probability,
                logProbability,
                mask,
                timeDelta,
                group,
                file,
                place,
                null,
                fine,
                (flags & (KEPT - 1)) >> UNKNOWN_SHIFT,
                kept);
    }

    private static String text(ByteBuffer in, int length) {
        var text = new byte[length];
        in.get(text);
        return new String(text, StandardCharsets.UTF_8);
    }

    private static int bytes(float @Nullable [] values) {
        return 4 + (values == null ? 0 : 4 * values.length);
    }

    private static int most(@Nullable String text) {
        return Integer.BYTES + (text == null ? 0 : Math.multiplyExact(MOST_BYTES_PER_CHAR, text.length()));
    }

    private static void put(ByteBuffer out, String text) {
        var bytes = text.getBytes(StandardCharsets.UTF_8);
        out.putInt(bytes.length).put(bytes);
    }

    private static void put(ByteBuffer out, @Nullable Double value) {
        out.put((byte) (value == null ? 0 : 1));
        if (value != null) {
            out.putDouble(value);
        }
    }

    private static @Nullable Double number(ByteBuffer in) {
        return in.get() == 0 ? null : Double.valueOf(in.getDouble());
    }

    private static void put(ByteBuffer out, float @Nullable [] values) {
        out.putInt(values == null ? -1 : values.length);
        if (values != null) {
            out.asFloatBuffer().put(values);
            out.position(out.position() + 4 * values.length);
        }
    }

    private static float @Nullable [] floats(ByteBuffer in) {
        var length = in.getInt();
        if (length < 0) {
            return null;
        }
        var values = new float[length];
        in.asFloatBuffer().get(values);
        in.position(in.position() + 4 * length);
        return values;
    }
}
