package io.hindcast.export;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.hindcast.data.Action;
import io.hindcast.data.ActionSpace;
import io.hindcast.data.Batch;
import io.hindcast.data.Scaler;
import io.hindcast.data.Transformation;
import io.hindcast.kernel.PlainKernels;
import io.hindcast.net.Actor;
import io.hindcast.net.Normal;
import io.hindcast.run.Seeds;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What an exported policy draws from, and how likely what it does is, is what the policy itself says, in ONNX Runtime. */
final class ActingExportTest {
    private static final Actor.Rule SAMPLED = new Actor.Rule(Actor.Preference.SAMPLED, 0, 0, 0);
    /** By so much two ways to add floats up differ in a small network; what is computed of it is tried to 1e-6 and better. */
    private static final double NETWORK = 3e-6;

    private static final int ROWS = Comparison.ROWS;
    private static final Transformation STANDARDISE = new Transformation.Standardise(
            new Scaler(List.of(0.3, 1e6 + 0.3, -2e-3, 12345.678, 0.0), List.of(1.0, 3.5, 1e-4, 0.25, 0.0), 1e-3));

    static Stream<SampleCheckpoint> samples() {
        return ExportedPolicyTest.allSamples().stream().flatMap(one -> Stream.of(one, one.with(STANDARDISE)));
    }

    static Stream<SampleCheckpoint> ofIndices() {
        return samples().filter(sample -> sample.spaces().actions() instanceof ActionSpace.Discrete);
    }

    static Stream<SampleCheckpoint> ofVectors() {
        return samples().filter(sample -> sample.spaces().actions() instanceof ActionSpace.Continuous);
    }

    static Stream<SampleCheckpoint> drawn() {
        return ofVectors()
                .filter(sample -> !List.of("td3-bc", "rebrac", "actor-critic").contains(sample.learner()));
    }

    @ParameterizedTest
    @MethodSource("ofIndices")
    void probabilitiesAreThoseOfWhatIsDrawn(SampleCheckpoint sample) {
        try (var kernels = new PlainKernels()) {
            var checkpoint = MaskedExportTest.masked(sample);
            var exported = new ExportedPolicy(checkpoint, sample.spaces(), PolicyNames.NONE, kernels);
            var count = sample.spaces().actions().size();
            var flat = new boolean[ROWS * count];
            var possible = new boolean[ROWS][count];
            for (var k = 0; k < flat.length; k++) {
                flat[k] = exported.comparison().possible()[k] == 1;
                possible[k / count][k % count] = flat[k];
            }
            var observations = exported.comparison().observations();
            var actor = new Actor(kernels, checkpoint.policy(sample.spaces(), kernels), sample.spaces(), ROWS);
            actor.show(observations, flat);
            try (var session = new OnnxSession(exported.bytes(ExportFormat.ONNX))) {
                var given = (float[][]) session.run("probabilities", observations, possible);
                for (var row = 0; row < ROWS; row++) {
                    var expected = actor.probabilities(row, SAMPLED);
                    // Among equal scores either may be chosen.
                    for (var a = 0; a < count; a++) {
                        assertThat((double) given[row][a]).isCloseTo(expected[a], within(1e-6));
                    }
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("drawn")
    void meansAndDeviationsAreThoseThatVectorsAreDrawnFrom(SampleCheckpoint sample) {
        try (var kernels = new PlainKernels()) {
            var exported = exported(sample, kernels);
            var observations = exported.comparison().observations();
            var actor = actor(sample, kernels);
            actor.show(observations, null);
            var n = sample.spaces().actions().size();
            try (var session = new OnnxSession(exported.bytes(ExportFormat.ONNX))) {
                var means = session.numbers("mean", observations, ROWS);
                var logs = session.numbers("log_std", observations, ROWS);
                for (var k = 0; k < ROWS * n; k++) {
                    var normal = actor.normal(k / n).orElseThrow();
                    near(means[k], normal.mean()[k % n]);
                    near(logs[k], Math.log(normal.std()[k % n]));
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("drawn")
    void theLogarithmIsTheOneThatLogsAreJudgedBy(SampleCheckpoint sample) {
        var space = (ActionSpace.Continuous) sample.spaces().actions();
        try (var kernels = new PlainKernels()) {
            var exported = exported(sample, kernels);
            var observations = exported.comparison().observations();
            var actor = actor(sample, kernels);
            actor.show(observations, null);
            var n = space.dimension();
            var actions = actions(actor, space);
            var batch = new Batch(sample.spaces(), ROWS);
            for (var k = 0; k < actions.length; k++) {
                batch.actions()[k] = space.toUnit(k % n, actions[k]);
            }
            var chances = actor.chances(batch, SAMPLED).orElseThrow();
            assertThat(Arrays.stream(chances.points()).filter(count -> count > 0))
                    .hasSizeGreaterThan(ROWS / 4);
            try (var session = new OnnxSession(exported.bytes(ExportFormat.LOG_PROB))) {
                var given = session.logProbs(observations, actions, ROWS);
                for (var row = 0; row < ROWS; row++) {
                    var normal = actor.normal(row).orElseThrow();
                    var expected = chances.logs()[row];
                    // By so much it changes where means do.
                    var slope = 1 + Math.abs(expected);
                    for (var j = 0; j < n; j++) {
                        slope += slope(normal, j, batch.actions()[row * n + j]);
                    }
                    assertThat(given[row]).isCloseTo(expected, within(NETWORK * slope));
                }
            }
            requireDensity(actor, batch, chances.logs(), chances.points(), space);
        }
    }

    /** Within the bounds it is the policy's own log likelihood, in other units. */
    private static void requireDensity(
            Actor actor, Batch batch, double[] logs, int[] points, ActionSpace.Continuous space) {
        var own = actor.likelihood().orElseThrow().logProbability(batch);
        var units = 0.0;
        for (var j = 0; j < space.dimension(); j++) {
            units += Math.log(space.halfRange(j));
        }
        for (var row = 0; row < ROWS; row++) {
            if (points[row] == 0) {
                assertThat(own[row] - units).isCloseTo(logs[row], within(1e-5 * (1 + Math.abs(logs[row]))));
            }
        }
    }

    private static double slope(Normal normal, int j, double action) {
        var drawn = action;
        if (normal.kept() == Normal.Kept.SQUASHED) {
            var inside = Math.max(-1 + 1e-7, Math.min(1 - 1e-7, action));
            drawn = 0.5 * (Math.log1p(inside) - Math.log1p(-inside));
        }
        var z = Math.abs(drawn - normal.mean()[j]) / normal.std()[j];
        var perMean = Math.max(1, Math.abs(normal.mean()[j])) * (1 + z) / normal.std()[j];
        return perMean + z * z;
    }

    /** Drawn ones, any within the bounds, and some with entries at bounds or beyond. */
    private static float[] actions(Actor actor, ActionSpace.Continuous space) {
        var random = new Seeds(3).generator("actions", 0);
        var n = space.dimension();
        var actions = new float[ROWS * n];
        for (var row = 0; row < ROWS; row++) {
            var drawn = ((Action.Vector) actor.choose(row, SAMPLED, random).action()).values();
            for (var j = 0; j < n; j++) {
                var share = row % 4 == 1 ? random.nextDouble() : random.nextInt(2);
                var other = (float) (space.low(j) + share * (space.high(j) - space.low(j)));
                actions[row * n + j] = row % 2 == 0 || row % 4 == 3 && j > 0 ? drawn[j] : other;
            }
        }
        return actions;
    }

    @Test
    void tailsAreRightHoweverFarTheyReach() {
        var space = new ActionSpace.Continuous(1, -1, 1);
        for (var learner : List.of("iql", "cql-continuous")) {
            var isCut = learner.equals("iql");
            var sample = SampleCheckpoint.of(learner, "actor { hidden-layers = [] }", space);
            for (var bias : new float[] {0, -0.5f, 3, -8, 9}) {
                var checkpoint = sample.checkpoint();
                checkpoint.tensors().forEach((name, tensor) -> {
                    if (name.startsWith("actor.layers.0")) {
                        Arrays.fill(tensor.values(), 0);
                    }
                });
                var biases = checkpoint.tensors().get("actor.layers.0.bias").values();
                biases[0] = bias;
                var logStd = isCut ? checkpoint.tensors().get("actor.log_std").values() : biases;
                logStd[isCut ? 0 : 1] = -2;
                try (var kernels = new PlainKernels()) {
                    var exported = new ExportedPolicy(checkpoint, sample.spaces(), PolicyNames.NONE, kernels);
                    var actor = new Actor(kernels, checkpoint.policy(sample.spaces(), kernels), sample.spaces(), 5);
                    actor.show(new float[25], null);
                    var batch = new Batch(sample.spaces(), 5);
                    var actions = new float[] {-1, 1, 0.9999999f, -0.3f, 0};
                    System.arraycopy(actions, 0, batch.actions(), 0, 5);
                    var expected = actor.chances(batch, SAMPLED).orElseThrow().logs();
                    try (var session = new OnnxSession(exported.bytes(ExportFormat.LOG_PROB))) {
                        var given = session.logProbs(new float[25], actions, 5);
                        for (var row = 0; row < 5; row++) {
                            assertThat(given[row])
                                    .as("%s, bias %s, action %s", learner, bias, actions[row])
                                    .isCloseTo(
                                            expected[row],
                                            within((isCut ? 1e-6 : 1e-11) * (1 + Math.abs(expected[row]))));
                        }
                    }
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("samples")
    void anyObservationHasFiniteOnes(SampleCheckpoint sample) {
        try (var kernels = new PlainKernels()) {
            var exported = exported(sample, kernels);
            var observations = ExportedPolicyTest.extremes();
            var rows = observations.length / 5;
            try (var session = new OnnxSession(exported.bytes(ExportFormat.ONNX))) {
                for (var port : exported.outputs(ExportFormat.ONNX)) {
                    if (port.type().equals("float32")) {
                        for (var number : session.numbers(port.name(), observations, rows)) {
                            assertThat(number).as(port.name()).isFinite();
                        }
                    }
                    assertThat((Object) session.run(port.name(), new float[0], 0, 5))
                            .as("of no observation")
                            .extracting(java.lang.reflect.Array::getLength)
                            .isEqualTo(0);
                }
            }
            if (exported.formats().contains(ExportFormat.LOG_PROB)) {
                var actions = new float[rows * sample.spaces().actions().size()];
                try (var session = new OnnxSession(exported.bytes(ExportFormat.LOG_PROB))) {
                    for (var number : session.logProbs(observations, actions, rows)) {
                        assertThat(number).isFinite();
                    }
                    assertThat(session.logProbs(new float[0], new float[0], 0)).isEmpty();
                }
            }
        }
    }

    @Test
    void itSaysByWhatRuleItActsInBothPlaces() {
        try (var kernels = new PlainKernels()) {
            for (var expected : Map.of(
                            "iql",
                            "{\"actions\":\"greedy\",\"epsilon\":0.0,\"temperature\":1.0,"
                                    + "\"distribution\":\"normal, cut\",\"propensity\":\"exp(log_prob) of",
                            "cql-continuous",
                            "{\"actions\":\"greedy\",\"epsilon\":0.0,\"temperature\":1.0,"
                                    + "\"distribution\":\"normal, squashed\",\"propensity\":\"exp(log_prob) of",
                            "td3-bc",
                            "{\"actions\":\"greedy\",\"epsilon\":0.0,\"distribution\":\"greedy\","
                                    + "\"propensity\":\"none: the action is always the same\"}")
                    .entrySet()) {
                requireActing(
                        SampleCheckpoint.of(expected.getKey(), "", new ActionSpace.Continuous(2, -1, 1)),
                        expected.getValue(),
                        kernels);
            }
            var four = new ActionSpace.Discrete(4);
            requireActing(
                    SampleCheckpoint.of("awac", "", four),
                    "{\"actions\":\"greedy\",\"epsilon\":0.0,\"temperature\":1.0,\"distribution\":\"softmax\",",
                    kernels);
            requireActing(
                    SampleCheckpoint.of("dqn", "", four),
                    "{\"actions\":\"greedy\",\"epsilon\":0.0,\"distribution\":\"greedy\",",
                    kernels);
        }
    }

    private static void requireActing(SampleCheckpoint sample, String expected, PlainKernels kernels) {
        try (var session = new OnnxSession(exported(sample, kernels).bytes(ExportFormat.ONNX))) {
            assertThat(session.properties().get("acting")).startsWith(expected);
        }
    }

    private static ExportedPolicy exported(SampleCheckpoint sample, PlainKernels kernels) {
        return new ExportedPolicy(sample.checkpoint(), sample.spaces(), PolicyNames.NONE, kernels);
    }

    private static Actor actor(SampleCheckpoint sample, PlainKernels kernels) {
        return new Actor(kernels, sample.checkpoint().policy(sample.spaces(), kernels), sample.spaces(), ROWS);
    }

    private static void near(double given, double expected) {
        assertThat(given).isCloseTo(expected, within(NETWORK * Math.max(1, Math.abs(expected))));
    }
}
