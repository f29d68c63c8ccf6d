package io.hindcast.export;

import io.hindcast.data.ActionSpace;
import io.hindcast.data.Scaler;
import io.hindcast.data.Spaces;
import io.hindcast.export.OnnxGraph.Constant;
import io.hindcast.export.OnnxGraph.Node;
import io.hindcast.export.OnnxGraph.Unreadable;
import io.hindcast.kernel.Activation;
import io.hindcast.net.Blueprint;
import io.hindcast.net.Blueprint.Drawn;
import io.hindcast.net.Blueprint.Layer;
import io.hindcast.net.Blueprint.Norm;
import io.hindcast.net.Blueprint.Output;
import io.hindcast.net.LogStdBounds;
import io.hindcast.net.NetworkConfig.LayerNormPlace;
import io.hindcast.net.Policy;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Goes through the nodes in their order. */
final class OnnxReading {
    private static final int MOST_UNITS = 1 << 16;

    private final OnnxGraph graph;
    private final ActionSpace actions;
    private int next;
    private int units;
    private long weights;
    /** What was computed last, and how many numbers a row of it has. */
    private String value = ExportedPolicy.OBSERVATION;

    private int width;
    /** What the last layer takes. */
    private String below = "";

    /** Of observations and actions of a log. */
    OnnxReading(OnnxGraph graph, Spaces spaces) {
        this.graph = graph;
        actions = spaces.actions();
        width = spaces.observationSize();
    }

    /** What the file says, if its nodes are what {@link OnnxModel} writes for such observations and actions; else {@link Unreadable}. */
    Blueprint blueprint() {
        var scaler = scaler();
        clip();
        var layers = new ArrayList<Layer>();
        while (isNext("Gemm")) {
            below = value;
            layers.add(layer());
        }
        if (value.equals(OnnxModel.IMITATION)) {
            throw new Unreadable("it chooses by two networks, and only a policy of one is read");
        }
        if (layers.isEmpty()) {
            throw unknown();
        }
        return actions instanceof ActionSpace.Continuous space
                ? new Blueprint(scaler, layers, vectors(space, layers))
                : new Blueprint(scaler, layers, scores((ActionSpace.Discrete) actions, layers));
    }

    private Output scores(ActionSpace.Discrete space, List<Layer> layers) {
        if (!(isNext("Where") || isNext("ArgMax"))) {
            throw unknown();
        }
        requireAlike(layers, Activation.IDENTITY);
        var scores = value;
        if (!Policy.SCORES.contains(scores)) {
            throw new Unreadable("it gives " + scores + ", and neither of " + Policy.SCORES);
        }
        if (width != space.count()) {
            throw new Unreadable("it gives " + width + " scores, and the log has " + space.count() + " actions");
        }
        choice(space);
        return new Output.Scores(scores);
    }

    private Output vectors(ActionSpace.Continuous space, List<Layer> layers) {
        if (Policy.SCORES.contains(value)) {
            throw new Unreadable("its actions are discrete, and those of the log are vectors");
        }
        if (!graph.properties().containsKey(ExportedPolicy.ACTING)) {
            throw new Unreadable("an earlier hindcast exported it, which did not say what its actions are drawn from;"
                    + " remove its directory and run train again with the same configuration and --out, or name the run"
                    + " itself (run = OUT/checkpoints/RUN_ID)");
        }
        requireAlike(layers, Activation.TANH);
        if (width != space.dimension()) {
            throw new Unreadable("its actions have " + width + " numbers, and those of the log " + space.dimension());
        }
        bounds(space);
        var drawn = drawn(layers.get(layers.size() - 1));
        requireEnd();
        return new Output.UnitAction(space, drawn);
    }

    private void bounds(ActionSpace.Continuous space) {
        var n = space.dimension();
        if (isNext("Mul") == space.isUnit()) {
            throw others(space);
        }
        if (!space.isUnit()) {
            requireSame(space, take("Mul", value, null), OnnxWriter.each(n, space::halfRange));
            requireSame(space, take("Add", value, null), OnnxWriter.each(n, space::centre));
        }
        if (isNext("Clip") != space.isUniform()) {
            throw others(space);
        }
        if (space.isUniform()) {
            var clip = take("Clip", value, null, null).inputs();
            requireSame(space, clip.get(1), OnnxWriter.each(1, space::low));
            requireSame(space, clip.get(2), OnnxWriter.each(1, space::high));
        } else {
            requireSame(space, take("Max", value, null), OnnxWriter.each(n, space::low));
            requireSame(space, take("Min", value, null), OnnxWriter.each(n, space::high));
        }
    }

    private void requireSame(ActionSpace space, Node node, float[] expected) {
        requireSame(space, node.inputs().get(1), expected);
    }

    private void requireSame(ActionSpace space, String tensor, float[] expected) {
        if (!Arrays.equals(values(tensor), expected)) {
            throw others(space);
        }
    }

    private static Unreadable others(ActionSpace space) {
        return new Unreadable("its actions have other bounds, and the log has " + space);
    }

    private Optional<Drawn> drawn(Layer means) {
        if (isNext("Mul")) {
            take("Mul", ExportedPolicy.MEAN, null);
            var logStd = take("Add", value, null).inputs().get(1);
            return Optional.of(new Drawn.Cut(floats(logStd, width)));
        }
        if (!isNext("Gemm")) {
            return Optional.empty();
        }
        value = below;
        width = means.inputs();
        var logStd = layer();
        var bounds = take("Clip", value, null, null).inputs();
        var least = floats(bounds.get(1))[0];
        var greatest = floats(bounds.get(2))[0];
        if (logStd.outputs() != means.outputs()
                || logStd.norm().isPresent()
                || logStd.activation() != Activation.IDENTITY
                || !(least < greatest)) {
            throw new Unreadable("its standard deviations are not those of its means");
        }
        return Optional.of(new Drawn.Squashed(logStd, new LogStdBounds(least, greatest)));
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
        if (units == 0 && weight.dimensions().size() == 2 && weight.dimensions().get(1) != width) {
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
        if (weights > OnnxPolicy.MOST_BYTES) {
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
    private static void requireAlike(List<Layer> layers, Activation lastOne) {
        var last = layers.get(layers.size() - 1);
        var kinds = layers.subList(0, layers.size() - 1).stream()
                .map(layer -> layer.activation() + " " + layer.norm().map(norm -> norm.epsilon() + " " + norm.place()))
                .distinct()
                .count();
        if (kinds > 1 || last.activation() != lastOne || last.norm().isPresent()) {
            throw new Unreadable("its hidden layers are not alike, or its last one is not "
                    + (lastOne == Activation.TANH ? "a tanh" : "linear"));
        }
    }

    /** The likeliest action; what is written of it must be what the log writes. */
    private void choice(ActionSpace.Discrete space) {
        var scores = value;
        if (isNext("Where")) {
            var impossible = take("Where", ExportedPolicy.ACTION_MASK, value, null);
            if (values(impossible.inputs().get(2))[0] != Float.NEGATIVE_INFINITY) {
                throw new Unreadable("it does not rule impossible actions out");
            }
        }
        var possible = value;
        if (take("ArgMax", value).whole("axis", 0) != 1) {
            throw new Unreadable("it chooses over other axes than the last");
        }
        if (isNext("Gather")) {
            requireOrder(space, constant(take("Gather", null, value).inputs().get(0)));
        } else if (!space.factors().isEmpty()) {
            throw new Unreadable("its actions are one number each, and the log has " + space);
        } else if (isNext("Equal")) {
            take("Equal", value, null);
            take("Cast", value);
        }
        probabilities(possible, scores);
        requireEnd();
    }

    /** Files of earlier hindcasts have none. */
    private void probabilities(String possible, String scores) {
        if (next == graph.nodes().size()) {
            return;
        }
        if (scores.equals(ExportedPolicy.LOGITS)) {
            take("Softmax", possible);
            return;
        }
        take("ArgMax", possible);
        take("Equal", value, null);
        take("Cast", value);
    }

    private void requireEnd() {
        if (next != graph.nodes().size()) {
            throw unknown();
        }
    }

    /** Of spaces that count the same actions in the same order, what is written differs by where numbers start alone. */
    private static void requireOrder(ActionSpace.Discrete space, Constant table) {
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
        return next < graph.nodes().size() && graph.nodes().get(next).operator().equals(operator);
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
                                + ", which no policy of such actions that hindcast exports has there"
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
