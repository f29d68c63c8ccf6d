package io.hindcast.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.function.ToDoubleFunction;
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
