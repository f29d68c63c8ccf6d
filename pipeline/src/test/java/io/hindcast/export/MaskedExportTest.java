package io.hindcast.export;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.data.Offset.offset;

import io.hindcast.data.ActionSpace;
import io.hindcast.kernel.Categorical;
import io.hindcast.kernel.Nd4jKernels;
import io.hindcast.run.Checkpoint;
import io.hindcast.run.RunSpec;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import onnx.Onnx.ModelProto;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.shade.protobuf.InvalidProtocolBufferException;

/** Policies of runs that learned from which actions were possible want to be told it, and keep to it. */
final class MaskedExportTest {
    private static final ActionSpace FOUR = new ActionSpace.Discrete(4);

    @ParameterizedTest
    @ValueSource(strings = {"dqn", "cql-discrete", "bcq-discrete", "awac", "behaviour-cloning"})
    void bothFormsChooseAmongWhatIsPossibleAsOurOwnPolicyDoes(String learner) {
        var network = Set.of("dqn", "cql-discrete", "bcq-discrete").contains(learner) ? "critic" : "actor";
        var sample = SampleCheckpoint.of(learner, network + " { hidden-layers = [16, 8], layer-norm = true }", FOUR);
        try (var kernels = new Nd4jKernels()) {
            var policy = new ExportedPolicy(masked(sample), sample.spaces(), PolicyNames.NONE, kernels);
            if (policy.formats().contains(ExportFormat.DL4J)) {
                assertThat(policy.check(policy.bytes(ExportFormat.DL4J))).isLessThan(1e-5);
            }

            var comparison = policy.comparison();
            var possible = new boolean[Comparison.ROWS][4];
            var flags = comparison.possible();
            for (var k = 0; k < flags.length; k++) {
                possible[k / 4][k % 4] = flags[k] == 1;
            }
            assertThat(Arrays.stream(possible).filter(row -> !row[0])).hasSizeBetween(300, 450);
            try (var session = new OnnxSession(policy.bytes(ExportFormat.ONNX))) {
                var actions = (long[]) session.run("action", comparison.observations(), possible);
                comparison.requireChoices(
                        ExportFormat.ONNX,
                        Arrays.stream(actions).mapToInt(Math::toIntExact).toArray());
                var scores = (float[][]) session.run(
                        policy.outputs(ExportFormat.ONNX).get(0).name(), comparison.observations(), possible);
                for (var row = 0; row < Comparison.ROWS; row++) {
                    assertThat(possible[row][(int) actions[row]]).isTrue();
                    if (!learner.equals("bcq-discrete")) {
                        assertThat(actions[row]).isEqualTo(Categorical.argmax(scores[row], 0, 4, possible[row]));
                    }
                }
            }
        }
    }

    @Test
    void onlySuchAPolicyIsTold() {
        var sample = SampleCheckpoint.of("dqn", "critic { hidden-layers = [8] }", FOUR);
        try (var kernels = new Nd4jKernels()) {
            var masked = new ExportedPolicy(masked(sample), sample.spaces(), PolicyNames.NONE, kernels);
            var plain = new ExportedPolicy(sample.checkpoint(), sample.spaces(), PolicyNames.NONE, kernels);
            try (var told = new OnnxSession(masked.bytes(ExportFormat.ONNX));
                    var untold = new OnnxSession(plain.bytes(ExportFormat.ONNX))) {
                assertThat(told.ports())
                        .isEqualTo("{in action_mask=BOOL [-1, 4], in observation=FLOAT [-1, 5], out action=INT64 [-1],"
                                + " out action_values=FLOAT [-1, 4], out probabilities=FLOAT [-1, 4]}");
                assertThat(untold.ports()).doesNotContain("action_mask");
            }
            assertThat(masked.inputs(ExportFormat.DL4J))
                    .extracting(port -> port.name() + " " + port.type() + " " + port.shape())
                    .containsExactly("observation float32 [5]", "action_mask float32 [4]");
        }
    }

    @Test
    void oneThatNeverHeardOfItMayBeToldToo() throws InvalidProtocolBufferException {
        var sample = SampleCheckpoint.of("awac", "actor { hidden-layers = [8] }", FOUR);
        try (var kernels = new Nd4jKernels()) {
            var plain = new ExportedPolicy(sample.checkpoint(), sample.spaces(), PolicyNames.NONE, kernels);
            assertThat(plain.inputs(ExportFormat.ONNX))
                    .extracting(port -> port.name() + " " + port.isOptional())
                    .containsExactly("observation false", "action_mask true");
            var observation = new float[] {0.5f, -1, 2, 0, 1};
            var model = plain.bytes(ExportFormat.ONNX);
            // ONNX Runtime for Java cannot give an input that has a value of its own.
            try (var untold = new OnnxSession(model);
                    var session = new OnnxSession(withoutMask(model))) {
                var all = ((float[][]) untold.run("probabilities", observation, 1))[0];
                var some = ((float[][])
                                session.run("probabilities", observation, new boolean[][] {{false, true, false, true}}))
                        [0];
                assertThat(some)
                        .containsExactly(
                                new float[] {0, all[1] / (all[1] + all[3]), 0, all[3] / (all[1] + all[3])},
                                offset(1e-6f));
            }
        }
    }

    private static byte[] withoutMask(byte[] model) throws InvalidProtocolBufferException {
        var proto = ModelProto.parseFrom(model).toBuilder();
        var graph = proto.getGraphBuilder();
        var others = graph.getInitializerList().stream()
                .filter(tensor -> !tensor.getName().equals("action_mask"))
                .toList();
        assertThat(others).hasSize(graph.getInitializerCount() - 1);
        graph.clearInitializer().addAllInitializer(others);
        return proto.build().toByteArray();
    }

    @Test
    void soIsOneThatLearnedOnlyWhereTheEnvironmentSaidWhatIsPossible() {
        var sample = SampleCheckpoint.of("dqn", "critic { hidden-layers = [8] }", FOUR);
        // observation, action, reward, next observation, two flags; then the masks before and after the step
        var width = 5 + 1 + 1 + 5 + 2;
        try (var kernels = new Nd4jKernels()) {
            for (var masks : List.of(0, 2 * 4)) {
                var acted = acted(sample, width + masks);
                assertThat(acted.spec().actionMasks()).isFalse();
                assertThat(new ExportedPolicy(acted, sample.spaces(), PolicyNames.NONE, kernels)
                                .inputs(ExportFormat.ONNX)
                                .get(1)
                                .isOptional())
                        .isEqualTo(masks == 0);
            }
        }
    }

    private static Checkpoint acted(SampleCheckpoint sample, int width) {
        var plain = sample.checkpoint();
        return new Checkpoint(
                plain.spec(),
                plain.spaces(),
                plain.step(),
                plain.tensors(),
                plain.counters(),
                plain.metrics(),
                plain.seconds(),
                new Checkpoint.Tensor(List.of(3, width), new float[3 * width], 0));
    }

    static Checkpoint masked(SampleCheckpoint sample) {
        var plain = sample.checkpoint();
        var spec = RunSpec.fromJson(plain.spec().toJson().replaceFirst("\\{", "{\"actionMasks\":true,"));
        return new Checkpoint(
                spec,
                plain.spaces(),
                plain.step(),
                plain.tensors(),
                plain.counters(),
                plain.metrics(),
                plain.seconds());
    }
}
