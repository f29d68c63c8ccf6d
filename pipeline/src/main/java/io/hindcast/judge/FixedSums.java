package io.hindcast.judge;

import java.io.IOException;
import java.io.ObjectOutputStream;
import java.io.Serializable;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Sums of the same terms for every replicate of a bootstrap, as whole numbers of a unit that the largest term decides: exact in any
 * order, and fast. A term is rounded once, to about 60 - log2(episodes) bits under the largest.
 */
final class FixedSums implements Serializable {
    private final int size;
    private final int replicates;
    private final int[] units;
    /** {@code [size][replicates]}. */
    private final long[][] sums;

    private transient @Nullable Waiting waiting;

    /**
     * Sums of no terms.
     *
     * @param terms the sums of all terms that will come, each once
     * @param episodes how many there are of each at most
     */
    FixedSums(Sums terms, long episodes, int replicates) {
        size = terms.size();
        this.replicates = replicates;
        // Counts of all episodes together, Poisson with this mean, lie below twice that and a little.
        var bits = 64 - Long.numberOfLeadingZeros(2 * episodes + 64);
        units = new int[size];
        for (var i = 0; i < size; i++) {
            var largest = terms.largest(i);
            units[i] = largest == Sums.NONE || largest == Sums.UNDEFINED ? largest : largest + bits - 61;
        }
        sums = new long[size][replicates];
    }

    /** Adds x 2^exponent to sum {@code index} of each replicate, as often as {@link #end} will say of this episode. */
    void add(int index, double x, int exponent) {
        if (replicates == 0 || units[index] == Sums.NONE || units[index] == Sums.UNDEFINED) {
            return;
        }
        if (waiting == null) {
            waiting = new Waiting(size);
        }
        waiting.add(index, (long) Math.rint(Scaled.scale(x, exponent - units[index])));
    }

    /**
     * Ends an episode.
     *
     * @param counts how often each replicate draws it; kept for a while
     */
    void end(long[] counts) {
        if (waiting != null) {
            waiting.end(counts, sums);
        }
    }

    void merge(FixedSums other) {
        addWaiting();
        other.addWaiting();
        for (var i = 0; i < size; i++) {
            for (var r = 0; r < replicates; r++) {
                sums[i][r] += other.sums[i][r];
            }
        }
    }

    int size() {
        return size;
    }

    Scaled of(int index, int replicate) {
        addWaiting();
        if (units[index] == Sums.NONE || units[index] == Sums.UNDEFINED) {
            return units[index] == Sums.NONE ? Scaled.ZERO : Scaled.of(Double.NaN);
        }
        return Scaled.of(sums[index][replicate], units[index]);
    }

    private void addWaiting() {
        if (waiting != null) {
            waiting.addTo(sums);
        }
    }

    private void writeObject(ObjectOutputStream out) throws IOException {
        addWaiting();
        out.defaultWriteObject();
    }

    /** Terms of some episodes, which are added together: sums are fetched from memory and put back once for all of them. */
    private static final class Waiting {
        /** An even number. */
        private static final int EPISODES = 8;

        /** {@code [size * EPISODES]}. */
        private final long[] terms;

        private final long[][] counts = new long[EPISODES][];
        private int episodes;

        Waiting(int size) {
            terms = new long[size * EPISODES];
        }

        void add(int index, long term) {
            terms[index * EPISODES + episodes] += term;
        }

        void end(long[] counts, long[][] sums) {
            this.counts[episodes++] = counts;
            if (episodes == EPISODES) {
                addTo(sums);
            }
        }

        void addTo(long[][] sums) {
            if (episodes == 0) {
                return;
            }
            Arrays.fill(counts, episodes, EPISODES, counts[0]); // whose terms are 0
            for (var i = 0; i < terms.length; i += 2) {
                if (terms[i] != 0 || terms[i + 1] != 0) {
                    var episode = i % EPISODES;
                    addProducts(sums[i / EPISODES], terms[i], counts[episode], terms[i + 1], counts[episode + 1]);
                }
            }
            Arrays.fill(terms, 0);
            episodes = 0;
        }

        /** Two at a time: the compiler does this for several replicates at once, but not with more, nor with an offset. */
        private static void addProducts(long[] sums, long a, long[] countsOfA, long b, long[] countsOfB) {
            for (var r = 0; r < sums.length; r++) {
                sums[r] += countsOfA[r] * a + countsOfB[r] * b;
            }
        }
    }
}
