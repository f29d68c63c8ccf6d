package io.hindcast.run;

import java.util.SplittableRandom;
import java.util.random.RandomGenerator;

/**
 * Every random number of hindcast is a function of (seed, purpose, index): nothing has to be saved to resume, and a retried
 * task draws the same numbers. Generators are {@link SplittableRandom}s seeded by a mix of the three.
 */
public record Seeds(long seed) {
    /** The generator for {@code purpose}, in ASCII, at {@code index}, for example the batch of step 17. */
    public RandomGenerator generator(String purpose, long index) {
        return new SplittableRandom(mix(mix(mix(seed) ^ hash(purpose)) ^ index));
    }

    /** FNV-1a, 64 bit, of a text in ASCII. */
    private static long hash(String text) {
        var hash = 0xcbf29ce484222325L;
        for (var i = 0; i < text.length(); i++) {
            hash = (hash ^ text.charAt(i)) * 0x100000001b3L;
        }
        return hash;
    }

    /** The finaliser of MurmurHash3 in Stafford's variant 13, a bijection of 64-bit words. */
    private static long mix(long value) {
        var z = value + 0x9e3779b97f4a7c15L;
        z = (z ^ (z >>> 30)) * 0xbf58476d1ce4e5b9L;
        z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
        return z ^ (z >>> 31);
    }
}
