package io.hindcast.stats;

/**
 * How often numbers occur, counted by their leading bits: sign, exponent and the first {@value #MANTISSA_BITS} bits of the
 * mantissa. A bucket holds the numbers from its edge to less than 2^-{@value #MANTISSA_BITS} of it further from zero, and is
 * named by that edge: whole numbers below 2,048 are counted exactly, any other is told with a relative error below 0.1 %. Unlike
 * a sketch that samples, counts are exact, merging is addition, and the same numbers give the same state however they were cut;
 * bounding the relative error is the idea of DDSketch (Masson, Rim and Lee 2019).
 */
public final class BitHistogram {
    /** How many bits of the mantissa tell buckets apart. */
    public static final int MANTISSA_BITS = 10;

    /** What stands for a share of nothing in {@link #populationStability}. */
    public static final double LEAST_SHARE = 1e-4;

    private static final int DROPPED = 52 - MANTISSA_BITS;
    private static final int BLOCK = 1 << MANTISSA_BITS;

    /** A block for each sign and exponent, made when it is needed; the lowest numbers first. */
    private final long[][] blocks = new long[1 << 12][];

    private long count;

    /** Is called for one bucket after the other. */
    @FunctionalInterface
    interface Visitor {
        void bucket(int bucket, long count);
    }

    /** The bucket of a number; a greater number has the same or a greater one. */
    static int bucket(double value) {
        var bits = Double.doubleToRawLongBits(value + 0.0); // -0.0 is 0.0
        return (int) ((bits ^ ((bits >> 63) & Long.MAX_VALUE)) >> DROPPED);
    }

    /** The number of a bucket that is nearest to zero. */
    static double edge(int bucket) {
        return bucket < 0 ? -magnitude(~bucket) : magnitude(bucket);
    }

    private static double magnitude(int bucket) {
        return Double.longBitsToDouble((long) bucket << DROPPED);
    }

    void add(double value) {
        add(bucket(value), 1);
    }

    void add(int bucket, long times) {
        var index = (bucket >> MANTISSA_BITS) + (1 << 11);
        var block = blocks[index];
        if (block == null) {
            block = new long[BLOCK];
            blocks[index] = block;
        }
        block[bucket & (BLOCK - 1)] += times;
        count += times;
    }

    void merge(BitHistogram other) {
        other.visit(this::add);
    }

    /** How many numbers were counted. */
    public long count() {
        return count;
    }

    /** The buckets that are not empty, from the least number to the greatest. */
    void visit(Visitor visitor) {
        for (var index = 0; index < blocks.length; index++) {
            var block = blocks[index];
            if (block == null) {
                continue;
            }
            for (var i = 0; i < BLOCK; i++) {
                if (block[i] != 0) {
                    visitor.bucket(((index - (1 << 11)) << MANTISSA_BITS) + i, block[i]);
                }
            }
        }
    }

    /** How many buckets are not empty. */
    int buckets() {
        var buckets = new int[1];
        visit((bucket, times) -> buckets[0]++);
        return buckets[0];
    }

    /** How many numbers lie in a bucket above that of {@code value}. */
    public long above(double value) {
        var limit = bucket(value);
        var above = new long[1];
        visit((bucket, times) -> above[0] += bucket > limit ? times : 0);
        return above[0];
    }

    /** How many numbers lie in the bucket of {@code value}. */
    public long at(double value) {
        var bucket = bucket(value);
        var block = blocks[(bucket >> MANTISSA_BITS) + (1 << 11)];
        return block == null ? 0 : block[bucket & (BLOCK - 1)];
    }

    /**
     * For each of {@code shares}, in rising order and within [0, 1], the least bucket with at least that share of the numbers in
     * it or below.
     */
    int[] quantileBuckets(double... shares) {
        var found = new int[shares.length];
        var next = new int[1];
        var seen = new long[1];
        visit((bucket, times) -> {
            seen[0] += times;
            while (next[0] < shares.length && seen[0] >= Math.ceil(shares[next[0]] * count)) {
                found[next[0]++] = bucket;
            }
        });
        return found;
    }

    /** Counts in {@code bins} parts of {@code [low, high]} of the same width; numbers outside are left out. */
    public long[] binned(double low, double high, int bins) {
        var counts = new long[bins];
        visit((bucket, times) -> {
            var value = edge(bucket);
            if (value >= low && value <= high) {
                counts[(int) Math.min(bins - 1.0, (value - low) / (high - low) * bins + 1e-9)] += times;
            }
        });
        return counts;
    }

    /**
     * How far the numbers of {@code current} are spread otherwise than those of {@code reference}: the population stability index,
     * the sum of {@code (a - e) ln(a / e)} over bins, where {@code e} and {@code a} are the shares of the reference and of the
     * current numbers (Siddiqi 2006, "Credit risk scorecards"; it is the symmetrised Kullback-Leibler divergence). Bins end at
     * the deciles of the reference; a share of nothing counts as {@value #LEAST_SHARE}. Below 0.1 nothing much has changed, above
     * 0.25 a lot has.
     *
     * @return 0 or more; 0 if either is empty
     */
    public static double populationStability(BitHistogram reference, BitHistogram current) {
        if (reference.count == 0 || current.count == 0) {
            return 0;
        }
        var ends = reference.quantileBuckets(0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9);
        var expected = reference.shares(ends);
        var actual = current.shares(ends);
        var index = 0.0;
        for (var i = 0; i < expected.length; i++) {
            var e = Math.max(LEAST_SHARE, expected[i]);
            var a = Math.max(LEAST_SHARE, actual[i]);
            index += expected[i] == 0 && actual[i] == 0 ? 0 : (a - e) * Math.log(a / e);
        }
        return index;
    }

    /** The shares of the numbers up to each of {@code ends}, and beyond the last; equal ends make one bin. */
    private double[] shares(int[] ends) {
        var counts = new long[ends.length + 1];
        visit((bucket, times) -> {
            var bin = 0;
            while (bin < ends.length && bucket > ends[bin]) {
                bin++;
            }
            counts[bin] += times;
        });
        var shares = new double[counts.length];
        for (var i = 0; i < shares.length; i++) {
            shares[i] = (double) counts[i] / count;
        }
        return shares;
    }
}
