package io.hindcast.learn;

import static io.hindcast.learn.GoldenJson.fill;
import static io.hindcast.learn.GoldenJson.names;
import static io.hindcast.learn.GoldenJson.numbers;
import static io.hindcast.learn.GoldenJson.only;
import static io.hindcast.learn.GoldenJson.tensors;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.hindcast.data.ActionSpace;
import io.hindcast.data.Batch;
import io.hindcast.data.Noise;
import io.hindcast.data.RowLayout;
import io.hindcast.data.RowLayout.Field;
import io.hindcast.data.Spaces;
import io.hindcast.net.Parameters;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * One update of a fixture: its batch, its random numbers, and what comes of it.
 *
 * @param where names it in messages
 */
record GoldenStep(JsonNode step, String where) {
    /** The bound of the fixtures' README for single precision, relative to max(1, |expected|). */
    private static final double FLOAT32 = 1e-5;

    private static final Map<String, Field> MASKS =
            Map.of("action_mask", Field.ACTION_MASK, "next_action_mask", Field.NEXT_ACTION_MASK);

    private static final Map<String, Field> NUMBERS = Map.of(
            "next_actions", Field.NEXT_ACTION,
            "next_action_known", Field.NEXT_ACTION_KNOWN,
            "return_to_go", Field.RETURN_TO_GO);

    GoldenStep {
        only(step, where, "type", "batch", "noise", "expected");
        only(
                step.get("batch"),
                where + " batch",
                "observations",
                "actions",
                "rewards",
                "next_observations",
                "terminated",
                "truncated",
                "action_mask",
                "next_action_mask",
                "next_actions",
                "next_action_known",
                "return_to_go");
        only(
                step.get("expected"),
                where + " expected",
                "losses",
                "intermediates",
                "gradients",
                "gradient_norm",
                "networks");
    }

    /** How many rows its batch has. */
    int rows() {
        return step.get("batch").get("rewards").size();
    }

    /** Does it and checks everything that is expected of it. */
    void replay(Learner learner, Spaces spaces) {
        var noise = new GivenNoise(step.get("noise"), new HashSet<>());
        update(learner, batch(spaces), noise);
        assertThat(noise.used)
                .as(where + " noise that was drawn")
                .containsExactlyInAnyOrderElementsOf(names(step.get("noise")));
        verify(learner, step.get("expected"));
    }

    private void update(Learner learner, Batch batch, Noise noise) {
        if (learner instanceof ActorCritic actorCritic) {
            switch (step.path("type").asText()) {
                case "behavior-cloning" -> actorCritic.cloningStep(batch);
                case "critic" -> actorCritic.criticStep(batch, noise);
                case "actor" -> actorCritic.actorStep(batch, noise);
                default -> throw new AssertionError(where + ": no step of type " + step.get("type"));
            }
        } else {
            assertThat(step.has("type")).as(where + " has a type").isFalse();
            learner.update(batch, noise);
        }
    }

    private Batch batch(Spaces spaces) {
        var given = step.get("batch");
        var fields = new HashMap<>(MASKS);
        fields.putAll(NUMBERS);
        var layout = RowLayout.of(spaces)
                .with(fields.keySet().stream()
                        .filter(given::has)
                        .map(fields::get)
                        .collect(Collectors.toSet()));
        var batch = new Batch(layout, rows());
        NUMBERS.forEach((name, field) -> {
            if (given.has(name)) {
                fill(batch.values(field), given.get(name), where + " " + name);
            }
        });
        MASKS.forEach((name, field) -> {
            for (var b = 0; given.has(name) && b < batch.size(); b++) {
                var row = numbers(given.get(name).get(b));
                var flags = new boolean[spaces.actions().size()];
                assertThat(row).as(where + " " + name).hasSize(flags.length);
                for (var a = 0; a < flags.length; a++) {
                    flags[a] = row.get(a) == 1;
                }
                batch.setPossible(field, b, flags);
            }
        });
        fill(batch.observations(), given.get("observations"), where + " observations");
        fill(batch.nextObservations(), given.get("next_observations"), where + " next_observations");
        fill(batch.rewards(), given.get("rewards"), where + " rewards");
        fill(batch.stopsBootstrap(), given.get("terminated"), where + " terminated");
        if (spaces.actions() instanceof ActionSpace.Discrete) {
            assertThat(given.get("actions")).as(where + " actions").hasSize(batch.size());
            for (var b = 0; b < batch.size(); b++) {
                batch.actionIndices()[b] = given.get("actions").get(b).asInt();
            }
        } else {
            fill(batch.actions(), given.get("actions"), where + " actions");
        }
        return batch;
    }

    /** The random numbers of the step, and which of them were asked for. */
    private record GivenNoise(JsonNode noise, Set<String> used) implements Noise {
        @Override
        public void normal(String name, float[] target) {
            assertThat(noise.has(name)).as("noise " + name).isTrue();
            used.add(name);
            fill(target, noise.get(name), "noise " + name);
        }

        @Override
        public void uniform(String name, float[] target) {
            normal(name, target);
        }

        @Override
        public void indices(String name, int bound, int[] target) {
            assertThat(noise.get(name)).as("noise " + name).hasSize(target.length);
            used.add(name);
            for (var i = 0; i < target.length; i++) {
                target[i] = noise.get(name).get(i).asInt();
            }
        }
    }

    private void verify(Learner learner, JsonNode expected) {
        expected.get("losses").properties().forEach(loss -> {
            assertThat(learner.losses()).as(where).containsKey(loss.getKey());
            close(
                    new float[] {learner.losses().get(loss.getKey()).floatValue()},
                    loss.getValue(),
                    "loss " + loss.getKey());
        });
        var intermediates = learner.intermediates();
        expected.get("intermediates").properties().forEach(field -> {
            assertThat(intermediates).as(where).containsKey(field.getKey());
            close(intermediates.get(field.getKey()), field.getValue(), field.getKey());
        });
        if (!(learner
                instanceof
                ActorCritic)) { // Its steps are called one by one here, and it notes those of a whole update.
            assertThat(learner.stepped())
                    .as(where + " optimizers that step")
                    .containsExactlyInAnyOrderElementsOf(names(expected.get("gradient_norm")));
        }
        expected.get("gradient_norm").properties().forEach(norm -> {
            var optimiser = learner.optimisers().get(norm.getKey());
            close(new float[] {(float) optimiser.gradientNorm()}, norm.getValue(), "gradient norm of " + norm.getKey());
        });
        expected.get("gradients").properties().forEach(network -> {
            var parameters = learner.networks().get(network.getKey()).parameters();
            close(parameters.gradients(), network.getValue(), parameters, "gradient of " + network.getKey());
        });
        var networks = new HashSet<>(names(expected.get("networks")));
        if (learner instanceof Fqe) {
            networks.remove("policy"); // It is given, and no part of what is learned.
        }
        assertThat(learner.networks().keySet()).as(where).containsExactlyInAnyOrderElementsOf(networks);
        networks.forEach(network -> {
            var parameters = learner.networks().get(network).parameters();
            close(parameters.values(), expected.get("networks").get(network), parameters, network);
        });
    }

    private void close(float[] actual, JsonNode expected, Parameters layout, String what) {
        var tensors = tensors(expected, where + " " + what);
        assertThat(tensors.keySet())
                .as(where + " " + what)
                .containsExactlyInAnyOrderElementsOf(
                        layout.blocks().stream().map(Parameters.Block::name).toList());
        tensors.forEach(
                (name, values) -> close(Parameters.slice(actual, layout.block(name)), values, what + " " + name));
    }

    private void close(float[] actual, JsonNode expected, String what) {
        var numbers = numbers(expected);
        assertThat(actual).as(where + " " + what).hasSize(numbers.size());
        for (var i = 0; i < actual.length; i++) {
            var error = Math.abs(actual[i] - numbers.get(i)) / Math.max(1, Math.abs(numbers.get(i)));
            assertThat(error)
                    .as("%s %s [%d]: %s, expected %s", where, what, i, actual[i], numbers.get(i))
                    .isLessThanOrEqualTo(FLOAT32);
        }
    }
}
