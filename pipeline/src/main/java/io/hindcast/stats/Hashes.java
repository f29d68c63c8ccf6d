package io.hindcast.stats;

/** 64-bit hashes that are the same everywhere and always, since they are stored. */
public final class Hashes {
    /** 2^64 divided by the golden ratio: spreads small numbers over all bits. */
    public static final long ODD = 0x9e3779b97f4a7c15L;

    private Hashes() {}

    /** Every bit of the result depends on every bit of {@code x}: the mixer of SplitMix64 (Steele, Lea and Flood 2014). */
    public static long mix(long x) {
        var y = (x ^ (x >>> 30)) * 0xbf58476d1ce4e5b9L;
        var z = (y ^ (y >>> 27)) * 0x94d049bb133111ebL;
        return z ^ (z >>> 31);
    }

    /** A hash of a text. */
    public static long of(String text) {
        var hash = text.length() * ODD;
        for (var i = 0; i < text.length(); i++) {
            hash = mix(hash ^ text.charAt(i)) + ODD;
        }
        return hash;
    }
}
