package io.hindcast.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Every gradient is the slope of its loss. */
final class SlopesTest {
    private static final int ROWS = 6;
    private final SplittableRandom random = new SplittableRandom(11);

    @Test
    void ofTheSquaredError() {
        var target = numbers(ROWS);
        var gradient = new float[ROWS];
        var prediction = numbers(ROWS);
        Losses.squaredError(prediction, target, gradient);
        isSlope(prediction, gradient, x -> Losses.squaredError(x, target, new float[ROWS]));
    }

    @Test
    void ofTheExpectileLoss() {
        var target = numbers(ROWS);
        var gradient = new float[ROWS];
        var prediction = numbers(ROWS);
        Losses.expectile(prediction, target, 0.9, new float[ROWS], gradient);
        isSlope(prediction, gradient, x -> Losses.expectile(x, target, 0.9, new float[ROWS], new float[ROWS]));
    }

    @Test
    void ofASquaredErrorThatIsAddedToAnotherTerm() {
        var target = numbers(ROWS);
        var other = numbers(ROWS);
        var gradient = other.clone();
        var prediction = numbers(ROWS);
        Losses.addSquaredError(prediction, target, gradient);
        isSlope(prediction, gradient, x -> weighted(other, x) + Losses.addSquaredError(x, target, new float[ROWS]));
    }

    @Test
    void ofTheSquaredErrorOfVectors() {
        var n = 3;
        var target = numbers(ROWS * n);
        var error = new float[ROWS];
        var gradient = new float[ROWS * n];
        var prediction = numbers(ROWS * n);
        Losses.squaredErrors(prediction, target, error, gradient);
        isSlope(prediction, gradient, x -> Losses.squaredErrors(x, target, new float[ROWS], new float[ROWS * n]));
    }

    @Test
    void theErrorOfAVectorIsTheMeanOverItsNumbers() {
        var error = new float[2];
        var mean = Losses.squaredErrors(new float[] {1, 2, 0, 0}, new float[] {1, 4, 3, 1}, error, new float[4]);
        assertThat(error).containsExactly(2, 5);
        assertThat(mean).isEqualTo(3.5);
    }

    @Test
    void ofTheLeastOfSeveralPredictions() {
        var predictions = new float[][] {numbers(ROWS), numbers(ROWS), numbers(ROWS)};
        var gradients = new float[3][ROWS];
        Losses.minimumGradients(predictions, least(predictions), -0.5f, gradients);
        for (var i = 0; i < predictions.length; i++) {
            var at = i;
            isSlope(predictions[i], gradients[i], x -> {
                var moved = predictions.clone();
                moved[at] = x;
                return -0.5 * ROWS * Losses.mean(least(moved));
            });
        }
    }

    @Test
    void ofPredictionsThatAreEquallySmallTheFirstHasTheSlope() {
        var gradients = new float[2][2];
        Losses.minimumGradients(new float[][] {{2, 1}, {1, 1}}, new float[] {1, 1}, 1, gradients);
        assertThat(gradients[0]).containsExactly(0, 1);
        assertThat(gradients[1]).containsExactly(1, 0);
    }

    @Test
    void ofTheGaussianLikelihoodWithAGivenDeviation() {
        var n = 3;
        var actions = numbers(ROWS * n);
        var gradient = new float[ROWS * n];
        var mean = numbers(ROWS * n);
        var log = new float[ROWS];
        var loss = Gaussian.negativeLogLikelihood(mean, 0.6, actions, log, gradient);
        isSlope(
                mean,
                gradient,
                x -> Gaussian.negativeLogLikelihood(x, 0.6, actions, new float[ROWS], new float[ROWS * n]));
        var logStd = new float[] {(float) Math.log(0.6), (float) Math.log(0.6), (float) Math.log(0.6)};
        assertThat(log).containsExactly(logGaussian(mean, logStd, actions), within(1e-5f));
        assertThat(loss).isCloseTo(-Losses.mean(log), within(1e-6));
    }

    @Test
    void ofTheConservativeTermOverAllActions() {
        var n = 4;
        var chosen = new int[] {0, 1, 2, 3, 1, 0};
        var mask = new boolean[ROWS * n];
        for (var k = 0; k < mask.length; k++) {
            mask[k] = k % 5 != 1 || k % n == chosen[k / n];
        }
        for (var possible : new boolean[][] {null, mask}) {
            var slope = numbers(ROWS);
            var gradient = new float[ROWS * n];
            var q = numbers(ROWS * n);
            conservative(q, possible, chosen, slope, gradient);
            isSlope(q, gradient, x -> conservative(x, possible, chosen, slope, new float[ROWS * n]));
        }
    }

    @Test
    void ofTheConservativeTermOverCandidates() {
        var m = 5;
        var term = new Conservative(m);
        var logDensity = new double[ROWS * m];
        for (var k = 0; k < logDensity.length; k++) {
            logDensity[k] = random.nextDouble() - 2;
        }
        var slope = numbers(ROWS);
        var gradient = new float[ROWS * (1 + m)];
        var q = numbers(gradient.length);
        term.ofCandidates(q, logDensity, 0.7, slope, new float[ROWS], gradient);
        isSlope(q, gradient, x -> {
            var loss = 0.7 * term.ofCandidates(x, logDensity, 0.7, slope, new float[ROWS], new float[ROWS * (1 + m)]);
            for (var b = 0; b < ROWS; b++) {
                loss += slope[b] * x[b * (1 + m)];
            }
            return loss;
        });
    }

    @Test
    void candidatesThatAreAllActionsDrawnUniformlyGiveTheTermOverAllActions() {
        var values = new float[] {3, 1, 2};
        var softmax = new Categorical(1, 3);
        softmax.load(values);
        var exact = Conservative.ofAll(
                softmax, new int[] {1}, new float[] {1}, 1, new float[1], new float[1], new float[3]);
        var logSumExp = new float[1];
        // Each stands for itself: with density 1 the sum is over the three.
        var estimate = new Conservative(3)
                .ofCandidates(new float[] {1, 3, 1, 2}, new double[3], 1, new float[1], logSumExp, new float[4]);
        assertThat(estimate).isCloseTo(exact, within(1e-6));
        assertThat((double) logSumExp[0]).isCloseTo(Math.log(Math.exp(3) + Math.exp(1) + Math.exp(2)), within(1e-6));
    }

    @Test
    void noiseOnAnActionIsClippedAndSoIsWhatComesOfIt() {
        var actions = new float[4];
        Gaussian.disturb(new float[] {0, 0, 0.9f, -0.9f}, 0.5, new float[] {0.5f, 3, 3, -3}, 0.25, 1, actions);
        assertThat(actions).containsExactly(0.25f, 0.25f, 1, -1);
    }

    @Test
    void standardisedNumbersHaveMeanZeroAndDeviationOne() {
        var standard = new float[2];
        Losses.standardise(new float[] {1, 5}, 3, 0, standard);
        assertThat(standard).containsExactly(-1, 1);
    }

    @Test
    void averagesAndDistancesAreThoseOfEachRow() {
        var average = new float[2];
        Losses.average(new float[][] {{1, 2}, {3, 6}}, average);
        assertThat(average).containsExactly(2, 4);
        var distance = new float[2];
        Losses.distances(new float[] {0, 0, 1, 1}, new float[] {3, 4, 1, 1}, distance);
        assertThat(distance).containsExactly(5, 0);
        assertThat(Losses.absoluteSum(new float[] {-1, 2, -3})).isEqualTo(6);
    }

    @Test
    void ofTheGaussianLogProbability() {
        var n = 3;
        var slope = numbers(ROWS);
        var actions = numbers(ROWS * n);
        var logStd = numbers(n);
        var mean = numbers(ROWS * n);
        var gradient = new float[ROWS * n];
        var logStdGradient = new double[n];
        Gaussian.gradient(mean, logStd, actions, slope, gradient, logStdGradient);
        isSlope(mean, gradient, x -> weighted(slope, logGaussian(x, logStd, actions)));
        isSlope(logStd, floats(logStdGradient), x -> weighted(slope, logGaussian(mean, x, actions)));
    }

    @Test
    void ofTheCategoricalLogProbability() {
        var n = 4;
        var slope = numbers(ROWS);
        var actions = new int[] {0, 1, 2, 3, 1, 0};
        var logits = numbers(ROWS * n);
        var gradient = new float[ROWS * n];
        var distribution = new Categorical(ROWS, n);
        distribution.load(logits);
        distribution.gradient(actions, slope, gradient);
        isSlope(logits, gradient, x -> {
            var log = new float[ROWS];
            distribution.load(x);
            distribution.logProbability(actions, log);
            return weighted(slope, log);
        });
    }

    @Test
    void categoricalProbabilitiesSumToOneEvenForHugeLogits() {
        var distribution = new Categorical(1, 3);
        distribution.load(new float[] {1000, 999, -1000});
        assertThat(Arrays.stream(distribution.probabilities()).sum()).isCloseTo(1, within(1e-12));
        assertThat(distribution.probabilities()[0]).isCloseTo(1 / (1 + Math.exp(-1)), within(1e-12));
    }

    @Test
    void exponentialsAreThoseOfTheMathLibrary() {
        var values = new double[2001];
        for (var i = 0; i < values.length; i++) {
            values[i] = -i * 0.06;
        }
        var expected = values.clone();
        Exponentials.replace(values, values.length);
        for (var i = 0; i < values.length; i++) {
            var exact = Math.exp(expected[i]);
            assertThat(values[i])
                    .as("exp(%s)", expected[i])
                    .isCloseTo(exact, within(expected[i] > -20 ? 1e-12 * exact : 1e-16));
        }
    }

    @Test
    void aTruncatedRowKeepsItsBootstrapAndATerminatedOneDoesNot() {
        var target = new float[3];
        Losses.bootstrap(
                new float[] {-1, -1, -1},
                new float[] {0, 1, 0},
                new float[] {1, 1, 3},
                new float[] {-8, -8, -8},
                0.5,
                target);
        assertThat(target).containsExactly(-5, -1, -2);
    }

    @Test
    void advantageWeightsAreClamped() {
        var weight = new float[3];
        Losses.advantageWeight(new float[] {0, 1, 100}, 0.5, 50, weight);
        assertThat(weight[0]).isEqualTo(1);
        assertThat(weight[1]).isCloseTo((float) Math.exp(2), within(1e-5f));
        assertThat(weight[2]).isEqualTo(50);
    }

    private static void isSlope(float[] at, float[] gradient, ToDoubleFunction<float[]> loss) {
        var h = 1e-2f;
        for (var i = 0; i < at.length; i++) {
            var up = at.clone();
            var down = at.clone();
            up[i] += h;
            down[i] -= h;
            var slope = (loss.applyAsDouble(up) - loss.applyAsDouble(down)) / (up[i] - down[i]);
            assertThat((double) gradient[i])
                    .as("entry " + i)
                    .isCloseTo(slope, within(2e-3 * Math.max(1, Math.abs(slope))));
        }
    }

    private static float[] least(float[][] predictions) {
        var least = new float[ROWS];
        Losses.minimum(predictions, least);
        return least;
    }

    /** The whole loss, {@code 0.7 * term + sum_b slope_b Q(s_b, a_b)}. */
    private static double conservative(
            float[] q, boolean @Nullable [] possible, int[] chosen, float[] slope, float[] gradient) {
        var n = q.length / ROWS;
        var softmax = new Categorical(ROWS, n);
        softmax.load(q, possible);
        var qData = new float[ROWS];
        for (var b = 0; b < ROWS; b++) {
            qData[b] = q[b * n + chosen[b]];
        }
        var term = Conservative.ofAll(softmax, chosen, qData, 0.7, slope, new float[ROWS], gradient);
        return 0.7 * term + weighted(slope, qData);
    }

    private static float[] logGaussian(float[] mean, float[] logStd, float[] actions) {
        var log = new float[ROWS];
        Gaussian.logProbability(mean, logStd, actions, log);
        return log;
    }

    private static double weighted(float[] slope, float[] values) {
        var sum = 0.0;
        for (var b = 0; b < slope.length; b++) {
            sum += (double) slope[b] * values[b];
        }
        return sum;
    }

    private static float[] floats(double[] x) {
        var y = new float[x.length];
        for (var i = 0; i < y.length; i++) {
            y[i] = (float) x[i];
        }
        return y;
    }

    private float[] numbers(int n) {
        var numbers = new float[n];
        for (var i = 0; i < n; i++) {
            numbers[i] = 2 * random.nextFloat() - 1;
        }
        return numbers;
    }
}
