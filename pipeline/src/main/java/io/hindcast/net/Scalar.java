package io.hindcast.net;

import io.hindcast.config.Setting;
import io.hindcast.net.Parameters.Layout;
import java.io.Serializable;
import org.jspecify.annotations.Nullable;

/** A positive number that is learned as its logarithm. */
public final class Scalar implements Network {
    /** Above it, it is as if it were this, and no gradient reaches it. */
    private static final double LARGEST = 1e6;

    private final Parameters parameters = new Layout().add("value", 1).build();

    /** Such a number and the Adam that trains it. */
    public record Config(
            @Setting(value = "1", range = "(0, inf)", meaning = "what it begins as")
            double initial,

            @Setting(value = "3e-4", range = "(0, inf)", meaning = "Adam's step size, in its natural logarithm")
            double learningRate,

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
            double adamEpsilon)
            implements Serializable {
        /** The settings of its Adam. */
        public NetworkConfig adam() {
            return NetworkConfig.adam(learningRate, maxGradientNorm, adamBeta1, adamBeta2, adamEpsilon);
        }
    }

    /** A number that is what its settings say. */
    public Scalar(Config config) {
        parameters.values()[0] = (float) Math.log(config.initial());
    }

    @Override
    public Parameters parameters() {
        return parameters;
    }

    @Override
    public void refresh() {
        // No kernel reads it.
    }

    /** The number itself. */
    public double value() {
        return Math.min(Math.exp(logarithm()), LARGEST);
    }

    /** Its natural logarithm. */
    public double logarithm() {
        return parameters.values()[0];
    }

    /** Sets the loss's gradient in the logarithm. */
    public void backward(double gradient) {
        parameters.gradients()[0] = (float) gradient;
    }

    /** Sets the gradient of {@code slope} times the number itself. */
    public void backwardOfValue(double slope) {
        backward(Math.exp(logarithm()) > LARGEST ? 0 : slope * value());
    }
}
