package io.hindcast.stats;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.MathContext;
import java.util.Arrays;

/**
 * How one quantity is distributed: count, exact sums, range and a {@link BitHistogram}; a state that merges, and does so to the
 * last bit: the same numbers give the same state in any order and however they were cut. Not for several threads.
 */
public final class Distribution {
    private static final MathContext DIGITS = new MathContext(40);

    private long count;
    private double min = Double.POSITIVE_INFINITY;
    private double max = Double.NEGATIVE_INFINITY;

    /** A sum over rows that is equal for quantities that are equal in every row, and hardly ever else. */
    private long rowHash;

    private ExactSum sum = new ExactSum();
    private ExactSum squares = new ExactSum();
    private final BitHistogram histogram = new BitHistogram();

    /** Of {@code n} flags, of which {@code set} are set, as 0 and 1. */
    public static Distribution ofFlags(long n, long set) {
        var flags = new Distribution();
        flags.add(0, n - set);
        flags.add(1, set);
        return flags;
    }

    /** Adds a finite number. */
    public void add(double value) {
        add(value, 1);
    }

    /** Adds a whole number several times. */
    private void add(double value, long times) {
        if (times == 0) {
            return;
        }
        count += times;
        min = Math.min(min, value + 0.0);
        max = Math.max(max, value + 0.0);
        sum.add(times == 1 ? value : value * times);
        if (times == 1) {
            squares.addSquare(value);
        } else {
            squares.add(value * value * times);
        }
        histogram.add(BitHistogram.bucket(value), times);
    }

    /** Adds the first {@code n} of {@code values}. */
    void addAll(float[] values, int n) {
        var low = min;
        var high = max;
        for (var i = 0; i < n; i++) {
            var value = values[i] + 0.0; // a double, and -0.0 is 0.0
            low = Math.min(low, value);
            high = Math.max(high, value);
            sum.add(value);
            squares.add(value * value); // exact: 24 bits times 24 bits
            histogram.add(value);
        }
        min = low;
        max = high;
        count += n;
    }

    /** The same, for a quantity whose rows are compared with those of others: row {@code i} is told by {@code rows[i]}. */
    void addAll(float[] values, long[] rows, int n) {
        addAll(values, n);
        for (var i = 0; i < n; i++) {
            rowHash += Hashes.mix(rows[i] + Float.floatToRawIntBits(values[i] + 0.0f) * Hashes.ODD);
        }
    }

    void merge(Distribution other) {
        count += other.count;
        min = Math.min(min, other.min);
        max = Math.max(max, other.max);
        rowHash += other.rowHash;
        sum.merge(other.sum);
        squares.merge(other.squares);
        histogram.merge(other.histogram);
    }

    /** How many numbers there are. */
    public long count() {
        return count;
    }

    /** The least number, {@code +inf} if there is none. */
    public double min() {
        return min;
    }

    /** The greatest number, {@code -inf} if there is none. */
    public double max() {
        return max;
    }

    /** Their sum, rounded once. */
    public double sum() {
        return isBeyond(sum) ? sum.beyond() : scaled(sum.units(), ExactSum.LOWEST, BigInteger.ONE);
    }

    /** Their mean, computed exactly and rounded once; 0 if there are none. */
    public double mean() {
        return mean(count, sum);
    }

    static double mean(long count, ExactSum sum) {
        if (count == 0) {
            return 0;
        }
        return isBeyond(sum) ? sum.beyond() : scaled(sum.units(), ExactSum.LOWEST, BigInteger.valueOf(count));
    }

    /** Their standard deviation (divided by their count), from an exact variance; 0 if there are none. */
    public double standardDeviation() {
        return standardDeviation(count, sum, squares);
    }

    static double standardDeviation(long count, ExactSum sum, ExactSum squares) {
        if (count == 0) {
            return 0;
        }
        if (isBeyond(sum) || isBeyond(squares)) {
            return Double.POSITIVE_INFINITY;
        }
        // n sum(x^2) - (sum x)^2, in units of 2^(2 LOWEST)
        var n = BigInteger.valueOf(count);
        var difference = squares.units()
                .multiply(n)
                .shiftLeft(-ExactSum.LOWEST)
                .subtract(sum.units().pow(2));
        return Math.sqrt(Math.max(0, scaled(difference, 2 * ExactSum.LOWEST, n.multiply(n))));
    }

    private static boolean isBeyond(ExactSum sum) {
        return sum.beyond() != 0;
    }

    private static double scaled(BigInteger units, int power, BigInteger divisor) {
        if (units.signum() == 0) {
            return 0;
        }
        // Digits beyond those of a double do not count, and powers of two are applied in two steps so as not to
        // underflow.
        var excess = Math.max(0, units.bitLength() - 400);
        var quotient = new BigDecimal(units.shiftRight(excess)).divide(new BigDecimal(divisor), DIGITS);
        var exponent = power + excess;
        var factor = new BigDecimal(BigInteger.ONE.shiftLeft(Math.abs(exponent)));
        return (exponent >= 0 ? quotient.multiply(factor, DIGITS) : quotient.divide(factor, DIGITS)).doubleValue();
    }

    /** Whether there are numbers, and all are the same. */
    public boolean isConstant() {
        return count > 0 && min == max;
    }

    /** Whether this quantity was equal to another in every row, as far as 64 bits can tell. */
    public boolean isSameInEveryRow(Distribution other) {
        return count > 0 && count == other.count && rowHash == other.rowHash && min == other.min && max == other.max;
    }

    /**
     * The least number that a share of them does not exceed, by its bucket of {@link BitHistogram}: nearer to zero than the very
     * number by less than 2^-{@value BitHistogram#MANTISSA_BITS} of it.
     *
     * @param share within [0, 1]
     * @return 0 if there are no numbers
     */
    public double quantile(double share) {
        return quantiles(share)[0];
    }

    /** Several of them, {@code shares} in rising order. */
    public double[] quantiles(double... shares) {
        if (count == 0) {
            return new double[shares.length];
        }
        return Arrays.stream(histogram.quantileBuckets(shares))
                .mapToDouble(bucket -> Math.max(min, Math.min(max, BitHistogram.edge(bucket))))
                .toArray();
    }

    /** The same of their absolute values. */
    double absoluteQuantile(double share) {
        var sizes = new BitHistogram();
        histogram.visit((bucket, times) -> sizes.add(bucket < 0 ? ~bucket : bucket, times));
        return count == 0 ? 0 : BitHistogram.edge(sizes.quantileBuckets(share)[0]);
    }

    /** How often which numbers occur. */
    public BitHistogram histogram() {
        return histogram;
    }

    void write(StateWriter out) {
        out.whole(count);
        if (count == 0) {
            return;
        }
        out.number(min);
        out.number(max);
        out.bits(rowHash);
        write(out, sum);
        write(out, squares);
        out.whole(histogram.buckets());
        var last = new int[] {0};
        histogram.visit((bucket, times) -> {
            out.signed((long) bucket - last[0]);
            out.whole(times);
            last[0] = bucket;
        });
    }

    private static void write(StateWriter out, ExactSum sum) {
        var units = sum.units();
        var zeros = Math.max(0, units.getLowestSetBit());
        out.whole(zeros);
        out.integer(units.shiftRight(zeros));
        out.number(sum.beyond());
    }

    static Distribution read(StateReader in) {
        var read = new Distribution();
        read.count = in.whole();
        if (read.count == 0) {
            return read;
        }
        read.min = in.number();
        read.max = in.number();
        read.rowHash = in.bits();
        read.sum = readSum(in);
        read.squares = readSum(in);
        var buckets = in.whole();
        var bucket = 0L;
        for (var i = 0L; i < buckets; i++) {
            bucket += in.signed();
            if (bucket < -(1 << 21) || bucket >= 1 << 21) {
                throw StateReader.damaged("there is no bucket " + bucket);
            }
            read.histogram.add((int) bucket, in.whole());
        }
        if (read.histogram.count() != read.count) {
            throw StateReader.damaged(
                    "buckets hold " + read.histogram.count() + " numbers where there are " + read.count);
        }
        return read;
    }

    private static ExactSum readSum(StateReader in) {
        var zeros = in.whole();
        var units = in.integer();
        if (zeros + units.bitLength() > 32 * 68) {
            throw StateReader.damaged("a sum has " + (zeros + units.bitLength()) + " bits");
        }
        return ExactSum.of(units.shiftLeft((int) zeros), in.number());
    }
}
