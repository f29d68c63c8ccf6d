package io.hindcast.kernel;

/** Losses over the rows of a batch, each with its gradient; all are means over the batch. */
public final class Losses {
    private Losses() {}

    /**
     * {@code mean((prediction - target)^2)}.
     *
     * @param gradient {@code [B]}, written: the loss's gradient in the predictions
     */
    public static double squaredError(float[] prediction, float[] target, float[] gradient) {
        var sum = 0.0;
        var n = prediction.length;
        for (var b = 0; b < n; b++) {
            var error = (double) prediction[b] - target[b];
            sum += error * error;
            gradient[b] = (float) (2 * error / n);
        }
        return sum / n;
    }

    /**
     * Expectile regression, {@code mean(w * u^2)} with {@code u = target - prediction} and
     * {@code w = |expectile - 1[u < 0]|} (Kostrikov, Nair and Levine 2022, equation 5).
     *
     * @param weight {@code [B]}, written: w
     * @param gradient {@code [B]}, written: the loss's gradient in the predictions
     */
    public static double expectile(
            float[] prediction, float[] target, double expectile, float[] weight, float[] gradient) {
        var sum = 0.0;
        var n = prediction.length;
        for (var b = 0; b < n; b++) {
            var u = (double) target[b] - prediction[b];
            var w = u < 0 ? 1 - expectile : expectile;
            weight[b] = (float) w;
            sum += w * u * u;
            gradient[b] = (float) (-2 * w * u / n);
        }
        return sum / n;
    }

    /**
     * {@code -mean(weight * logProbability)}, the weighted log-likelihood of the data's actions.
     *
     * @param gradient {@code [B]}, written: the loss's gradient in the log-probabilities
     */
    public static double negativeLogLikelihood(float[] logProbability, float[] weight, float[] gradient) {
        var sum = 0.0;
        var n = logProbability.length;
        for (var b = 0; b < n; b++) {
            sum -= (double) weight[b] * logProbability[b];
            gradient[b] = -weight[b] / n;
        }
        return sum / n;
    }

    /** {@code weight = min(exp(advantage / temperature), maxWeight)}: the temperature divides. */
    public static void advantageWeight(float[] advantage, double temperature, double maxWeight, float[] weight) {
        for (var b = 0; b < advantage.length; b++) {
            weight[b] = (float) Math.min(Math.exp(advantage[b] / temperature), maxWeight);
        }
    }

    /**
     * {@code target = reward + discount^steps * (1 - stops) * nextValue}: a truncated row keeps its bootstrap.
     *
     * @param stops {@code [B]}, 1 where the bootstrap stops, else 0
     * @param steps {@code [B]}, how many steps lie between a row's two observations
     */
    public static void bootstrap(
            float[] reward, float[] stops, float[] steps, float[] nextValue, double discount, float[] target) {
        for (var b = 0; b < target.length; b++) {
            var factor = steps[b] == 1 ? discount : Math.pow(discount, steps[b]);
            target[b] = (float) (reward[b] + factor * (1 - stops[b]) * nextValue[b]);
        }
    }

    /** The share of weights at or above {@code maxWeight}, where they are clamped. */
    public static double clampedShare(float[] weight, double maxWeight) {
        var clamped = 0;
        for (var w : weight) {
            if (w >= (float) maxWeight) {
                clamped++;
            }
        }
        return (double) clamped / weight.length;
    }

    /** The least of several predictions a row. */
    public static void minimum(float[][] predictions, float[] least) {
        System.arraycopy(predictions[0], 0, least, 0, least.length);
        for (var i = 1; i < predictions.length; i++) {
            for (var b = 0; b < least.length; b++) {
                least[b] = Math.min(least[b], predictions[i][b]);
            }
        }
    }

    /** {@code difference = a - b}, row by row. */
    public static void difference(float[] a, float[] b, float[] difference) {
        for (var i = 0; i < difference.length; i++) {
            difference[i] = a[i] - b[i];
        }
    }

    /** The mean. */
    public static double mean(float[] values) {
        var sum = 0.0;
        for (var value : values) {
            sum += value;
        }
        return sum / values.length;
    }
}
