package io.hindcast.export;

import io.hindcast.config.Version;
import io.hindcast.data.ActionSpace;
import io.hindcast.export.ExportedPolicy.Port;
import io.hindcast.kernel.Activation;
import io.hindcast.net.Blueprint;
import io.hindcast.net.Blueprint.Layer;
import io.hindcast.net.Blueprint.Norm;
import io.hindcast.net.Blueprint.Output;
import io.hindcast.net.NetworkConfig.LayerNormPlace;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;
import onnx.Onnx.AttributeProto;
import onnx.Onnx.AttributeProto.AttributeType;
import onnx.Onnx.GraphProto;
import onnx.Onnx.ModelProto;
import onnx.Onnx.NodeProto;
import onnx.Onnx.OperatorSetIdProto;
import onnx.Onnx.StringStringEntryProto;
import onnx.Onnx.TensorProto;
import onnx.Onnx.TensorShapeProto;
import onnx.Onnx.TypeProto;
import onnx.Onnx.ValueInfoProto;
import org.jspecify.annotations.Nullable;
import org.nd4j.shade.protobuf.ByteString;

/**
 * A blueprint as an ONNX model, in operators that every runtime has, all in float32: Gemm, LayerNormalization, Relu, Tanh,
 * Clip (or Max and Min), ArgMax, Equal, Cast, Gather, ReduceMean, IsNaN, Where and arithmetic (github.com/onnx/onnx,
 * docs/Operators.md). Tensors have the names they have in a checkpoint.
 *
 * <p>It gives a finite action for any observation: behind the scaler NaN counts as 0, and entries are clipped to the range in which
 * nothing overflows, see {@link ObservationRange}. What is within it goes through as it is.
 *
 * <p>Where the policy learned from what was possible, it takes {@value ExportedPolicy#ACTION_MASK}, and the action is the first of
 * the largest scores among those that are true; the scores themselves are of all. Where a second network says which actions are
 * likely, its tensors have the names of the first one's behind {@code imitation.}.
 */
final class OnnxModel {
    /** The first operator set with LayerNormalization. */
    static final int OPSET = 17;

    /** The logits of the network that says which actions are likely. */
    static final String IMITATION = "imitation.logits";

    static final double GELU_CUBE = 0.044715;
    static final double GELU_SCALE = Math.sqrt(2 / Math.PI);

    /** The file format that came with it (ONNX 1.12). */
    private static final int IR_VERSION = 8;

    private final GraphProto.Builder graph = GraphProto.newBuilder().setName("policy");
    /** The name of what was computed last. */
    private String value = ExportedPolicy.OBSERVATION;

    private final ActionSpace actions;

    /** Whether it is told which actions are possible. */
    private final boolean isMasked;

    private OnnxModel(ActionSpace actions, boolean isMasked) {
        this.actions = actions;
        this.isMasked = isMasked;
    }

    /** The bytes; discrete actions come out as {@code actions} writes them. */
    static byte[] of(
            Blueprint blueprint,
            ActionSpace actions,
            List<Port> inputs,
            List<Port> outputs,
            Map<String, String> properties) {
        var isMasked = inputs.stream().anyMatch(port -> port.name().equals(ExportedPolicy.ACTION_MASK));
        var model = new OnnxModel(actions, isMasked);
        inputs.forEach(port -> model.graph.addInput(info(port)));
        outputs.forEach(port -> model.graph.addOutput(info(port)));
        model.add(blueprint);
        var proto = ModelProto.newBuilder()
                .setIrVersion(IR_VERSION)
                .setProducerName("hindcast")
                .setProducerVersion(Version.TEXT)
                .addOpsetImport(OperatorSetIdProto.newBuilder().setDomain("").setVersion(OPSET))
                .setGraph(model.graph);
        properties.forEach((key, text) -> proto.addMetadataProps(
                StringStringEntryProto.newBuilder().setKey(key).setValue(text)));
        return proto.build().toByteArray();
    }

    private void add(Blueprint blueprint) {
        blueprint.scaler().map(Standardisation::of).ifPresent(scaler -> {
            apply("Sub", "scaler.centred", tensor("scaler.mean", scaler.mean()));
            apply("Sub", "scaler.centred_rest", tensor("scaler.mean_rest", scaler.meanRest()));
            apply("Mul", "scaler.standardised", tensor("scaler.factor", scaler.factor()));
        });
        bound(ObservationRange.of(blueprint));
        if (blueprint.output() instanceof Output.Scores scores) {
            add(blueprint.layers(), "", scores.name());
            choose(scores.name(), isMasked ? ExportedPolicy.ACTION_MASK : null);
        } else if (blueprint.output() instanceof Output.Constrained constrained) {
            var entries = value;
            var likely = likely(constrained);
            value = entries;
            add(blueprint.layers(), "", constrained.name());
            choose(constrained.name(), likely);
        } else if (blueprint.output() instanceof Output.UnitAction unit) {
            add(blueprint.layers(), "", "unit_action");
            bound(unit.space());
        }
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
        var impossible = number("impossible", Double.NEGATIVE_INFINITY);
        if (isMasked) {
            var logits = value;
            value = ExportedPolicy.ACTION_MASK;
            apply("Where", "imitation.possible_logits", logits, impossible);
        }
        var logits = value;
        apply("ReduceMax", "imitation.largest")
                .addAttribute(AttributeProto.newBuilder()
                        .setName("axes")
                        .setType(AttributeType.INTS)
                        .addInts(-1));
        var largest = value;
        value = logits;
        apply("Sub", "imitation.behind", largest);
        apply("Greater", "imitation.is_likely", number("imitation.log_threshold", Math.log(constrained.threshold())));
        return value;
    }

    /** The first of the largest scores, among those that {@code among} says are true; null: among all. */
    private void choose(String scores, @Nullable String among) {
        var isPlain = !(actions instanceof ActionSpace.Discrete space)
                || space.equals(new ActionSpace.Discrete(space.count()));
        var isOneHot = actions instanceof ActionSpace.Discrete space
                && space.written() == ActionSpace.Discrete.Written.ONE_HOT;
        if (among != null) {
            // Where takes the condition first.
            value = among;
            apply("Where", "possible_scores", scores, number("impossible", Double.NEGATIVE_INFINITY));
        }
        apply("ArgMax", isPlain ? ExportedPolicy.ACTION : "action.index")
                .addAttribute(whole("axis", 1))
                .addAttribute(whole("keepdims", isOneHot ? 1 : 0));
        if (!isPlain) {
            write((ActionSpace.Discrete) actions);
        }
    }

    private void bound(ActionSpace.Continuous space) {
        var n = space.dimension();
        if (!space.isUnit()) {
            apply("Mul", "action.scaled", tensor("action.half_range", each(n, space::halfRange)));
            apply("Add", "action.shifted", tensor("action.centre", each(n, space::centre)));
        }
        if (space.isUniform()) {
            apply(
                    "Clip",
                    ExportedPolicy.ACTION,
                    number("action.low", space.low(0)),
                    number("action.high", space.high(0)));
        } else {
            // Clip has one pair of bounds for all.
            apply("Max", "action.at_least", tensor("action.low", each(n, space::low)));
            apply("Min", ExportedPolicy.ACTION, tensor("action.high", each(n, space::high)));
        }
    }

    private void bound(double size) {
        var entries = value;
        apply("IsNaN", "observation.is_nan");
        apply("Where", "observation.numbers", number("observation.mean", 0), entries);
        apply("Clip", "observation.within", number("observation.low", -size), number("observation.high", size));
    }

    /** Turns an index into the numbers that the log has for it. */
    private void write(ActionSpace.Discrete space) {
        if (space.written() == ActionSpace.Discrete.Written.ONE_HOT) {
            // ONNX Runtime's OneHot does not stand an empty batch.
            var indices = IntStream.range(0, space.count()).toArray();
            apply("Equal", "action.is_index", wholes("action.indices", List.of((long) space.count()), indices));
            apply("Cast", ExportedPolicy.ACTION).addAttribute(whole("to", TensorProto.DataType.INT64_VALUE));
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
        var table = wholes(
                "action.written",
                shape,
                numbers.stream().mapToInt(Integer::intValue).toArray());
        var index = value;
        value = table;
        apply("Gather", ExportedPolicy.ACTION, index);
    }

    private String wholes(String name, List<Long> shape, int... values) {
        var bytes = ByteBuffer.allocate(Long.BYTES * values.length).order(ByteOrder.LITTLE_ENDIAN);
        for (var number : values) {
            bytes.putLong(number);
        }
        graph.addInitializer(TensorProto.newBuilder()
                .setName(name)
                .setDataType(TensorProto.DataType.INT64_VALUE)
                .setRawData(ByteString.copyFrom(bytes.array()))
                .addAllDims(shape));
        return name;
    }

    private void add(String prefix, int i, Layer layer, String output) {
        var name = prefix + "layers." + i;
        var normName = prefix + "layer_norm." + i;
        var plain = layer.norm().isEmpty() && layer.activation() == Activation.IDENTITY;
        apply(
                        "Gemm",
                        plain ? output : name + ".affine",
                        tensor(name + ".weight", layer.weight(), layer.outputs(), layer.inputs()),
                        tensor(name + ".bias", layer.bias()))
                .addAttribute(whole("transB", 1));
        var isLinear = layer.activation() == Activation.IDENTITY;
        var isLast = layer.norm().filter(norm -> norm.place() == LayerNormPlace.AFTER);
        if (isLast.isEmpty()) {
            layer.norm().ifPresent(norm -> normalise(normName, norm, isLinear ? output : normName + ".output"));
        }
        var activated = isLast.isPresent() ? name + ".activated" : output;
        switch (layer.activation()) {
            case IDENTITY -> {}
            case RELU -> apply("Relu", activated);
            case TANH -> apply("Tanh", activated);
            case GELU -> gelu(name + ".gelu", activated);
        }
        isLast.ifPresent(norm -> normalise(normName, norm, output));
    }

    private void normalise(String name, Norm norm, String output) {
        centre(name);
        apply("LayerNormalization", output, tensor(name + ".gain", norm.gain()), tensor(name + ".bias", norm.bias()))
                .addAttribute(whole("axis", -1))
                .addAttribute(AttributeProto.newBuilder()
                        .setName("epsilon")
                        .setType(AttributeType.FLOAT)
                        .setF((float) norm.epsilon()));
    }

    /** In the operators of {@link #OPSET}, which has none for it. A cube that overflows leaves a tanh of 1 or -1. */
    private void gelu(String name, String output) {
        var x = value;
        apply("Mul", name + ".squared", x);
        apply("Mul", name + ".cubed", x);
        apply("Mul", name + ".bent", number(name + ".cube", GELU_CUBE));
        apply("Add", name + ".inner", x);
        apply("Mul", name + ".scaled", number(name + ".scale", GELU_SCALE));
        apply("Tanh", name + ".tanh");
        apply("Add", name + ".raised", number(name + ".one", 1));
        apply("Mul", name + ".doubled", x);
        apply("Mul", output, number(name + ".half", 0.5));
    }

    /**
     * Takes the mean away, which changes nothing of a norm; but ONNX Runtime computes a variance as the mean of squares less
     * the square of the mean, of which little is left in float32 where the mean is large.
     */
    private void centre(String name) {
        var values = value;
        apply("ReduceMean", name + ".mean")
                .addAttribute(AttributeProto.newBuilder()
                        .setName("axes")
                        .setType(AttributeType.INTS)
                        .addInts(-1));
        var mean = value;
        value = values;
        apply("Sub", name + ".centred", mean);
    }

    /** Applies an operator to what was computed last and to {@code operands}, which gives {@code output}. */
    private NodeProto.Builder apply(String operator, String output, String... operands) {
        var node = graph.addNodeBuilder()
                .setName(output)
                .setOpType(operator)
                .addInput(value)
                .addAllInput(Arrays.asList(operands))
                .addOutput(output);
        value = output;
        return node;
    }

    private String tensor(String name, float[] values) {
        return tensor(name, values, values.length);
    }

    private String number(String name, double value) {
        var isThere = graph.getInitializerList().stream()
                .anyMatch(tensor -> tensor.getName().equals(name));
        return isThere ? name : tensor(name, new float[] {(float) value}, new long[0]);
    }

    private String tensor(String name, float[] values, long... shape) {
        var bytes = ByteBuffer.allocate(Float.BYTES * values.length).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asFloatBuffer().put(values);
        var tensor = TensorProto.newBuilder()
                .setName(name)
                .setDataType(TensorProto.DataType.FLOAT_VALUE)
                .setRawData(ByteString.copyFrom(bytes.array()));
        for (var size : shape) {
            tensor.addDims(size);
        }
        graph.addInitializer(tensor);
        return name;
    }

    private static float[] each(int length, IntToDoubleFunction entry) {
        var values = new float[length];
        for (var i = 0; i < length; i++) {
            values[i] = (float) entry.applyAsDouble(i);
        }
        return values;
    }

    private static AttributeProto.Builder whole(String name, long value) {
        return AttributeProto.newBuilder()
                .setName(name)
                .setType(AttributeType.INT)
                .setI(value);
    }

    private static ValueInfoProto.Builder info(Port port) {
        var shape = TensorShapeProto.newBuilder();
        shape.addDimBuilder().setDimParam("batch");
        port.shape().forEach(size -> shape.addDimBuilder().setDimValue(size));
        var type = switch (port.type()) {
            case "int64" -> TensorProto.DataType.INT64_VALUE;
            case "bool" -> TensorProto.DataType.BOOL_VALUE;
            default -> TensorProto.DataType.FLOAT_VALUE;
        };
        return ValueInfoProto.newBuilder()
                .setName(port.name())
                .setType(TypeProto.newBuilder()
                        .setTensorType(
                                TypeProto.Tensor.newBuilder().setElemType(type).setShape(shape)));
    }
}
