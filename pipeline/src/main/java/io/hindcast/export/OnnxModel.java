package io.hindcast.export;

import io.hindcast.data.ActionSpace;
import io.hindcast.export.ExportedPolicy.Port;
import io.hindcast.kernel.Activation;
import io.hindcast.net.Blueprint;
import io.hindcast.net.Blueprint.Drawn;
import io.hindcast.net.Blueprint.Layer;
import io.hindcast.net.Blueprint.Norm;
import io.hindcast.net.Blueprint.Output;
import io.hindcast.net.NetworkConfig.LayerNormPlace;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import onnx.Onnx.AttributeProto;
import onnx.Onnx.AttributeProto.AttributeType;
import onnx.Onnx.TensorProto;

/**
 * A blueprint as an ONNX model, in operators that every runtime has, all in float32: Gemm, LayerNormalization, Relu, Tanh,
 * Clip (or Max and Min), ArgMax, Softmax, Equal, Cast, Gather, ReduceMean, IsNaN, Where and arithmetic (github.com/onnx/onnx,
 * docs/Operators.md). Tensors have the names they have in a checkpoint.
 *
 * <p>It gives a finite action for any observation: behind the scaler NaN counts as 0, and entries are clipped to the range in which
 * nothing overflows, see {@link ObservationRange}. What is within it goes through as it is.
 *
 * <p>Of discrete actions it takes {@value ExportedPolicy#ACTION_MASK}, which is all true unless it is given, where the policy did not
 * learn from what was possible; the action is the first of the largest scores among those that are true, and no other has a
 * probability; the scores themselves are of all. Where a second network says which actions are likely, its tensors have the names of
 * the first one's behind {@code imitation.}.
 */
final class OnnxModel {
    /** The logits of the network that says which actions are likely. */
    static final String IMITATION = "imitation.logits";

    static final double GELU_CUBE = 0.044715;
    static final double GELU_SCALE = Math.sqrt(2 / Math.PI);

    private static final String IMPOSSIBLE = "impossible";

    private final OnnxWriter graph;
    private final ActionSpace actions;

    private OnnxModel(OnnxWriter graph, ActionSpace actions) {
        this.graph = graph;
        this.actions = actions;
    }

    /** The bytes; discrete actions come out as {@code actions} writes them. */
    static byte[] of(
            Blueprint blueprint,
            ActionSpace actions,
            List<Port> inputs,
            List<Port> outputs,
            Map<String, String> properties) {
        var graph = new OnnxWriter("policy", inputs, outputs);
        inputs.stream().filter(Port::isOptional).forEach(port -> graph.allTrue(port.name(), actions.size()));
        new OnnxModel(graph, actions).add(blueprint);
        return graph.bytes(properties);
    }

    /** Only {@value ExportedPolicy#MEAN} and {@value ExportedPolicy#LOG_STD} of vectors that are drawn. */
    static void addDrawn(OnnxWriter graph, Blueprint blueprint) {
        var model = new OnnxModel(graph, ((Output.UnitAction) blueprint.output()).space());
        model.observe(blueprint);
        var below = model.addUnitAction(blueprint);
        model.addLogStd(blueprint.drawn().orElseThrow(), below);
    }

    private void observe(Blueprint blueprint) {
        blueprint.scaler().map(Standardisation::of).ifPresent(scaler -> {
            graph.apply("Sub", "scaler.centred", graph.tensor("scaler.mean", scaler.mean()));
            graph.apply("Sub", "scaler.centred_rest", graph.tensor("scaler.mean_rest", scaler.meanRest()));
            graph.apply("Mul", "scaler.standardised", graph.tensor("scaler.factor", scaler.factor()));
        });
        bound(ObservationRange.of(blueprint));
    }

    private void add(Blueprint blueprint) {
        observe(blueprint);
        if (blueprint.output() instanceof Output.Scores scores) {
            add(blueprint.layers(), "", scores.name());
            choose(scores.name(), ExportedPolicy.ACTION_MASK);
            if (scores.name().equals(ExportedPolicy.LOGITS)) {
                graph.goOn("possible_scores");
                graph.apply("Softmax", ExportedPolicy.PROBABILITIES).addAttribute(OnnxWriter.whole("axis", -1));
            } else {
                certain();
            }
        } else if (blueprint.output() instanceof Output.Constrained constrained) {
            var entries = graph.value();
            var likely = likely(constrained);
            graph.goOn(entries);
            add(blueprint.layers(), "", constrained.name());
            choose(constrained.name(), likely);
            certain();
        } else if (blueprint.output() instanceof Output.UnitAction unit) {
            var below = addUnitAction(blueprint);
            bound(unit.space());
            blueprint.drawn().ifPresent(drawn -> addLogStd(drawn, below));
        }
    }

    /** The name of what the last layer takes. */
    private String addUnitAction(Blueprint blueprint) {
        var layers = blueprint.layers();
        var last = layers.size() - 1;
        for (var i = 0; i < last; i++) {
            add("", i, layers.get(i), "layers." + i + ".output");
        }
        var below = graph.value();
        var drawn = blueprint.drawn().orElse(null);
        if (drawn instanceof Drawn.Squashed) {
            affine("layers." + last, layers.get(last), ExportedPolicy.MEAN);
            graph.apply("Tanh", "unit_action");
        } else {
            add("", last, layers.get(last), drawn == null ? "unit_action" : ExportedPolicy.MEAN);
        }
        return below;
    }

    private void addLogStd(Drawn drawn, String below) {
        if (drawn instanceof Drawn.Squashed squashed) {
            graph.goOn(below);
            affine("log_std", squashed.logStd(), "log_std.free");
            graph.apply(
                    "Clip",
                    ExportedPolicy.LOG_STD,
                    graph.number("log_std.least", squashed.bounds().least()),
                    graph.number("log_std.greatest", squashed.bounds().greatest()));
        } else if (drawn instanceof Drawn.Cut cut) {
            // As many rows as means.
            graph.goOn(ExportedPolicy.MEAN);
            graph.apply("Mul", "log_std.rows", graph.number("log_std.none", 0));
            graph.apply("Add", ExportedPolicy.LOG_STD, graph.tensor("log_std.same", cut.logStd()));
        }
    }

    /** The action has the probability 1. */
    private void certain() {
        graph.goOn("possible_scores");
        graph.apply("ArgMax", "chosen.index")
                .addAttribute(OnnxWriter.whole("axis", 1))
                .addAttribute(OnnxWriter.whole("keepdims", 1));
        graph.apply("Equal", "chosen.is_index", indices("chosen.indices"));
        graph.apply("Cast", ExportedPolicy.PROBABILITIES)
                .addAttribute(OnnxWriter.whole("to", TensorProto.DataType.FLOAT_VALUE));
    }

    private String indices(String name) {
        var count = actions.size();
        return graph.wholes(
                name, List.of((long) count), IntStream.range(0, count).toArray());
    }

    private void add(List<Layer> layers, String prefix, String output) {
        var last = layers.size() - 1;
        for (var i = 0; i <= last; i++) {
            add(prefix, i, layers.get(i), i < last ? prefix + "layers." + i + ".output" : output);
        }
    }

    /** The name of what says which actions are likely, and possible. */
    private String likely(Output.Constrained constrained) {
        add(constrained.imitation(), "imitation.", IMITATION);
        graph.goOn(ExportedPolicy.ACTION_MASK);
        graph.apply("Where", "imitation.possible_logits", IMITATION, impossible());
        var logits = graph.value();
        graph.apply("ReduceMax", "imitation.largest").addAttribute(OnnxWriter.lastAxis());
        var largest = graph.value();
        graph.goOn(logits);
        graph.apply("Sub", "imitation.behind", largest);
        graph.apply(
                "Greater",
                "imitation.is_likely",
                graph.number("imitation.log_threshold", Math.log(constrained.threshold())));
        return graph.value();
    }

    private String impossible() {
        return graph.number(IMPOSSIBLE, Double.NEGATIVE_INFINITY);
    }

    /** The first of the largest scores, among those that {@code among} says are true. */
    private void choose(String scores, String among) {
        var isPlain = !(actions instanceof ActionSpace.Discrete space)
                || space.equals(new ActionSpace.Discrete(space.count()));
        var isOneHot = actions instanceof ActionSpace.Discrete space
                && space.written() == ActionSpace.Discrete.Written.ONE_HOT;
        // Where takes the condition first.
        graph.goOn(among);
        graph.apply("Where", "possible_scores", scores, impossible());
        graph.apply("ArgMax", isPlain ? ExportedPolicy.ACTION : "action.index")
                .addAttribute(OnnxWriter.whole("axis", 1))
                .addAttribute(OnnxWriter.whole("keepdims", isOneHot ? 1 : 0));
        if (!isPlain) {
            write((ActionSpace.Discrete) actions);
        }
    }

    private void bound(ActionSpace.Continuous space) {
        var n = space.dimension();
        if (!space.isUnit()) {
            graph.apply(
                    "Mul", "action.scaled", graph.tensor("action.half_range", OnnxWriter.each(n, space::halfRange)));
            graph.apply("Add", "action.shifted", graph.tensor("action.centre", OnnxWriter.each(n, space::centre)));
        }
        if (space.isUniform()) {
            graph.apply(
                    "Clip",
                    ExportedPolicy.ACTION,
                    graph.number("action.low", space.low(0)),
                    graph.number("action.high", space.high(0)));
        } else {
            // Clip has one pair of bounds for all.
            graph.apply("Max", "action.at_least", graph.tensor("action.low", OnnxWriter.each(n, space::low)));
            graph.apply("Min", ExportedPolicy.ACTION, graph.tensor("action.high", OnnxWriter.each(n, space::high)));
        }
    }

    private void bound(double size) {
        var entries = graph.value();
        graph.apply("IsNaN", "observation.is_nan");
        graph.apply("Where", "observation.numbers", graph.number("observation.mean", 0), entries);
        graph.apply(
                "Clip",
                "observation.within",
                graph.number("observation.low", -size),
                graph.number("observation.high", size));
    }

    /** Turns an index into the numbers that the log has for it. */
    private void write(ActionSpace.Discrete space) {
        if (space.written() == ActionSpace.Discrete.Written.ONE_HOT) {
            // ONNX Runtime's OneHot does not stand an empty batch.
            graph.apply("Equal", "action.is_index", indices("action.indices"));
            graph.apply("Cast", ExportedPolicy.ACTION)
                    .addAttribute(OnnxWriter.whole("to", TensorProto.DataType.INT64_VALUE));
            return;
        }
        // A row for each index.
        var numbers = new ArrayList<Integer>();
        for (var index = 0; index < space.count(); index++) {
            for (var number : space.write(index)) {
                numbers.add(number);
            }
        }
        var shape = new ArrayList<>(List.of((long) space.count()));
        if (space.isVector()) {
            shape.add((long) space.entries());
        }
        var table = graph.wholes(
                "action.written",
                shape,
                numbers.stream().mapToInt(Integer::intValue).toArray());
        var index = graph.value();
        graph.goOn(table);
        graph.apply("Gather", ExportedPolicy.ACTION, index);
    }

    private void add(String prefix, int i, Layer layer, String output) {
        var name = prefix + "layers." + i;
        var normName = prefix + "layer_norm." + i;
        var plain = layer.norm().isEmpty() && layer.activation() == Activation.IDENTITY;
        affine(name, layer, plain ? output : name + ".affine");
        var isLinear = layer.activation() == Activation.IDENTITY;
        var isLast = layer.norm().filter(norm -> norm.place() == LayerNormPlace.AFTER);
        if (isLast.isEmpty()) {
            layer.norm().ifPresent(norm -> normalise(normName, norm, isLinear ? output : normName + ".output"));
        }
        var activated = isLast.isPresent() ? name + ".activated" : output;
        switch (layer.activation()) {
            case IDENTITY -> {}
            case RELU -> graph.apply("Relu", activated);
            case TANH -> graph.apply("Tanh", activated);
            case GELU -> gelu(name + ".gelu", activated);
        }
        isLast.ifPresent(norm -> normalise(normName, norm, output));
    }

    private void affine(String name, Layer layer, String output) {
        graph.apply(
                        "Gemm",
                        output,
                        graph.tensor(name + ".weight", layer.weight(), layer.outputs(), layer.inputs()),
                        graph.tensor(name + ".bias", layer.bias()))
                .addAttribute(OnnxWriter.whole("transB", 1));
    }

    private void normalise(String name, Norm norm, String output) {
        centre(name);
        graph.apply(
                        "LayerNormalization",
                        output,
                        graph.tensor(name + ".gain", norm.gain()),
                        graph.tensor(name + ".bias", norm.bias()))
                .addAttribute(OnnxWriter.whole("axis", -1))
                .addAttribute(AttributeProto.newBuilder()
                        .setName("epsilon")
                        .setType(AttributeType.FLOAT)
                        .setF((float) norm.epsilon()));
    }

    /** In the operators of {@link OnnxWriter#OPSET}, which has none for it. A cube that overflows leaves a tanh of 1 or -1. */
    private void gelu(String name, String output) {
        var x = graph.value();
        graph.apply("Mul", name + ".squared", x);
        graph.apply("Mul", name + ".cubed", x);
        graph.apply("Mul", name + ".bent", graph.number(name + ".cube", GELU_CUBE));
        graph.apply("Add", name + ".inner", x);
        graph.apply("Mul", name + ".scaled", graph.number(name + ".scale", GELU_SCALE));
        graph.apply("Tanh", name + ".tanh");
        graph.apply("Add", name + ".raised", graph.number(name + ".one", 1));
        graph.apply("Mul", name + ".doubled", x);
        graph.apply("Mul", output, graph.number(name + ".half", 0.5));
    }

    /**
     * Takes the mean away, which changes nothing of a norm; but ONNX Runtime computes a variance as the mean of squares less
     * the square of the mean, of which little is left in float32 where the mean is large.
     */
    private void centre(String name) {
        var values = graph.value();
        graph.apply("ReduceMean", name + ".mean").addAttribute(OnnxWriter.lastAxis());
        var mean = graph.value();
        graph.goOn(values);
        graph.apply("Sub", name + ".centred", mean);
    }
}
