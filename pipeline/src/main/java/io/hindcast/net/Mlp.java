package io.hindcast.net;

import io.hindcast.data.Noise;
import io.hindcast.kernel.Activation;
import io.hindcast.kernel.Kernels;
import io.hindcast.kernel.Matrix;
import io.hindcast.net.NetworkConfig.LayerNormPlace;
import io.hindcast.net.Parameters.Layout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * A multi-layer perceptron: {@code h_i = activation(W_i h_{i-1} + b_i)}, with layer normalisation before or after the activation
 * where it is set; the last layer is linear, or a tanh where a policy wants it. Its parameters are named {@code layers.0.weight},
 * {@code layers.0.bias}, {@code layer_norm.0.gain}, {@code layer_norm.0.bias} and so on.
 */
public final class Mlp implements Network {
    /** Slots of scratch matrices: forward-only passes use two, slopes two others. */
    private static final int SLOPES = 2;

    private final Kernels kernels;
    private final NetworkConfig config;
    private final Activation outputActivation;
    private final Parameters parameters;
    private final List<Layer> layers = new ArrayList<>();
    private final Matrix values;
    private final Matrix gradients;

    /**
     * A layer's place among the parameters, and its numbers and their gradients where the kernels work.
     *
     * @param forward the weight, as it multiplies on the way forward
     */
    private record Layer(
            int inputs,
            int outputs,
            Activation activation,
            int weightAt,
            int biasAt,
            Matrix weight,
            Matrix forward,
            Matrix bias,
            Matrix weightGradient,
            Matrix biasGradient,
            @Nullable Norm norm) {}

    private record Norm(int gainAt, Matrix gain, Matrix bias, Matrix gainGradient, Matrix biasGradient) {}

    /** A network from {@code inputs} numbers through the hidden layers to {@code outputs} numbers. */
    public Mlp(Kernels kernels, int inputs, NetworkConfig config, int outputs) {
        this(kernels, layout(inputs, config, outputs).build(), config, Activation.IDENTITY);
    }

    /** A network on the first tensors of {@code parameters}, which may hold more behind them. */
    Mlp(Kernels kernels, Parameters parameters, NetworkConfig config, Activation outputActivation) {
        this.kernels = kernels;
        this.config = config;
        this.outputActivation = outputActivation;
        this.parameters = parameters;
        var length = parameters.blocks().stream()
                .filter(block -> block.name().startsWith("layer"))
                .mapToInt(Parameters.Block::length)
                .sum();
        values = kernels.matrix(length, 1);
        gradients = kernels.scratch(length, 1, 0);
        for (var i = 0; i <= config.hiddenLayers().size(); i++) {
            layers.add(layer(i));
        }
    }

    private Layer layer(int i) {
        var weight = parameters.block("layers." + i + ".weight");
        var bias = parameters.block("layers." + i + ".bias");
        int outputs = weight.shape().get(0);
        int inputs = weight.shape().get(1);
        Norm norm = null;
        if (config.layerNorm() && i < config.hiddenLayers().size()) {
            var gain = parameters.block("layer_norm." + i + ".gain").offset();
            var shift = parameters.block("layer_norm." + i + ".bias").offset();
            norm = new Norm(
                    gain,
                    values.view(gain, outputs, 1),
                    values.view(shift, outputs, 1),
                    gradients.view(gain, outputs, 1),
                    gradients.view(shift, outputs, 1));
        }
        var weights = values.view(weight.offset(), inputs, outputs);
        return new Layer(
                inputs,
                outputs,
                i < config.hiddenLayers().size() ? config.activation() : outputActivation,
                weight.offset(),
                bias.offset(),
                weights,
                i == 0 ? weights.entry() : weights,
                values.view(bias.offset(), outputs, 1),
                gradients.view(weight.offset(), inputs, outputs),
                gradients.view(bias.offset(), outputs, 1),
                norm);
    }

    static Layout layout(int inputs, NetworkConfig config, int outputs) {
        var layout = new Layout();
        var below = inputs;
        var hidden = config.hiddenLayers().size();
        for (var i = 0; i <= hidden; i++) {
            var units = i == hidden ? outputs : config.hiddenLayers().get(i);
            layout.add("layers." + i + ".weight", units, below).add("layers." + i + ".bias", units);
            if (config.layerNorm() && i < hidden) {
                layout.add("layer_norm." + i + ".gain", units).add("layer_norm." + i + ".bias", units);
            }
            below = units;
        }
        return layout;
    }

    /** Draws weights and biases as the settings say; layer norms begin as gain 1, bias 0. */
    public void initialise(RandomGenerator random) {
        var all = parameters.values();
        for (var i = 0; i < layers.size(); i++) {
            var layer = layers.get(i);
            Initialisations.draw(
                    config.initialisation(), random, all, layer.weightAt, layer.biasAt, layer.inputs, layer.outputs);
            var isLast = i == layers.size() - 1;
            if (!isLast && config.hiddenBias() != null) {
                Arrays.fill(
                        all,
                        layer.biasAt,
                        layer.biasAt + layer.outputs,
                        config.hiddenBias().floatValue());
            }
            if (isLast && config.lastLayerBound() != null) {
                var weights = layer.inputs * layer.outputs;
                Initialisations.uniform(random, all, layer.weightAt, weights, config.lastLayerBound());
                Initialisations.uniform(random, all, layer.biasAt, layer.outputs, config.lastLayerBound());
            }
            if (layer.norm != null) {
                for (var unit = 0; unit < layer.outputs; unit++) {
                    all[layer.norm.gainAt + unit] = 1;
                    all[layer.norm.gainAt + layer.outputs + unit] = 0;
                }
            }
        }
        refresh();
    }

    /** Adds a number to all that its last layer gives. */
    void raise(float by) {
        var last = layers.get(layers.size() - 1);
        for (var i = 0; i < last.outputs; i++) {
            parameters.values()[last.biasAt + i] += by;
        }
        refresh();
    }

    @Override
    public Parameters parameters() {
        return parameters;
    }

    @Override
    public void refresh() {
        values.write(parameters.values(), 0);
    }

    /** How many numbers it gives for a sample. */
    public int outputs() {
        return layers.get(layers.size() - 1).outputs;
    }

    /** Its layers as their parameters stand now; dropout has none. */
    List<Blueprint.Layer> blueprint() {
        var last = layers.size() - 1;
        var list = new ArrayList<Blueprint.Layer>();
        for (var i = 0; i <= last; i++) {
            var layer = layers.get(i);
            list.add(new Blueprint.Layer(
                    layer.inputs,
                    layer.outputs,
                    values(layer.weightAt, layer.inputs * layer.outputs),
                    values(layer.biasAt, layer.outputs),
                    Optional.ofNullable(layer.norm)
                            .map(norm -> new Blueprint.Norm(
                                    values(norm.gainAt, layer.outputs),
                                    values(norm.gainAt + layer.outputs, layer.outputs),
                                    config.layerNormEpsilon(),
                                    config.layerNormPlace())),
                    layer.activation));
        }
        return list;
    }

    private static boolean isGelu(Layer layer) {
        return layer.activation == Activation.GELU;
    }

    private boolean isNormalised(Layer layer, LayerNormPlace place) {
        return layer.norm != null && config.layerNormPlace() == place;
    }

    private float[] values(int from, int length) {
        return Arrays.copyOfRange(parameters.values(), from, from + length);
    }

    /** A way through the network for the samples that stand in {@code input}, {@code [inputs, B]}. */
    public Pass pass(Matrix input) {
        return new Pass(input, kernels::matrix, true);
    }

    /** The same without a way back: it keeps nothing but its output, and leaves the caches to others. */
    public Pass forwardOnly(Matrix input) {
        var layer = new int[1];
        // A layer's input and output are in use at a time.
        return new Pass(input, (rows, columns) -> kernels.scratch(rows, columns, layer[0]++ % 2), false);
    }

    /** The activations of one way through the network, kept for the way back. Allocates nothing after its first use. */
    public final class Pass {
        private final int columns;
        private final boolean comesBack;
        private final List<Matrix> activated = new ArrayList<>();
        /** What tells the slope of each layer's activation, see {@link Kernels#activationGradient}. */
        private final List<Matrix> telling = new ArrayList<>();

        private final List<@Nullable Normalised> normalised = new ArrayList<>();
        /** What each layer takes in: the network's input, or the (thinned) activations below. */
        private final List<Matrix> inputs = new ArrayList<>();

        private final float[] output;
        private @Nullable List<Matrix> slopes;
        private @Nullable List<Mask> masks;
        private boolean dropped;

        @SuppressWarnings("ArrayRecordComponent") // a carrier, never compared
        private record Normalised(Matrix values, float[] inverseDeviation) {}

        private Pass(Matrix input, BiFunction<Integer, Integer, Matrix> memory, boolean comesBack) {
            this.comesBack = comesBack;
            columns = input.columns();
            inputs.add(input);
            for (var layer : layers) {
                var above = memory.apply(layer.outputs, columns);
                var isOverwritten = isGelu(layer) || isNormalised(layer, LayerNormPlace.AFTER);
                telling.add(comesBack && isOverwritten ? memory.apply(layer.outputs, columns) : above);
                activated.add(above);
                inputs.add(above);
                normalised.add(
                        layer.norm == null
                                ? null
                                : new Normalised(kernels.matrix(layer.outputs, columns), new float[columns]));
            }
            output = new float[outputs() * columns];
        }

        /** The network's output for its input as it stands now, {@code [B * outputs]}; overwritten by the next call. */
        public float[] forward() {
            dropped = false;
            return run();
        }

        /**
         * The same while training: each hidden unit is silenced with probability {@link NetworkConfig#dropout} and the others
         * grow to make up for it (Srivastava et al. 2014, inverted).
         */
        public float[] forward(Noise noise) {
            dropped = config.dropout() > 0;
            if (dropped) {
                var keep = 1 - config.dropout();
                for (var mask : masks()) {
                    noise.uniform("dropout", mask.factors);
                    for (var k = 0; k < mask.factors.length; k++) {
                        mask.factors[k] = (mask.factors[k] + 1) / 2 < keep ? (float) (1 / keep) : 0;
                    }
                    mask.matrix.write(mask.factors, 0);
                }
            }
            return run();
        }

        private float[] run() {
            var last = layers.size() - 1;
            for (var i = 0; i <= last; i++) {
                var layer = layers.get(i);
                var above = activated.get(i);
                var inside = telling.get(i);
                var activation = layer.activation;
                // What goes into a gelu is kept for the way back, so it is no part of the step before it.
                var isApart = comesBack && isGelu(layer);
                var isBefore = isNormalised(layer, LayerNormPlace.BEFORE);
                var fused = isApart ? Activation.IDENTITY : activation;
                kernels.forward(layer.forward, layer.bias, below(i), isBefore ? Activation.IDENTITY : fused, inside);
                if (isBefore) {
                    normalise(i, inside, fused, inside);
                }
                if (isApart) {
                    kernels.activate(inside, activation, above);
                }
                if (isNormalised(layer, LayerNormPlace.AFTER)) {
                    normalise(i, isApart ? above : inside, Activation.IDENTITY, above);
                }
                if (dropped && i < last) {
                    var mask = masks().get(i);
                    kernels.multiply(above, mask.matrix, mask.thinned);
                }
            }
            activated.get(last).read(output, 0);
            return output;
        }

        private void normalise(int i, Matrix values, Activation activation, Matrix output) {
            var norm = Objects.requireNonNull(layers.get(i).norm);
            var unit = Objects.requireNonNull(normalised.get(i));
            kernels.normalise(
                    values,
                    norm.gain,
                    norm.bias,
                    config.layerNormEpsilon(),
                    activation,
                    unit.values,
                    unit.inverseDeviation,
                    output);
        }

        /**
         * Writes the gradients of a loss into {@link Parameters#gradients}, after {@link #forward}.
         *
         * @param outputGradient the loss's gradient in the output, {@code [B * outputs]}
         */
        public void backward(float[] outputGradient) {
            descend(outputGradient, true);
            gradients.read(parameters.gradients(), 0);
        }

        /**
         * The gradient of a loss in the network's inputs from {@code firstInput} on; the parameters' gradients stay.
         *
         * @param outputGradient the loss's gradient in the output, {@code [B * outputs]}
         * @param inputGradient {@code [inputs - firstInput, B]}, written
         */
        void inputGradient(float[] outputGradient, int firstInput, Matrix inputGradient) {
            descend(outputGradient, false);
            kernels.inputGradient(layers.get(0).weight, firstInput, slopes().get(0), inputGradient);
        }

        private void descend(float[] outputGradient, boolean parametersToo) {
            var last = layers.size() - 1;
            var slopes = slopes();
            slopes.get(last).write(outputGradient, 0);
            for (var i = last; i >= 0; i--) {
                var layer = layers.get(i);
                var slope = slopes.get(i);
                if (isNormalised(layer, LayerNormPlace.AFTER)) {
                    descendNorm(i, slope, parametersToo);
                }
                kernels.activationGradient(slope, telling.get(i), layer.activation);
                if (isNormalised(layer, LayerNormPlace.BEFORE)) {
                    descendNorm(i, slope, parametersToo);
                }
                if (parametersToo) {
                    kernels.biasGradient(slope, layer.biasGradient);
                    kernels.weightGradient(below(i), slope, layer.weightGradient);
                }
                if (i > 0) {
                    kernels.inputGradient(layer.weight, 0, slope, slopes.get(i - 1));
                    if (dropped) {
                        kernels.multiply(slopes.get(i - 1), masks().get(i - 1).matrix, slopes.get(i - 1));
                    }
                }
            }
        }

        private void descendNorm(int i, Matrix slope, boolean parametersToo) {
            var norm = Objects.requireNonNull(layers.get(i).norm);
            var unit = Objects.requireNonNull(normalised.get(i));
            if (parametersToo) {
                kernels.biasGradient(slope, norm.biasGradient);
            }
            kernels.normaliseGradient(slope, norm.gain, unit.values, unit.inverseDeviation, norm.gainGradient);
        }

        private Matrix below(int i) {
            return dropped && i > 0 ? masks().get(i - 1).thinned : inputs.get(i);
        }

        private List<Matrix> slopes() {
            if (slopes == null) {
                var list = new ArrayList<Matrix>();
                for (var i = 0; i < activated.size(); i++) {
                    // Two neighbours are in use at a time.
                    list.add(kernels.scratch(activated.get(i).rows(), columns, SLOPES + i % 2));
                }
                slopes = list;
            }
            return slopes;
        }

        private List<Mask> masks() {
            if (masks == null) {
                masks = activated.subList(0, activated.size() - 1).stream()
                        .map(matrix -> new Mask(
                                new float[matrix.rows() * columns],
                                kernels.matrix(matrix.rows(), columns),
                                kernels.matrix(matrix.rows(), columns)))
                        .toList();
            }
            return masks;
        }
    }

    /** Which units of a layer are silenced, and the activations that are left. */
    @SuppressWarnings("ArrayRecordComponent") // a carrier, never compared
    private record Mask(float[] factors, Matrix matrix, Matrix thinned) {}
}
