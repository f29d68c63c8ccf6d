package io.hindcast.export;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.hindcast.data.Action;
import io.hindcast.data.ActionSpace;
import io.hindcast.data.Scaler;
import io.hindcast.data.Spaces;
import io.hindcast.data.Transformation;
import io.hindcast.kernel.PlainKernels;
import io.hindcast.net.Actor;
import io.hindcast.net.Normal;
import io.hindcast.run.Checkpoint;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.stream.Stream;
import onnx.Onnx.GraphProto;
import onnx.Onnx.ModelProto;
import onnx.Onnx.NodeProto;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.shade.protobuf.ByteString;
import org.nd4j.shade.protobuf.InvalidProtocolBufferException;

/** A policy that was exported comes back as what it was, and a file that is no such policy says why. */
final class OnnxPolicyTest {
    private static final ActionSpace FOUR = new ActionSpace.Discrete(4);
    private static final SampleCheckpoint SMALL =
            SampleCheckpoint.of("behaviour-cloning", "actor { hidden-layers = [6, 5], layer-norm = true }", FOUR);

    private static final Transformation STANDARDISE = new Transformation.Standardise(
            new Scaler(List.of(0.3, 1e6 + 0.3, -2e-3, 12345.678, 0.0), List.of(1.0, 3.5, 1e-4, 0.25, 0.0), 1e-3));

    private static final String ADVICE = "; name the policy.onnx of a run, OUT/policies/RUN_ID, or log"
            + " the probabilities of any other model and judge by them (judge.policies.NAME.column)";

    static Stream<SampleCheckpoint> ofIndices() {
        return ExportedPolicyTest.allSamples().stream()
                .filter(sample -> sample.spaces().actions() instanceof ActionSpace.Discrete)
                .filter(sample -> !sample.learner().equals("bcq-discrete"));
    }

    @Test
    void onlyAPolicyOfOneNetworkIsRead() {
        var sample = SampleCheckpoint.of("bcq-discrete", "critic { hidden-layers = [6] }", FOUR);
        assertThatThrownBy(() -> new OnnxPolicy(model(sample), sample.spaces()))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageStartingWith("it chooses by two networks, and only a policy of one is read");
    }

    @ParameterizedTest
    @MethodSource("ofIndices")
    void itHasTheProbabilitiesAndScoresOfItsCheckpoint(SampleCheckpoint sample) {
        for (var one : List.of(sample, sample.with(STANDARDISE))) {
            requireSame(one.checkpoint(), one.spaces());
            requireSame(MaskedExportTest.masked(one), one.spaces());
        }
    }

    @ParameterizedTest
    @MethodSource("ofVectors")
    void vectorsAreDrawnAsByItsCheckpoint(SampleCheckpoint sample) {
        for (var one : List.of(sample, sample.with(STANDARDISE))) {
            try (var kernels = new PlainKernels()) {
                var exported = new ExportedPolicy(one.checkpoint(), one.spaces(), PolicyNames.NONE, kernels);
                var read = new OnnxPolicy(exported.bytes(ExportFormat.ONNX), one.spaces());
                var own = new Actor(
                        kernels, one.checkpoint().policy(one.spaces(), kernels), one.spaces(), Comparison.ROWS);
                var same = new Actor(kernels, read.policy(kernels), one.spaces(), Comparison.ROWS);
                own.show(exported.comparison().observations(), null);
                same.show(exported.comparison().observations(), null);
                for (var row = 0; row < Comparison.ROWS; row++) {
                    assertThat(((Action.Vector) same.greedy(row)).values())
                            .containsExactly(((Action.Vector) own.greedy(row)).values(), within(1e-5f));
                    assertThat(same.normal(row).map(Normal::kept))
                            .isEqualTo(own.normal(row).map(Normal::kept));
                    if (own.normal(row).isPresent()) {
                        assertThat(same.normal(row).get().mean())
                                .containsExactly(own.normal(row).get().mean(), within(1e-5));
                        assertThat(same.normal(row).get().std())
                                .containsExactly(own.normal(row).get().std(), within(1e-5));
                    }
                }
            }
        }
    }

    static Stream<SampleCheckpoint> ofVectors() {
        return ExportedPolicyTest.allSamples().stream()
                .filter(sample -> sample.spaces().actions() instanceof ActionSpace.Continuous);
    }

    @Test
    void vectorsAreThoseOfTheirOwnBounds() {
        var space = new ActionSpace.Continuous(2, -1, 2);
        var model = model(SampleCheckpoint.of("cql-continuous", "actor { hidden-layers = [8] }", space));
        new OnnxPolicy(model, new Spaces(5, space));
        for (var other : List.of(
                new ActionSpace.Continuous(2, -1, 1),
                new ActionSpace.Continuous(2, -1, 3),
                new ActionSpace.Continuous(List.of(-1.0, -1.0), List.of(2.0, 1.0)))) {
            assertThatThrownBy(() -> new OnnxPolicy(model, new Spaces(5, other)))
                    .hasMessage("its actions have other bounds, and the log has " + other + ADVICE);
        }
        assertThatThrownBy(() -> new OnnxPolicy(model, new Spaces(5, new ActionSpace.Continuous(3, -1, 2))))
                .hasMessage("its actions have 2 numbers, and those of the log 3" + ADVICE);
    }

    private static void requireSame(Checkpoint checkpoint, Spaces spaces) {
        try (var kernels = new PlainKernels()) {
            var exported = new ExportedPolicy(checkpoint, spaces, PolicyNames.NONE, kernels);
            var read = new OnnxPolicy(exported.bytes(ExportFormat.ONNX), spaces);
            assertThat(read.property("run")).hasValue(checkpoint.spec().id());
            assertThat(read.property("subset")).hasValue("all");
            var own = new Actor(kernels, checkpoint.policy(spaces, kernels), spaces, Comparison.ROWS);
            var same = new Actor(kernels, read.policy(kernels), spaces, Comparison.ROWS);
            var possible = new boolean[Comparison.ROWS * spaces.actions().size()];
            for (var k = 0; k < possible.length; k++) {
                possible[k] = exported.comparison().possible()[k] == 1;
            }
            own.show(exported.comparison().observations(), possible);
            same.show(exported.comparison().observations(), possible);
            for (var row = 0; row < Comparison.ROWS; row++) {
                assertThat(same.greedy(row)).isEqualTo(own.greedy(row));
                assertThat(same.probabilities(row).isPresent())
                        .isEqualTo(own.probabilities(row).isPresent());
                if (own.probabilities(row).isPresent()) {
                    assertThat(same.probabilities(row).get())
                            .containsExactly(own.probabilities(row).get(), within(1e-6));
                }
            }
        }
    }

    @Test
    void noCutAndNoChangedByteDoesMoreThanToBeRefused() {
        var model = model(SMALL);
        var refused = 0;
        for (var at = 0; at < model.length; at++) {
            var changed = model.clone();
            changed[at] ^= (byte) 0xff;
            refused += isRefused(changed) ? 1 : 0;
            assertThat(isRefused(Arrays.copyOf(model, at)) || at > model.length - 600)
                    .as("cut to %d bytes", at)
                    .isTrue();
        }
        assertThat(refused).isGreaterThan(1000);
    }

    private static boolean isRefused(byte[] bytes) {
        try {
            new OnnxPolicy(bytes, SMALL.spaces());
            return false;
        } catch (OnnxGraph.Unreadable e) {
            return true;
        }
    }

    @Test
    void whatHindcastDoesNotExportIsRefusedByOneLine() {
        refused(
                graph -> node(graph, "layers.0.output").setOpType("Sigmoid"),
                "its node layers.0.output is Sigmoid, which no policy of such actions that hindcast exports has there");
        refused(
                graph -> graph.addNode(node(graph, "layers.0.output").clone().setOutput(0, "more")),
                "its node more is Relu, which no policy of such actions that hindcast exports has there");
        refused(
                graph -> graph.removeNode(graph.getNodeCount() - 1).removeNode(graph.getNodeCount() - 1),
                "it ends before it has chosen an action");
        refused(
                graph -> node(graph, "layers.1.output").setInput(0, "layers.0.output"),
                "its node layers.1.output takes [layers.0.output], which no policy that hindcast exports does");
        refused(
                graph -> node(graph, "logits").setOutput(0, "scores"),
                "it gives scores, and neither of [logits, action_values]");
        refused(
                graph -> node(graph, "logits").clearAttribute(),
                "its layer logits has weights of [4, 5] behind a layer of 5 units, or is scaled");
        refused(graph -> node(graph, "action").clearAttribute(), "it chooses over other axes than the last");
        refused(
                graph -> node(graph, "layers.1.output").setOpType("Tanh"),
                "its hidden layers are not alike, or its last one is not linear");
    }

    @Test
    void noNumberInAFileIsBelieved() {
        refused(
                graph -> tensor(graph, "layers.0.weight")
                        .clearDims()
                        .addDims(Long.MAX_VALUE)
                        .addDims(8),
                "its tensor layers.0.weight of type 1 and dimensions [9223372036854775807, 8] has 120 bytes of raw data");
        refused(graph -> tensor(graph, "layers.0.weight").addDims(1), "its tensor layers.0.weight has 3 dimensions");
        refused(
                graph -> tensor(graph, "layers.0.weight").setDataType(7),
                "its tensor layers.0.weight of type 7 and dimensions [6, 5] has 120 bytes of raw data");
        refused(
                graph -> tensor(graph, "layers.0.weight").clearDims().addDims(5).addDims(6),
                "it takes observations of 6 numbers, and those of the log have 5");
        refused(
                graph -> tensor(graph, "layers.0.bias").clearDims().addDims(2).addDims(3),
                "its tensor layers.0.bias has the dimensions [2, 3], not [6]");
        refused(graph -> tensor(graph, "layers.0.bias").setName("none"), "it has no tensor layers.0.bias");
        refused(
                graph -> tensor(graph, "layers.0.bias").setRawData(ByteString.copyFrom(bytes(Float.NaN))),
                "its tensor layers.0.bias holds NaN");
        refused(
                graph -> tensor(graph, "observation.high").setRawData(ByteString.copyFrom(bytes(5f), 0, 4)),
                "it clips observations to -9.9999998E16 and 5.0");
        refused(
                graph -> {
                    for (var i = 0; i < 1000; i++) {
                        graph.addNode(NodeProto.newBuilder().setOpType("Relu"));
                    }
                },
                "it has more than 1000 nodes and tensors");
    }

    @Test
    void anotherFileIsNamed(@TempDir Path directory) throws IOException {
        var file = directory.resolve("policy.onnx");
        Files.write(file, model(SMALL));
        var configuration = new Configuration();
        assertThat(OnnxPolicy.read(file.toString(), SMALL.spaces(), configuration)
                        .sha256())
                .hasSize(64);
        var manifest = directory.resolve("policy.json");
        for (var harmless : List.of("", "{", "{}", "{\"files\": {\"other.onnx\": {\"sha256\": \"0123\"}}}")) {
            Files.writeString(manifest, harmless);
            OnnxPolicy.read(file.toString(), SMALL.spaces(), configuration);
        }
        Files.writeString(manifest, "{\"files\": {\"policy.onnx\": {\"sha256\": \"0123\"}}}");
        assertThatThrownBy(() -> OnnxPolicy.read(file.toString(), SMALL.spaces(), configuration))
                .hasMessage(
                        "it is damaged, or another file: its SHA-256 is not the one in policy.json beside it; run train"
                                + " again with the same configuration and --out, which exports it anew");
        Files.delete(manifest);
        assertThatThrownBy(() -> OnnxPolicy.read(directory + "/none.onnx", SMALL.spaces(), configuration))
                .hasMessage("there is no such file" + ADVICE);
        Files.writeString(file, "{\"format\": 1}");
        assertThatThrownBy(() -> OnnxPolicy.read(file.toString(), SMALL.spaces(), configuration))
                .hasMessage("it is no ONNX model, or only the beginning of one" + ADVICE);
        try (var large = new RandomAccessFile(file.toFile(), "rw")) {
            large.setLength((1L << 26) + 1);
        }
        assertThatThrownBy(() -> OnnxPolicy.read(file.toString(), SMALL.spaces(), configuration))
                .hasMessage("it is larger than 64 MiB" + ADVICE);
    }

    @Test
    void itIsForItsOwnObservationsAndActions() {
        var model = model(SMALL);
        assertThatThrownBy(() -> new OnnxPolicy(model, new Spaces(4, FOUR)))
                .hasMessage("it takes observations of 5 numbers, and those of the log have 4" + ADVICE);
        assertThatThrownBy(() -> new OnnxPolicy(model, new Spaces(5, new ActionSpace.Discrete(3))))
                .hasMessage("it gives 4 scores, and the log has 3 actions" + ADVICE);
        var pairs = ActionSpace.Discrete.ofFactors(List.of(2, 2), List.of(0, 0));
        assertThatThrownBy(() -> new OnnxPolicy(model, new Spaces(5, pairs)))
                .hasMessage("its actions are one number each, and the log has " + pairs + ADVICE);
        var ofPairs = model(SampleCheckpoint.of("dqn", "critic { hidden-layers = [8] }", pairs));
        assertThatThrownBy(() -> new OnnxPolicy(ofPairs, new Spaces(5, FOUR)))
                .hasMessage("its actions are others, and the log has " + FOUR + ADVICE);
        // The same actions, of which each number begins with 1.
        new OnnxPolicy(ofPairs, new Spaces(5, ActionSpace.Discrete.ofFactors(List.of(2, 2), List.of(1, 1))));
        assertThatThrownBy(() -> new OnnxPolicy(model, new Spaces(5, new ActionSpace.Continuous(1, -1, 1))))
                .hasMessage("its actions are discrete, and those of the log are vectors" + ADVICE);
        var ofVectors = model(
                SampleCheckpoint.of("iql", "actor { hidden-layers = [8] }", new ActionSpace.Continuous(4, -1, 1)));
        assertThatThrownBy(() -> new OnnxPolicy(ofVectors, SMALL.spaces()))
                .hasMessage("its node action is Clip, which no policy of such actions that hindcast exports has there"
                        + ADVICE);
    }

    private static byte[] model(SampleCheckpoint sample) {
        try (var kernels = new PlainKernels()) {
            return new ExportedPolicy(sample.checkpoint(), sample.spaces(), PolicyNames.NONE, kernels)
                    .bytes(ExportFormat.ONNX);
        }
    }

    private static void refused(Consumer<GraphProto.Builder> change, String reason) {
        try {
            var model = ModelProto.parseFrom(model(SMALL)).toBuilder();
            change.accept(model.getGraphBuilder());
            assertThatThrownBy(() -> new OnnxPolicy(model.build().toByteArray(), SMALL.spaces()))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessage(reason + ADVICE);
        } catch (InvalidProtocolBufferException e) {
            throw new AssertionError(e);
        }
    }

    private static NodeProto.Builder node(GraphProto.Builder graph, String output) {
        return graph.getNodeBuilderList().stream()
                .filter(node -> node.getOutput(0).equals(output))
                .findFirst()
                .orElseThrow();
    }

    private static onnx.Onnx.TensorProto.Builder tensor(GraphProto.Builder graph, String name) {
        return graph.getInitializerBuilderList().stream()
                .filter(tensor -> Objects.equals(tensor.getName(), name))
                .findFirst()
                .orElseThrow();
    }

    private static byte[] bytes(float first) {
        return java.nio.ByteBuffer.allocate(6 * Float.BYTES)
                .order(java.nio.ByteOrder.LITTLE_ENDIAN)
                .putFloat(0, first)
                .array();
    }
}
