package io.hindcast.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.SplittableRandom;
import java.util.function.BiConsumer;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The fast kernels against the plain ones, at sizes around every boundary: vector widths, cache blocks, tiles. */
final class KernelsTest {
    private static final String SIZES = """
            1, 1, 1
            3, 1, 2
            7, 8, 9
            15, 16, 17
            31, 33, 32
            64, 64, 128
            65, 63, 127
            29, 256, 255
            128, 64, 129
            1, 8193, 1
            8191, 1, 2
            3, 4097, 1
            2, 1365, 3
            2, 1366, 3
            256, 5, 33
            """;

    @ParameterizedTest(name = "{0} inputs, {1} outputs, {2} rows")
    @CsvSource(textBlock = SIZES)
    void productsAgree(int in, int out, int rows) {
        for (var activation : Activation.values()) {
            agree(in * out + in * rows + out, out * rows, (kernels, data) -> {
                var weight = matrix(kernels, in, out, data, 0);
                var input = matrix(kernels, in, rows, data, in * out);
                var bias = matrix(kernels, out, 1, data, in * out + in * rows);
                var output = kernels.matrix(out, rows);
                kernels.forward(weight, bias, input, activation, output);
                output.read(data, 0);
            });
        }
        agree(in * out + out * rows, in * rows, (kernels, data) -> {
            var weight = matrix(kernels, in, out, data, 0);
            var gradient = matrix(kernels, out, rows, data, in * out);
            var result = kernels.matrix(in, rows);
            kernels.inputGradient(weight, 0, gradient, result);
            result.read(data, 0);
        });
        var last = in - in / 2;
        agree(in * out + out * rows, last * rows, (kernels, data) -> {
            var weight = matrix(kernels, in, out, data, 0);
            var gradient = matrix(kernels, out, rows, data, in * out);
            var result = kernels.matrix(last, rows);
            kernels.inputGradient(weight, in / 2, gradient, result);
            result.read(data, 0);
        });
        agree(in * rows + out * rows, in * out, (kernels, data) -> {
            var input = matrix(kernels, in, rows, data, 0);
            var gradient = matrix(kernels, out, rows, data, in * rows);
            var result = kernels.matrix(in, out);
            kernels.weightGradient(input, gradient, result);
            result.read(data, 0);
        });
    }

    @ParameterizedTest(name = "{1} units, {2} rows")
    @CsvSource(textBlock = SIZES)
    void gradientsOfActivationsAndBiasesAgree(int unused, int units, int rows) {
        for (var activation : Activation.values()) {
            agree(2 * units * rows, units * rows, (kernels, data) -> {
                var gradient = matrix(kernels, units, rows, data, 0);
                var activated = matrix(kernels, units, rows, relu(data), units * rows);
                kernels.activationGradient(gradient, activated, activation);
                gradient.read(data, 0);
            });
        }
        agree(units * rows, units, (kernels, data) -> {
            var gradient = matrix(kernels, units, rows, data, 0);
            var bias = kernels.matrix(units, 1);
            kernels.biasGradient(gradient, bias);
            bias.read(data, 0);
        });
        agree(2 * units * rows, units * rows, (kernels, data) -> {
            var values = matrix(kernels, units, rows, data, 0);
            kernels.multiply(values, matrix(kernels, units, rows, data, units * rows), values);
            values.read(data, 0);
        });
    }

    @ParameterizedTest(name = "{1} units, {2} rows")
    @CsvSource(textBlock = SIZES)
    void layerNormalisationAgrees(int unused, int units, int rows) {
        for (var activation : Activation.values()) {
            agree(2 * units * rows + 2 * units, 3 * units * rows + units, (kernels, data) -> {
                var values = matrix(kernels, units, rows, data, 0);
                var gradient = matrix(kernels, units, rows, data, units * rows);
                var gain = matrix(kernels, units, 1, data, 2 * units * rows);
                var bias = matrix(kernels, units, 1, data, 2 * units * rows + units);
                var normalised = kernels.matrix(units, rows);
                var inverse = new float[rows];
                // A large epsilon keeps a column of one unit, whose variance is 0, from blowing rounding up.
                kernels.normalise(values, gain, bias, 0.1, activation, normalised, inverse);
                kernels.normaliseGradient(gradient, gain, normalised, inverse, bias);
                values.read(data, 0);
                normalised.read(data, units * rows);
                gradient.read(data, 2 * units * rows);
                bias.read(data, 3 * units * rows);
            });
        }
    }

    private static float[] relu(float[] values) {
        var positive = values.clone();
        for (var i = 0; i < positive.length; i++) {
            positive[i] = Math.max(0, positive[i]);
        }
        return positive;
    }

    /** Runs an operation on both kernels from the same random numbers and compares the first {@code results} numbers. */
    private static void agree(int numbers, int results, BiConsumer<Kernels, float[]> operation) {
        var random = new SplittableRandom(numbers);
        var expected = new float[Math.max(numbers, results)];
        for (var i = 0; i < expected.length; i++) {
            expected[i] = 2 * random.nextFloat() - 1;
        }
        var given = expected.clone();
        try (var plain = new PlainKernels()) {
            operation.accept(plain, expected);
        }
        for (var blas : Nd4jKernels.Choice.values()) {
            var actual = given.clone();
            try (var fast = new Nd4jKernels(blas)) {
                operation.accept(fast, actual);
            }
            for (var i = 0; i < results; i++) {
                assertThat(Math.abs(actual[i] - expected[i]))
                        .as("%s, number %d: %s, plain loops give %s", blas, i, actual[i], expected[i])
                        .isLessThanOrEqualTo(2e-5f * Math.max(1, Math.abs(expected[i])));
            }
        }
    }

    private static Matrix matrix(Kernels kernels, int rows, int columns, float[] data, int from) {
        var matrix = kernels.matrix(rows, columns);
        matrix.write(data, from);
        return matrix;
    }
}
