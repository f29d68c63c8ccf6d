package io.hindcast.export;

import io.hindcast.kernel.Activation;
import io.hindcast.kernel.Nd4jNative;
import io.hindcast.net.Blueprint;
import io.hindcast.net.Blueprint.Layer;
import io.hindcast.net.Blueprint.Norm;
import io.hindcast.net.Blueprint.Output;
import io.hindcast.net.NetworkConfig.LayerNormPlace;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import java.util.zip.ZipOutputStream;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.graph.ElementWiseVertex;
import org.deeplearning4j.nn.conf.graph.ScaleVertex;
import org.deeplearning4j.nn.conf.graph.ShiftVertex;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.FeedForwardLayer;
import org.deeplearning4j.nn.conf.layers.misc.ElementWiseMultiplicationLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.nn.weights.WeightInit;
import org.deeplearning4j.util.ModelSerializer;
import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.activations.impl.ActivationGELU;
import org.nd4j.linalg.activations.impl.ActivationHardTanH;
import org.nd4j.linalg.activations.impl.ActivationIdentity;
import org.nd4j.linalg.activations.impl.ActivationReLU;
import org.nd4j.linalg.activations.impl.ActivationSigmoid;
import org.nd4j.linalg.activations.impl.ActivationTanH;
import org.nd4j.linalg.activations.impl.ActivationThresholdedReLU;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * A blueprint as a MultiLayerNetwork (or ComputationGraph, see {@link #graph}) of standard layers, which any program with Deeplearning4j restores. Scalers and bounds of
 * actions are element-wise layers.
 *
 * <p>It gives a finite action for any observation, as the ONNX model does: two element-wise layers behind the scaler clip entries to
 * the range in which nothing overflows, see {@link ObservationRange}, and make 0 of NaN. The first divides by the end of that range
 * and has the activation hardtanh, the second multiplies by it and has thresholdedrelu, which keeps what is larger than a
 * threshold (here all that there may be) and gives 0 for the rest, NaN with it.
 *
 * <p>A DenseLayer with layer normalisation computes {@code activation(gain (z - mean(z)) / std(z) + bias)} of z = W x: its
 * bias comes after the norm, and its variance has no epsilon. Ours, with n units, {@code z = W x + b} and epsilon, is the same
 * as one of n + 2 units. The two more are {@code mean(z) + d} and {@code mean(z) - d} with {@code d = sqrt(n epsilon / 2)}:
 * they leave the mean as it is and make the variance {@code n / (n + 2) (variance(z) + epsilon)}, so that ours comes out if
 * gains are smaller by {@code sqrt(n / (n + 2))}. And b and d are weights of an input that is always 1: in front of the first
 * such layer another one adds it, and behind each the first of the two units, with a gain of 0 and a bias of 1, is it again.
 * A layer that is normalised behind its activation is two: the activation, and a norm of what that gives.
 */
final class Dl4jModel {
    /** Units of a normalising layer that are not the network's own: the first is constant, the second 0. */
    private static final int MORE = 2;

    private static final String CONFIGURATION = "configuration.json";
    private static final String COEFFICIENTS = "coefficients.bin";
    /** Not the earliest that a zip can tell: at that one Java adds the time in UTC, which depends on the machine's zone. */
    private static final LocalDateTime TIME = LocalDateTime.of(2000, 1, 1, 0, 0);

    /** What the score of an impossible action gets added: scores are far smaller. */
    private static final double IMPOSSIBLE = -1e30;

    private final List<FeedForwardLayer> layers = new ArrayList<>();
    private final List<Parameter> parameters = new ArrayList<>();
    /** Layers behind which there is a gelu. Deeplearning4j's own is another function: it cubes 0.044715 with x. */
    private final Set<Integer> gelus = new HashSet<>();

    private int count;
    /** What comes behind the numbers of the layer below: the value of its constant, and then zeros. */
    private float[] surplus = {};

    /** Numbers of a layer, under the name that it has for them: of layer 3 the weights are {@code 3_W}. */
    private record Parameter(int layer, String name, INDArray values) {}

    private Dl4jModel() {}

    /** The zip; its bytes depend on the blueprint alone. */
    static byte[] of(Blueprint blueprint) {
        Nd4jNative.load();
        var model = new Dl4jModel();
        model.add(blueprint);
        if (!model.gelus.isEmpty()) {
            return model.graph(false);
        }
        var configuration = builder().list();
        for (var i = 0; i < model.layers.size(); i++) {
            configuration.layer(i, model.layers.get(i));
        }
        var network = new MultiLayerNetwork(configuration.build());
        network.init();
        model.parameters.forEach(
                parameter -> network.setParam(parameter.layer + "_" + parameter.name, parameter.values));
        return zip(network.getLayerWiseConfigurations().toJson(), network.params());
    }

    /**
     * The zip of a ComputationGraph, which takes besides the observation what is possible, a 1 or a 0 an action: the score of what is
     * not gets {@value #IMPOSSIBLE} added. Scores are as they are where all is possible.
     */
    static byte[] masked(Blueprint blueprint) {
        Nd4jNative.load();
        var model = new Dl4jModel();
        model.add(blueprint);
        return model.graph(true);
    }

    private byte[] graph(boolean isMasked) {
        var graph = builder().graphBuilder().validateOutputLayerConfig(false).addInputs(ExportedPolicy.OBSERVATION);
        var below = ExportedPolicy.OBSERVATION;
        for (var i = 0; i < layers.size(); i++) {
            graph.addLayer("layer_" + i, layers.get(i), below);
            below = gelus.contains(i) ? gelu(graph, "layer_" + i) : "layer_" + i;
        }
        if (isMasked) {
            graph.addInputs(ExportedPolicy.ACTION_MASK);
            // (mask - 1) is exactly 0 of what is possible.
            graph.addVertex("less_one", new ShiftVertex(-1), ExportedPolicy.ACTION_MASK);
            graph.addVertex("penalty", new ScaleVertex(-IMPOSSIBLE), "less_one");
            graph.addVertex("scores", new ElementWiseVertex(ElementWiseVertex.Op.Add), below, "penalty");
            below = "scores";
        }
        var network = new ComputationGraph(graph.setOutputs(below).build());
        network.init();
        parameters.forEach(
                parameter -> network.getLayer("layer_" + parameter.layer).setParam(parameter.name, parameter.values));
        return zip(network.getConfiguration().toJson(), network.params());
    }

    /** {@code x sigmoid(2 sqrt(2/pi) (x + 0.044715 x³))}; returns its name. */
    private static String gelu(GraphBuilder graph, String x) {
        graph.addVertex(x + "_squared", new ElementWiseVertex(ElementWiseVertex.Op.Product), x, x);
        graph.addVertex(x + "_cubed", new ElementWiseVertex(ElementWiseVertex.Op.Product), x + "_squared", x);
        graph.addVertex(x + "_bent", new ScaleVertex(OnnxModel.GELU_CUBE), x + "_cubed");
        graph.addVertex(x + "_inner", new ElementWiseVertex(ElementWiseVertex.Op.Add), x + "_bent", x);
        graph.addVertex(x + "_scaled", new ScaleVertex(2 * OnnxModel.GELU_SCALE), x + "_inner");
        graph.addLayer(x + "_share", new ActivationLayer(new ActivationSigmoid()), x + "_scaled");
        graph.addVertex(x + "_gelu", new ElementWiseVertex(ElementWiseVertex.Op.Product), x, x + "_share");
        return x + "_gelu";
    }

    private static NeuralNetConfiguration.Builder builder() {
        return new NeuralNetConfiguration.Builder()
                .seed(0)
                .dataType(DataType.FLOAT)
                .weightInit(WeightInit.ZERO);
    }

    /** What a network restored from {@code zip}, which is one that {@link #of} made, gives for {@code rows} observations. */
    static Outputs outputs(byte[] zip, float[] observations, int rows) {
        Nd4jNative.load();
        try {
            var input = Nd4j.create(observations, new long[] {rows, observations.length / rows}, 'c');
            if (isGraph(zip)) {
                return outputs(ModelSerializer.restoreComputationGraph(new ByteArrayInputStream(zip), false), input);
            }
            var network = ModelSerializer.restoreMultiLayerNetwork(new ByteArrayInputStream(zip), false);
            return new Outputs(network.output(input).dup('c').data().asFloat(), network.predict(input));
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot restore a policy that was just made", e);
        }
    }

    /** The same of a zip that {@link #masked} made; {@code possible} has a 1 or a 0 for each action of each row. */
    static Outputs outputs(byte[] zip, float[] observations, float[] possible, int rows) {
        Nd4jNative.load();
        try {
            var network = ModelSerializer.restoreComputationGraph(new ByteArrayInputStream(zip), false);
            var input = Nd4j.create(observations, new long[] {rows, observations.length / rows}, 'c');
            var mask = Nd4j.create(possible, new long[] {rows, possible.length / rows}, 'c');
            return outputs(network, input, mask);
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot restore a policy that was just made", e);
        }
    }

    private static Outputs outputs(ComputationGraph network, INDArray... inputs) {
        var values = network.output(inputs)[0];
        return new Outputs(values.dup('c').data().asFloat(), values.argMax(1).toIntVector());
    }

    private static boolean isGraph(byte[] zip) throws IOException {
        try (var in = new ZipInputStream(new ByteArrayInputStream(zip))) {
            in.getNextEntry(); // the configuration
            return new String(in.readAllBytes(), StandardCharsets.UTF_8).contains("\"vertices\"");
        }
    }

    /** The numbers a network gives, and in which place the first of the largest of each row is. */
    @SuppressWarnings("ArrayRecordComponent") // a carrier, never compared
    record Outputs(float[] values, int[] largest) {}

    private void add(Blueprint blueprint) {
        if (blueprint.output() instanceof Output.Constrained) {
            throw new IllegalArgumentException("Cannot say in layers which actions are likely");
        }
        blueprint.scaler().map(Standardisation::of).ifPresent(scaler -> {
            var size = scaler.mean().length;
            var shift = new float[size];
            var rest = new float[size];
            for (var j = 0; j < size; j++) {
                shift[j] = -scaler.mean()[j];
                rest[j] = -scaler.meanRest()[j] * scaler.factor()[j];
            }
            // Two layers: a product before the difference would round what the difference leaves.
            elementWise(all(size, 1), shift);
            elementWise(scaler.factor(), rest);
        });
        bound(blueprint.inputs(), ObservationRange.of(blueprint));
        if (blueprint.layers().stream().anyMatch(layer -> layer.norm().isPresent())) {
            addConstant(blueprint.inputs());
        }
        for (var layer : blueprint.layers()) {
            layer.norm().ifPresentOrElse(norm -> add(layer, norm), () -> dense(layer));
        }
        if (blueprint.output() instanceof Output.UnitAction unit) {
            var space = unit.space();
            if (!space.isUnit()) {
                var factors = new float[space.dimension()];
                var shifts = new float[space.dimension()];
                for (var i = 0; i < factors.length; i++) {
                    shifts[i] = (float) space.centre(i);
                    // No rounding leads beyond the bounds.
                    factors[i] = Math.min(
                            (float) space.halfRange(i),
                            notAbove(Math.min(
                                    (float) space.high(i) - (double) shifts[i],
                                    shifts[i] - (double) (float) space.low(i))));
                }
                elementWise(factors, shifts);
            }
        }
    }

    private static float notAbove(double value) {
        var nearest = (float) value;
        return nearest > value ? Math.nextDown(nearest) : nearest;
    }

    private void bound(int size, double within) {
        // The power of two above it: what goes through is not rounded on the way.
        var limit = Math.scalb(1.0, Math.getExponent(within) + 1);
        elementWise(all(size, 1 / limit), new float[size], new ActivationHardTanH());
        elementWise(all(size, limit), new float[size], new ActivationThresholdedReLU(-2 * limit));
    }

    private void elementWise(float[] factors, float[] shifts) {
        elementWise(factors, shifts, new ActivationIdentity());
    }

    private void elementWise(float[] factors, float[] shifts, IActivation activation) {
        add(new ElementWiseMultiplicationLayer.Builder(), activation, factors.length, new float[][] {factors}, shifts);
    }

    private void addConstant(int size) {
        var weight = new float[size][size + 1];
        for (var j = 0; j < size; j++) {
            weight[j][j] = 1;
        }
        var bias = new float[size + 1];
        bias[size] = 1;
        add(new DenseLayer.Builder(), new ActivationIdentity(), size, weight, bias);
        surplus = new float[] {1};
    }

    private void dense(Layer layer) {
        var weight = transposed(layer, layer.outputs());
        add(new DenseLayer.Builder(), function(layer.activation()), weight.length, weight, layer.bias());
        surplus = new float[0];
    }

    private void add(Layer layer, Norm norm) {
        if (norm.place() == LayerNormPlace.BEFORE) {
            normalised(layer, norm);
            return;
        }
        var units = layer.outputs();
        var weight = transposed(layer, units + 1);
        weight[layer.inputs()][units] = 1 / surplus[0];
        add(
                new DenseLayer.Builder(),
                function(layer.activation()),
                weight.length,
                weight,
                Arrays.copyOf(layer.bias(), units + 1));
        surplus = new float[] {ofOne(layer.activation())};
        var same = new float[units * units];
        for (var j = 0; j < units; j++) {
            same[j * units + j] = 1;
        }
        normalised(new Layer(units, units, same, new float[units], layer.norm(), Activation.IDENTITY), norm);
    }

    private void normalised(Layer layer, Norm norm) {
        var units = layer.outputs();
        var weight = transposed(layer, units + MORE);
        for (var i = 0; i < layer.inputs(); i++) {
            weight[i][units] = (float) mean(weight[i], units);
            weight[i][units + 1] = weight[i][units];
        }
        var constant = weight[layer.inputs()];
        for (var j = 0; j < units; j++) {
            constant[j] = layer.bias()[j] / surplus[0];
        }
        var bias = mean(layer.bias(), units);
        var apart = Math.sqrt(units * norm.epsilon() / 2);
        constant[units] = (float) ((bias + apart) / surplus[0]);
        constant[units + 1] = (float) ((bias - apart) / surplus[0]);

        var smaller = Math.sqrt(units / (double) (units + MORE));
        var gains = new float[units + MORE];
        for (var j = 0; j < units; j++) {
            gains[j] = (float) (norm.gain()[j] * smaller);
        }
        var shifts = Arrays.copyOf(norm.bias(), units + MORE);
        shifts[units] = 1;
        var index = add(
                new DenseLayer.Builder().hasLayerNorm(true),
                function(layer.activation()),
                weight.length,
                weight,
                shifts);
        parameters.add(new Parameter(index, "g", row(gains)));
        surplus = new float[] {ofOne(layer.activation()), 0};
    }

    /** What an activation makes of a constant that is 1. */
    private static float ofOne(Activation activation) {
        return switch (activation) {
            case IDENTITY, RELU -> 1;
            case TANH -> (float) Math.tanh(1);
            case GELU -> (float) ((1 + Math.tanh(OnnxModel.GELU_SCALE * (1 + OnnxModel.GELU_CUBE))) / 2);
        };
    }

    /** The weights as Deeplearning4j has them, an input a row, with zeros for what else goes in and comes out. */
    private float[][] transposed(Layer layer, int outputs) {
        var weight = new float[layer.inputs() + surplus.length][outputs];
        for (var j = 0; j < layer.outputs(); j++) {
            for (var i = 0; i < layer.inputs(); i++) {
                weight[i][j] = layer.weight()[j * layer.inputs() + i];
            }
        }
        return weight;
    }

    /** Adds a layer, and tells its index. */
    private int add(
            FeedForwardLayer.Builder<?> layer, IActivation activation, int inputs, float[][] weight, float[] bias) {
        var index = count++;
        if (activation instanceof ActivationGELU) {
            gelus.add(index);
        }
        layer.nIn(inputs);
        layer.nOut(bias.length);
        layer.activation(activation instanceof ActivationGELU ? new ActivationIdentity() : activation);
        layers.add(layer.build());
        parameters.add(new Parameter(index, "W", Nd4j.createFromArray(weight)));
        parameters.add(new Parameter(index, "b", row(bias)));
        return index;
    }

    private static IActivation function(Activation activation) {
        return switch (activation) {
            case IDENTITY -> new ActivationIdentity();
            case RELU -> new ActivationReLU();
            case TANH -> new ActivationTanH();
            case GELU -> new ActivationGELU(true);
        };
    }

    private static INDArray row(float[] values) {
        return Nd4j.createFromArray(new float[][] {values});
    }

    private static float[] all(int length, double value) {
        var values = new float[length];
        Arrays.fill(values, (float) value);
        return values;
    }

    private static double mean(float[] values, int length) {
        var sum = 0.0;
        for (var j = 0; j < length; j++) {
            sum += values[j];
        }
        return sum / length;
    }

    /** What ModelSerializer writes, but with the same times always and not compressed, which versions of zlib do differently. */
    private static byte[] zip(String configuration, INDArray numbers) {
        var bytes = new ByteArrayOutputStream();
        var coefficients = new ByteArrayOutputStream();
        try (var zip = new ZipOutputStream(bytes)) {
            Nd4j.write(numbers, new DataOutputStream(coefficients));
            put(zip, CONFIGURATION, configuration.getBytes(StandardCharsets.UTF_8));
            put(zip, COEFFICIENTS, coefficients.toByteArray());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    private static void put(ZipOutputStream zip, String name, byte[] content) throws IOException {
        var check = new CRC32();
        check.update(content);
        var entry = new ZipEntry(name);
        entry.setMethod(ZipEntry.STORED);
        entry.setSize(content.length);
        entry.setCrc(check.getValue());
        entry.setTimeLocal(TIME);
        zip.putNextEntry(entry);
        zip.write(content);
        zip.closeEntry();
    }
}
