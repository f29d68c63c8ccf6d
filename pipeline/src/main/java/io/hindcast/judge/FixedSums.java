package io.hindcast.judge;

import java.io.Serializable;

/**
 * Sums of the same terms for every replicate of a bootstrap, as whole numbers of a unit that the largest term decides: exact in any
 * order, and fast. A term is rounded once, to about 60 - log2(episodes) bits under the largest.
 */
final class FixedSums implements Serializable {
    private final int size;
    private final int[] units;
    private final long[] sums;

    /**
     * Sums of no terms.
     *
     * @param terms the sums of all terms that will come, each once
     * @param episodes how many there are of each at most
     */
    FixedSums(Sums terms, long episodes, int replicates) {
        size = terms.size();
        // Counts of all episodes together, Poisson with this mean, lie below twice that and a little.
        var bits = 64 - Long.numberOfLeadingZeros(2 * episodes + 64);
        units = new int[size];
        for (var i = 0; i < size; i++) {
            var largest = terms.largest(i);
            units[i] = largest == Sums.NONE || largest == Sums.UNDEFINED ? largest : largest + bits - 61;
        }
        sums = new long[size * replicates];
    }

    /** Adds x 2^exponent to sum {@code index} of each replicate, as often as {@code counts} says. */
    void add(int index, double x, int exponent, int[] counts) {
        if (units[index] == Sums.NONE || units[index] == Sums.UNDEFINED) {
            return;
        }
        var term = (long) Math.rint(Scaled.scale(x, exponent - units[index]));
        for (var r = 0; r < counts.length; r++) {
            sums[index * counts.length + r] += counts[r] * term;
        }
    }

    void merge(FixedSums other) {
        for (var i = 0; i < sums.length; i++) {
            sums[i] += other.sums[i];
        }
    }

    int size() {
        return size;
    }

    Scaled of(int index, int replicate) {
        if (units[index] == Sums.NONE || units[index] == Sums.UNDEFINED) {
            return units[index] == Sums.NONE ? Scaled.ZERO : Scaled.of(Double.NaN);
        }
        var replicates = sums.length / size;
        return Scaled.of(sums[index * replicates + replicate], units[index]);
    }
}
