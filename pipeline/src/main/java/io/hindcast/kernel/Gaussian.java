package io.hindcast.kernel;

import java.util.Arrays;

/**
 * The diagonal normal distribution of a policy whose mean is {@code tanh(output)} and whose standard deviation is
 * {@code exp(logStd)}, the same for every state; not squashed. Arrays of rows hold row b at {@code b * n}.
 */
public final class Gaussian {
    private static final double HALF_LOG_TWO_PI = 0.5 * Math.log(2 * Math.PI);

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
