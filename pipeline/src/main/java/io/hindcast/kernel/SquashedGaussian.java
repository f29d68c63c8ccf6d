package io.hindcast.kernel;

/**
 * The distribution of {@code tanh(u)}, u diagonal normal, both of whose parameters depend on the state: of a network's output
 * of 2n numbers a row the first n are the means of u, the others its log standard deviations, which are held within bounds
 * (Haarnoja et al. 2018, appendix C). Arrays of rows hold row b at {@code b * n}.
 */
public final class SquashedGaussian {
    private static final double HALF_LOG_TWO_PI = 0.5 * Math.log(2 * Math.PI);
    private static final double LOG_FOUR = Math.log(4);

    /** The largest float below 1. */
    private static final double WITHIN = Math.nextDown(1f);

    private SquashedGaussian() {}

    /**
     * Draws {@code a = tanh(mean + std * noise)} with
     * {@code log pi(a|s) = sum_j [ -noise_j^2 / 2 - log std_j - log(2 pi) / 2 - log(1 - a_j^2) ]}.
     *
     * <p>The last term is {@code log 4 - 2|u| - 2 log(1 + e)} with {@code e = exp(-2|u|)}, exact for any u; the logarithms of
     * the dimensions are taken as one of their product.
     *
     * @param output {@code [B * 2n]}
     * @param candidates how many actions are drawn a row
     * @param noise {@code [B * candidates * n]}, standard normal
     * @param actions {@code [B * candidates * n]}, written
     * @param logProbability {@code [B * candidates]}, written
     */
    public static void sample(
            float[] output,
            int n,
            int candidates,
            double logStdMin,
            double logStdMax,
            float[] noise,
            float[] actions,
            float[] logProbability) {
        var std = new double[n];
        for (var b = 0; b < output.length / (2 * n); b++) {
            var constant = 0.0;
            for (var j = 0; j < n; j++) {
                var logStd = clamp(output[b * 2 * n + n + j], logStdMin, logStdMax);
                std[j] = Math.exp(logStd);
                constant -= logStd + HALF_LOG_TWO_PI + LOG_FOUR;
            }
            for (var k = b * candidates; k < (b + 1) * candidates; k++) {
                var log = constant;
                var product = 1.0;
                for (var j = 0; j < n; j++) {
                    double e = noise[k * n + j];
                    var u = output[b * 2 * n + j] + std[j] * e;
                    var decay = Math.exp(-2 * Math.abs(u));
                    actions[k * n + j] = (float) (Math.signum(u) * (1 - decay) / (1 + decay));
                    log += 2 * Math.abs(u) - e * e / 2;
                    product *= 1 + decay;
                }
                logProbability[k] = (float) (log + 2 * Math.log(product));
            }
        }
    }

    /**
     * log pi(a|s) of given actions, as {@link #sample} has it of those it draws. An action at or beyond the ends of [-1, 1], where
     * the density has no value, counts as one just within.
     *
     * @param actions {@code [B * n]}
     * @param logProbability {@code [B]}, written
     */
    public static void logProbability(
            float[] output, int n, double logStdMin, double logStdMax, float[] actions, float[] logProbability) {
        for (var b = 0; b < logProbability.length; b++) {
            var log = 0.0;
            for (var j = 0; j < n; j++) {
                var logStd = clamp(output[b * 2 * n + n + j], logStdMin, logStdMax);
                var action = clamp(actions[b * n + j], -WITHIN, WITHIN);
                var u = 0.5 * Math.log((1 + action) / (1 - action));
                var e = (u - output[b * 2 * n + j]) / Math.exp(logStd);
                log -= e * e / 2 + logStd + HALF_LOG_TWO_PI + Math.log(1 - action * action);
            }
            logProbability[b] = (float) log;
        }
    }

    /**
     * The gradient of a loss through one sample a row.
     *
     * @param noise {@code [B * n]}, what the sample was drawn with
     * @param actionGradient {@code [B * n]}, the loss's gradient in the actions
     * @param logProbabilityGradient {@code [B]}, the loss's gradient in the log-probabilities
     * @param outputGradient {@code [B * 2n]}, written; zero for log standard deviations outside their bounds
     */
    public static void gradient(
            float[] output,
            int n,
            double logStdMin,
            double logStdMax,
            float[] noise,
            float[] actionGradient,
            float[] logProbabilityGradient,
            float[] outputGradient) {
        for (var b = 0; b < logProbabilityGradient.length; b++) {
            double slope = logProbabilityGradient[b];
            for (var j = 0; j < n; j++) {
                double raw = output[b * 2 * n + n + j];
                var std = Math.exp(clamp(raw, logStdMin, logStdMax));
                double e = noise[b * n + j];
                var action = Math.tanh(output[b * 2 * n + j] + std * e);
                var before = actionGradient[b * n + j] * (1 - action * action) + slope * 2 * action;
                outputGradient[b * 2 * n + j] = (float) before;
                var inside = raw >= logStdMin && raw <= logStdMax;
                outputGradient[b * 2 * n + n + j] = inside ? (float) (before * std * e - slope) : 0;
            }
        }
    }

    private static double clamp(double value, double least, double greatest) {
        return Math.min(greatest, Math.max(least, value));
    }
}
