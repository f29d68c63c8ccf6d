package io.hindcast.net;

import io.hindcast.data.ActionSpace;
import io.hindcast.data.Scaler;
import io.hindcast.kernel.Activation;
import io.hindcast.net.NetworkConfig.LayerNormPlace;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * The computation of a policy's greedy action in plain numbers, for those who write it down in another format: the observation
 * is standardised where there is a scaler, goes through the layers, and becomes an action as {@link Output} says.
 *
 * @param scaler what standardises an observation first
 * @param layers first to last
 * @param output what the last layer's numbers mean
 */
public record Blueprint(Optional<Scaler> scaler, List<Layer> layers, Output output) {
    /** Lists are copied. */
    public Blueprint {
        layers = List.copyOf(layers);
    }

    /**
     * {@code activation(norm(weight · x + bias))}, or {@code norm(activation(…))}; the arrays are the layer's own.
     *
     * @param inputs how many numbers it takes
     * @param outputs how many numbers it gives
     * @param weight {@code [outputs][inputs]}
     * @param bias {@code [outputs]}
     * @param norm layer normalisation, where there is one
     */
    @SuppressWarnings("ArrayRecordComponent") // a carrier, never compared
    public record Layer(
            int inputs, int outputs, float[] weight, float[] bias, Optional<Norm> norm, Activation activation) {
        /** Of a layer without a norm, what gives the numbers {@code from} to {@code end}, behind another activation. */
        Layer part(int from, int end, Activation above) {
            return new Layer(
                    inputs,
                    end - from,
                    Arrays.copyOfRange(weight, from * inputs, end * inputs),
                    Arrays.copyOfRange(bias, from, end),
                    Optional.empty(),
                    above);
        }

        /** The same, which gives behind its own numbers those of another one. */
        Layer with(Layer other) {
            return new Layer(
                    inputs,
                    outputs + other.outputs,
                    joined(weight, other.weight),
                    joined(bias, other.bias),
                    norm,
                    activation);
        }

        private static float[] joined(float[] first, float[] second) {
            var all = Arrays.copyOf(first, first.length + second.length);
            System.arraycopy(second, 0, all, first.length, second.length);
            return all;
        }
    }

    /** {@code gain * (z - mean(z)) / sqrt(variance(z) + epsilon) + bias} over a layer's units, see Kernels.normalise. */
    @SuppressWarnings("ArrayRecordComponent") // a carrier, never compared
    public record Norm(float[] gain, float[] bias, double epsilon, LayerNormPlace place) {}

    /** What the last layer's numbers mean. */
    public sealed interface Output {
        /**
         * They are an action within [-1, 1], see {@link ActionSpace.Continuous#fromUnit}.
         *
         * @param drawn what actions are drawn from; empty: it is always the same
         */
        record UnitAction(ActionSpace.Continuous space, Optional<Drawn> drawn) implements Output {
            /** One that is always the same. */
            public UnitAction(ActionSpace.Continuous space) {
                this(space, Optional.empty());
            }

            /** From where on an entry within [-1, 1] is rounded to its upper bound, {@code [dimension]}. */
            public double[] upperEnds() {
                return VectorChances.ends(space, 1);
            }

            /** The same of lower bounds. */
            public double[] lowerEnds() {
                return VectorChances.ends(space, -1);
            }
        }

        /** One a discrete action, called {@code name}; the action is the first of those with the largest. */
        record Scores(String name) implements Output {}

        /**
         * The same, where only actions are chosen that have more than a share of the largest probability of another network.
         *
         * @param imitation its layers, which take what the policy's own take and give a logit an action
         * @param threshold that share, in [0, 1)
         */
        record Constrained(String name, List<Layer> imitation, double threshold) implements Output {
            public Constrained {
                imitation = List.copyOf(imitation);
            }
        }
    }

    /** The normal numbers that entries of an action are made of, see {@link Normal}. */
    public sealed interface Drawn {
        /**
         * Around the greedy action within [-1, 1], the same deviations everywhere; what is beyond is cut.
         *
         * @param logStd natural logarithms of standard deviations, {@code [dimension]}
         */
        @SuppressWarnings("ArrayRecordComponent") // a carrier, never compared
        record Cut(float[] logStd) implements Drawn {}

        /**
         * Around what the greedy action is the tanh of; the tanh of it is the action.
         *
         * @param logStd takes what the last layer takes, and gives logarithms of standard deviations
         * @param bounds which these are held within
         */
        record Squashed(Layer logStd, LogStdBounds bounds) implements Drawn {}
    }

    /** What actions that are vectors are drawn from; empty if they are indices, or always the same. */
    public Optional<Drawn> drawn() {
        return output instanceof Output.UnitAction unit ? unit.drawn() : Optional.empty();
    }

    /** The same for observations that are not standardised yet. */
    Blueprint behind(Scaler first) {
        return new Blueprint(Optional.of(first), layers, output);
    }

    /** What the scores of discrete actions are called; empty where actions are vectors. */
    public Optional<String> scores() {
        if (output instanceof Output.Scores scores) {
            return Optional.of(scores.name());
        }
        return output instanceof Output.Constrained constrained ? Optional.of(constrained.name()) : Optional.empty();
    }

    /** How many numbers an observation has. */
    public int inputs() {
        return layers.get(0).inputs();
    }

    /** How many numbers the last layer gives. */
    public int outputs() {
        return layers.get(layers.size() - 1).outputs();
    }
}
