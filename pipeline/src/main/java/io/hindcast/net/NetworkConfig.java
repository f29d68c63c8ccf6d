package io.hindcast.net;

import io.hindcast.config.Setting;
import io.hindcast.config.UserException;
import io.hindcast.kernel.Activation;
import java.io.Serializable;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A network and the Adam that trains it. */
public record NetworkConfig(
        @Setting(value = "[64, 64]", range = "[1, 65536]", meaning = "units of each hidden layer, first to last")
        List<Integer> hiddenLayers,

        @Setting(value = "relu", meaning = "activation after each hidden layer")
        Activation activation,

        @Setting(
                value = "false",
                meaning =
                        "layer normalisation of each hidden layer (Ba, Kiros and Hinton 2016); layer-norm-place says where")
        boolean layerNorm,

        @Setting(value = "1e-5", range = "(0, inf)", meaning = "layer normalisation's guard against division by zero")
        double layerNormEpsilon,

        @Setting(
                value = "0",
                range = "[0, 1)",
                meaning = "share of a policy's hidden units that are set to 0 in each training step")
        double dropout,

        @Setting(value = "uniform", meaning = "how the initial parameters are drawn")
        Initialisation initialisation,

        @Setting(value = "3e-4", range = "(0, inf)", meaning = "Adam's step size")
        double learningRate,

        @Setting(
                value = "constant",
                meaning = "how the learning rate changes; cosine goes to 0 at the network's last update")
        Schedule schedule,

        @Setting(
                value = "null",
                range = "(0, inf)",
                meaning = "gradients of a larger norm are scaled down to it; null: never")
        @Nullable Double maxGradientNorm,

        @Setting(value = "0.9", range = "[0, 1)", meaning = "Adam's decay of the first moment")
        double adamBeta1,

        @Setting(value = "0.999", range = "[0, 1)", meaning = "Adam's decay of the second moment")
        double adamBeta2,

        @Setting(value = "1e-8", range = "(0, inf)", meaning = "Adam's guard against division by zero")
        double adamEpsilon,

        @Setting(
                value = "before",
                later = true,
                meaning = "where layer normalisation is: before each activation, or after it")
        LayerNormPlace layerNormPlace,

        @Setting(
                value = "null",
                range = "(-inf, inf)",
                meaning = "what the biases of hidden layers begin as; null: as initialisation says")
        @Nullable Double hiddenBias,

        @Setting(
                value = "null",
                range = "(0, inf)",
                meaning =
                        "weights and biases of the last layer are drawn uniformly from this to either side of 0; null: as"
                                + " initialisation says")
        @Nullable Double lastLayerBound,

        @Setting(
                value = "0",
                range = "[0, inf)",
                later = true,
                meaning = "times the learning rate, the share of every parameter that each step takes away, apart from"
                        + " gradients and moments (AdamW: Loshchilov and Hutter 2019); not a penalty in the loss, as the"
                        + " setting of that name is in PyTorch's Adam")
        double weightDecay)
        implements Serializable {

    /** How a learning rate changes over a run. */
    public enum Schedule {
        /** It does not. */
        CONSTANT,
        /** From its full value to 0 along half a cosine (Loshchilov and Hutter 2017, equation 5, one period). */
        COSINE
    }

    /** On which side of an activation a layer is normalised. */
    public enum LayerNormPlace {
        BEFORE,
        AFTER
    }

    /** How first parameters are drawn. */
    public enum Initialisation {
        /** Weights and biases from {@code U(-1/sqrt(inputs), 1/sqrt(inputs))}, as PyTorch's linear layer does. */
        UNIFORM,
        /** Weights a random matrix with orthonormal rows or columns (Saxe et al. 2014), biases 0. */
        ORTHOGONAL,
        /** Weights and biases from N(0, 1), for the fixed network of random network distillation. */
        NORMAL
    }

    /** @throws UserException if a value is out of its range */
    public NetworkConfig {
        hiddenLayers = List.copyOf(hiddenLayers);
    }

    /** A network without hidden layers, for which no Adam is made: the rest of it counts for nothing. */
    public static NetworkConfig linear() {
        return of(List.of());
    }

    /** The Adam of a bare number, see {@link Scalar}; the network counts for nothing. */
    static NetworkConfig adam(
            double learningRate, @Nullable Double maxGradientNorm, double beta1, double beta2, double epsilon) {
        return new NetworkConfig(
                List.of(),
                Activation.RELU,
                false,
                1e-5,
                0,
                Initialisation.UNIFORM,
                learningRate,
                Schedule.CONSTANT,
                maxGradientNorm,
                beta1,
                beta2,
                epsilon,
                LayerNormPlace.BEFORE,
                null,
                null,
                0);
    }

    /** The same with hidden layers, which are alike but for their units. */
    static NetworkConfig of(List<Blueprint.Layer> hidden) {
        var norm = hidden.stream().flatMap(layer -> layer.norm().stream()).findFirst();
        return new NetworkConfig(
                hidden.stream().map(Blueprint.Layer::outputs).toList(),
                hidden.isEmpty() ? Activation.RELU : hidden.get(0).activation(),
                norm.isPresent(),
                norm.map(Blueprint.Norm::epsilon).orElse(1e-5),
                0,
                Initialisation.UNIFORM,
                1,
                Schedule.CONSTANT,
                null,
                0,
                0,
                1,
                norm.map(Blueprint.Norm::place).orElse(LayerNormPlace.BEFORE),
                null,
                null,
                0);
    }

    /**
     * This, for a network that has no dropout.
     *
     * @throws UserException if dropout is set; {@code name} says for which network
     */
    public NetworkConfig withoutDropout(String name) {
        if (dropout != 0) {
            throw new UserException("Cannot use " + name + ".dropout = " + dropout
                    + ": only a policy that is trained by likelihood has dropout; remove it");
        }
        return this;
    }
}
