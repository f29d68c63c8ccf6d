package io.hindcast.export;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.data.Offset.offset;

import io.hindcast.data.ActionSpace;
import io.hindcast.data.Scaler;
import io.hindcast.export.ExportedPolicy.Port;
import io.hindcast.kernel.Activation;
import io.hindcast.net.Blueprint;
import io.hindcast.net.Blueprint.Layer;
import io.hindcast.net.Blueprint.Norm;
import io.hindcast.net.Blueprint.Output;
import io.hindcast.net.NetworkConfig.LayerNormPlace;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Both forms of blueprints that are worked out by hand. */
final class ModelsTest {
    private static final Output SCORES = new Output.Scores("logits");

    @Test
    void aNormHasItsEpsilonUnderTheRootAndTheBiasOfItsLayerBeforeIt() {
        // z = (x + 1, -x + 1): mean 1, variance x²; at x = 1 and epsilon 3 that is ±1 / 2.
        var layer = new Layer(
                1,
                2,
                new float[] {1, -1},
                new float[] {1, 1},
                Optional.of(new Norm(new float[] {2, 4}, new float[] {10, 20}, 3, LayerNormPlace.BEFORE)),
                Activation.IDENTITY);
        expect(List.of(layer, identity(2)), new float[] {1}, 11, 18);
        expect(List.of(layer, identity(2)), new float[] {-1}, 9, 22);
        expect(List.of(layer, identity(2)), new float[] {0}, 10, 20);
    }

    @Test
    void ofTwoNormsTheSecondWorksOnWhatTheFirstGaveAlone() {
        // The first gives tanh(0.5), tanh(-0.5); their mean is 0, so the second gives ±1 / sqrt(1 + 3) with epsilon = 3
        // v.
        var v = Math.tanh(0.5) * Math.tanh(0.5);
        var first = new Layer(
                1,
                2,
                new float[] {1, -1},
                new float[] {1, 1},
                Optional.of(new Norm(new float[] {1, 1}, new float[] {0, 0}, 3, LayerNormPlace.BEFORE)),
                Activation.TANH);
        var second = new Layer(
                2,
                2,
                new float[] {1, 0, 0, 1},
                new float[] {7, 7},
                Optional.of(new Norm(new float[] {1, 1}, new float[] {0, 0}, 3 * v, LayerNormPlace.BEFORE)),
                Activation.RELU);
        expect(List.of(first, second, identity(2)), new float[] {1}, 0.5f, 0);
    }

    @Test
    void aNormBehindAnActivationIsOfWhatThatGives() {
        // relu(±x + bias) = (3, 1): mean 2, variance 1; with epsilon 3 that is ±1 / 2. Then relu(x) = (1/2, 0), and so
        // on.
        var layer = new Layer(
                1,
                2,
                new float[] {1, 1},
                new float[] {2, 0},
                Optional.of(new Norm(new float[] {2, 4}, new float[] {10, 20}, 3, LayerNormPlace.AFTER)),
                Activation.RELU);
        expect(List.of(layer, identity(2)), new float[] {1}, 11, 18);
        expect(List.of(layer, identity(2)), new float[] {-3}, 10, 20);
    }

    @Test
    void geluIsTheFormWithATanh() {
        // 1/2 (1 + tanh(0.797884561 * 1.044715)) = 0.841191991, and 1 less for -1; the form with erf gives 0.841344746.
        var layer = new Layer(1, 2, new float[] {1, -1}, new float[2], Optional.empty(), Activation.GELU);
        expect(List.of(layer, identity(2)), new float[] {1}, 0.841192f, -0.158808f);
        expect(List.of(layer, identity(2)), new float[] {0}, 0, 0);
    }

    @Test
    void aNormTakesTheMeanAwayBeforeItSquares() {
        // z = 64 ± 1/8: variance 1/64, of which the mean of squares, 4096 + 1/64, leaves little in float32.
        var layer = new Layer(
                1,
                2,
                new float[] {1, -1},
                new float[] {64, 64},
                Optional.of(new Norm(new float[] {1, 1}, new float[] {0, 0}, 3 / 64.0, LayerNormPlace.BEFORE)),
                Activation.IDENTITY);
        expect(List.of(layer, identity(2)), new float[] {0.125f}, 0.5f, -0.5f);
    }

    @Test
    void ofEqualScoresTheFirstIsChosen() {
        var blueprint = new Blueprint(
                Optional.empty(),
                List.of(new Layer(1, 3, new float[3], new float[] {1, 2, 2}, Optional.empty(), Activation.IDENTITY)),
                SCORES);
        var zip = Dl4jModel.of(blueprint);
        assertThat(Dl4jModel.outputs(zip, new float[] {5, 6}, 2).largest()).containsExactly(1, 1);
        try (var session = new OnnxSession(onnx(blueprint))) {
            assertThat((long[]) session.run("action", new float[] {5, 6}, 2)).containsExactly(1, 1);
        }
    }

    @Test
    void aMeanThatIsNoFloatIsTakenAwayExactly() {
        // 16,777,216.5 lies between two floats; (16,777,218 - 16,777,216.5) / 0.5 = 3.
        var blueprint = new Blueprint(
                Optional.of(new Scaler(List.of(16_777_216.5), List.of(0.5), 0)), List.of(identity(1)), SCORES);
        expect(blueprint, "logits", new float[] {16_777_218}, 3);
    }

    @Test
    void anEntryThatIsNoNumberCountsAsItsMeanAndAFarOneAsTheEndOfTheRange() {
        var blueprint = new Blueprint(
                Optional.of(new Scaler(List.of(10.0, 20.0), List.of(2.0, 4.0), 0)), List.of(identity(2)), SCORES);
        try (var session = new OnnxSession(onnx(blueprint))) {
            assertThat(session.numbers("logits", new float[] {Float.NaN, 28}, 1))
                    .containsExactly(0, 2);
            assertThat(session.numbers("logits", new float[] {8, Float.POSITIVE_INFINITY}, 1))
                    .containsExactly(-1, 1e30f);
            assertThat(session.numbers("logits", new float[] {-Float.MAX_VALUE, 20}, 1))
                    .containsExactly(-1e30f, 0);
        }
        // Deeplearning4j's end of the range is a power of two.
        var end = Math.scalb(1f, 100);
        assertThat(Dl4jModel.outputs(
                                Dl4jModel.of(blueprint),
                                new float[] {
                                    Float.NaN,
                                    28,
                                    8,
                                    Float.POSITIVE_INFINITY,
                                    -Float.MAX_VALUE,
                                    20,
                                    Float.NaN,
                                    Float.NaN
                                },
                                4)
                        .values())
                .containsExactly(0, 2, -1, end, -end, 0, 0, 0);
    }

    @Test
    void roundingLeadsNoActionBeyondItsBounds() {
        var random = new SplittableRandom(1);
        for (var seed = 0; seed < 200; seed++) {
            var low = random.nextGaussian() * 10;
            var high = low + Math.exp(4 * random.nextGaussian());
            var layer = new Layer(1, 1, new float[] {1}, new float[1], Optional.empty(), Activation.TANH);
            var blueprint = new Blueprint(
                    Optional.empty(), List.of(layer), new Output.UnitAction(new ActionSpace.Continuous(1, low, high)));
            for (var value : Dl4jModel.outputs(Dl4jModel.of(blueprint), new float[] {-99, 0, 99}, 3)
                    .values()) {
                assertThat(value).isBetween((float) low, (float) high);
            }
        }
    }

    @Test
    void theRangeOfObservationsFollowsFromTheWeights() {
        // 1e30 times 2e9 would be more than a float holds, 1e27 times that is not.
        var large = new Layer(1, 1, new float[] {2e9f}, new float[1], Optional.empty(), Activation.RELU);
        assertThat(ObservationRange.of(new Blueprint(Optional.empty(), List.of(large, identity(1)), SCORES)))
                .isEqualTo(1e27);
        // A norm squares; behind tanh nothing is large.
        var normed = new Layer(
                1,
                4,
                new float[] {1, 2, 3, 4},
                new float[4],
                Optional.of(new Norm(new float[4], new float[4], 1e-5, LayerNormPlace.BEFORE)),
                Activation.TANH);
        var last = new Layer(4, 1, new float[] {1e30f, 0, 0, 0}, new float[1], Optional.empty(), Activation.IDENTITY);
        assertThat(ObservationRange.of(new Blueprint(Optional.empty(), List.of(normed, last), SCORES)))
                .isEqualTo(1e17);
        assertThat(ObservationRange.of(new Blueprint(Optional.empty(), List.of(large, large, large, large), SCORES)))
                .isZero();
    }

    @Test
    void anActionComesOutInItsOwnUnits() {
        // tanh of much is 1, the upper bound; tanh(0) is the middle.
        var layer = new Layer(1, 2, new float[] {1, 0}, new float[] {0, 0}, Optional.empty(), Activation.TANH);
        var blueprint = new Blueprint(
                Optional.empty(), List.of(layer), new Output.UnitAction(new ActionSpace.Continuous(2, 10, 30)));
        expect(blueprint, "action", new float[] {50}, 30, 20);
        expect(blueprint, "action", new float[] {-50}, 10, 20);
    }

    @Test
    void everyEntryOfAnActionComesOutInItsOwnUnits() {
        var layer = new Layer(1, 2, new float[] {1, 0}, new float[] {0, 0}, Optional.empty(), Activation.TANH);
        var space = new ActionSpace.Continuous(List.of(10.0, 0.0), List.of(30.0, 1.0));
        var blueprint = new Blueprint(Optional.empty(), List.of(layer), new Output.UnitAction(space));
        expect(blueprint, "action", new float[] {50}, 30, 0.5f);
        expect(blueprint, "action", new float[] {-50}, 10, 0.5f);
    }

    private static Layer identity(int size) {
        var weight = new float[size * size];
        for (var j = 0; j < size; j++) {
            weight[j * size + j] = 1;
        }
        return new Layer(size, size, weight, new float[size], Optional.empty(), Activation.IDENTITY);
    }

    private static void expect(List<Layer> layers, float[] observation, float... expected) {
        expect(new Blueprint(Optional.empty(), layers, SCORES), "logits", observation, expected);
    }

    private static void expect(Blueprint blueprint, String output, float[] observation, float... expected) {
        assertThat(Dl4jModel.outputs(Dl4jModel.of(blueprint), observation, 1).values())
                .containsExactly(expected, offset(2e-6f));
        try (var session = new OnnxSession(onnx(blueprint))) {
            assertThat(session.numbers(output, observation, 1)).containsExactly(expected, offset(2e-6f));
        }
    }

    private static byte[] onnx(Blueprint blueprint) {
        var size = List.of(blueprint.outputs());
        var observation = new Port("observation", "float32", List.of(blueprint.inputs()));
        var isOfScores = blueprint.output() instanceof Output.Scores;
        return OnnxModel.of(
                blueprint,
                new ActionSpace.Discrete(blueprint.outputs()),
                isOfScores ? List.of(observation, new Port("action_mask", "bool", size, true)) : List.of(observation),
                isOfScores
                        ? List.of(new Port("logits", "float32", size), new Port("action", "int64", List.of()))
                        : List.of(new Port("action", "float32", size)),
                Map.of());
    }
}
