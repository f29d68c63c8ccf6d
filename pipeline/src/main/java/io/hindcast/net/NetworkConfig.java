package io.hindcast.net;

import io.hindcast.config.Setting;
import io.hindcast.config.Settings;
import io.hindcast.kernel.Activation;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A network and the Adam that trains it. */
public record NetworkConfig(
        @Setting(value = "[64, 64]", range = "[1, 65536]", meaning = "units of each hidden layer, first to last")
        List<Integer> hiddenLayers,

        @Setting(value = "relu", meaning = "activation after each hidden layer")
        Activation activation,

        @Setting(value = "3e-4", range = "(0, inf)", meaning = "Adam's step size")
        double learningRate,

        @Setting(value = "constant", meaning = "how the learning rate changes; cosine goes to 0 at the last update")
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
        double adamEpsilon) {

    /** How a learning rate changes over a run. */
    public enum Schedule {
        /** It does not. */
        CONSTANT,
        /** From its full value to 0 along half a cosine (Loshchilov and Hutter 2017, equation 5, one period). */
        COSINE
    }

    /** @throws io.hindcast.config.UserException if a value is out of its range */
    public NetworkConfig {
        Settings.check(
                NetworkConfig.class,
                hiddenLayers,
                activation,
                learningRate,
                schedule,
                maxGradientNorm,
                adamBeta1,
                adamBeta2,
                adamEpsilon);
        hiddenLayers = List.copyOf(hiddenLayers);
    }
}
