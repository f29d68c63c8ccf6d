package io.hindcast.kernel;

/** The categorical distribution {@code softmax(logits)}. Arrays of rows hold row b at {@code b * n}. */
public final class Categorical {
    private Categorical() {}

    /**
     * {@code log pi(a|s) = logits_a - logsumexp(logits)}.
     *
     * @param logits {@code [B * n]}
     * @param actions {@code [B]}, indices from 0
     * @param logProbability {@code [B]}, written
     */
    public static void logProbability(float[] logits, int[] actions, float[] logProbability) {
        var n = logits.length / logProbability.length;
        for (var b = 0; b < logProbability.length; b++) {
            logProbability[b] = (float) (logits[b * n + actions[b]] - logSumExp(logits, b * n, n));
        }
    }

    /**
     * The gradient of {@code sum_b slope_b * log pi(a_b|s_b)} in the logits.
     *
     * @param slope {@code [B]}
     * @param logitsGradient {@code [B * n]}, written
     */
    public static void gradient(float[] logits, int[] actions, float[] slope, float[] logitsGradient) {
        var n = logits.length / slope.length;
        for (var b = 0; b < slope.length; b++) {
            var normaliser = logSumExp(logits, b * n, n);
            for (var j = 0; j < n; j++) {
                var probability = Math.exp(logits[b * n + j] - normaliser);
                logitsGradient[b * n + j] = (float) (slope[b] * ((j == actions[b] ? 1 : 0) - probability));
            }
        }
    }

    /** {@code softmax(logits)}, row by row, into {@code probabilities}, {@code [B * n]}. */
    public static void probabilities(float[] logits, int n, float[] probabilities) {
        for (var from = 0; from < logits.length; from += n) {
            var normaliser = logSumExp(logits, from, n);
            for (var j = from; j < from + n; j++) {
                probabilities[j] = (float) Math.exp(logits[j] - normaliser);
            }
        }
    }

    /** The mean over the rows of {@code -sum_j p_j log p_j}, in nats. */
    public static double entropy(float[] logits, int n) {
        var entropy = 0.0;
        for (var from = 0; from < logits.length; from += n) {
            var normaliser = logSumExp(logits, from, n);
            for (var j = from; j < from + n; j++) {
                entropy -= Math.exp(logits[j] - normaliser) * (logits[j] - normaliser);
            }
        }
        return entropy * n / logits.length;
    }

    /** The index of the largest of {@code n} values; the first of equals. */
    public static int argmax(float[] values, int from, int n) {
        var best = 0;
        for (var j = 1; j < n; j++) {
            if (values[from + j] > values[from + best]) {
                best = j;
            }
        }
        return best;
    }

    /** {@code log sum exp} of {@code n} values, safe against overflow. */
    public static double logSumExp(float[] values, int from, int n) {
        double largest = values[from + argmax(values, from, n)];
        var sum = 0.0;
        for (var j = 0; j < n; j++) {
            sum += Math.exp(values[from + j] - largest);
        }
        return largest + Math.log(sum);
    }
}
