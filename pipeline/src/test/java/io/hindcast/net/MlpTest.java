package io.hindcast.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.typesafe.config.ConfigFactory;
import io.hindcast.config.Settings;
import io.hindcast.data.Noise;
import io.hindcast.kernel.Kernels;
import io.hindcast.kernel.Matrix;
import io.hindcast.kernel.Nd4jKernels;
import io.hindcast.kernel.PlainKernels;
import io.hindcast.kernel.Precision;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class MlpTest {
    private static final int ROWS = 5;

    private final SplittableRandom random = new SplittableRandom(5);

    @ParameterizedTest
    @CsvSource({"3, 7", "7, 3", "6, 6"})
    void orthogonalWeightsHaveOrthonormalRowsOrColumnsAndNoBias(int inputs, int outputs) {
        try (var kernels = new Nd4jKernels()) {
            var mlp = new Mlp(kernels, inputs, config("hidden-layers = [], initialisation = orthogonal"), outputs);
            mlp.initialise(random);
            var weights = mlp.parameters().values();
            var vectors = Math.min(inputs, outputs);
            var length = Math.max(inputs, outputs);
            for (var u = 0; u < vectors; u++) {
                for (var v = 0; v < vectors; v++) {
                    var dot = 0.0;
                    for (var i = 0; i < length; i++) {
                        var a = outputs <= inputs ? weights[u * inputs + i] : weights[i * inputs + u];
                        var b = outputs <= inputs ? weights[v * inputs + i] : weights[i * inputs + v];
                        dot += (double) a * b;
                    }
                    assertThat(dot).isCloseTo(u == v ? 1 : 0, within(1e-6));
                }
            }
            assertThat(weights[inputs * outputs]).isZero();
        }
    }

    /** In bfloat16 the neighbours of 9.42 are 9.375 and 9.4375. */
    @ParameterizedTest(name = "{0}, through hidden layers {1}: {2}")
    @CsvSource(
            delimiter = ';',
            value = {
                "FLOAT32; [16, 16]; 9.42",
                "BFLOAT16; [16]; 9.4375",
                "BFLOAT16_HIDDEN; [16]; 9.42",
                "BFLOAT16_HIDDEN; [16, 16]; 9.4375"
            })
    void whatANetworkIsGivenAndWhatGoesFromLayerToLayerIsRoundedAsThePrecisionSays(
            Precision precision, String hidden, float output) {
        assertThat(passedOn(new PlainKernels(precision), hidden)).isEqualTo(output);
        assumeTrue(multipliesRounded(), "this processor does not multiply bfloat16");
        assertThat(passedOn(new Nd4jKernels(precision), hidden)).isEqualTo(output);
    }

    private static boolean multipliesRounded() {
        try (var kernels = new Nd4jKernels()) {
            return kernels.roundsBy().isPresent();
        }
    }

    /** What comes of 9.42 where each layer passes its first input on. */
    private static float passedOn(Kernels kernels, String hidden) {
        try (kernels) {
            var mlp = new Mlp(kernels, 16, config("activation = relu, hidden-layers = " + hidden), 1);
            for (var block : mlp.parameters().blocks()) {
                if (block.name().endsWith("weight")) {
                    mlp.parameters().values()[block.offset()] = 1;
                }
            }
            mlp.refresh();
            var input = kernels.matrix(16, 1);
            var values = new float[16];
            values[0] = 9.42f;
            input.write(values, 0);
            return mlp.pass(input).forward()[0];
        }
    }

    @ParameterizedTest
    @CsvSource({
        "relu, false, before",
        "tanh, false, before",
        "tanh, true, before",
        "tanh, true, after",
        "gelu, false, before",
        "gelu, true, before",
        "gelu, true, after"
    })
    void gradientsInParametersAndInputsAreSlopesOfTheLoss(String activation, boolean layerNorm, String place) {
        try (var kernels = new Nd4jKernels()) {
            var mlp = new Mlp(
                    kernels,
                    3,
                    config("hidden-layers = [8, 6], activation = " + activation + ", layer-norm = " + layerNorm
                            + ", layer-norm-place = " + place + ", layer-norm-epsilon = 0.1"),
                    2);
            mlp.initialise(random);
            var at = numbers(3 * ROWS);
            var slope = numbers(2 * ROWS);
            var input = matrix(kernels, 3, at);
            var pass = mlp.pass(input);
            pass.forward();
            pass.backward(slope);
            var gradient = mlp.parameters().gradients().clone();
            var inputSlopes = kernels.matrix(2, ROWS);
            pass.inputGradient(slope, 1, inputSlopes);
            var inputGradient = new float[2 * ROWS];
            inputSlopes.read(inputGradient, 0);

            var values = mlp.parameters().values();
            for (var i = 0; i < values.length; i += 3) {
                var before = values[i];
                var h = 1e-2f;
                values[i] = before + h;
                mlp.refresh();
                var up = loss(pass, slope);
                values[i] = before - h;
                mlp.refresh();
                var down = loss(pass, slope);
                values[i] = before;
                mlp.refresh();
                assertThat((double) gradient[i]).as("parameter " + i).isCloseTo((up - down) / (2 * h), within(2e-2));
            }
            for (var k = 0; k < inputGradient.length; k++) {
                var i = k / 2 * 3 + 1 + k % 2;
                var h = 1e-2f;
                var moved = at.clone();
                moved[i] += h;
                input.write(moved, 0);
                var up = loss(pass, slope);
                moved[i] -= 2 * h;
                input.write(moved, 0);
                var down = loss(pass, slope);
                assertThat((double) inputGradient[k]).as("input " + i).isCloseTo((up - down) / (2 * h), within(2e-2));
            }
        }
    }

    @Test
    void hiddenBiasesAndTheLastLayerBeginAsTheirSettingsSay() {
        try (var kernels = new Nd4jKernels()) {
            var mlp = new Mlp(
                    kernels, 2, config("hidden-layers = [3, 50], hidden-bias = 0.1, last-layer-bound = 1e-3"), 4);
            mlp.initialise(random);
            for (var layer = 0; layer < 2; layer++) {
                assertThat(block(mlp, "layers." + layer + ".bias")).containsOnly(0.1f);
                assertThat(block(mlp, "layers." + layer + ".weight")).doesNotContain(0.1f);
            }
            for (var name : new String[] {"layers.2.weight", "layers.2.bias"}) {
                for (var value : block(mlp, name)) {
                    assertThat(Math.abs(value)).isBetween(1e-9f, 1e-3f);
                }
            }
        }
    }

    /** 2 (1 - 0.1 * 0.5) without a gradient; with one, Adam's first step of the learning rate comes on top. */
    @Test
    void weightDecayTakesAwayAShareOfEveryParameterBesideAdam() {
        try (var kernels = new Nd4jKernels()) {
            var config = config("hidden-layers = [], learning-rate = 0.1, weight-decay = 0.5");
            var mlp = new Mlp(kernels, 1, config, 1);
            mlp.parameters().values()[0] = 2;
            mlp.parameters().values()[1] = 2;
            mlp.parameters().gradients()[1] = 3;
            new Adam(List.of(mlp), config, 1).step();
            assertThat(mlp.parameters().values()).containsExactly(new float[] {1.9f, 1.8f}, within(1e-6f));
        }
    }

    private static float[] block(Mlp mlp, String name) {
        return Parameters.slice(mlp.parameters().values(), mlp.parameters().block(name));
    }

    @Test
    void dropoutSilencesThatShareOfUnitsWhileTrainingAndNoneWhileActing() {
        try (var kernels = new Nd4jKernels()) {
            var mlp = new Mlp(kernels, 1, config("hidden-layers = [1000], dropout = 0.25"), 1);
            var values = mlp.parameters().values();
            for (var i = 0; i < 1000; i++) {
                values[i] = 1; // every unit gives 1, the output is their mean
                values[2000 + i] = 1e-3f;
            }
            mlp.refresh();
            var pass = mlp.pass(matrix(kernels, 1, new float[] {1}));
            assertThat(pass.forward()[0]).isCloseTo(1, within(1e-5f));
            var sum = 0.0;
            for (var draw = 0; draw < 100; draw++) {
                sum += pass.forward(uniform())[0] / 100;
            }
            assertThat(sum).isCloseTo(1, within(0.02));
            var one = pass.forward(uniform())[0];
            assertThat(one).isNotEqualTo(1);
            pass.backward(new float[] {1});
            var silenced = 0;
            for (var i = 0; i < 1000; i++) {
                if (mlp.parameters().gradients()[2000 + i] == 0) {
                    assertThat(mlp.parameters().gradients()[i]).isZero();
                    silenced++;
                }
            }
            assertThat(silenced).isBetween(200, 300);
            assertThat(pass.forward()[0]).isCloseTo(1, within(1e-5f));
        }
    }

    private Noise uniform() {
        return new Noise() {
            @Override
            public void normal(String name, float[] target) {
                throw new AssertionError(name);
            }

            @Override
            public void uniform(String name, float[] target) {
                for (var i = 0; i < target.length; i++) {
                    target[i] = 2 * random.nextFloat() - 1;
                }
            }

            @Override
            public void indices(String name, int bound, int[] target) {
                throw new AssertionError(name);
            }
        };
    }

    private static double loss(Mlp.Pass pass, float[] slope) {
        var output = pass.forward();
        var loss = 0.0;
        for (var k = 0; k < slope.length; k++) {
            loss += (double) output[k] * slope[k];
        }
        return loss;
    }

    private static Matrix matrix(Kernels kernels, int rows, float[] values) {
        var matrix = kernels.matrix(rows, values.length / rows);
        matrix.write(values, 0);
        return matrix;
    }

    private static NetworkConfig config(String settings) {
        return Settings.read(NetworkConfig.class, ConfigFactory.parseString(settings), "test");
    }

    private float[] numbers(int n) {
        var numbers = new float[n];
        for (var i = 0; i < n; i++) {
            numbers[i] = 2 * random.nextFloat() - 1;
        }
        return numbers;
    }
}
