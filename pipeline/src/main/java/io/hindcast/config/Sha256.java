package io.hindcast.config;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** The SHA-256 of bytes that come one after the other. */
public final class Sha256 {
    private static final int BUFFER = 1 << 18;

    private final MessageDigest digest;

    /** Of nothing yet. */
    public Sha256() {
        try {
            digest = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e); // every JVM has it
        }
    }

    /** The SHA-256 of {@code bytes} in hex. */
    public static String of(byte[] bytes) {
        return new Sha256().add(bytes).hex();
    }

    /** The SHA-256 of a text's UTF-8 in hex. */
    public static String of(String text) {
        return new Sha256().add(text).hex();
    }

    /** More bytes. */
    public Sha256 add(byte[] bytes) {
        digest.update(bytes);
        return this;
    }

    /** The UTF-8 of a text. */
    public Sha256 add(String text) {
        return add(text.getBytes(StandardCharsets.UTF_8));
    }

    /** All bytes until the stream ends; whoever opened it closes it. */
    public Sha256 add(InputStream in) throws IOException {
        var buffer = new byte[BUFFER];
        for (var n = in.read(buffer); n >= 0; n = in.read(buffer)) {
            digest.update(buffer, 0, n);
        }
        return this;
    }

    /** The 32 bytes; what is added afterwards begins anew. */
    public byte[] bytes() {
        return digest.digest();
    }

    /** The same as 64 small hex digits. */
    public String hex() {
        return HexFormat.of().formatHex(bytes());
    }
}
