package io.hindcast.kernel;

import java.util.Arrays;

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
     * Huber's loss, {@code mean(h(prediction - target))} with {@code h(x) = x²/2} where {@code |x| < 1}, else {@code |x| - 1/2}
     * (Huber 1964).
     *
     * @param gradient {@code [B]}, written: the loss's gradient in the predictions
     */
    public static double huber(float[] prediction, float[] target, float[] gradient) {
        var sum = 0.0;
        var n = prediction.length;
        for (var b = 0; b < n; b++) {
            var error = (double) prediction[b] - target[b];
            var size = Math.abs(error);
            sum += size < 1 ? error * error / 2 : size - 0.5;
            gradient[b] = (float) (Math.max(-1, Math.min(1, error)) / n);
        }
        return sum / n;
    }

    /**
     * The mean square, which is one of several terms of a loss, with a weight.
     *
     * @param gradient the gradient of {@code weight} times the term in the values is added to it
     */
    public static double addMeanSquare(float[] values, double weight, float[] gradient) {
        var sum = 0.0;
        for (var k = 0; k < values.length; k++) {
            sum += (double) values[k] * values[k];
            gradient[k] += (float) (2 * weight * values[k] / values.length);
        }
        return sum / values.length;
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

    /**
     * {@code mean((prediction - target)^2)}, which is one of several terms of a loss.
     *
     * @param gradient as long as they are: the term's gradient in the predictions is added to it
     */
    public static double addSquaredError(float[] prediction, float[] target, float[] gradient) {
        var sum = 0.0;
        var n = prediction.length;
        for (var k = 0; k < n; k++) {
            var error = (double) prediction[k] - target[k];
            sum += error * error / n;
            gradient[k] += (float) (2 * error / n);
        }
        return sum;
    }

    /**
     * The mean over rows of the squared distance of vectors, which is one of several terms of a loss, with a weight.
     *
     * @param prediction {@code [B * n]}
     * @param gradient {@code [B * n]}: the gradient of {@code weight} times the term in the predictions is added to it
     */
    public static double addSquaredDistance(
            float[] prediction, float[] target, int rows, double weight, float[] gradient) {
        var sum = 0.0;
        for (var k = 0; k < prediction.length; k++) {
            var error = (double) prediction[k] - target[k];
            sum += error * error / rows;
            gradient[k] += (float) (2 * weight * error / rows);
        }
        return sum;
    }

    /**
     * The squared error of vectors, {@code mean over rows of error} with {@code error = mean_j((prediction_j - target_j)^2)}.
     *
     * @param prediction {@code [B * n]}
     * @param error {@code [B]}, written
     * @param gradient {@code [B * n]}, written: the loss's gradient in the predictions
     */
    public static double squaredErrors(float[] prediction, float[] target, float[] error, float[] gradient) {
        var rows = error.length;
        var n = prediction.length / rows;
        for (var b = 0; b < rows; b++) {
            var sum = 0.0;
            for (var k = b * n; k < (b + 1) * n; k++) {
                var difference = (double) prediction[k] - target[k];
                sum += difference * difference;
                gradient[k] = (float) (2 * difference / n / rows);
            }
            error[b] = (float) (sum / n);
        }
        return mean(error);
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

    /**
     * The gradients of {@code sum_b slope * min_i prediction_ib}: where several are the least, the first of them has it.
     *
     * @param least {@code [B]}, as {@link #minimum} wrote it
     * @param gradients {@code [B]} a prediction, written
     */
    public static void minimumGradients(float[][] predictions, float[] least, float slope, float[][] gradients) {
        for (var b = 0; b < least.length; b++) {
            var taken = false;
            for (var i = 0; i < predictions.length; i++) {
                var first = !taken && predictions[i][b] == least[b];
                gradients[i][b] = first ? slope : 0;
                taken |= first;
            }
        }
    }

    /** The mean of several predictions a row. */
    public static void average(float[][] predictions, float[] average) {
        Arrays.fill(average, 0);
        for (var prediction : predictions) {
            for (var b = 0; b < average.length; b++) {
                average[b] += prediction[b] / predictions.length;
            }
        }
    }

    /** {@code difference = a - b}, row by row. */
    public static void difference(float[] a, float[] b, float[] difference) {
        for (var i = 0; i < difference.length; i++) {
            difference[i] = a[i] - b[i];
        }
    }

    /** {@code standard = (value - mean) / (standard deviation + epsilon)}, over the rows; {@code mean} is theirs. */
    public static void standardise(float[] values, double mean, double epsilon, float[] standard) {
        var variance = 0.0;
        for (var value : values) {
            variance += (value - mean) * (value - mean) / values.length;
        }
        for (var b = 0; b < values.length; b++) {
            standard[b] = (float) ((values[b] - mean) / (Math.sqrt(variance) + epsilon));
        }
    }

    /** The Euclidean distance of each row of {@code a} from that of {@code b}, {@code [B * n]}; {@code distance} is {@code [B]}. */
    public static void distances(float[] a, float[] b, float[] distance) {
        var n = a.length / distance.length;
        for (var row = 0; row < distance.length; row++) {
            var sum = 0.0;
            for (var k = row * n; k < (row + 1) * n; k++) {
                var difference = (double) a[k] - b[k];
                sum += difference * difference;
            }
            distance[row] = (float) Math.sqrt(sum);
        }
    }

    /** The square of that, times {@code factor}, {@code [B]}. */
    public static void squaredDistances(float[] a, float[] b, float[] factor, float[] squared) {
        var n = a.length / squared.length;
        for (var row = 0; row < squared.length; row++) {
            var sum = 0.0;
            for (var k = row * n; k < (row + 1) * n; k++) {
                var difference = (double) a[k] - b[k];
                sum += difference * difference;
            }
            squared[row] = (float) (factor[row] * sum);
        }
    }

    /** The sum of the absolute values. */
    public static double absoluteSum(float[] values) {
        var sum = 0.0;
        for (var value : values) {
            sum += Math.abs(value);
        }
        return sum;
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
