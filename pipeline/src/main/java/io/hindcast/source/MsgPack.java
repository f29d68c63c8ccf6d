package io.hindcast.source;

import java.math.BigInteger;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads MessagePack: numbers, flags, texts, bytes ({@code byte[]}), lists, and maps whose keys become texts. Nothing is made for
 * what the bytes only claim to hold.
 */
final class MsgPack {
    private static final int DEEPEST = 64;

    private final ByteBuffer in;

    private MsgPack(byte[] bytes) {
        in = ByteBuffer.wrap(bytes);
    }

    /** Bytes that are no MessagePack: why. */
    static final class Damaged extends Exception {
        private static final long serialVersionUID = 1L;

        Damaged(String reason) {
            super(reason);
        }
    }

    /** The one value that {@code bytes} hold. */
    static @Nullable Object read(byte[] bytes) throws Damaged {
        var reader = new MsgPack(bytes);
        try {
            var value = reader.value(0);
            if (reader.in.hasRemaining()) {
                throw new Damaged(reader.in.remaining() + " bytes follow its end");
            }
            return value;
        } catch (BufferUnderflowException e) {
            throw new Damaged("it ends within a value");
        }
    }

    private @Nullable Object value(int depth) throws Damaged {
        if (depth > DEEPEST) {
            throw new Damaged("more than " + DEEPEST + " values one in another");
        }
        var code = Byte.toUnsignedInt(in.get());
        if (code < 0x80 || code >= 0xe0) {
            return (long) (byte) code;
        }
        if (code < 0x90) {
            return map(code & 0x0f, depth);
        }
        if (code < 0xa0) {
            return list(code & 0x0f, depth);
        }
        if (code < 0xc0) {
            return text(code & 0x1f);
        }
        return switch (code) {
            case 0xc0 -> null;
            case 0xc2 -> false;
            case 0xc3 -> true;
            case 0xc4 -> bytes(Byte.toUnsignedInt(in.get()));
            case 0xc5 -> bytes(Short.toUnsignedInt(in.getShort()));
            case 0xc6 -> bytes(Integer.toUnsignedLong(in.getInt()));
            case 0xca -> (double) in.getFloat();
            case 0xcb -> in.getDouble();
            case 0xcc -> (long) Byte.toUnsignedInt(in.get());
            case 0xcd -> (long) Short.toUnsignedInt(in.getShort());
            case 0xce -> Integer.toUnsignedLong(in.getInt());
            case 0xcf -> unsigned(in.getLong());
            case 0xd0 -> (long) in.get();
            case 0xd1 -> (long) in.getShort();
            case 0xd2 -> (long) in.getInt();
            case 0xd3 -> in.getLong();
            case 0xd9 -> text(Byte.toUnsignedInt(in.get()));
            case 0xda -> text(Short.toUnsignedInt(in.getShort()));
            case 0xdb -> text(Integer.toUnsignedLong(in.getInt()));
            case 0xdc -> list(Short.toUnsignedInt(in.getShort()), depth);
            case 0xdd -> list(Integer.toUnsignedLong(in.getInt()), depth);
            case 0xde -> map(Short.toUnsignedInt(in.getShort()), depth);
            case 0xdf -> map(Integer.toUnsignedLong(in.getInt()), depth);
            default -> throw new Damaged(String.format("a value of the kind 0x%02x", code));
        };
    }

    private static Object unsigned(long bits) {
        return bits >= 0 ? (Object) bits : new BigInteger(Long.toUnsignedString(bits));
    }

    private byte[] bytes(long length) throws Damaged {
        if (length > in.remaining()) {
            throw new Damaged("it ends within a value");
        }
        var bytes = new byte[(int) length];
        in.get(bytes);
        return bytes;
    }

    private String text(long length) throws Damaged {
        return new String(bytes(length), StandardCharsets.UTF_8);
    }

    private Object list(long length, int depth) throws Damaged {
        var list = new ArrayList<@Nullable Object>();
        for (var i = 0L; i < length; i++) {
            list.add(value(depth + 1));
        }
        return list;
    }

    private Object map(long length, int depth) throws Damaged {
        Map<String, @Nullable Object> map = new LinkedHashMap<>();
        for (var i = 0L; i < length; i++) {
            var key = value(depth + 1);
            map.put(
                    key instanceof byte[] bytes ? new String(bytes, StandardCharsets.UTF_8) : String.valueOf(key),
                    value(depth + 1));
        }
        return map;
    }
}
