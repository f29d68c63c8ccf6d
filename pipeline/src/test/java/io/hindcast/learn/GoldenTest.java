package io.hindcast.learn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.typesafe.config.ConfigFactory;
import io.hindcast.GoldenFolder;
import io.hindcast.config.Settings;
import io.hindcast.data.ActionSpace;
import io.hindcast.data.Batch;
import io.hindcast.data.Noise;
import io.hindcast.data.RowLayout;
import io.hindcast.data.RowLayout.Field;
import io.hindcast.data.Spaces;
import io.hindcast.env.ClassicControlGoldenTest;
import io.hindcast.env.PointMassGoldenTest;
import io.hindcast.judge.EstimatorsGoldenTest;
import io.hindcast.kernel.Kernels;
import io.hindcast.kernel.Nd4jKernels;
import io.hindcast.kernel.PlainKernels;
import io.hindcast.kernel.RewardBonusGoldenTest;
import io.hindcast.net.Actor.Preference;
import io.hindcast.net.LogStdBounds;
import io.hindcast.net.Network;
import io.hindcast.net.NetworkConfig;
import io.hindcast.net.Parameters;
import io.hindcast.net.Policy;
import io.hindcast.net.StochasticPolicy;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * Every learner against the float64 fixtures of a folder ({@code -Dhindcast.golden=FOLDER}): losses, intermediates, gradients,
 * norms and all parameters after every step, on plain and on fast kernels.
 */
final class GoldenTest {
    /** The bound of the fixtures' README for single precision, relative to max(1, |expected|). */
    private static final double FLOAT32 = 1e-5;

    /** Fixtures of other parts, and who checks them. */
    private static final Map<String, Consumer<JsonNode>> OTHERS = Map.of(
            "cartpole", ClassicControlGoldenTest::verifyCartPole,
            "ope", EstimatorsGoldenTest::verifyOpe,
            "ope2", EstimatorsGoldenTest::verifyOpe2,
            "ope-truth", EstimatorsGoldenTest::verifyTruth,
            "pendulum", ClassicControlGoldenTest::verifyPendulum,
            "pointmass", PointMassGoldenTest::verify,
            "reward-bonus", RewardBonusGoldenTest::verify);

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
            "td3-bc");

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
        try (var files = Files.list(root)) {
            for (var file : files.filter(path -> path.toString().endsWith(".json"))
                    .sorted()
                    .toList()) {
                var name = file.getFileName().toString().replace(".json", "");
                if (OTHERS.containsKey(name)) {
                    tests.add(dynamicTest(
                            name, () -> OTHERS.get(name).accept(new ObjectMapper().readTree(file.toFile()))));
                } else {
                    KERNELS.forEach((kind, kernels) ->
                            tests.add(dynamicTest(name + " on " + kind + " kernels", () -> replay(file, kernels))));
                }
            }
        }
        assertThat(tests).as("fixtures in " + root).isNotEmpty();
        return tests.stream();
    }

    @Test
    void noFixtureIsMissing() throws IOException {
        try (var files = Files.list(GoldenFolder.own())) {
            assertThat(files.map(file -> file.getFileName().toString()))
                    .as("GoldenTest.OWN has their names")
                    .containsExactlyInAnyOrderElementsOf(
                            OWN.stream().map(name -> name + ".json").toList());
        }
    }

    @Test
    void everyLearnerHasAFixture() throws IOException {
        var found = new HashSet<String>();
        try (var files = Files.list(GoldenFolder.own())) {
            for (var file : files.toList()) {
                var algorithm = new ObjectMapper().readTree(file.toFile()).path("algorithm");
                if (LEARNERS.contains(algorithm.asText())) {
                    found.add(algorithm.asText());
                }
            }
        }
        assertThat(found).isEqualTo(LEARNERS);
    }

    private static void replay(Path file, Supplier<Kernels> kernels) throws IOException {
        var fixture = new ObjectMapper().readTree(file.toFile());
        assertThat(LEARNERS)
                .as("learners with fixtures")
                .contains(fixture.path("algorithm").asText());
        var spaces = new Spaces(fixture.get("observation_dimension").asInt(), actionSpace(fixture.get("action_space")));
        var steps = fixture.get("steps");
        try (var k = kernels.get()) {
            var rows = steps.get(0).get("batch").get("rewards").size();
            var learner = learner(fixture, new LearnerSetup(spaces, rows, 1, k, new SplittableRandom(1)));
            learner.networks().forEach((name, network) -> load(fixture, name, network));
            var step = 0;
            for (var expected : steps) {
                update(learner, expected, batch(expected.get("batch"), spaces), new GivenNoise(expected.get("noise")));
                verify(learner, expected.get("expected"), "step " + ++step);
            }
        }
    }

    private static void update(Learner learner, JsonNode step, Batch batch, Noise noise) {
        if (learner instanceof ActorCritic actorCritic) {
            switch (step.get("type").asText()) {
                case "behavior-cloning" -> actorCritic.cloningStep(batch);
                case "critic" -> actorCritic.criticStep(batch, noise);
                case "actor" -> actorCritic.actorStep(batch, noise);
                default -> throw new AssertionError("no step of type " + step.get("type"));
            }
        } else {
            learner.update(batch, noise);
        }
    }

    /** The random numbers of a fixture's step. */
    private record GivenNoise(JsonNode noise) implements Noise {
        @Override
        public void normal(String name, float[] target) {
            assertThat(noise.has(name)).as("noise " + name).isTrue();
            fill(target, noise.get(name));
        }

        @Override
        public void uniform(String name, float[] target) {
            normal(name, target);
        }

        @Override
        public void indices(String name, int bound, int[] target) {
            assertThat(noise.get(name)).as("noise " + name).hasSize(target.length);
            for (var i = 0; i < target.length; i++) {
                target[i] = noise.get(name).get(i).asInt();
            }
        }
    }

    private static void verify(Learner learner, JsonNode expected, String where) {
        expected.get("losses")
                .properties()
                .forEach(loss -> close(
                        new float[] {learner.losses().get(loss.getKey()).floatValue()},
                        loss.getValue(),
                        where + " loss " + loss.getKey()));
        var intermediates = learner.intermediates();
        expected.get("intermediates").properties().forEach(field -> {
            assertThat(intermediates).as(where).containsKey(field.getKey());
            close(intermediates.get(field.getKey()), field.getValue(), where + " " + field.getKey());
        });
        expected.get("gradient_norm")
                .properties()
                .forEach(norm -> close(
                        new float[] {
                            (float) learner.optimisers().get(norm.getKey()).gradientNorm()
                        },
                        norm.getValue(),
                        where + " gradient norm of " + norm.getKey()));
        expected.get("gradients").properties().forEach(network -> {
            var parameters = learner.networks().get(network.getKey()).parameters();
            close(parameters.gradients(), network.getValue(), parameters, where + " gradient of " + network.getKey());
        });
        var networks = (ObjectNode) expected.get("networks");
        if (learner instanceof Fqe) {
            networks.remove("policy"); // It is given, and no part of what is learned.
        }
        assertThat(learner.networks().keySet()).containsExactlyInAnyOrderElementsOf(names(networks));
        networks.properties().forEach(network -> {
            var parameters = learner.networks().get(network.getKey()).parameters();
            close(parameters.values(), network.getValue(), parameters, where + " " + network.getKey());
        });
    }

    /** The tensors of a fixture by hindcast's names for them. */
    private static Map<String, JsonNode> tensors(JsonNode parameters) {
        var tensors = new LinkedHashMap<String, JsonNode>();
        if (parameters.has("value")) {
            return Map.of("value", parameters.get("value"));
        }
        var layers = parameters.get("layers");
        for (var i = 0; i < layers.size(); i++) {
            tensors.put("layers." + i + ".weight", layers.get(i).get("weight"));
            tensors.put("layers." + i + ".bias", layers.get(i).get("bias"));
        }
        if (parameters.has("layer_norm")) {
            var norms = parameters.get("layer_norm");
            for (var i = 0; i < norms.size(); i++) {
                tensors.put("layer_norm." + i + ".gain", norms.get(i).get("gain"));
                tensors.put("layer_norm." + i + ".bias", norms.get(i).get("bias"));
            }
        }
        if (parameters.has("log_std")) {
            tensors.put("log_std", parameters.get("log_std"));
        }
        return tensors;
    }

    private static void load(JsonNode fixture, String name, Network network) {
        tensors(fixture.get("networks").get(name)).forEach((tensor, values) -> {
            var block = network.parameters().block(tensor);
            System.arraycopy(flat(values), 0, network.parameters().values(), block.offset(), block.length());
        });
        network.refresh();
    }

    private static void close(float[] actual, JsonNode expected, Parameters layout, String what) {
        var tensors = tensors(expected);
        assertThat(tensors.keySet())
                .containsExactlyInAnyOrderElementsOf(
                        layout.blocks().stream().map(Parameters.Block::name).toList());
        tensors.forEach(
                (name, values) -> close(Parameters.slice(actual, layout.block(name)), values, what + " " + name));
    }

    private static void close(float[] actual, JsonNode expected, String what) {
        var numbers = new ArrayList<Double>();
        collect(expected, numbers);
        assertThat(actual).as(what).hasSize(numbers.size());
        for (var i = 0; i < actual.length; i++) {
            var error = Math.abs(actual[i] - numbers.get(i)) / Math.max(1, Math.abs(numbers.get(i)));
            assertThat(error)
                    .as("%s [%d]: %s, expected %s", what, i, actual[i], numbers.get(i))
                    .isLessThanOrEqualTo(FLOAT32);
        }
    }

    private static Learner learner(JsonNode fixture, LearnerSetup setup) {
        var given = fixture.get("config");
        var algorithm = fixture.get("algorithm").asText();
        var settings = new LinkedHashMap<String, Object>();
        given.properties().forEach(entry -> {
            var key = entry.getKey().replace('_', '-');
            if (entry.getValue().isBoolean()) {
                settings.put(key, entry.getValue().asBoolean());
            } else if (key.equals("num-critics")) {
                if (!Set.of("bcq", "dqn", "fqe").contains(algorithm) && !isDiscreteCql(fixture)) {
                    settings.put("critics", entry.getValue().numberValue());
                }
            } else if (entry.getValue().isTextual()) {
                settings.put(key, entry.getValue().asText());
            } else if (entry.getValue().isNumber()) {
                settings.put(key, entry.getValue().numberValue());
            }
        });
        given.get("optimizers").properties().forEach(optimiser -> {
            var o = optimiser.getValue();
            var values = network(
                    fixture.get("architecture").get(o.get("networks").get(0).asText()));
            for (var key : List.of("learning_rate", "adam_beta1", "adam_beta2", "adam_epsilon", "max_gradient_norm")) {
                values.put(
                        key.replace('_', '-'),
                        o.get(key).isNull() ? null : o.get(key).asDouble());
            }
            settings.put(optimiser.getKey().replace('_', '-'), values);
        });
        if (algorithm.equals("rnd")) {
            var target = fixture.get("architecture").get("random_target");
            settings.put("target", network(target));
            settings.put("features", target.get("output_size").asInt());
        }
        if (algorithm.equals("fqe")) {
            var bounds = new LogStdBounds(
                    number(settings.remove("log-std-min"), -5), number(settings.remove("log-std-max"), 2));
            var network = Settings.read(
                    NetworkConfig.class,
                    ConfigFactory.parseMap(network(fixture.get("architecture").get("policy"))),
                    "");
            var policy = StochasticPolicy.of(setup.kernels(), setup.spaces(), network, bounds);
            load(fixture, "policy", policy);
            return Settings.read(Fqe.Config.class, ConfigFactory.parseMap(settings), "")
                    .learner(judging(policy, setup));
        }
        var config = ConfigFactory.parseMap(settings);
        return switch (algorithm) {
            case "awac" -> Settings.read(Awac.Config.class, config, "").learner(setup);
            case "awr" -> Settings.read(Awr.Config.class, config, "").learner(setup);
            case "bcq" -> Settings.read(BcqDiscrete.Config.class, config, "").learner(setup);
            case "bc" ->
                Settings.read(BehaviourCloning.Config.class, config, "").learner(setup);
            case "calql" -> Settings.read(CalQl.Config.class, config, "").learner(setup);
            case "cql" ->
                isDiscreteCql(fixture)
                        ? Settings.read(CqlDiscrete.Config.class, config, "").learner(setup)
                        : Settings.read(CqlContinuous.Config.class, config, "").learner(setup);
            case "dqn" -> Settings.read(Dqn.Config.class, config, "").learner(setup);
            case "iql" -> Settings.read(Iql.Config.class, config, "").learner(setup);
            case "rebrac" -> Settings.read(Rebrac.Config.class, config, "").learner(setup);
            case "redq-actor-critic" ->
                Settings.read(ActorCritic.Config.class, config, "").learner(setup);
            case "rnd" -> Settings.read(Rnd.Config.class, config, "").learner(setup);
            case "td3-bc" -> Settings.read(Td3Bc.Config.class, config, "").learner(setup);
            default -> throw new AssertionError("no learner for fixture " + fixture.get("name"));
        };
    }

    /** Actions are drawn from the policy and not cut, and episodes begin where all is 0. */
    private static LearnerSetup judging(Policy policy, LearnerSetup setup) {
        return new LearnerSetup(
                setup.spaces(),
                setup.batchSize(),
                setup.updates(),
                setup.kernels(),
                setup.initialisation(),
                new Judged(
                        policy,
                        Preference.SAMPLED,
                        0,
                        Double.POSITIVE_INFINITY,
                        new float[setup.spaces().observationSize()],
                        null,
                        Noise::none));
    }

    private static boolean isDiscreteCql(JsonNode fixture) {
        return fixture.get("algorithm").asText().equals("cql")
                && fixture.get("action_space").get("type").asText().equals("discrete");
    }

    private static double number(Object value, double absent) {
        return value instanceof Number number ? number.doubleValue() : absent;
    }

    private static Map<String, Object> network(JsonNode architecture) {
        if (architecture.get("head").asText().equals("parameter")) {
            return new LinkedHashMap<>();
        }
        var hidden = new ArrayList<Integer>();
        architecture.get("hidden_sizes").forEach(units -> hidden.add(units.asInt()));
        var values = new LinkedHashMap<String, Object>();
        values.put("hidden-layers", hidden);
        values.put("activation", architecture.get("activation").asText());
        values.put("layer-norm", architecture.get("layer_norm").asBoolean());
        if (architecture.has("layer_norm_epsilon")) {
            values.put(
                    "layer-norm-epsilon", architecture.get("layer_norm_epsilon").asDouble());
        }
        if (architecture.has("layer_norm_place")) {
            values.put(
                    "layer-norm-place",
                    architecture.get("layer_norm_place").asText().replace("-activation", ""));
        }
        return values;
    }

    private static ActionSpace actionSpace(JsonNode space) {
        return space.get("type").asText().equals("discrete")
                ? new ActionSpace.Discrete(space.get("count").asInt())
                : new ActionSpace.Continuous(space.get("dimension").asInt(), -1, 1);
    }

    private static Batch batch(JsonNode given, Spaces spaces) {
        var masks = Map.of("action_mask", Field.ACTION_MASK, "next_action_mask", Field.NEXT_ACTION_MASK);
        var numbers = Map.of(
                "next_actions", Field.NEXT_ACTION,
                "next_action_known", Field.NEXT_ACTION_KNOWN,
                "return_to_go", Field.RETURN_TO_GO);
        var fields = new HashMap<>(masks);
        fields.putAll(numbers);
        var layout = RowLayout.of(spaces)
                .with(fields.keySet().stream()
                        .filter(given::has)
                        .map(fields::get)
                        .collect(Collectors.toSet()));
        var batch = new Batch(layout, given.get("rewards").size());
        numbers.forEach((name, field) -> {
            if (given.has(name)) {
                fill(batch.values(field), given.get(name));
            }
        });
        for (var name : masks.keySet()) {
            for (var b = 0; given.has(name) && b < batch.size(); b++) {
                var flags = new boolean[spaces.actions().size()];
                for (var a = 0; a < flags.length; a++) {
                    flags[a] = given.get(name).get(b).get(a).asInt() == 1;
                }
                batch.setPossible(masks.get(name), b, flags);
            }
        }
        fill(batch.observations(), given.get("observations"));
        fill(batch.nextObservations(), given.get("next_observations"));
        fill(batch.rewards(), given.get("rewards"));
        fill(batch.stopsBootstrap(), given.get("terminated"));
        if (spaces.actions() instanceof ActionSpace.Discrete) {
            for (var b = 0; b < batch.size(); b++) {
                batch.actionIndices()[b] = given.get("actions").get(b).asInt();
            }
        } else {
            fill(batch.actions(), given.get("actions"));
        }
        return batch;
    }

    private static void fill(float[] target, JsonNode values) {
        var flat = flat(values);
        assertThat(flat).hasSameSizeAs(target);
        System.arraycopy(flat, 0, target, 0, flat.length);
    }

    private static float[] flat(JsonNode values) {
        var numbers = new ArrayList<Double>();
        collect(values, numbers);
        var flat = new float[numbers.size()];
        for (var i = 0; i < flat.length; i++) {
            flat[i] = numbers.get(i).floatValue();
        }
        return flat;
    }

    private static void collect(JsonNode node, List<Double> numbers) {
        if (node.isArray()) {
            node.forEach(item -> collect(item, numbers));
        } else {
            numbers.add(node.asDouble());
        }
    }

    private static List<String> names(JsonNode object) {
        var names = new ArrayList<String>();
        object.fieldNames().forEachRemaining(names::add);
        return names;
    }
}
