package io.hindcast.data;

import io.hindcast.config.Sha256;
import java.nio.ByteBuffer;

/** A number of every episode by which whole episodes are split and sampled, the same whatever other episodes there are. */
public final class EpisodeShare {
    private EpisodeShare() {}

    /**
     * The first 53 bits of the SHA-256 of {@code purpose:seed:episode} (UTF-8) as a binary fraction, in [0, 1).
     *
     * @param purpose what it is for, so that one split says nothing of another
     */
    public static double of(String purpose, long seed, String episode) {
        var hash = new Sha256().add(purpose + ":" + seed + ":" + episode).bytes();
        return (ByteBuffer.wrap(hash).getLong() >>> 11) * 0x1p-53;
    }
}
