package io.hindcast.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.hindcast.config.UserException;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.BiConsumer;
import java.util.function.UnaryOperator;
import org.bytedeco.dnnl.global.dnnl;
import org.junit.jupiter.api.Test;
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
            16, 17, 33
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
                var telling = activation == Activation.GELU ? data : relu(data);
                var activated = matrix(kernels, units, rows, telling, units * rows);
                kernels.activationGradient(gradient, activated, activation);
                gradient.read(data, 0);
            });
            agree(units * rows, units * rows, (kernels, data) -> {
                var values = matrix(kernels, units, rows, data, 0);
                var activated = kernels.matrix(units, rows);
                kernels.activate(values, activation, activated);
                activated.read(data, 0);
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
                kernels.normalise(values, gain, bias, 0.1, activation, normalised, inverse, values);
                kernels.normaliseGradient(gradient, gain, normalised, inverse, bias);
                values.read(data, 0);
                normalised.read(data, units * rows);
                gradient.read(data, 2 * units * rows);
                bias.read(data, 3 * units * rows);
            });
        }
    }

    /** 1.004 becomes 1 + 1/128 and 100.3 becomes 100.5; 3.14159 of the bias, and the sum, stay as they are. */
    @Test
    void theFactorsOfALayerAreRoundedButNotItsBiasAndNotItsResult() {
        assertThat(layer(new PlainKernels(Precision.BFLOAT16), 16, 16)).containsOnly(101.28516f + 3.14159f);
        assertThat(layer(new PlainKernels(), 16, 16)).containsOnly(1.004f * 100.3f + 3.14159f);
        assumeTrue(multipliesRounded(), "this processor does not multiply bfloat16");
        assertThat(layer(new Nd4jKernels(Precision.BFLOAT16), 16, 16)).containsOnly(101.28516f + 3.14159f);
    }

    @ParameterizedTest(name = "{0} inputs, {1} outputs")
    @CsvSource({"16, 15", "15, 16", "1, 1"})
    void aLayerOfLessThanSixteenInputsOrOutputsIsMultipliedAsItIs(int inputs, int outputs) {
        var exact = 1.004f * 100.3f + 3.14159f;
        assertThat(layer(new PlainKernels(Precision.BFLOAT16), inputs, outputs)).containsOnly(exact);
        assumeTrue(multipliesRounded(), "this processor does not multiply bfloat16");
        assertThat(layer(new Nd4jKernels(Precision.BFLOAT16), inputs, outputs)).containsOnly(exact);
    }

    @Test
    void aLayerOfEntryWeightsIsMultipliedAsItIsWhereOnlyHiddenOnesAreRounded() {
        var exact = 1.004f * 100.3f + 3.14159f;
        var rounded = 101.28516f + 3.14159f;
        assertThat(layer(new PlainKernels(Precision.BFLOAT16_HIDDEN), 16, 16, Matrix::entry))
                .containsOnly(exact);
        assertThat(layer(new PlainKernels(Precision.BFLOAT16_HIDDEN), 16, 16)).containsOnly(rounded);
        assertThat(layer(new PlainKernels(Precision.BFLOAT16), 16, 16, Matrix::entry))
                .containsOnly(rounded);
        assumeTrue(multipliesRounded(), "this processor does not multiply bfloat16");
        assertThat(layer(new Nd4jKernels(Precision.BFLOAT16_HIDDEN), 16, 16, Matrix::entry))
                .containsOnly(exact);
        assertThat(layer(new Nd4jKernels(Precision.BFLOAT16_HIDDEN), 16, 16)).containsOnly(rounded);
        assertThat(layer(new Nd4jKernels(Precision.BFLOAT16), 16, 16, Matrix::entry))
                .containsOnly(rounded);
    }

    @Test
    void aPartOfEntryWeightsIsOneTooAndTheWholeStaysAsItIs() {
        for (var kernels : List.of(new PlainKernels(), new Nd4jKernels())) {
            try (kernels) {
                var whole = kernels.matrix(4, 4);
                assertThat(whole.entry().view(4, 2, 2).isEntry()).isTrue();
                assertThat(whole.isEntry()).isFalse();
                whole.write(first(16, 3), 0);
                assertThat(numbers(whole.entry())).isEqualTo(first(16, 3));
            }
        }
    }

    private static float[] layer(Kernels kernels, int inputs, int outputs) {
        return layer(kernels, inputs, outputs, weight -> weight);
    }

    /** Every weight is 1.004 and every bias 3.14159; the first input is 100.3, the others are 0. */
    private static float[] layer(Kernels kernels, int inputs, int outputs, UnaryOperator<Matrix> place) {
        try (kernels) {
            var weight = place.apply(filled(kernels, inputs, outputs, 1.004f));
            var bias = filled(kernels, outputs, 1, 3.14159f);
            var input = matrix(kernels, inputs, 1, first(inputs, 100.3f), 0);
            var output = kernels.matrix(outputs, 1);
            kernels.forward(weight, bias, input, Activation.IDENTITY, output);
            return numbers(output);
        }
    }

    @Test
    void aFactorThatHasChangedIsRoundedAnew() {
        assumeTrue(multipliesRounded(), "this processor does not multiply bfloat16");
        try (var kernels = new Nd4jKernels(Precision.BFLOAT16)) {
            var parameters = kernels.matrix(17 * 16, 1);
            var weight = parameters.view(0, 16, 16);
            var bias = parameters.view(16 * 16, 16, 1);
            var input = kernels.matrix(16, 1);
            var gradient = kernels.matrix(16, 1);
            var result = kernels.matrix(16, 1);
            var back = kernels.matrix(16, 1);
            for (var factor : List.of(1f, 2f, 3f)) {
                // Through the whole of which the weights are a part.
                var values = new float[17 * 16];
                Arrays.fill(values, 0, 16 * 16, factor);
                parameters.write(values, 0);
                input.write(first(16, 10 * factor), 0);
                kernels.forward(weight, bias, input, Activation.IDENTITY, result);
                assertThat(numbers(result)).containsOnly(10 * factor * factor);
                gradient.write(first(16, 1), 0);
                kernels.inputGradient(weight, 0, gradient, back);
                assertThat(numbers(back)).containsOnly(factor);
                // By an operation in place, and by a product.
                kernels.multiply(gradient, result, gradient);
                kernels.inputGradient(weight, 0, gradient, back);
                assertThat(numbers(back)).containsOnly(10 * factor * factor * factor);
                kernels.forward(weight, bias, back, Activation.IDENTITY, result);
                assertThat(numbers(result)).containsOnly(160 * factor * factor * factor * factor);
            }
        }
    }

    private static Matrix filled(Kernels kernels, int rows, int columns, float value) {
        var values = new float[rows * columns];
        Arrays.fill(values, value);
        return matrix(kernels, rows, columns, values, 0);
    }

    private static float[] first(int length, float value) {
        var values = new float[length];
        values[0] = value;
        return values;
    }

    private static float[] numbers(Matrix matrix) {
        var numbers = new float[matrix.rows() * matrix.columns()];
        matrix.read(numbers, 0);
        return numbers;
    }

    @Test
    void aProcessorTellsByItsInstructionsWhetherItMultipliesBfloat16() {
        assertThat(OneDnn.roundsBy(dnnl.dnnl_cpu_isa_avx2)).isEmpty();
        assertThat(OneDnn.roundsBy(dnnl.dnnl_cpu_isa_avx512_core_vnni)).isEmpty();
        assertThat(OneDnn.roundsBy(dnnl.dnnl_cpu_isa_avx512_core_bf16)).contains("AVX512_BF16");
        assertThat(OneDnn.roundsBy(dnnl.dnnl_cpu_isa_avx512_core_amx)).contains("AMX");
    }

    @Test
    void whereBfloat16IsNotMultipliedItIsRefusedInOneLine() {
        System.setProperty("hindcast.blas", "nd4j");
        try {
            assertThatThrownBy(() -> Nd4jKernels.require(Precision.BFLOAT16))
                    .isInstanceOf(UserException.class)
                    .hasMessage(
                            "Cannot multiply with precision = bfloat16: ND4J's OPENBLAS finds neither AVX512_BF16 nor AMX"
                                    + " here; use precision = float32");
            Nd4jKernels.require(Precision.FLOAT32);
        } finally {
            System.clearProperty("hindcast.blas");
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
            agree(new Nd4jKernels(blas), given, operation, expected, results);
        }
        if (multipliesRounded()) {
            var rounded = given.clone();
            try (var plain = new PlainKernels(Precision.BFLOAT16)) {
                operation.accept(plain, rounded);
            }
            agree(new Nd4jKernels(Precision.BFLOAT16), given, operation, rounded, results);
        }
    }

    private static void agree(
            Nd4jKernels kernels, float[] given, BiConsumer<Kernels, float[]> operation, float[] expected, int results) {
        var actual = given.clone();
        try (var fast = kernels) {
            operation.accept(fast, actual);
        }
        for (var i = 0; i < results; i++) {
            assertThat(Math.abs(actual[i] - expected[i]))
                    .as("%s, number %d: %s, plain loops give %s", kernels.description(), i, actual[i], expected[i])
                    .isLessThanOrEqualTo(2e-5f * Math.max(1, Math.abs(expected[i])));
        }
    }

    private static boolean multipliesRounded() {
        try (var kernels = new Nd4jKernels()) {
            return kernels.roundsBy().isPresent();
        }
    }

    private static Matrix matrix(Kernels kernels, int rows, int columns, float[] data, int from) {
        var matrix = kernels.matrix(rows, columns);
        matrix.write(data, from);
        return matrix;
    }
}
