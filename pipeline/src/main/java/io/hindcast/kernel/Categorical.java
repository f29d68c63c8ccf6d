package io.hindcast.kernel;

import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * The categorical distributions {@code softmax(logits)} of a batch, over all values or over those that are possible: computed once by
 * {@link #load(float[], boolean[])}, then asked. Arrays of rows
 * hold row b at {@code b * n}.
 */
public final class Categorical {
    private final int n;
    private final int rows;
    private final double[] probabilities;
    private final double[] normalisers;
    private float[] logits = new float[0];
    private boolean @Nullable [] possible;

    /** Room for {@code rows} distributions over {@code n} values. */
    public Categorical(int rows, int n) {
        this.rows = rows;
        this.n = n;
        probabilities = new double[rows * n];
        normalisers = new double[rows];
    }

    /** Takes {@code logits}, {@code [B * n]}, which must stay as they are while they are spoken of; every value is possible. */
    public void load(float[] given) {
        load(given, null);
    }

    /**
     * The same over the values that are possible: the others have no share, whatever their logits are.
     *
     * @param mask {@code [B * n]}, at least one in each row, to stay as it is too; null: all are possible
     */
    public void load(float[] given, boolean @Nullable [] mask) {
        logits = given;
        possible = mask;
        for (var b = 0; b < rows; b++) {
            var largest = mask == null ? largest(given, b * n) : given[b * n + argmax(given, b * n, n, mask)];
            normalisers[b] = largest;
            for (var k = b * n; k < (b + 1) * n; k++) {
                probabilities[k] = mask == null || mask[k] ? given[k] - largest : 0;
            }
        }
        Exponentials.replace(probabilities, rows * n);
        for (var k = 0; mask != null && k < mask.length; k++) {
            if (!mask[k]) {
                probabilities[k] = 0;
            }
        }
        for (var b = 0; b < rows; b++) {
            var sum = 0.0;
            for (var k = b * n; k < (b + 1) * n; k++) {
                sum += probabilities[k];
            }
            var inverse = 1 / sum;
            for (var k = b * n; k < (b + 1) * n; k++) {
                probabilities[k] *= inverse;
            }
            normalisers[b] += Math.log(sum);
        }
    }

    private float largest(float[] values, int from) {
        var largest = values[from];
        for (var k = from + 1; k < from + n; k++) {
            largest = Math.max(largest, values[k]);
        }
        return largest;
    }

    /** {@code softmax(logits)} over what is possible, {@code [B * n]}. */
    public double[] probabilities() {
        return probabilities;
    }

    /**
     * Which values have more than a share of the largest probability of their row: that one at least. Where logits are not finite, and
     * with a share of 0, all that are possible, also if their probability is too small for a double.
     *
     * @param share in [0, 1)
     * @param likely {@code [B * n]}, written
     */
    public void likely(double share, boolean[] likely) {
        for (var b = 0; b < rows; b++) {
            var largest = 0.0;
            for (var k = b * n; k < (b + 1) * n; k++) {
                largest = Math.max(largest, probabilities[k]);
            }
            for (var k = b * n; k < (b + 1) * n; k++) {
                likely[k] = (possible == null || possible[k]) && (share == 0 || !(probabilities[k] <= share * largest));
            }
        }
    }

    /** {@code log sum_j exp(logits_j)} over the j that are possible, {@code [B]}, safe against overflow. */
    public double[] logSumExp() {
        return normalisers;
    }

    /**
     * {@code log pi(a|s) = logits_a - logsumexp(logits)}.
     *
     * @param actions {@code [B]}, indices from 0
     * @param logProbability {@code [B]}, written
     */
    public void logProbability(int[] actions, float[] logProbability) {
        for (var b = 0; b < rows; b++) {
            logProbability[b] = (float) (logits[b * n + actions[b]] - normalisers[b]);
        }
    }

    /**
     * The gradient of {@code sum_b slope_b * log pi(a_b|s_b)} in the logits.
     *
     * @param slope {@code [B]}
     * @param logitsGradient {@code [B * n]}, written
     */
    public void gradient(int[] actions, float[] slope, float[] logitsGradient) {
        for (var b = 0; b < rows; b++) {
            for (var k = b * n; k < (b + 1) * n; k++) {
                logitsGradient[k] = (float) (-slope[b] * probabilities[k]);
            }
            var chosen = b * n + actions[b];
            logitsGradient[chosen] = (float) (slope[b] * (1 - probabilities[chosen]));
        }
    }

    /** {@code sum_j p_j values_j} of each row, over the j that are possible. */
    public void expectation(float[] values, float[] expected) {
        for (var b = 0; b < rows; b++) {
            var sum = 0.0;
            for (var k = b * n; k < (b + 1) * n; k++) {
                if (possible == null || possible[k]) {
                    sum += probabilities[k] * values[k];
                }
            }
            expected[b] = (float) sum;
        }
    }

    /** The mean over the rows of {@code -sum_j p_j log p_j}, in nats. */
    public double entropy() {
        var entropy = 0.0;
        for (var k = 0; k < probabilities.length; k++) {
            if (possible == null || possible[k]) {
                entropy -= probabilities[k] * (logits[k] - normalisers[k / n]);
            }
        }
        return entropy / rows;
    }

    /** A value drawn from row {@code b}. */
    public int sample(int b, RandomGenerator random) {
        var u = random.nextDouble();
        var last = n - 1;
        while (possible != null && !possible[b * n + last]) {
            last--;
        }
        for (var j = 0; j < last; j++) {
            u -= probabilities[b * n + j];
            if (u < 0) {
                return j;
            }
        }
        return last;
    }

    /** The index of the largest of {@code n} values; the first of equals. */
    public static int argmax(float[] values, int from, int n) {
        return argmax(values, from, n, null);
    }

    /**
     * The same among those that are possible.
     *
     * @param mask as long as {@code values}, at least one of the {@code n} true; null: all are possible
     */
    public static int argmax(float[] values, int from, int n, boolean @Nullable [] mask) {
        var best = 0;
        while (mask != null && !mask[from + best]) {
            best++;
        }
        for (var j = best + 1; j < n; j++) {
            if ((mask == null || mask[from + j]) && values[from + j] > values[from + best]) {
                best = j;
            }
        }
        return best;
    }
}
