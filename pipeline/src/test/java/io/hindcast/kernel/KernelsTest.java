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
            256, 5, 33
            """;

    @ParameterizedTest(name = "{0} inputs, {1} outputs, {2} rows")
    @CsvSource(textBlock = SIZES)
    void productsAgree(int in, int out, int rows) {
        agree(in * out + in * rows, out * rows, (kernels, data) -> {
            var weight = matrix(kernels, in, out, data, 0);
            var input = matrix(kernels, in, rows, data, in * out);
            var output = kernels.matrix(out, rows);
            kernels.forward(weight, input, output);
            output.read(data, 0);
        });
        agree(in * out + out * rows, in * rows, (kernels, data) -> {
            var weight = matrix(kernels, in, out, data, 0);
            var gradient = matrix(kernels, out, rows, data, in * out);
            var result = kernels.matrix(in, rows);
            kernels.inputGradient(weight, gradient, result);
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

    @ParameterizedTest(name = "{0} inputs, {1} units, {2} rows")
    @CsvSource(textBlock = SIZES)
    void activationsAndTheirGradientsAgree(int unused, int units, int rows) {
        for (var activation : Activation.values()) {
            agree(units * rows + units + 3, units * rows, (kernels, data) -> {
                var values = matrix(kernels, units, rows, data, 0);
                kernels.addBiasAndActivate(values, data.clone(), units * rows + 3, activation);
                values.read(data, 0);
            });
            agree(2 * units * rows, units * rows + units, (kernels, data) -> {
                var gradient = matrix(kernels, units, rows, data, 0);
                var activated = kernels.matrix(units, rows);
                activated.write(data, units * rows);
                kernels.addBiasAndActivate(activated, new float[units], 0, activation);
                var bias = new float[units + 1];
                kernels.activationGradient(gradient, activated, activation, bias, 1);
                gradient.read(data, 0);
                System.arraycopy(bias, 1, data, units * rows, units);
            });
        }
        agree(units * rows + units, units * rows, (kernels, data) -> {
            var values = matrix(kernels, units, rows, data, 0);
            kernels.addBias(values, data.clone(), units * rows);
            values.read(data, 0);
        });
    }

    /** Runs an operation on both kernels from the same random numbers and compares the first {@code results} numbers. */
    private static void agree(int numbers, int results, BiConsumer<Kernels, float[]> operation) {
        var random = new SplittableRandom(numbers);
        var expected = new float[Math.max(numbers, results)];
        for (var i = 0; i < expected.length; i++) {
            expected[i] = 2 * random.nextFloat() - 1;
        }
        var actual = expected.clone();
        try (var plain = new PlainKernels();
                var fast = new Nd4jKernels()) {
            operation.accept(plain, expected);
            operation.accept(fast, actual);
        }
        for (var i = 0; i < results; i++) {
            assertThat(Math.abs(actual[i] - expected[i]))
                    .as("number %d: %s, plain loops give %s", i, actual[i], expected[i])
                    .isLessThanOrEqualTo(2e-5f * Math.max(1, Math.abs(expected[i])));
        }
    }

    private static Matrix matrix(Kernels kernels, int rows, int columns, float[] data, int from) {
        var matrix = kernels.matrix(rows, columns);
        matrix.write(data, from);
        return matrix;
    }
}
