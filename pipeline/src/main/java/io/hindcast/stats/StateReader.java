package io.hindcast.stats;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;

/** Reads what {@link StateWriter} wrote. Nothing is allocated that the bytes could not fill. */
final class StateReader {
    private final byte[] bytes;
    private int at;

    StateReader(byte[] bytes) {
        this.bytes = bytes;
    }

    static IllegalArgumentException damaged(String why) {
        return new IllegalArgumentException("Cannot read the state of statistics: " + why);
    }

    long whole() {
        var value = 0L;
        for (var shift = 0; shift < 63; shift += 7) {
            var next = next();
            value |= (long) (next & 0x7f) << shift;
            if (next < 0x80) {
                return value;
            }
        }
        // The tenth group of a folded negative number has a single bit.
        var last = next();
        if (last > 1) {
            throw damaged("a number has more than 64 bits");
        }
        return value | (long) last << 63;
    }

    /** A number of entries, each of at least a byte. */
    int length() {
        var length = whole();
        if (length < 0 || length > bytes.length - at) {
            throw damaged("it ends before " + length + " entries that are announced");
        }
        return (int) length;
    }

    long signed() {
        var folded = whole();
        return (folded >>> 1) ^ -(folded & 1);
    }

    long bits() {
        var value = 0L;
        for (var i = 0; i < 8; i++) {
            value |= (long) next() << (8 * i);
        }
        return value;
    }

    double number() {
        return Double.longBitsToDouble(bits());
    }

    boolean flag() {
        return next() != 0;
    }

    BigInteger integer() {
        var length = length();
        if (length == 0) {
            throw damaged("an integer has no bytes");
        }
        var highestFirst = new byte[length];
        for (var i = length - 1; i >= 0; i--) {
            highestFirst[i] = (byte) next();
        }
        return new BigInteger(highestFirst);
    }

    String text() {
        var length = length();
        var text = new String(bytes, at, length, StandardCharsets.UTF_8);
        at += length;
        return text;
    }

    void end() {
        if (at != bytes.length) {
            throw damaged((bytes.length - at) + " bytes are left over");
        }
    }

    private int next() {
        if (at == bytes.length) {
            throw damaged("it ends after " + at + " bytes");
        }
        return bytes[at++] & 0xff;
    }
}
