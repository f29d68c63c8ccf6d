package io.hindcast.export;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.data.Offset.offset;

import io.hindcast.data.ActionSpace;
import io.hindcast.data.Scaler;
import io.hindcast.data.Transformation;
import io.hindcast.kernel.Categorical;
import io.hindcast.kernel.Nd4jKernels;
import io.hindcast.learn.LearnerConfig;
import io.hindcast.run.Seeds;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.TimeZone;
import onnx.Onnx.ModelProto;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.shade.protobuf.InvalidProtocolBufferException;

final class ExportedPolicyTest {
    private static final ActionSpace UNIT = new ActionSpace.Continuous(3, -1, 1);
    private static final ActionSpace LOPSIDED = new ActionSpace.Continuous(3, -0.4, 2);
    private static final ActionSpace APART =
            new ActionSpace.Continuous(List.of(18.0, -1.0, 0.0), List.of(26.0, 1.0, 1e-3));
    private static final ActionSpace FOUR = new ActionSpace.Discrete(4);
    private static final List<String> FOR_VECTORS = List.of(
            "actor-critic", "awac", "awr", "behaviour-cloning", "cal-ql", "cql-continuous", "iql", "rebrac", "td3-bc");

    private static final List<String> FOR_INDICES =
            List.of("awac", "awr", "bcq-discrete", "behaviour-cloning", "cql-discrete", "dqn", "iql");

    private static final float[] EXTREMES = {
        0,
        -0f,
        1,
        Float.MIN_VALUE,
        -Float.MIN_NORMAL,
        1e9f,
        -1e30f,
        Float.MAX_VALUE,
        -Float.MAX_VALUE,
        Float.POSITIVE_INFINITY,
        Float.NEGATIVE_INFINITY,
        Float.NaN
    };

    private static final Transformation STANDARDISE = new Transformation.Standardise(
            new Scaler(List.of(0.3, 1e6 + 0.3, -2e-3, 12345.678, 0.0), List.of(1.0, 3.5, 1e-4, 0.25, 0.0), 1e-3));

    static List<SampleCheckpoint> samples() {
        var samples = new ArrayList<SampleCheckpoint>();
        for (var network : List.of(
                "hidden-layers = [16, 12]",
                "hidden-layers = [16, 12, 7], activation = tanh, layer-norm = true, initialisation = orthogonal",
                "hidden-layers = [16], layer-norm = true, layer-norm-epsilon = 0.1",
                "hidden-layers = [16, 12], layer-norm = true, layer-norm-place = after, layer-norm-epsilon = 1e-3",
                "hidden-layers = [16, 12], layer-norm = true, layer-norm-place = after, activation = gelu",
                "hidden-layers = [16, 12, 7], activation = gelu")) {
            for (var actions : List.of(UNIT, LOPSIDED, APART)) {
                FOR_VECTORS.forEach(
                        learner -> samples.add(SampleCheckpoint.of(learner, "actor { " + network + " }", actions)));
            }
            FOR_INDICES.forEach(learner ->
                    samples.add(SampleCheckpoint.of(learner, networkOf(learner) + " { " + network + " }", FOUR)));
        }
        samples.add(SampleCheckpoint.of("tabular-q", "", FOUR));
        return samples;
    }

    @ParameterizedTest
    @MethodSource("samples")
    void bothFormsDoWhatEveryLearnersOwnPolicyDoes(SampleCheckpoint sample) {
        verify(sample);
        verify(sample.with(STANDARDISE));
    }

    /** The same, and every way in which a log may write an index. */
    static List<SampleCheckpoint> allSamples() {
        var samples = new ArrayList<>(samples());
        for (var actions : List.of(
                ActionSpace.Discrete.ofFactors(List.of(3, 2), List.of(1, 0)),
                ActionSpace.Discrete.oneHot(4),
                new ActionSpace.Discrete(4, List.of(), List.of(1), ActionSpace.Discrete.Written.NUMBERS))) {
            FOR_INDICES.forEach(learner -> samples.add(
                    SampleCheckpoint.of(learner, networkOf(learner) + " { hidden-layers = [16, 12] }", actions)));
            samples.add(SampleCheckpoint.of("tabular-q", "", actions));
        }
        return samples;
    }

    @ParameterizedTest
    @MethodSource("allSamples")
    void anyObservationGivesAFiniteActionWithinItsBounds(SampleCheckpoint sample) {
        requireFinite(sample);
        requireFinite(sample.with(STANDARDISE));
        requireFinite(sample.with(new Transformation.Standardise(
                new Scaler(List.of(-1e30, 0.0, 1e30, 0.0, 0.0), List.of(1e25, 1e-30, 1e28, 1e-38, 1e30), 0))));
    }

    @Test
    void whatIsInRangeGoesThroughAsItIs() throws InvalidProtocolBufferException {
        for (var sample : List.of(
                SampleCheckpoint.of("iql", "actor { hidden-layers = [16, 12], layer-norm = true }", LOPSIDED),
                SampleCheckpoint.of("dqn", "critic { hidden-layers = [16, 12] }", FOUR)
                        .with(STANDARDISE))) {
            try (var kernels = new Nd4jKernels()) {
                var policy = exported(sample, kernels);
                var name = policy.outputs(ExportFormat.ONNX).get(0).name();
                var observations = policy.comparison().observations();
                var model = policy.bytes(ExportFormat.ONNX);
                try (var bounded = new OnnxSession(model);
                        var free = new OnnxSession(unbounded(model))) {
                    assertThat(bounded.numbers(name, observations, Comparison.ROWS))
                            .isEqualTo(free.numbers(name, observations, Comparison.ROWS));
                }
            }
        }
    }

    @Test
    void aPolicyWhoseWeightsMightOverflowIsRefusedInWords() {
        var sample = SampleCheckpoint.of("iql", "actor { hidden-layers = [8] }", UNIT);
        var checkpoint = sample.checkpoint();
        var weights = checkpoint.tensors().get("actor.layers.0.weight").values();
        Arrays.fill(weights, 1e35f);
        try (var kernels = new Nd4jKernels()) {
            assertThatThrownBy(() -> new ExportedPolicy(checkpoint, sample.spaces(), PolicyNames.NONE, kernels))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageStartingWith("Cannot export the policy of iql-all-s7-")
                    .hasMessageEndingWith(" at step 5000: its weights are so large that an observation of 1000 may"
                            + " overflow; export a checkpoint from before it diverged");
        }
    }

    @Test
    void noLearnerIsForgotten() {
        var tried = new HashSet<>(FOR_VECTORS);
        tried.addAll(FOR_INDICES);
        tried.add("tabular-q");
        assertThat(LearnerConfig.LEARNERS.keySet())
                .filteredOn(LearnerConfig::learnsPolicy)
                .containsExactlyInAnyOrderElementsOf(tried);
    }

    @Test
    void dropoutIsOff() {
        verify(SampleCheckpoint.of("behaviour-cloning", "actor { hidden-layers = [16], dropout = 0.5 }", FOUR));
    }

    @Test
    void aPolicyMayBeLinear() {
        verify(SampleCheckpoint.of("iql", "actor { hidden-layers = [], layer-norm = true }", LOPSIDED));
    }

    @ParameterizedTest
    @ValueSource(doubles = {1e-3, 1000})
    void actionsMayHaveANarrowOrAWideRangeAndDoNotLeaveIt(double high) {
        var sample =
                SampleCheckpoint.of("td3-bc", "actor { hidden-layers = [16] }", new ActionSpace.Continuous(2, 0, high));
        verify(sample);
        try (var kernels = new Nd4jKernels();
                var session = new OnnxSession(exported(sample, kernels).bytes(ExportFormat.ONNX))) {
            var far = new float[] {1e9f, -1e9f, 1e9f, 1e9f, -1e9f};
            for (var value : session.numbers("action", far, 1)) {
                assertThat(value).isBetween(0f, (float) high);
            }
        }
    }

    @Test
    void everyEntryOfAnActionStaysWithinItsOwnBounds() {
        var space = new ActionSpace.Continuous(List.of(18.0, 0.0), List.of(26.0, 1.0));
        var sample = SampleCheckpoint.of("td3-bc", "actor { hidden-layers = [16] }", space);
        verify(sample);
        try (var kernels = new Nd4jKernels();
                var session = new OnnxSession(exported(sample, kernels).bytes(ExportFormat.ONNX))) {
            var far = session.numbers("action", new float[] {1e9f, -1e9f, 1e9f, 1e9f, -1e9f}, 1);
            assertThat(far[0]).isIn(18f, 26f);
            assertThat(far[1]).isIn(0f, 1f);
        }
    }

    @Test
    void anIndexComesOutAsTheLogWritesIt() {
        var factors = ActionSpace.Discrete.ofFactors(List.of(3, 2), List.of(1, 0));
        var oneHot = ActionSpace.Discrete.oneHot(4);
        var fromOne = new ActionSpace.Discrete(4, List.of(), List.of(1), ActionSpace.Discrete.Written.NUMBERS);
        for (var space : List.of(factors, oneHot, fromOne)) {
            var sample = SampleCheckpoint.of("dqn", "critic { hidden-layers = [16] }", space);
            try (var kernels = new Nd4jKernels()) {
                var policy = exported(sample, kernels);
                policy.check(policy.bytes(ExportFormat.DL4J));
                var observations = policy.comparison().observations();
                try (var session = new OnnxSession(policy.bytes(ExportFormat.ONNX))) {
                    var values = session.numbers("action_values", observations, Comparison.ROWS);
                    var actions = session.run("action", observations, Comparison.ROWS);
                    for (var row = 0; row < Comparison.ROWS; row++) {
                        var best = Categorical.argmax(values, row * space.count(), space.count());
                        var expected =
                                Arrays.stream(space.write(best)).asLongStream().toArray();
                        assertThat(
                                        actions instanceof long[][] vectors
                                                ? vectors[row]
                                                : new long[] {((long[]) actions)[row]})
                                .containsExactly(expected);
                    }
                    assertThat(session.ports())
                            .contains("out action=INT64 [-1" + (space.isVector() ? ", " + space.entries() : "") + "]");
                }
            }
        }
    }

    @Test
    void aRowAloneGivesWhatItGivesAmongOthers() {
        var sample = SampleCheckpoint.of("iql", "actor { hidden-layers = [8], layer-norm = true }", UNIT)
                .with(STANDARDISE);
        try (var kernels = new Nd4jKernels()) {
            var policy = exported(sample, kernels);
            var observations = policy.comparison().observations();
            var first = Arrays.copyOf(observations, 5);
            var network = policy.bytes(ExportFormat.DL4J);
            assertThat(Dl4jModel.outputs(network, first, 1).values())
                    .containsExactly(
                            Arrays.copyOf(
                                    Dl4jModel.outputs(network, observations, Comparison.ROWS)
                                            .values(),
                                    3),
                            offset(1e-6f));
            try (var session = new OnnxSession(policy.bytes(ExportFormat.ONNX))) {
                assertThat(session.numbers("action", first, 1))
                        .containsExactly(
                                Arrays.copyOf(session.numbers("action", observations, Comparison.ROWS), 3),
                                offset(1e-6f));
            }
        }
    }

    @Test
    void theSameCheckpointGivesTheSameBytesInAnyTimeZone() {
        var sample = SampleCheckpoint.of("iql", "actor { hidden-layers = [8], layer-norm = true }", UNIT);
        var zone = TimeZone.getDefault();
        try (var kernels = new Nd4jKernels()) {
            for (var format : ExportFormat.values()) {
                TimeZone.setDefault(TimeZone.getTimeZone("UTC"));
                var bytes = exported(sample, kernels).bytes(format);
                TimeZone.setDefault(TimeZone.getTimeZone("Asia/Tokyo"));
                assertThat(exported(sample, kernels).bytes(format)).isEqualTo(bytes);
            }
        } finally {
            TimeZone.setDefault(zone);
        }
    }

    @Test
    void anOnnxModelSaysWhatGoesInWhatComesOutAndWhereItIsFrom() {
        var discrete = SampleCheckpoint.of("dqn", "critic { hidden-layers = [8] }", FOUR);
        var continuous = SampleCheckpoint.of("iql", "actor { hidden-layers = [8] }", UNIT);
        try (var kernels = new Nd4jKernels();
                var indices = new OnnxSession(exported(discrete, kernels).bytes(ExportFormat.ONNX));
                var vectors = new OnnxSession(exported(continuous, kernels).bytes(ExportFormat.ONNX))) {
            assertThat(vectors.ports())
                    .isEqualTo("{in observation=FLOAT [-1, 5], out action=FLOAT [-1, 3], out log_std=FLOAT [-1, 3],"
                            + " out mean=FLOAT [-1, 3]}");
            assertThat(indices.ports())
                    .isEqualTo("{in observation=FLOAT [-1, 5], out action=INT64 [-1], out action_values=FLOAT [-1, 4],"
                            + " out probabilities=FLOAT [-1, 4]}");
            assertThat(indices.properties())
                    .containsEntry("run", discrete.spec().id())
                    .containsEntry("step", "5000")
                    .containsEntry("learner", "dqn")
                    .containsEntry("subset", "all")
                    .containsEntry("subset_fingerprint", "0123abcd")
                    .containsEntry("hindcast_version", "development");
        }
    }

    @Test
    void anOnnxModelSaysWhatTheLogCallsThings() {
        var sample = SampleCheckpoint.of("dqn", "critic { hidden-layers = [8] }", FOUR);
        var names = new PolicyNames(
                List.of("x_0", "x_1", "room=3", "room=4", "features.age"),
                List.of("left", "right", "say \"no\"", "ruhig, bitte"),
                List.of());
        try (var kernels = new Nd4jKernels();
                var plain = new OnnxSession(exported(sample, kernels).bytes(ExportFormat.ONNX));
                var named = new OnnxSession(new ExportedPolicy(sample.checkpoint(), sample.spaces(), names, kernels)
                        .bytes(ExportFormat.ONNX))) {
            assertThat(named.properties())
                    .containsAllEntriesOf(plain.properties())
                    .containsEntry("observation_names", "[\"x_0\",\"x_1\",\"room=3\",\"room=4\",\"features.age\"]")
                    .containsEntry("action_names", "[\"left\",\"right\",\"say \\\"no\\\"\",\"ruhig, bitte\"]")
                    .doesNotContainKey("action_entry_names");
            assertThat(plain.properties()).doesNotContainKeys("observation_names", "action_names");
        }
    }

    @Test
    void listsThatNobodyReadsAreLeftOut() {
        assertThat(new PolicyNames(Collections.nCopies(4097, "p"), List.of("x".repeat(1 << 21)), List.of("a")))
                .isEqualTo(new PolicyNames(List.of(), List.of(), List.of("a")));
    }

    @Test
    void aPolicyThatDivergedIsRefusedInWords() {
        var checkpoint = SampleCheckpoint.of("iql", "actor { hidden-layers = [8] }", UNIT)
                .checkpoint();
        checkpoint.tensors().get("actor.layers.1.bias").values()[0] = Float.NaN;
        try (var kernels = new Nd4jKernels()) {
            assertThatThrownBy(() -> new ExportedPolicy(
                            checkpoint, SampleCheckpoint.of("iql", "", UNIT).spaces(), PolicyNames.NONE, kernels))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageStartingWith("Cannot export the policy of iql-all-s7-")
                    .hasMessageEndingWith(" at step 5000: it gives NaN; export a checkpoint from before it diverged");
        }
    }

    @Test
    void aFormThatDoesSomethingElseIsRefusedInWords() {
        var sample = SampleCheckpoint.of("dqn", "critic { hidden-layers = [8] }", FOUR);
        try (var kernels = new Nd4jKernels()) {
            var comparison = exported(sample, kernels).comparison();
            assertThatThrownBy(() -> comparison.require(ExportFormat.DL4J, new float[4000]))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageMatching("Cannot export the policy of dqn-all-s7-[0-9a-f]+ as dl4j: at observation 0 it"
                            + " gives 0.0, not -?[0-9.E-]+; use the checkpoint itself");
            assertThatThrownBy(() -> comparison.require(ExportFormat.ONNX, new float[3000]))
                    .hasMessageEndingWith(" as onnx: it gives 3 numbers a row, not 4");
            assertThatThrownBy(() -> comparison.requireChoices(ExportFormat.DL4J, new int[1000]))
                    .hasMessageMatching("Cannot export the policy of dqn-all-s7-[0-9a-f]+ as dl4j: at observation \\d+"
                            + " it chooses action 0, not [123]; use the checkpoint itself");
        }
    }

    private static String networkOf(String learner) {
        return FOR_VECTORS.contains(learner) ? "actor" : "critic";
    }

    private static ExportedPolicy exported(SampleCheckpoint sample, Nd4jKernels kernels) {
        return new ExportedPolicy(sample.checkpoint(), sample.spaces(), PolicyNames.NONE, kernels);
    }

    private static void requireFinite(SampleCheckpoint sample) {
        var actions = sample.spaces().actions();
        try (var kernels = new Nd4jKernels()) {
            var policy = exported(sample, kernels);
            var name = policy.outputs(ExportFormat.ONNX).get(0).name();
            var hasNetwork = policy.formats().contains(ExportFormat.DL4J);
            var network = hasNetwork ? policy.bytes(ExportFormat.DL4J) : new byte[0];
            try (var session = new OnnxSession(policy.bytes(ExportFormat.ONNX))) {
                for (var observations : List.of(
                        extremes(),
                        Arrays.copyOf(extremes(), 7 * 5),
                        new float[] {Float.NaN, 0, 1, Float.MAX_VALUE, Float.NEGATIVE_INFINITY},
                        oneExtreme())) {
                    var rows = observations.length / 5;
                    requireWithin(actions, session.numbers(name, observations, rows), "onnx");
                    if (actions instanceof ActionSpace.Discrete space) {
                        requireOf(space, session.run("action", observations, rows), rows);
                    }
                    if (!hasNetwork) {
                        continue;
                    }
                    var played = Dl4jModel.outputs(network, observations, rows);
                    requireWithin(actions, played.values(), "dl4j");
                    if (actions instanceof ActionSpace.Discrete space) {
                        for (var index : played.largest()) {
                            assertThat(index).isBetween(0, space.count() - 1);
                        }
                    }
                }
                assertThat((Object[]) session.run(name, new float[0], 0, 5)).isEmpty();
            }
        }
    }

    private static void requireWithin(ActionSpace actions, float[] values, String form) {
        for (var i = 0; i < values.length; i++) {
            var value = values[i];
            var j = i % actions.size();
            if (!Float.isFinite(value)
                    || (actions instanceof ActionSpace.Continuous space
                            && (value < (float) space.low(j) || value > (float) space.high(j)))) {
                throw new AssertionError(form + " gives " + value + " in row " + i / actions.size());
            }
        }
    }

    private static void requireOf(ActionSpace.Discrete space, Object actions, int rows) {
        var written = new HashSet<List<Long>>();
        for (var index = 0; index < space.count(); index++) {
            written.add(Arrays.stream(space.write(index)).asLongStream().boxed().toList());
        }
        for (var row = 0; row < rows; row++) {
            var action = actions instanceof long[][] vectors ? vectors[row] : new long[] {((long[]) actions)[row]};
            assertThat(Arrays.stream(action).boxed().toList()).isIn(written);
        }
    }

    /** The first rows are of one extreme each, in the others all are mixed. */
    static float[] extremes() {
        var random = new Seeds(5).generator("extreme observations", 0);
        var observations = new float[500 * 5];
        for (var i = 0; i < observations.length; i++) {
            observations[i] = EXTREMES[i / 5 < EXTREMES.length ? i / 5 : random.nextInt(EXTREMES.length)];
        }
        return observations;
    }

    /** Each entry has each extreme once, where the others have what an observation may have. */
    private static float[] oneExtreme() {
        var random = new Seeds(6).generator("extreme observations", 0);
        var observations = new float[5 * EXTREMES.length * 5];
        for (var row = 0; row < 5 * EXTREMES.length; row++) {
            for (var j = 0; j < 5; j++) {
                observations[row * 5 + j] =
                        j == row % 5 ? EXTREMES[row / 5] : (float) (random.nextInt(2) + random.nextGaussian());
            }
        }
        return observations;
    }

    /** The model without what bounds observations. */
    private static byte[] unbounded(byte[] model) throws InvalidProtocolBufferException {
        var proto = ModelProto.parseFrom(model).toBuilder();
        var graph = proto.getGraphBuilder();
        var nodes = List.copyOf(graph.getNodeList());
        graph.clearNode();
        var entries = "";
        for (var node : nodes) {
            if (node.getName().equals("observation.is_nan")) {
                entries = node.getInput(0);
            } else if (!List.of("observation.numbers", "observation.within").contains(node.getName())) {
                var rewired = node.toBuilder();
                if (node.getInput(0).equals("observation.within")) {
                    rewired.setInput(0, entries);
                }
                graph.addNode(rewired);
            }
        }
        assertThat(nodes).hasSize(graph.getNodeCount() + 3);
        var tensors = graph.getInitializerList().stream()
                .filter(tensor -> !tensor.getName().startsWith("observation."))
                .toList();
        graph.clearInitializer().addAllInitializer(tensors);
        return proto.build().toByteArray();
    }

    private static void verify(SampleCheckpoint sample) {
        try (var kernels = new Nd4jKernels()) {
            var policy = exported(sample, kernels);
            var comparison = policy.comparison();
            if (policy.formats().contains(ExportFormat.DL4J)) {
                policy.check(policy.bytes(ExportFormat.DL4J));
            }
            try (var session = new OnnxSession(policy.bytes(ExportFormat.ONNX))) {
                var name = policy.outputs(ExportFormat.ONNX).get(0).name();
                var observations = comparison.observations();
                comparison.require(ExportFormat.ONNX, session.numbers(name, observations, Comparison.ROWS));
                if (sample.spaces().actions() instanceof ActionSpace.Discrete) {
                    var actions = (long[]) session.run("action", observations, Comparison.ROWS);
                    comparison.requireChoices(
                            ExportFormat.ONNX,
                            Arrays.stream(actions).mapToInt(Math::toIntExact).toArray());
                }
            }
        }
    }
}
