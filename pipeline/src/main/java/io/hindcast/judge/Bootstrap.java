package io.hindcast.judge;

import io.hindcast.stats.Hashes;
import java.io.Serializable;

/**
 * The Poisson bootstrap: a replicate draws an episode 0, 1, 2 ... times, with the chances of a Poisson number of mean 1. How often is a
 * function of (seed, replicate, episode id), so that neither parts nor order change anything, and so that two policies that are
 * judged by the same episodes have the same replicates.
 *
 * @param replicates how many; 0 for none
 */
public record Bootstrap(long seed, int replicates) implements Serializable {
    /** No replicates. */
    public static final Bootstrap NONE = new Bootstrap(0, 0);

    private static final double[] CHANCES = chances();

    /** The count of the least number with these first eight bits: that of nearly all of them. */
    private static final int[] LEAST = least();

    private static int[] least() {
        var least = new int[256];
        for (var i = 0; i < least.length; i++) {
            while (i / 256.0 >= CHANCES[least[i]]) {
                least[i]++;
            }
        }
        return least;
    }

    private static double[] chances() {
        var chances = new double[19];
        var chance = StrictMath.exp(-1);
        var sum = 0.0;
        for (var k = 0; k < chances.length; k++) {
            sum += chance;
            chances[k] = sum;
            chance /= k + 1;
        }
        return chances;
    }

    /** How often each replicate draws an episode, {@code [replicates]}. */
    public long[] counts(String episodeId) {
        var counts = new long[replicates];
        var episode = Hashes.of(episodeId) ^ Hashes.mix(seed + Hashes.ODD);
        for (var r = 0; r < replicates; r++) {
            var hash = Hashes.mix(episode + (r + 1) * Hashes.ODD);
            var uniform = (hash >>> 11) * 0x1p-53;
            var count = LEAST[(int) (hash >>> 56)];
            while (count < CHANCES.length && uniform >= CHANCES[count]) {
                count++;
            }
            counts[r] = count;
        }
        return counts;
    }
}
