package io.hindcast.track;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/** Fields of a protocol buffer (protobuf.dev, Encoding), written one behind the other. */
final class Wire extends ByteArrayOutputStream {
    static final int VARINT = 0;
    static final int FIXED64 = 1;
    static final int BYTES = 2;
    static final int FIXED32 = 5;

    Wire varint(int field, long value) {
        varint(((long) field << 3) | VARINT);
        varint(value);
        return this;
    }

    Wire number(int field, double value) {
        varint(((long) field << 3) | FIXED64);
        var bits = Double.doubleToRawLongBits(value);
        for (var shift = 0; shift < Long.SIZE; shift += 8) {
            write((int) (bits >>> shift));
        }
        return this;
    }

    Wire number(int field, float value) {
        varint(((long) field << 3) | FIXED32);
        var bits = Float.floatToRawIntBits(value);
        for (var shift = 0; shift < Integer.SIZE; shift += 8) {
            write(bits >>> shift);
        }
        return this;
    }

    Wire text(int field, String text) {
        return bytes(field, text.getBytes(StandardCharsets.UTF_8));
    }

    /** A message within this one. */
    Wire message(int field, Wire message) {
        return bytes(field, message.toByteArray());
    }

    Wire bytes(int field, byte[] bytes) {
        varint(((long) field << 3) | BYTES);
        varint(bytes.length);
        writeBytes(bytes);
        return this;
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
