package io.hindcast.export;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.data.Offset.offset;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.hindcast.data.Action;
import io.hindcast.data.ActionSpace;
import io.hindcast.data.ReplayBuffer;
import io.hindcast.data.ReplayBuffer.TerminalFlag;
import io.hindcast.data.Spaces;
import io.hindcast.env.EnvironmentSpec;
import io.hindcast.kernel.Nd4jKernels;
import io.hindcast.net.Actor;
import io.hindcast.run.CheckpointStore;
import io.hindcast.run.Outcome;
import io.hindcast.run.Seeds;
import io.hindcast.run.TrainingLoop;
import io.hindcast.score.PolicyEvaluation;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.random.RandomGenerator;
import org.apache.commons.io.FileUtils;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What an earlier hindcast wrote, before bounds were per entry and actions could be several numbers: at updates 10 and 20. */
final class OldCheckpointsTest {
    private enum Run {
        CONTINUOUS(
                "td3-bc-all-s7-ec8415204535",
                "pendulum",
                new Spaces(3, new ActionSpace.Continuous(1, -2, 2)),
                -1577.0122159754417),
        DISCRETE("dqn-all-s7-2675b55b39a5", "pointmass-easy", new Spaces(2, new ActionSpace.Discrete(5)), -50);

        private final String id;
        private final String environment;
        private final Spaces spaces;
        private final double meanReturn;

        Run(String id, String environment, Spaces spaces, double meanReturn) {
            this.id = id;
            this.environment = environment;
            this.spaces = spaces;
            this.meanReturn = meanReturn;
        }
    }

    @TempDir
    Path folder;

    @ParameterizedTest
    @EnumSource
    void anOldRunIsReadAndWrittenAgainToTheSameBytes(Run run) throws IOException {
        var checkpoint = old().read(run.id, 20);
        assertThat(checkpoint.spec().id()).isEqualTo(run.id);
        assertThat(checkpoint.spaces()).isEqualTo(run.spaces);
        store().write(checkpoint);
        for (var part : new String[] {"state.safetensors", "metrics.jsonl", "checkpoint.json"}) {
            var file = CheckpointStore.location(run.id, 20) + "/" + part;
            assertThat(folder.resolve(file)).hasSameBinaryContentAs(resources().resolve(file));
        }
    }

    @ParameterizedTest
    @EnumSource
    void anOldRunGoesOn(Run run) throws IOException {
        var halfway = CheckpointStore.location(run.id, 10);
        FileUtils.copyDirectory(
                resources().resolve(halfway).toFile(), folder.resolve(halfway).toFile());
        var spec = store().read(run.id, 10).spec();
        var result = TrainingLoop.run(spec, data(run.spaces), store(), new TrainingLoop.Listener() {
            @Override
            public void starts(long step, String kernels) {
                assertThat(step).isEqualTo(10);
            }
        });
        assertThat(result.outcome()).isEqualTo(new Outcome.Finished());

        assertThat(withoutHashes(folder, run)).isEqualTo(withoutHashes(resources(), run));
        var expected = old().read(run.id, 20).tensors();
        // What multiplies may round otherwise on another machine.
        store().read(run.id, 20)
                .tensors()
                .forEach((name, tensor) -> assertThat(tensor.values())
                        .as(name)
                        .containsExactly(
                                Objects.requireNonNull(expected.get(name)).values(), offset(1e-5f)));
    }

    @ParameterizedTest
    @EnumSource
    void anOldPolicyPlaysAsItDid(Run run) {
        var evaluation = new PolicyEvaluation(new EnvironmentSpec(run.environment), 3, 5);
        assertThat(evaluation.meanReturn(old().read(run.id, 20))).isEqualTo(run.meanReturn, offset(0.01));
    }

    /** What it says it said then too, and to what it gave has been added. What it calls type was once called kind, and still is. */
    @ParameterizedTest
    @EnumSource
    void anOldPolicyIsExportedWithWhatItHadThen(Run run) throws IOException {
        try (var kernels = new Nd4jKernels()) {
            new PolicyFolder(folder.resolve("policies").toString(), new Configuration())
                    .write(new ExportedPolicy(old().read(run.id, 20), run.spaces, PolicyNames.NONE, kernels));
        }
        var file = "policies/" + run.id + "/policy.json";
        var then = (ObjectNode)
                new ObjectMapper().readTree(resources().resolve(file).toFile());
        var now = (ObjectNode) new ObjectMapper().readTree(folder.resolve(file).toFile());
        assertThat(now.at("/files/policy-dl4j.zip")).isEqualTo(then.at("/files/policy-dl4j.zip"));
        for (var ports : List.of("inputs", "outputs")) {
            var model = "/files/policy.onnx/" + ports;
            assertThat(now.at(model)).containsAll(then.at(model));
        }
        assertThat(now.remove("acting").path("actions").asText()).isEqualTo("greedy");
        assertThat(now.remove("sha256")).isNotNull();
        assertThat(((ObjectNode) now.get("actions")).remove("kind")).isEqualTo(now.at("/actions/type"));
        ((ObjectNode) then.get("actions")).set("type", ((ObjectNode) then.get("actions")).remove("kind"));
        now.remove("files");
        then.remove("files");
        assertThat(now).isEqualTo(then);
        assertThat(ActionSpace.of(new ObjectMapper().convertValue(then.get("actions"), Map.class)))
                .isEqualTo(run.spaces.actions());
    }

    /** Nothing of it is made anew; a file of discrete actions acts as it did, and one of vectors says what it lacks. */
    @ParameterizedTest
    @EnumSource
    void whatAnOldHindcastExportedIsWholeAndIsRead(Run run) throws IOException {
        var policies = new PolicyFolder(resources().resolve("policies").toString(), new Configuration());
        assertThat(policies.isWhole(run.id)).isTrue();
        var file = resources().resolve("policies/" + run.id + "/policy.onnx").toString();
        if (run == Run.CONTINUOUS) {
            assertThatThrownBy(() -> OnnxPolicy.read(file, run.spaces, new Configuration()))
                    .hasMessageStartingWith("an earlier hindcast exported it, which did not say what its actions are"
                            + " drawn from; remove its directory and run train again");
            return;
        }
        try (var kernels = new Nd4jKernels()) {
            var own = new Actor(kernels, old().read(run.id, 20).policy(run.spaces, kernels), run.spaces, 1);
            var read = OnnxPolicy.read(file, run.spaces, new Configuration()).policy(kernels);
            var same = new Actor(kernels, read, run.spaces, 1);
            for (var x = -2f; x <= 2; x += 0.25f) {
                own.show(new float[] {x, 1 - x}, null);
                same.show(new float[] {x, 1 - x}, null);
                assertThat(same.output()).containsExactly(own.output(), offset(1e-6f));
            }
        }
    }

    private static JsonNode withoutHashes(Path root, Run run) throws IOException {
        var header = (ObjectNode) new ObjectMapper()
                .readTree(root.resolve(CheckpointStore.location(run.id, 20))
                        .resolve("checkpoint.json")
                        .toFile());
        return header.remove(List.of("parts", "sha256"));
    }

    private static ReplayBuffer data(Spaces spaces) {
        var data = new ReplayBuffer(spaces, 30);
        var random = new Seeds(3).generator("test data", 0);
        for (var i = 0; i < 30; i++) {
            data.append(
                    vector(random, spaces.observationSize(), 1),
                    spaces.actions() instanceof ActionSpace.Continuous space
                            ? new Action.Vector(vector(random, space.dimension(), 2))
                            : new Action.Index(random.nextInt(spaces.actions().size())),
                    -1,
                    vector(random, spaces.observationSize(), 1),
                    i % 10 == 9 ? TerminalFlag.STOPS_BOOTSTRAP : TerminalFlag.KEEPS_BOOTSTRAP);
        }
        return data;
    }

    private static float[] vector(RandomGenerator random, int size, float bound) {
        var values = new float[size];
        for (var i = 0; i < size; i++) {
            values[i] = bound * (2 * random.nextFloat() - 1);
        }
        return values;
    }

    private CheckpointStore store() {
        return new CheckpointStore(folder.toString(), new Configuration());
    }

    private static CheckpointStore old() {
        return new CheckpointStore(resources().toString(), new Configuration());
    }

    private static Path resources() {
        try {
            return Path.of(Objects.requireNonNull(OldCheckpointsTest.class.getResource("/old-checkpoints"))
                    .toURI());
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }
}
