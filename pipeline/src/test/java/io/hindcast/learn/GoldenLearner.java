package io.hindcast.learn;

import static io.hindcast.learn.GoldenJson.get;
import static io.hindcast.learn.GoldenJson.names;
import static io.hindcast.learn.GoldenJson.only;
import static io.hindcast.learn.GoldenJson.shape;
import static io.hindcast.learn.GoldenJson.tensors;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.typesafe.config.ConfigFactory;
import io.hindcast.config.Settings;
import io.hindcast.data.ActionSpace;
import io.hindcast.data.Noise;
import io.hindcast.data.Spaces;
import io.hindcast.kernel.Kernels;
import io.hindcast.net.Actor.Preference;
import io.hindcast.net.LogStdBounds;
import io.hindcast.net.Network;
import io.hindcast.net.NetworkConfig;
import io.hindcast.net.Policy;
import io.hindcast.net.StochasticPolicy;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;

/** The learner that a fixture describes, with the fixture's first parameters; what it does not understand fails. */
final class GoldenLearner {
    private static final List<String> ADAM =
            List.of("learning_rate", "adam_beta1", "adam_beta2", "adam_epsilon", "max_gradient_norm");

    /** What decoupled weight decay may be called. */
    private static final List<String> DECAY = List.of("weight_decay", "adam_weight_decay", "decoupled_weight_decay");

    private final JsonNode fixture;
    private final String algorithm;
    private final Spaces spaces;

    GoldenLearner(JsonNode fixture) {
        this.fixture = fixture;
        only(
                fixture,
                "the fixture",
                "name",
                "description",
                "algorithm",
                "action_space",
                "observation_dimension",
                "config",
                "architecture",
                "networks",
                "float32_deviation",
                "steps");
        algorithm = fixture.get("algorithm").asText();
        spaces = new Spaces(fixture.get("observation_dimension").asInt(), actionSpace(fixture.get("action_space")));
        assertThat(names(fixture.get("architecture")))
                .as("networks that the architecture names")
                .containsExactlyInAnyOrderElementsOf(names(fixture.get("networks")));
        fixture.get("architecture").properties().forEach(entry -> verify(entry.getKey(), entry.getValue()));
    }

    Spaces spaces() {
        return spaces;
    }

    /** For batches of {@code rows}. */
    Learner of(int rows, Kernels kernels) {
        var learner = learner(new LearnerSetup(spaces, rows, 1, kernels, new SplittableRandom(1)));
        learner.networks().forEach(this::load);
        return learner;
    }

    private static ActionSpace actionSpace(JsonNode space) {
        only(space, "action_space", "type", "count", "dimension");
        return switch (space.get("type").asText()) {
            case "discrete" -> new ActionSpace.Discrete(space.get("count").asInt());
            case "continuous" ->
                new ActionSpace.Continuous(space.get("dimension").asInt(), -1, 1);
            default -> throw new AssertionError("no actions of type " + space.get("type"));
        };
    }

    private boolean isDiscrete() {
        return spaces.actions() instanceof ActionSpace.Discrete;
    }

    /** That a network is read as hindcast reads it. */
    private void verify(String name, JsonNode given) {
        only(
                given,
                "architecture " + name,
                "inputs",
                "input_size",
                "hidden_sizes",
                "activation",
                "layer_norm",
                "layer_norm_place",
                "layer_norm_epsilon",
                "output_size",
                "head");
        var head = head(name);
        assertThat(given.get("head").asText()).as("head of " + name).isEqualTo(head);
        var n = spaces.actions().size();
        assertThat(given.get("output_size").asInt())
                .as("outputs of " + name)
                .isEqualTo(
                        switch (head) {
                            case "scalar", "parameter" -> 1;
                            case "squashed-gaussian" -> 2 * n;
                            case "features" ->
                                fixture.at("/architecture/random_target/output_size")
                                        .asInt();
                            default -> n;
                        });
        if (head.equals("parameter")) {
            return;
        }
        var takesAction = name.contains("critic") && !isDiscrete();
        var inputs = new ArrayList<String>();
        given.get("inputs").forEach(input -> inputs.add(input.asText()));
        assertThat(inputs)
                .as("inputs of " + name)
                .isEqualTo(takesAction ? List.of("observation", "action") : List.of("observation"));
        assertThat(given.get("input_size").asInt())
                .as("inputs of " + name)
                .isEqualTo(spaces.observationSize() + (takesAction ? n : 0));
        if (name.startsWith("target_")) {
            assertThat(given).as(name).isEqualTo(fixture.at("/architecture/" + name.substring("target_".length())));
        }
    }

    private String head(String name) {
        if (name.contains("critic")) {
            return isDiscrete() ? "action-values" : "scalar";
        }
        return switch (name) {
            case "value" -> "scalar";
            case "predictor", "random_target" -> "features";
            case "imitation" -> "logits";
            case "log_entropy_coefficient", "log_multiplier" -> "parameter";
            case "policy" -> isDiscrete() ? "logits" : "gaussian";
            case "actor", "target_actor" ->
                switch (algorithm) {
                    case "rebrac", "redq-actor-critic", "td3-bc" -> "tanh-action";
                    case "calql", "cql" -> "squashed-gaussian";
                    default -> isDiscrete() ? "logits" : "gaussian";
                };
            default -> throw new AssertionError(algorithm + " has no network " + name);
        };
    }

    private void load(String name, Network network) {
        var parameters = network.parameters();
        var tensors = tensors(get(fixture.get("networks"), name, "networks"), name);
        parameters.blocks().forEach(block -> {
            assertThat(tensors).as("tensors of " + name).containsKey(block.name());
            var values = tensors.get(block.name());
            assertThat(shape(values)).as(name + " " + block.name()).isEqualTo(block.shape());
            System.arraycopy(GoldenJson.flat(values), 0, parameters.values(), block.offset(), block.length());
        });
        assertThat(tensors).as("tensors of " + name).hasSameSizeAs(parameters.blocks());
        network.refresh();
    }

    private Map<String, Object> settings() {
        var config = fixture.get("config");
        var settings = new LinkedHashMap<String, Object>();
        config.properties().forEach(entry -> {
            var value = entry.getValue();
            var isOne = Set.of("bcq", "dqn", "fqe").contains(algorithm) || (algorithm.equals("cql") && isDiscrete());
            if (entry.getKey().equals("num_critics") && isOne) {
                assertThat(value.asInt()).as("critics of " + algorithm).isEqualTo(1);
            } else if (entry.getKey().equals("num_critics")) {
                settings.put("critics", value.numberValue());
            } else if (!entry.getKey().equals("optimizers")) {
                settings.put(kebab(entry.getKey()), scalar(entry.getKey(), value));
            }
        });
        config.get("optimizers")
                .properties()
                .forEach(optimiser ->
                        settings.put(kebab(optimiser.getKey()), optimiser(optimiser.getKey(), optimiser.getValue())));
        if (algorithm.equals("rnd")) {
            var target = fixture.get("architecture").get("random_target");
            settings.put("target", network(target));
            settings.put("features", target.get("output_size").asInt());
        }
        if (algorithm.equals("redq-actor-critic") && !settings.containsKey("target-critics")) {
            fixture.get("steps").forEach(step -> {
                if (step.get("noise").has("critic_indices")) {
                    settings.put(
                            "target-critics",
                            step.get("noise").get("critic_indices").size());
                }
            });
        }
        return settings;
    }

    private static String kebab(String key) {
        return key.replace('_', '-');
    }

    private static Object scalar(String key, JsonNode value) {
        if (value.isNull()) {
            return null;
        }
        assertThat(value.isValueNode()).as("%s = %s is one value", key, value).isTrue();
        return value.isBoolean() ? value.asBoolean() : value.isNumber() ? value.numberValue() : value.asText();
    }

    /** An Adam and the networks that it trains, which are alike. */
    private Map<String, Object> optimiser(String name, JsonNode given) {
        var where = "optimizer " + name;
        var architecture = fixture.get("architecture");
        var first = get(architecture, given.get("networks").get(0).asText(), where);
        given.get("networks")
                .forEach(network -> assertThat(get(architecture, network.asText(), where))
                        .as(where)
                        .isEqualTo(first));
        var values = network(first);
        var known = new ArrayList<>(ADAM);
        known.add("networks");
        known.addAll(DECAY);
        only(given, where, known.toArray(String[]::new));
        for (var key : ADAM) {
            values.put(kebab(key), scalar(key, get(given, key, where)));
        }
        for (var key : DECAY) {
            if (given.path(key).asDouble() != 0) {
                values.put("weight-decay", given.get(key).asDouble());
            }
        }
        return values;
    }

    private static Map<String, Object> network(JsonNode architecture) {
        var values = new LinkedHashMap<String, Object>();
        if (architecture.get("head").asText().equals("parameter")) {
            return values;
        }
        var hidden = new ArrayList<Integer>();
        architecture.get("hidden_sizes").forEach(units -> hidden.add(units.asInt()));
        values.put("hidden-layers", hidden);
        if (!hidden.isEmpty()) {
            values.put(
                    "activation",
                    get(architecture, "activation", "architecture").asText());
        }
        if (architecture.hasNonNull("layer_norm")) {
            values.put("layer-norm", scalar("layer_norm", architecture.get("layer_norm")));
        }
        if (architecture.hasNonNull("layer_norm_epsilon")) {
            values.put(
                    "layer-norm-epsilon", architecture.get("layer_norm_epsilon").asDouble());
        }
        if (architecture.hasNonNull("layer_norm_place")) {
            values.put(
                    "layer-norm-place",
                    architecture.get("layer_norm_place").asText().replace("-activation", ""));
        }
        return values;
    }

    private Learner learner(LearnerSetup setup) {
        var settings = settings();
        return switch (algorithm) {
            case "awac" -> read(Awac.Config.class, settings).learner(setup);
            case "awr" -> read(Awr.Config.class, settings).learner(setup);
            case "bc" -> read(BehaviourCloning.Config.class, settings).learner(setup);
            case "bcq" -> read(BcqDiscrete.Config.class, settings).learner(setup);
            case "calql" -> read(CalQl.Config.class, settings).learner(setup);
            case "cql" ->
                isDiscrete()
                        ? read(CqlDiscrete.Config.class, settings).learner(setup)
                        : read(CqlContinuous.Config.class, settings).learner(setup);
            case "dqn" -> read(Dqn.Config.class, settings).learner(setup);
            case "fqe" -> {
                var policy = judged(settings, setup);
                yield read(Fqe.Config.class, settings).learner(judging(policy, setup));
            }
            case "iql" -> read(Iql.Config.class, settings).learner(setup);
            case "rebrac" -> read(Rebrac.Config.class, settings).learner(setup);
            case "redq-actor-critic" -> read(ActorCritic.Config.class, settings).learner(setup);
            case "rnd" -> read(Rnd.Config.class, settings).learner(setup);
            case "td3-bc" -> read(Td3Bc.Config.class, settings).learner(setup);
            default -> throw new AssertionError("no learner for fixture " + fixture.get("name"));
        };
    }

    private static <R extends Record> R read(Class<R> type, Map<String, Object> settings) {
        return Settings.read(type, ConfigFactory.parseMap(settings), "");
    }

    /** The fixed policy of fitted Q evaluation; its bounds leave the settings. */
    private Policy judged(Map<String, Object> settings, LearnerSetup setup) {
        var least = settings.remove("log-std-min");
        var greatest = settings.remove("log-std-max");
        var bounds = least instanceof Number from && greatest instanceof Number to
                ? new LogStdBounds(from.doubleValue(), to.doubleValue())
                : new LogStdBounds(-5, 2);
        var network =
                read(NetworkConfig.class, network(fixture.get("architecture").get("policy")));
        var policy = StochasticPolicy.of(setup.kernels(), setup.spaces(), network, bounds);
        load("policy", policy);
        return policy;
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
}
