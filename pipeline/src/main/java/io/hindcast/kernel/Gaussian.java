package io.hindcast.kernel;

import java.util.Arrays;

/**
 * The diagonal normal distribution of a policy whose mean is {@code tanh(output)} and whose standard deviation is
 * {@code exp(logStd)} or given, the same for every state; not squashed. Arrays of rows hold row b at {@code b * n}.
 */
public final class Gaussian {
    /** {@code log(2 pi) / 2}. */
    public static final double HALF_LOG_TWO_PI = 0.5 * Math.log(2 * Math.PI);

    private Gaussian() {}

    /**
     * {@code log pi(a|s) = sum_j [ -((a_j - mean_j) / std_j)^2 / 2 - log std_j - log(2 pi) / 2 ]}.
     *
     * @param mean {@code [B * n]}
     * @param logStd {@code [n]}, already within its bounds
     * @param actions {@code [B * n]}
     * @param logProbability {@code [B]}, written
     */
    public static void logProbability(float[] mean, float[] logStd, float[] actions, float[] logProbability) {
        var n = logStd.length;
        Arrays.fill(logProbability, 0);
        for (var j = 0; j < n; j++) {
            var inverse = Math.exp(-logStd[j]);
            for (var b = 0; b < logProbability.length; b++) {
                var z = (actions[b * n + j] - mean[b * n + j]) * inverse;
                logProbability[b] -= (float) (z * z / 2 + logStd[j] + HALF_LOG_TWO_PI);
            }
        }
    }

    /**
     * {@code actions = mean + std * noise}.
     *
     * @param noise {@code [B * n]}, standard normal
     * @param actions {@code [B * n]}, written; not clipped to the range of actions
     */
    public static void sample(float[] mean, float[] logStd, float[] noise, float[] actions) {
        var n = logStd.length;
        for (var j = 0; j < n; j++) {
            var std = Math.exp(logStd[j]);
            for (var k = j; k < mean.length; k += n) {
                actions[k] = (float) (mean[k] + std * noise[k]);
            }
        }
    }

    /** {@code log P(z > x)} of a standard normal z, also where the probability is too small for a double. */
    public static double logUpperTail(double x) {
        if (x < 2) {
            // Phi(x) = 1/2 + phi(x) (x + x^3 / 3 + x^5 / (3 5) + ...), Marsaglia (2004); what lies beyond -10 is
            // nothing.
            var at = Math.max(-10, x);
            var term = at;
            var sum = at;
            for (var k = 3; Math.abs(term) > 1e-17 * Math.abs(sum); k += 2) {
                term *= at * at / k;
                sum += term;
            }
            return Math.log(0.5 - sum * Math.exp(-at * at / 2 - HALF_LOG_TWO_PI));
        }
        // Laplace's continued fraction of P(z > x) / phi(x): 1 / (x + 1 / (x + 2 / (x + ...))).
        var fraction = x;
        for (var k = 200; k > 0; k--) {
            fraction = x + k / fraction;
        }
        return -x * x / 2 - HALF_LOG_TWO_PI - Math.log(fraction);
    }

    /**
     * {@code actions = clamp(mean + clip(std * noise, ±clip), ±limit)}, what a deterministic policy does with noise on it.
     *
     * @param noise {@code [B * n]}, standard normal
     * @param actions {@code [B * n]}, written
     */
    public static void disturb(float[] mean, double std, float[] noise, double clip, double limit, float[] actions) {
        for (var k = 0; k < actions.length; k++) {
            var disturbance = Math.max(-clip, Math.min(clip, std * noise[k]));
            actions[k] = (float) Math.max(-limit, Math.min(limit, mean[k] + disturbance));
        }
    }

    /**
     * The negative log-likelihood where the standard deviation is given, not learned: {@code -mean over rows of log pi(a|s)} with
     * {@code log pi(a|s) = sum_j [ -(a_j - mean_j)^2 / (2 std^2) - log std - log(2 pi) / 2 ]}.
     *
     * @param mean {@code [B * n]}
     * @param std of every dimension
     * @param actions {@code [B * n]}
     * @param logProbability {@code [B]}, written
     * @param meanGradient {@code [B * n]}, written: the loss's gradient in the means
     */
    public static double negativeLogLikelihood(
            float[] mean, double std, float[] actions, float[] logProbability, float[] meanGradient) {
        var rows = logProbability.length;
        var n = mean.length / rows;
        var variance = std * std;
        var sum = 0.0;
        for (var b = 0; b < rows; b++) {
            var log = -n * (Math.log(std) + HALF_LOG_TWO_PI);
            for (var k = b * n; k < (b + 1) * n; k++) {
                var error = (double) actions[k] - mean[k];
                log -= error * error / (2 * variance);
                meanGradient[k] = (float) (-error / variance / rows);
            }
            logProbability[b] = (float) log;
            sum -= log;
        }
        return sum / rows;
    }

    /** {@code sum_j [ log std_j + (1 + log(2 pi)) / 2 ]}, the differential entropy in nats. */
    public static double entropy(float[] logStd) {
        var entropy = 0.0;
        for (var log : logStd) {
            entropy += log + 0.5 + HALF_LOG_TWO_PI;
        }
        return entropy;
    }

    /**
     * The gradient of {@code sum_b slope_b * log pi(a_b|s_b)}.
     *
     * @param slope {@code [B]}
     * @param meanGradient {@code [B * n]}, written
     * @param logStdGradient {@code [n]}, written
     */
    public static void gradient(
            float[] mean,
            float[] logStd,
            float[] actions,
            float[] slope,
            float[] meanGradient,
            double[] logStdGradient) {
        var n = logStd.length;
        for (var j = 0; j < n; j++) {
            var inverse = Math.exp(-logStd[j]);
            var sum = 0.0;
            for (var b = 0; b < slope.length; b++) {
                var z = (actions[b * n + j] - mean[b * n + j]) * inverse;
                meanGradient[b * n + j] = (float) (slope[b] * z * inverse);
                sum += slope[b] * (z * z - 1);
            }
            logStdGradient[j] = sum;
        }
    }
}
