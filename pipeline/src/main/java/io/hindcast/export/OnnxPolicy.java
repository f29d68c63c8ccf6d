package io.hindcast.export;

import com.fasterxml.jackson.core.JacksonException;
import io.hindcast.config.Json;
import io.hindcast.config.Sha256;
import io.hindcast.data.ActionSpace;
import io.hindcast.data.Scaler;
import io.hindcast.data.Spaces;
import io.hindcast.export.OnnxGraph.Constant;
import io.hindcast.export.OnnxGraph.Node;
import io.hindcast.export.OnnxGraph.Unreadable;
import io.hindcast.files.LocalFiles;
import io.hindcast.kernel.Activation;
import io.hindcast.kernel.Kernels;
import io.hindcast.net.Blueprint;
import io.hindcast.net.Blueprint.Layer;
import io.hindcast.net.Blueprint.Norm;
import io.hindcast.net.NetworkConfig.LayerNormPlace;
import io.hindcast.net.Policy;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.jspecify.annotations.Nullable;

/**
 * The policy of a {@code policy.onnx} of discrete actions, as {@link OnnxModel} writes it, which acts by our own networks: the
 * scaler, the layers and what they give are read from the file, and no other operator is known. It does not clip entries of
 * observations, as the checkpoint's policy does not; the file does, beyond 1e3 at least (see {@link ObservationRange}).
 */
public final class OnnxPolicy implements Serializable {
    private static final long serialVersionUID = 1;
    private static final int MOST_BYTES = 1 << 26;
    private static final int MOST_UNITS = 1 << 16;
    private static final String ADVICE =
            "; name the policy.onnx of a run of discrete actions, OUT/policies/RUN_ID, or log"
                    + " the probabilities of any other model and judge by them (judge.policies.NAME.column)";

    private final byte[] model;
    private final Spaces spaces;

    /**
     * What the bytes of a file hold.
     *
     * @param spaces of the log
     * @throws IllegalStateException if it is no such policy, or one of other observations or actions; in words
     */
    OnnxPolicy(byte[] model, Spaces spaces) {
        this.model = model.clone();
        this.spaces = spaces;
        blueprint();
    }

    /**
     * The policy in a file, of which 64 MiB are read at most.
     *
     * @throws IllegalStateException as the constructor, or if there is no such file
     * @throws IllegalArgumentException if that is no path
     */
    public static OnnxPolicy read(String file, Spaces spaces, Configuration configuration) {
        var path = new Path(file);
        try (var in = LocalFiles.context(path, configuration).open(path)) {
            var bytes = in.readNBytes(MOST_BYTES + 1);
            if (bytes.length > MOST_BYTES) {
                throw new Unreadable("it is larger than " + MOST_BYTES / (1 << 20) + " MiB" + ADVICE);
            }
            requireWhole(path, bytes, configuration);
            return new OnnxPolicy(bytes, spaces);
        } catch (FileNotFoundException e) {
            throw new Unreadable("there is no such file" + ADVICE);
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot read " + file + ": " + e.getMessage(), e);
        }
    }

    /** Where {@code policy.json} is still beside it, it says what the bytes must be. */
    private static void requireWhole(Path file, byte[] bytes, Configuration configuration) throws IOException {
        var beside = new Path(file.getParent(), PolicyFolder.MANIFEST);
        try (var in = LocalFiles.context(beside, configuration).open(beside)) {
            var said = Json.MAPPER
                    .readTree(in.readNBytes(MOST_BYTES >> 2))
                    .path("files")
                    .path(file.getName())
                    .path("sha256")
                    .asText(Sha256.of(bytes));
            if (!said.equals(Sha256.of(bytes))) {
                throw new Unreadable(
                        "it is damaged, or another file: its SHA-256 is not the one in " + PolicyFolder.MANIFEST
                                + " beside it; run train again with the same configuration and --out, which exports it anew");
            }
        } catch (FileNotFoundException | JacksonException e) {
            // It was moved, and proves nothing.
            return;
        }
    }

    /** The SHA-256 of the file. */
    public String sha256() {
        return Sha256.of(model);
    }

    /** What the file says about itself under a name, as {@code run} and {@code subset}; anyone may have written it. */
    public Optional<String> property(String name) {
        return Optional.ofNullable(new OnnxGraph(model).properties().get(name));
    }

    /** The policy; it takes observations as they were logged. */
    public Policy policy(Kernels kernels) {
        return Policy.of(kernels, blueprint());
    }

    private Blueprint blueprint() {
        if (!(spaces.actions() instanceof ActionSpace.Discrete space)) {
            throw new Unreadable(
                    "actions of this log are vectors, and a file has only the likeliest of them, of which no log"
                            + " can tell; judge the run itself (run = OUT/checkpoints/RUN_ID) with actions = sampled");
        }
        try {
            return new Reading(new OnnxGraph(model), spaces.observationSize(), space).blueprint();
        } catch (Unreadable e) {
            throw new Unreadable(e.getMessage() + ADVICE);
        }
    }

    /** Goes through the nodes in their order. */
    private static final class Reading {
        private final OnnxGraph graph;
        private final ActionSpace.Discrete space;
        private int next;
        private int units;
        private long weights;
        /** What was computed last, and how many numbers a row of it has. */
        private String value = ExportedPolicy.OBSERVATION;

        private int width;

        Reading(OnnxGraph graph, int observationSize, ActionSpace.Discrete space) {
            this.graph = graph;
            this.space = space;
            width = observationSize;
        }

        Blueprint blueprint() {
            var scaler = scaler();
            clip();
            var layers = new ArrayList<Layer>();
            while (isNext("Gemm")) {
                layers.add(layer());
            }
            if (value.equals(OnnxModel.IMITATION)) {
                throw new Unreadable("it chooses by two networks, and only a policy of one is read");
            }
            if (layers.isEmpty() || !(isNext("Where") || isNext("ArgMax"))) {
                throw unknown();
            }
            requireAlike(layers);
            var scores = value;
            if (!Policy.SCORES.contains(scores)) {
                throw new Unreadable("it gives " + scores + ", and neither of " + Policy.SCORES);
            }
            if (width != space.count()) {
                throw new Unreadable("it gives " + width + " scores, and the log has " + space.count() + " actions");
            }
            choice();
            return new Blueprint(scaler, layers, new Blueprint.Output.Scores(scores));
        }

        private Optional<Scaler> scaler() {
            if (!isNext("Sub")) {
                return Optional.empty();
            }
            var size = width;
            var means = new double[size];
            while (isNext("Sub")) {
                var shift = floats(take("Sub", value, null).inputs().get(1), size);
                for (var j = 0; j < size; j++) {
                    means[j] += shift[j];
                }
            }
            var factors = floats(take("Mul", value, null).inputs().get(1), size);
            var mean = new ArrayList<Double>();
            var divisor = new ArrayList<Double>();
            for (var j = 0; j < size; j++) {
                mean.add(means[j]);
                divisor.add(1.0 / factors[j]);
            }
            try {
                return Optional.of(new Scaler(mean, divisor, 0));
            } catch (IllegalArgumentException e) {
                throw new Unreadable("its scaler does not standardise (" + e.getMessage() + ")");
            }
        }

        /** NaN becomes 0, and what is beyond all that was ever seen stays in range. */
        private void clip() {
            if (!isNext("IsNaN")) {
                return;
            }
            var entries = value;
            take("IsNaN", entries);
            take("Where", value, null, entries);
            var bounds = take("Clip", value, null, null).inputs();
            var low = floats(bounds.get(1))[0];
            var high = floats(bounds.get(2))[0];
            if (!(high >= ObservationRange.LEAST && low == -high)) {
                throw new Unreadable("it clips observations to " + low + " and " + high);
            }
        }

        private Layer layer() {
            var gemm = take("Gemm", value, null, null);
            var weight = constant(gemm.inputs().get(1));
            if (units == 0
                    && weight.dimensions().size() == 2
                    && weight.dimensions().get(1) != width) {
                throw new Unreadable("it takes observations of "
                        + weight.dimensions().get(1) + " numbers, and those of the log have " + width);
            }
            if (gemm.whole("transB", 0) != 1
                    || gemm.whole("transA", 0) != 0
                    || gemm.attributes().containsKey("alpha")
                    || gemm.attributes().containsKey("beta")
                    || weight.dimensions().size() != 2
                    || weight.dimensions().get(1) != width) {
                throw new Unreadable("its layer " + gemm.output() + " has weights of " + weight.dimensions()
                        + " behind a layer of " + width + " units, or is scaled");
            }
            var below = width;
            width = Math.toIntExact(weight.dimensions().get(0));
            units += width;
            weights += weight.bytes().remaining();
            if (weights > MOST_BYTES) {
                throw new Unreadable("its layers use the same weights over and over");
            }
            if (units > MOST_UNITS || width == 0) {
                throw new Unreadable("its layers have " + units + " units, and 1 to " + MOST_UNITS + " are allowed");
            }
            var before = norm(LayerNormPlace.BEFORE);
            var activation = activation();
            return new Layer(
                    below,
                    width,
                    floats(gemm.inputs().get(1)),
                    floats(gemm.inputs().get(2), width),
                    before.isPresent() ? before : norm(LayerNormPlace.AFTER),
                    activation);
        }

        private Optional<Norm> norm(LayerNormPlace place) {
            if (isNext("ReduceMean")) {
                var units = value;
                var axes = take("ReduceMean", units).attributes().get("axes");
                if (axes == null || !axes.wholes().equals(List.of(-1L))) {
                    throw new Unreadable("it takes a mean over other axes than the last");
                }
                var mean = value;
                value = units;
                take("Sub", units, mean);
            }
            if (!isNext("LayerNormalization")) {
                return Optional.empty();
            }
            var node = take("LayerNormalization", value, null, null);
            var epsilon = node.attributes().get("epsilon");
            if (node.whole("axis", -1) != -1 || epsilon == null) {
                throw new Unreadable("it normalises over other axes than the last, or without an epsilon");
            }
            return Optional.of(new Norm(
                    floats(node.inputs().get(1), width), floats(node.inputs().get(2), width), epsilon.real(), place));
        }

        private Activation activation() {
            if (isNext("Relu")) {
                take("Relu", value);
                return Activation.RELU;
            }
            if (isNext("Tanh")) {
                take("Tanh", value);
                return Activation.TANH;
            }
            if (isNext("Mul")) {
                gelu();
                return Activation.GELU;
            }
            return Activation.IDENTITY;
        }

        /** As {@link OnnxModel} writes it. */
        private void gelu() {
            var x = value;
            take("Mul", x, x);
            take("Mul", value, x);
            takeWith("Mul", OnnxModel.GELU_CUBE);
            take("Add", value, x);
            takeWith("Mul", OnnxModel.GELU_SCALE);
            take("Tanh", value);
            takeWith("Add", 1);
            take("Mul", value, x);
            takeWith("Mul", 0.5);
        }

        private void takeWith(String operator, double number) {
            var node = take(operator, value, null);
            if (!Arrays.equals(values(node.inputs().get(1)), new float[] {(float) number})) {
                throw new Unreadable("its node " + node.output() + " is of another number than in a gelu, " + number);
            }
        }

        /** Our networks have one kind of hidden layers. */
        private static void requireAlike(List<Layer> layers) {
            var last = layers.get(layers.size() - 1);
            var kinds = layers.subList(0, layers.size() - 1).stream()
                    .map(layer ->
                            layer.activation() + " " + layer.norm().map(norm -> norm.epsilon() + " " + norm.place()))
                    .distinct()
                    .count();
            if (kinds > 1
                    || last.activation() != Activation.IDENTITY
                    || last.norm().isPresent()) {
                throw new Unreadable("its hidden layers are not alike, or its last one is not linear");
            }
        }

        /** The likeliest action; what is written of it must be what the log writes. */
        private void choice() {
            if (isNext("Where")) {
                var impossible = take("Where", ExportedPolicy.ACTION_MASK, value, null);
                if (values(impossible.inputs().get(2))[0] != Float.NEGATIVE_INFINITY) {
                    throw new Unreadable("it does not rule impossible actions out");
                }
            }
            if (take("ArgMax", value).whole("axis", 0) != 1) {
                throw new Unreadable("it chooses over other axes than the last");
            }
            if (isNext("Gather")) {
                requireOrder(constant(take("Gather", null, value).inputs().get(0)));
            } else if (!space.factors().isEmpty()) {
                throw new Unreadable("its actions are one number each, and the log has " + space);
            } else if (isNext("Equal")) {
                take("Equal", value, null);
                take("Cast", value);
            }
            if (next != graph.nodes().size()) {
                throw unknown();
            }
        }

        /** Of spaces that count the same actions in the same order, what is written differs by where numbers start alone. */
        private void requireOrder(Constant table) {
            var plain = new ActionSpace.Discrete(
                    space.count(), space.factors(), List.of(), ActionSpace.Discrete.Written.NUMBERS);
            var size = plain.entries();
            var isSame = table.isWhole()
                    && table.dimensions()
                            .equals(
                                    space.factors().isEmpty()
                                            ? List.of((long) space.count())
                                            : List.of((long) space.count(), (long) size));
            var numbers = table.bytes().asLongBuffer();
            for (var index = 0; isSame && index < space.count(); index++) {
                var written = plain.write(index);
                for (var i = 0; i < size; i++) {
                    isSame &= numbers.get(index * size + i) - numbers.get(i) == written[i];
                }
            }
            if (!isSame) {
                throw new Unreadable("its actions are others, and the log has " + space);
            }
        }

        private boolean isNext(String operator) {
            return next < graph.nodes().size()
                    && graph.nodes().get(next).operator().equals(operator);
        }

        /** Takes a node of such inputs; null: any constant. */
        private Node take(String operator, @Nullable String... inputs) {
            if (!isNext(operator)) {
                throw unknown();
            }
            var node = graph.nodes().get(next);
            var fits = node.inputs().size() == inputs.length;
            for (var i = 0; fits && i < inputs.length; i++) {
                fits = inputs[i] == null || inputs[i].equals(node.inputs().get(i));
            }
            if (!fits) {
                throw new Unreadable("its node " + node.output() + " takes " + node.inputs()
                        + ", which no policy that hindcast exports does");
            }
            value = node.output();
            next++;
            return node;
        }

        private Unreadable unknown() {
            return new Unreadable(
                    next < graph.nodes().size()
                            ? "its node " + graph.nodes().get(next).output() + " is "
                                    + graph.nodes().get(next).operator()
                                    + ", which no policy of discrete actions that hindcast exports has there"
                            : "it ends before it has chosen an action");
        }

        private Constant constant(String name) {
            var constant = graph.constants().get(name);
            if (constant == null) {
                throw new Unreadable("it has no tensor " + name);
            }
            return constant;
        }

        private float[] floats(String name, int size) {
            var values = floats(name);
            if (constant(name).dimensions().size() != 1 || values.length != size) {
                throw new Unreadable("its tensor " + name + " has the dimensions "
                        + constant(name).dimensions() + ", not [" + size + "]");
            }
            return values;
        }

        private float[] floats(String name) {
            var values = values(name);
            for (var number : values) {
                if (!Float.isFinite(number)) {
                    throw new Unreadable("its tensor " + name + " holds " + number);
                }
            }
            return values;
        }

        private float[] values(String name) {
            var constant = constant(name);
            if (!constant.isFloat() || !constant.bytes().hasRemaining()) {
                throw new Unreadable("its tensor " + name + " is not of float numbers");
            }
            var values = new float[constant.bytes().remaining() / Float.BYTES];
            constant.bytes()
                    .duplicate()
                    .order(constant.bytes().order())
                    .asFloatBuffer()
                    .get(values);
            return values;
        }
    }
}
