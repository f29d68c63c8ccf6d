package io.hindcast.net;

import io.hindcast.data.Action;
import io.hindcast.data.ActionSpace;
import io.hindcast.data.Spaces;
import io.hindcast.kernel.Kernels;
import io.hindcast.kernel.Matrix;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;

/** A policy: it acts in an environment. */
public sealed interface Policy extends Network
        permits StochasticPolicy,
                SquashedGaussianPolicy,
                DeterministicPolicy,
                GreedyPolicy,
                ConstrainedPolicy,
                ScaledPolicy {
    /** What scores of discrete actions are called: those that are probabilities behind a softmax, and those that are values. */
    List<String> SCORES = List.of(CategoricalPolicy.OUTPUT, GreedyPolicy.OUTPUT);

    /** A way through the policy for the observations in a matrix {@code [observation size, B]}; every action is possible. */
    Pass pass(Matrix observations);

    /** The same for states in which only some of the discrete actions are possible: it gives probability to no other. */
    default Pass pass(States states) {
        return pass(states.observations());
    }

    /** What computes its greedy action, as its parameters stand now. */
    Blueprint blueprint();

    /** One way through the policy, kept for the way back. */
    interface Pass {
        /** Runs the network for the observations as they stand now; everything below speaks of this run. */
        void forward();

        /** What the network says: means, logits or values of actions, the impossible ones too, {@code [B * size]}. */
        float[] output();

        /** The name of {@link #output}: {@code mean}, {@code logits}, {@code output} or {@code action_values}. */
        String outputName();

        /** The most likely action of row {@code b} among those that are possible, in the environment's own units. */
        Action greedy(int b);

        /** pi(.|s) of row {@code b} over discrete actions, {@code [count]}; empty if the policy has no such probabilities. */
        default Optional<double[]> probabilities(int b) {
            return Optional.empty();
        }

        /** What vectors of row {@code b} are drawn from; empty if nothing is drawn, or no vectors. */
        default Optional<Normal> normal(int b) {
            return Optional.empty();
        }

        /** How likely it is to do what was done; empty if there is no chance in the policy. */
        default Optional<Likelihood> likelihood() {
            return this instanceof Likelihood likelihood ? Optional.of(likelihood) : Optional.empty();
        }

        /**
         * An action of row {@code b} drawn from the policy, cut to the action space; the greedy one where the policy has no
         * probabilities.
         */
        default Action sample(int b, RandomGenerator random) {
            return greedy(b);
        }
    }

    /**
     * One that does the same everywhere.
     *
     * @param action the discrete action; where actions are vectors, it does nothing (0 within [-1, 1]) and this is of no use
     */
    static Policy constant(Kernels kernels, Spaces spaces, int action) {
        // Parameters begin as 0: no observation counts.
        var size = spaces.observationSize();
        if (spaces.actions() instanceof ActionSpace.Continuous space) {
            var still = new DeterministicPolicy(kernels, size, space, NetworkConfig.linear());
            still.refresh();
            return still;
        }
        var scores =
                new Mlp(kernels, size, NetworkConfig.linear(), spaces.actions().size());
        var bias = scores.parameters().block("layers.0.bias");
        scores.parameters().values()[bias.offset() + action] = 1;
        scores.refresh();
        return new GreedyPolicy(scores);
    }

    /**
     * One that was written down.
     *
     * @param blueprint whose hidden layers are alike but for their units; scores are called as one of {@link #SCORES}
     */
    static Policy of(Kernels kernels, Blueprint blueprint) {
        var layers = blueprint.layers();
        var network = NetworkConfig.of(layers.subList(0, layers.size() - 1));
        var policy = empty(kernels, blueprint, network);
        for (var i = 0; i < layers.size(); i++) {
            var layer = i < layers.size() - 1 ? layers.get(i) : last(blueprint);
            policy.parameters().put("layers." + i + ".weight", layer.weight());
            policy.parameters().put("layers." + i + ".bias", layer.bias());
            if (layer.norm().isPresent()) {
                policy.parameters()
                        .put("layer_norm." + i + ".gain", layer.norm().get().gain());
                policy.parameters()
                        .put("layer_norm." + i + ".bias", layer.norm().get().bias());
            }
        }
        blueprint.drawn().ifPresent(drawn -> {
            if (drawn instanceof Blueprint.Drawn.Cut cut) {
                policy.parameters().put(GaussianPolicy.LOG_STD, cut.logStd());
            }
        });
        policy.refresh();
        return ScaledPolicy.behind(blueprint.scaler(), kernels, policy);
    }

    private static Policy empty(Kernels kernels, Blueprint blueprint, NetworkConfig network) {
        var size = blueprint.inputs();
        if (blueprint.output() instanceof Blueprint.Output.UnitAction unit) {
            var space = unit.space();
            if (unit.drawn().isEmpty()) {
                return new DeterministicPolicy(kernels, size, space, network);
            }
            return unit.drawn().get() instanceof Blueprint.Drawn.Squashed squashed
                    ? new SquashedGaussianPolicy(kernels, size, space, network, squashed.bounds())
                    : new GaussianPolicy(kernels, size, space, network, LogStdBounds.NONE);
        }
        var isDrawn = blueprint.output() instanceof Blueprint.Output.Scores scores
                && scores.name().equals(CategoricalPolicy.OUTPUT);
        return isDrawn
                ? new CategoricalPolicy(kernels, size, blueprint.outputs(), network)
                : new GreedyPolicy(new Mlp(kernels, size, network, blueprint.outputs()));
    }

    /** The last layer as the network has it: what gives deviations is a part of it. */
    private static Blueprint.Layer last(Blueprint blueprint) {
        var last = blueprint.layers().get(blueprint.layers().size() - 1);
        return blueprint.drawn().orElse(null) instanceof Blueprint.Drawn.Squashed squashed
                ? last.with(squashed.logStd())
                : last;
    }

    /** The action that stands at {@code from} in an array of actions within [-1, 1], in the environment's own units. */
    static Action vector(ActionSpace.Continuous space, float[] actions, int from) {
        var values = new float[space.dimension()];
        for (var j = 0; j < values.length; j++) {
            values[j] = space.fromUnit(j, actions[from + j]);
        }
        return new Action.Vector(values);
    }
}
