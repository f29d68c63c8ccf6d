package io.hindcast.stats;

import java.io.ByteArrayOutputStream;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;

/**
 * Writes a state as bytes, little-endian: whole numbers in groups of 7 bits, the lowest first, with the top bit set on all but
 * the last (LEB128); signed ones zigzag-folded before.
 */
final class StateWriter {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    /** A number of 0 or more. */
    void whole(long value) {
        var rest = value;
        while ((rest & ~0x7fL) != 0) {
            out.write((int) (rest & 0x7f) | 0x80);
            rest >>>= 7;
        }
        out.write((int) rest);
    }

    void signed(long value) {
        whole((value << 1) ^ (value >> 63));
    }

    /** 64 bits as they are. */
    void bits(long value) {
        for (var i = 0; i < 8; i++) {
            out.write((int) (value >>> (8 * i)));
        }
    }

    void number(double value) {
        bits(Double.doubleToRawLongBits(value));
    }

    void flag(boolean value) {
        out.write(value ? 1 : 0);
    }

    /** Its two's complement, after its length in bytes. */
    void integer(BigInteger value) {
        var bytes = value.toByteArray(); // the highest first
        whole(bytes.length);
        for (var i = bytes.length - 1; i >= 0; i--) {
            out.write(bytes[i]);
        }
    }

    /** UTF-8, after its length in bytes. */
    void text(String value) {
        var bytes = value.getBytes(StandardCharsets.UTF_8);
        whole(bytes.length);
        out.writeBytes(bytes);
    }

    byte[] bytes() {
        return out.toByteArray();
    }
}
