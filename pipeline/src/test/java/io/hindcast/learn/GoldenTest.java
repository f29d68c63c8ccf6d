package io.hindcast.learn;

import static io.hindcast.learn.GoldenJson.only;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.hindcast.GoldenFolder;
import io.hindcast.env.ClassicControlGoldenTest;
import io.hindcast.env.PointMassGoldenTest;
import io.hindcast.judge.EstimatorsGoldenTest;
import io.hindcast.kernel.Kernels;
import io.hindcast.kernel.Nd4jKernels;
import io.hindcast.kernel.PlainKernels;
import io.hindcast.kernel.RewardBonusGoldenTest;
import io.hindcast.net.Adam;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Every learner against the float64 fixtures of a folder and those below it ({@code -Dhindcast.golden=FOLDER}): losses, intermediates,
 * gradients, norms and all parameters after every step, on plain and on fast kernels. What a fixture checks is told by its content; what
 * it says and nobody understands makes it fail.
 */
final class GoldenTest {
    /** The project's own fixtures; one that is gone, or that nobody listed, is no small thing. */
    private static final List<String> OWN = List.of(
            "awac-categorical",
            "awac-categorical-mask",
            "awac-gaussian",
            "awr-categorical",
            "awr-categorical-mask",
            "awr-gaussian",
            "bc-categorical",
            "bc-categorical-mask",
            "bc-gaussian",
            "bcq-discrete",
            "calql",
            "calql-lagrange",
            "cartpole",
            "cql-continuous",
            "cql-discrete",
            "cql-discrete-mask",
            "dqn",
            "dqn-mask",
            "dqn-single",
            "fqe",
            "fqe-mask",
            "iql-categorical",
            "iql-categorical-mask",
            "iql-gaussian",
            "iql-layernorm-after",
            "ope",
            "ope-truth",
            "ope2",
            "pendulum",
            "pointmass",
            "rebrac",
            "rebrac-no-penalty",
            "redq-actor-critic",
            "reward-bonus",
            "rnd",
            "td3-bc",
            "oracle/awac-categorical-batch-of-1",
            "oracle/awac-gaussian-norm",
            "oracle/awr-categorical-gelu",
            "oracle/awr-gaussian-norm",
            "oracle/bc-categorical-no-hidden",
            "oracle/bc-gaussian-norm-after",
            "oracle/bcq-discrete-norm",
            "oracle/calql-norm",
            "oracle/cql-continuous-norm",
            "oracle/cql-discrete-norm",
            "oracle/dqn-norm",
            "oracle/fqe-norm",
            "oracle/iql-ddpg-bc",
            "oracle/iql-simultaneous",
            "oracle/iql-simultaneous-mask",
            "oracle/rebrac-every-step",
            "oracle/rebrac-every-third-step",
            "oracle/redq-gelu",
            "oracle/rnd-norm",
            "oracle/td3-bc-norm");

    /** What the fixtures call the learners. */
    private static final Set<String> LEARNERS = Set.of(
            "awac",
            "awr",
            "bc",
            "bcq",
            "calql",
            "cql",
            "dqn",
            "fqe",
            "iql",
            "rebrac",
            "redq-actor-critic",
            "rnd",
            "td3-bc");

    private static final Map<String, Supplier<Kernels>> KERNELS =
            Map.of("plain", PlainKernels::new, "nd4j", Nd4jKernels::new);

    @TestFactory
    Stream<DynamicTest> everyUpdateAgreesWithTheOracle() throws IOException {
        var root = GoldenFolder.path();
        var tests = new ArrayList<DynamicTest>();
        for (var file : fixtures(root)) {
            var name = name(root, file);
            var fixture = read(file);
            if (isOfLearner(fixture)) {
                KERNELS.forEach((kind, kernels) ->
                        tests.add(dynamicTest(name + " on " + kind + " kernels", () -> replay(fixture, kernels))));
            } else {
                tests.add(dynamicTest(name, () -> verifyOther(fixture)));
            }
        }
        assertThat(tests).as("fixtures in " + root).isNotEmpty();
        return tests.stream();
    }

    @Test
    void noFixtureIsMissing() throws IOException {
        var root = GoldenFolder.own();
        assertThat(fixtures(root))
                .extracting(file -> name(root, file))
                .as("GoldenTest.OWN has their names")
                .containsExactlyInAnyOrderElementsOf(OWN);
    }

    @Test
    void everyLearnerHasAFixture() throws IOException {
        var found = new HashSet<String>();
        for (var file : fixtures(GoldenFolder.own())) {
            var fixture = read(file);
            if (isOfLearner(fixture)) {
                found.add(fixture.get("algorithm").asText());
            }
        }
        assertThat(found).isEqualTo(LEARNERS);
    }

    @ParameterizedTest
    @CsvSource({
        "''",
        "/config",
        "/config/optimizers/critic",
        "/architecture/critic_0",
        "/networks/actor",
        "/networks/actor/layers/0",
        "/action_space",
        "/steps/0",
        "/steps/0/batch",
        "/steps/0/noise",
        "/steps/0/expected",
        "/steps/0/expected/losses",
        "/steps/0/expected/intermediates",
        "/steps/0/expected/networks/actor"
    })
    void aKeyThatNobodyUnderstandsFails(String place) throws IOException {
        var fixture = read(GoldenFolder.own().resolve("awac-gaussian.json"));
        replay(fixture, PlainKernels::new);
        ((ObjectNode) fixture.at(place)).put("surprise", 1);
        assertThatThrownBy(() -> replay(fixture, PlainKernels::new)).hasMessageContaining("surprise");
    }

    @ParameterizedTest
    @CsvSource({
        "/config/optimizers/critic, weight_decay, 0.5",
        "/config/optimizers/critic, adam_epsilon, 0.1",
        "/config, num_critics, 2",
        "/config, target_period, 1",
        "/config, double_q, false",
        "/architecture/critic_0, activation, gelu",
        "/architecture/critic_0, head, scalar",
        "/architecture/critic_0, inputs, action",
        "/steps/0/expected/losses, critic, 7",
        "/steps/1/expected/gradient_norm, actor, 1"
    })
    void aValueThatIsNotThatOfTheFixtureFails(String place, String key, String value) throws IOException {
        var fixture = read(GoldenFolder.own().resolve("dqn.json"));
        ((ObjectNode) fixture.at(place)).set(key, new ObjectMapper().readTree(json(value)));
        assertThatThrownBy(() -> replay(fixture, PlainKernels::new)).isInstanceOf(AssertionError.class);
    }

    private static String json(String value) {
        return value.matches("[a-z]+") && !value.equals("false") ? '"' + value + '"' : value;
    }

    @Test
    void aFileOfAnotherNameIsKnownByItsContent() throws IOException {
        for (var name : List.of("cartpole", "ope", "ope-truth", "reward-bonus")) {
            var fixture = (ObjectNode) read(GoldenFolder.own().resolve(name + ".json"));
            verifyOther(fixture.put("name", name + "-b"));
            fixture.put("surprise", 1);
            assertThatThrownBy(() -> verifyOther(fixture)).hasMessageContaining("surprise");
        }
        var stranger = new ObjectMapper().readTree("{\"name\": \"stranger\"}");
        assertThatThrownBy(() -> verifyOther(stranger)).hasMessageContaining("stranger");
    }

    private static List<Path> fixtures(Path root) throws IOException {
        try (var files = Files.walk(root)) {
            return files.filter(path -> path.toString().endsWith(".json"))
                    .sorted()
                    .toList();
        }
    }

    private static String name(Path root, Path file) {
        var name = Files.isDirectory(root) ? root.relativize(file) : file.getFileName();
        return name.toString().replace('\\', '/').replace(".json", "");
    }

    private static JsonNode read(Path file) throws IOException {
        return new ObjectMapper().readTree(file.toFile());
    }

    private static boolean isOfLearner(JsonNode fixture) {
        return LEARNERS.contains(fixture.path("algorithm").asText());
    }

    /** Checks a fixture of another part. */
    private static void verifyOther(JsonNode fixture) {
        var what =
                fixture.path("algorithm").asText() + fixture.path("environment").asText();
        if (what.equals("CartPole-v1") || what.equals("Pendulum-v1")) {
            only(fixture, what, "name", "description", "environment", "max_episode_steps", "trajectories");
            if (what.equals("CartPole-v1")) {
                ClassicControlGoldenTest.verifyCartPole(fixture);
            } else {
                ClassicControlGoldenTest.verifyPendulum(fixture);
            }
        } else if (fixture.has("environments")) {
            only(fixture, "point masses", "name", "description", "environments");
            PointMassGoldenTest.verify(fixture);
        } else if (what.equals("reward-bonus")) {
            only(fixture, what, "name", "description", "algorithm", "rows");
            RewardBonusGoldenTest.verify(fixture);
        } else if (fixture.has("processes")) {
            only(fixture, what, "name", "description", "algorithm", "processes");
            EstimatorsGoldenTest.verifyTruth(fixture);
        } else if (fixture.has("bandits")
                || fixture.at("/datasets/0/episodes/0").has("time_delta")) {
            only(fixture, what, "name", "description", "algorithm", "datasets", "bandits");
            EstimatorsGoldenTest.verifyOpe2(fixture);
        } else if (fixture.has("datasets")) {
            only(fixture, what, "name", "description", "algorithm", "datasets");
            EstimatorsGoldenTest.verifyOpe(fixture);
        } else {
            throw new AssertionError("nobody knows what the fixture " + fixture.get("name") + " checks");
        }
    }

    /** Where batches differ in their size, a learner of the next one's goes on from where the last one stands. */
    private static void replay(JsonNode fixture, Supplier<Kernels> kernels) {
        var maker = new GoldenLearner(fixture);
        assertThat(fixture.get("steps")).as("steps").isNotEmpty();
        try (var k = kernels.get()) {
            Learner learner = null;
            var rows = 0;
            var number = 0;
            for (var given : fixture.get("steps")) {
                var step = new GoldenStep(given, "step " + ++number);
                if (step.rows() != rows) {
                    var next = maker.of(step.rows(), k);
                    if (learner != null) {
                        carry(learner, next);
                    }
                    learner = next;
                    rows = step.rows();
                }
                step.replay(learner, maker.spaces());
            }
        }
    }

    /** The whole state of a learner is in its networks and optimisers. */
    private static void carry(Learner from, Learner to) {
        from.networks().forEach((name, network) -> {
            var target = to.networks().get(name);
            copy(network.parameters().values(), target.parameters().values());
            target.refresh();
        });
        from.optimisers().forEach((name, optimiser) -> {
            Adam target = to.optimisers().get(name);
            for (var i = 0; i < optimiser.networks().size(); i++) {
                copy(optimiser.firstMoments().get(i), target.firstMoments().get(i));
                copy(optimiser.secondMoments().get(i), target.secondMoments().get(i));
            }
            target.resume(optimiser.steps());
        });
    }

    private static void copy(float[] from, float[] to) {
        System.arraycopy(from, 0, to, 0, from.length);
    }
}
