package io.hindcast.export;

import io.hindcast.config.Version;
import io.hindcast.export.ExportedPolicy.Port;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.IntToDoubleFunction;
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
import org.nd4j.shade.protobuf.ByteString;

/** An ONNX model in the making: operators are applied one behind the other to what was computed last. */
final class OnnxWriter {
    /** The first operator set with LayerNormalization. */
    static final int OPSET = 17;

    /** The file format that came with it (ONNX 1.12). */
    private static final int IR_VERSION = 8;

    private final GraphProto.Builder graph;
    private String value;

    /**
     * A model without nodes.
     *
     * @param name of the graph
     * @param inputs the first of which counts as computed last
     */
    OnnxWriter(String name, List<Port> inputs, List<Port> outputs) {
        graph = GraphProto.newBuilder().setName(name);
        inputs.forEach(port -> graph.addInput(info(port)));
        outputs.forEach(port -> graph.addOutput(info(port)));
        value = inputs.get(0).name();
    }

    /** The file, which says such things about itself. */
    byte[] bytes(Map<String, String> properties) {
        var proto = ModelProto.newBuilder()
                .setIrVersion(IR_VERSION)
                .setProducerName("hindcast")
                .setProducerVersion(Version.TEXT)
                .addOpsetImport(OperatorSetIdProto.newBuilder().setDomain("").setVersion(OPSET))
                .setGraph(graph);
        properties.forEach((key, text) -> proto.addMetadataProps(
                StringStringEntryProto.newBuilder().setKey(key).setValue(text)));
        return proto.build().toByteArray();
    }

    /** What was computed last is called so. */
    String value() {
        return value;
    }

    /** Goes on with what was computed earlier. */
    void goOn(String from) {
        value = from;
    }

    /** Applies an operator to what was computed last and to {@code operands}, which gives {@code output}. */
    NodeProto.Builder apply(String operator, String output, String... operands) {
        var node = graph.addNodeBuilder()
                .setName(output)
                .setOpType(operator)
                .addInput(value)
                .addAllInput(Arrays.asList(operands))
                .addOutput(output);
        value = output;
        return node;
    }

    /** The same to what was computed earlier. */
    String applyTo(String from, String operator, String output, String... operands) {
        goOn(from);
        apply(operator, output, operands);
        return output;
    }

    /** A vector of float numbers. */
    String tensor(String name, float[] values) {
        return tensor(name, values, values.length);
    }

    /** One float number, which may be there already. */
    String number(String name, double number) {
        var isThere = graph.getInitializerList().stream()
                .anyMatch(tensor -> tensor.getName().equals(name));
        return isThere ? name : tensor(name, new float[] {(float) number}, new long[0]);
    }

    /** Float numbers of a shape; of no dimensions: one number. */
    String tensor(String name, float[] values, long... shape) {
        var bytes = new byte[Float.BYTES * values.length];
        buffer(bytes).asFloatBuffer().put(values);
        return add(name, TensorProto.DataType.FLOAT_VALUE, bytes, shape);
    }

    /** A vector of double numbers; one of them alone: a number. */
    String doubles(String name, double... values) {
        return doubles(name, values, values.length == 1 ? new long[0] : new long[] {values.length});
    }

    /** A column of ones, in double precision. */
    String ones(String name, int count) {
        var values = new double[count];
        Arrays.fill(values, 1);
        return doubles(name, values, new long[] {count, 1});
    }

    private String doubles(String name, double[] values, long[] shape) {
        var bytes = new byte[Double.BYTES * values.length];
        buffer(bytes).asDoubleBuffer().put(values);
        return add(name, TensorProto.DataType.DOUBLE_VALUE, bytes, shape);
    }

    /** Whole numbers. */
    String wholes(String name, List<Long> shape, int... values) {
        var bytes = new byte[Long.BYTES * values.length];
        var buffer = buffer(bytes);
        for (var number : values) {
            buffer.putLong(number);
        }
        var dimensions = shape.stream().mapToLong(Long::longValue).toArray();
        return add(name, TensorProto.DataType.INT64_VALUE, bytes, dimensions);
    }

    /** A row of truths: where {@code name} is an input too, what it is unless it is given. */
    String allTrue(String name, int count) {
        var bytes = new byte[count];
        Arrays.fill(bytes, (byte) 1);
        return add(name, TensorProto.DataType.BOOL_VALUE, bytes, 1, count);
    }

    private String add(String name, int type, byte[] bytes, long... shape) {
        var tensor = TensorProto.newBuilder().setName(name).setDataType(type).setRawData(ByteString.copyFrom(bytes));
        for (var size : shape) {
            tensor.addDims(size);
        }
        graph.addInitializer(tensor);
        return name;
    }

    private static ByteBuffer buffer(byte[] bytes) {
        return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    static float[] each(int length, IntToDoubleFunction entry) {
        var values = new float[length];
        for (var i = 0; i < length; i++) {
            values[i] = (float) entry.applyAsDouble(i);
        }
        return values;
    }

    /** An attribute that is a whole number. */
    static AttributeProto.Builder whole(String name, long value) {
        return AttributeProto.newBuilder()
                .setName(name)
                .setType(AttributeType.INT)
                .setI(value);
    }

    /** The attribute that says over which axis. */
    static AttributeProto.Builder lastAxis() {
        return AttributeProto.newBuilder()
                .setName("axes")
                .setType(AttributeType.INTS)
                .addInts(-1);
    }

    private static ValueInfoProto.Builder info(Port port) {
        var shape = TensorShapeProto.newBuilder();
        var batch = shape.addDimBuilder();
        if (!port.isOptional()) {
            batch.setDimParam("batch");
        }
        port.shape().forEach(size -> shape.addDimBuilder().setDimValue(size));
        var type = switch (port.type()) {
            case "int64" -> TensorProto.DataType.INT64_VALUE;
            case "bool" -> TensorProto.DataType.BOOL_VALUE;
            case "float64" -> TensorProto.DataType.DOUBLE_VALUE;
            default -> TensorProto.DataType.FLOAT_VALUE;
        };
        return ValueInfoProto.newBuilder()
                .setName(port.name())
                .setType(TypeProto.newBuilder()
                        .setTensorType(
                                TypeProto.Tensor.newBuilder().setElemType(type).setShape(shape)));
    }
}
