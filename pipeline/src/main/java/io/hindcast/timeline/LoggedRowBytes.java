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

    private LoggedRowBytes() {}

    /**
     * All of the row but its episode, file and place, which travel beside it.
     *
     * @param episode the episode as it travels; if the row spells it otherwise, that spelling is in the bytes
     */
    public static byte[] of(LoggedRow row, @Nullable String episode) {
        var spelt = row.episode() == null || row.episode().equals(episode)
                ? null
                : row.episode().getBytes(StandardCharsets.UTF_8);
        var fine = row.fine();
        var group = row.group() == null ? null : row.group().getBytes(StandardCharsets.UTF_8);
        var kept = row.kept() == null ? null : row.kept().getBytes(StandardCharsets.UTF_8);
        var mask = row.actionMask();
        var size = 1
                + (spelt == null ? 0 : 4 + spelt.length)
                + (fine == null ? 0 : 3 * 8)
                + 6 * 9
                + 8
                + bytes(row.observation())
                + bytes(row.action())
                + bytes(row.nextObservation())
                + 4
                + (mask == null ? 0 : mask.length)
                + 4
                + (group == null ? 0 : group.length)
                + (kept == null ? 0 : 4 + kept.length);
        var out = ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
        out.put((byte) ((row.terminated() ? TERMINATED : 0)
                | (row.truncated() ? TRUNCATED : 0)
                | (spelt == null ? 0 : SPELT)
                | (fine == null ? 0 : FINE)
                | (kept == null ? 0 : KEPT)
                | row.unknown() << UNKNOWN_SHIFT));
        if (spelt != null) {
            out.putInt(spelt.length).put(spelt);
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
        out.putInt(mask == null ? -1 : mask.length);
        if (mask != null) {
            for (var flag : mask) {
                out.put((byte) (flag ? 1 : 0));
            }
        }
        out.putInt(group == null ? -1 : group.length);
        if (group != null) {
            out.put(group);
        }
        if (kept != null) {
            out.putInt(kept.length).put(kept);
        }
        return Arrays.copyOf(out.array(), out.position());
    }

    /** The row again; {@code episode} as it travelled. */
    public static LoggedRow row(@Nullable String episode, String file, long place, byte[] bytes) {
        var in = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
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
