package io.hindcast.net;

import io.hindcast.kernel.Activation;
import io.hindcast.kernel.Kernels;
import io.hindcast.kernel.Matrix;
import io.hindcast.net.Parameters.Layout;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * A multi-layer perceptron: {@code h_i = activation(W_i h_{i-1} + b_i)}, linear in the last layer. Its parameters are named
 * {@code layers.0.weight}, {@code layers.0.bias} and so on.
 */
public final class Mlp implements Network {
    private final Kernels kernels;
    private final Activation activation;
    private final Parameters parameters;
    private final List<Layer> layers = new ArrayList<>();

    /** A layer's place among the parameters, and its weights and their gradient where the kernels work. */
    private record Layer(int inputs, int outputs, int weightAt, int biasAt, Matrix weight, Matrix weightGradient) {}

    /** A network from {@code inputs} numbers through the hidden layers to {@code outputs} numbers. */
    public Mlp(Kernels kernels, int inputs, NetworkConfig config, int outputs) {
        this(kernels, layout(inputs, config.hiddenLayers(), outputs).build(), config.activation());
    }

    /** A network on the first tensors of {@code parameters}, which may hold more behind them. */
    Mlp(Kernels kernels, Parameters parameters, Activation activation) {
        this.kernels = kernels;
        this.activation = activation;
        this.parameters = parameters;
        for (var i = 0; i < parameters.blocks().size(); i++) {
            var block = parameters.blocks().get(i);
            if (block.name().endsWith(".weight")) {
                int outputs = block.shape().get(0);
                int inputs = block.shape().get(1);
                layers.add(new Layer(
                        inputs,
                        outputs,
                        block.offset(),
                        parameters.blocks().get(i + 1).offset(),
                        kernels.matrix(inputs, outputs),
                        kernels.matrix(inputs, outputs)));
            }
        }
    }

    static Layout layout(int inputs, List<Integer> hiddenLayers, int outputs) {
        var layout = new Layout();
        var below = inputs;
        for (var i = 0; i <= hiddenLayers.size(); i++) {
            var units = i == hiddenLayers.size() ? outputs : hiddenLayers.get(i);
            layout.add("layers." + i + ".weight", units, below).add("layers." + i + ".bias", units);
            below = units;
        }
        return layout;
    }

    /** Draws weights and biases from {@code U(-1/sqrt(inputs), 1/sqrt(inputs))}, as PyTorch's linear layer does. */
    public void initialise(RandomGenerator random) {
        for (var layer : layers) {
            var bound = (float) (1 / Math.sqrt(layer.inputs));
            var values = parameters.values();
            for (var i = 0; i < layer.inputs * layer.outputs; i++) {
                values[layer.weightAt + i] = (2 * random.nextFloat() - 1) * bound;
            }
            for (var i = 0; i < layer.outputs; i++) {
                values[layer.biasAt + i] = (2 * random.nextFloat() - 1) * bound;
            }
        }
        refresh();
    }

    @Override
    public Parameters parameters() {
        return parameters;
    }

    @Override
    public void refresh() {
        for (var layer : layers) {
            layer.weight.write(parameters.values(), layer.weightAt);
        }
    }

    /** How many numbers it gives for a sample. */
    public int outputs() {
        return layers.get(layers.size() - 1).outputs;
    }

    /** A way through the network for the samples that stand in {@code input}, {@code [inputs, B]}. */
    public Pass pass(Matrix input) {
        return new Pass(input);
    }

    /** The activations of one way through the network, kept for the way back. Allocates nothing after its first use. */
    public final class Pass {
        private final Matrix input;
        private final List<Matrix> activated = new ArrayList<>();
        private final float[] output;
        private @Nullable List<Matrix> gradients;

        private Pass(Matrix input) {
            this.input = input;
            for (var layer : layers) {
                activated.add(kernels.matrix(layer.outputs, input.columns()));
            }
            output = new float[outputs() * input.columns()];
        }

        /** The network's output for its input as it stands now, {@code [B * outputs]}; overwritten by the next call. */
        public float[] forward() {
            var below = input;
            for (var i = 0; i < layers.size(); i++) {
                var layer = layers.get(i);
                var above = activated.get(i);
                kernels.forward(layer.weight, below, above);
                if (i < layers.size() - 1) {
                    kernels.addBiasAndActivate(above, parameters.values(), layer.biasAt, activation);
                } else {
                    kernels.addBias(above, parameters.values(), layer.biasAt);
                }
                below = above;
            }
            below.read(output, 0);
            return output;
        }

        /**
         * Writes the gradients of a loss into {@link Parameters#gradients}, after {@link #forward}.
         *
         * @param outputGradient the loss's gradient in the output, {@code [B * outputs]}
         */
        public void backward(float[] outputGradient) {
            var slopes = gradients();
            var last = layers.size() - 1;
            slopes.get(last).write(outputGradient, 0);
            kernels.biasGradient(slopes.get(last), parameters.gradients(), layers.get(last).biasAt);
            for (var i = last; i >= 0; i--) {
                var layer = layers.get(i);
                kernels.weightGradient(i == 0 ? input : activated.get(i - 1), slopes.get(i), layer.weightGradient);
                layer.weightGradient.read(parameters.gradients(), layer.weightAt);
                if (i > 0) {
                    kernels.inputGradient(layer.weight, slopes.get(i), slopes.get(i - 1));
                    kernels.activationGradient(
                            slopes.get(i - 1),
                            activated.get(i - 1),
                            activation,
                            parameters.gradients(),
                            layers.get(i - 1).biasAt);
                }
            }
        }

        private List<Matrix> gradients() {
            if (gradients == null) {
                gradients = activated.stream()
                        .map(matrix -> kernels.matrix(matrix.rows(), matrix.columns()))
                        .toList();
            }
            return gradients;
        }
    }
}
