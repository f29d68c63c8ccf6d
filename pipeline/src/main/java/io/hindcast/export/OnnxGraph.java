package io.hindcast.export;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import onnx.Onnx.AttributeProto;
import onnx.Onnx.GraphProto;
import onnx.Onnx.ModelProto;
import onnx.Onnx.NodeProto;
import onnx.Onnx.StringStringEntryProto;
import onnx.Onnx.TensorProto;

/**
 * The nodes, constants and properties of an ONNX model, as they stand in the file (protobuf.dev, "Encoding"; github.com/onnx/onnx,
 * onnx.proto). The file may be anyone's: nothing that it claims is believed without a bound, and what is not needed is skipped.
 */
final class OnnxGraph {
    private static final int MOST_PARTS = 1000;
    private static final int MOST_CHARACTERS = 1 << 16;
    private static final int LARGEST_RANK = 2;

    private final List<Node> nodes = new ArrayList<>();
    private final Map<String, Constant> constants = new HashMap<>();
    private final Map<String, String> properties = new HashMap<>();

    /**
     * An operator that is applied.
     *
     * @param output what it gives is called so
     */
    record Node(String operator, List<String> inputs, String output, Map<String, Attribute> attributes) {
        /** A whole number; {@code standard} if there is none of that name. */
        long whole(String attribute, long standard) {
            var given = attributes.get(attribute);
            return given == null ? standard : given.whole;
        }
    }

    /** Only that is set which the attribute has. */
    record Attribute(long whole, float real, List<Long> wholes) {}

    /**
     * Numbers of the file.
     *
     * @param type as TensorProto.DataType
     * @param bytes of all of them, in little-endian order; as many as dimensions say, if the type is float, double, int64 or bool
     */
    record Constant(List<Long> dimensions, int type, ByteBuffer bytes) {
        boolean isFloat() {
            return type == TensorProto.DataType.FLOAT_VALUE;
        }

        boolean isWhole() {
            return type == TensorProto.DataType.INT64_VALUE;
        }
    }

    /** A graph that cannot be read. */
    static final class Unreadable extends IllegalStateException {
        private static final long serialVersionUID = 1;

        Unreadable(String message) {
            super(message);
        }
    }

    private interface Field {
        /**
         * @param whole of a number, 0 of anything else
         * @param bytes of anything else, empty of a number
         */
        void take(int number, long whole, ByteBuffer bytes);
    }

    /**
     * What the bytes of a file say.
     *
     * @throws Unreadable if they are no ONNX model, or one that is larger in some way than a policy
     */
    OnnxGraph(byte[] model) {
        try {
            fields(ByteBuffer.wrap(model), (number, whole, bytes) -> {
                if (number == ModelProto.GRAPH_FIELD_NUMBER) {
                    fields(bytes, this::takeOfGraph);
                } else if (number == ModelProto.METADATA_PROPS_FIELD_NUMBER) {
                    property(bytes);
                }
            });
        } catch (BufferUnderflowException e) {
            throw new Unreadable("it is no ONNX model, or only the beginning of one");
        }
        if (nodes.isEmpty()) {
            throw new Unreadable("it is no ONNX model");
        }
    }

    /** In the order of the file, in which each comes behind those that it needs. */
    List<Node> nodes() {
        return nodes;
    }

    /** By their names. */
    Map<String, Constant> constants() {
        return constants;
    }

    /** What the file says about itself. */
    Map<String, String> properties() {
        return properties;
    }

    private void takeOfGraph(int number, long whole, ByteBuffer bytes) {
        if (number == GraphProto.NODE_FIELD_NUMBER) {
            nodes.add(node(bytes));
        } else if (number == GraphProto.INITIALIZER_FIELD_NUMBER) {
            constant(bytes);
        }
        requireFew(nodes.size() + constants.size(), "nodes and tensors");
    }

    private static Node node(ByteBuffer message) {
        var texts = new HashMap<Integer, String>();
        var inputs = new ArrayList<String>();
        var attributes = new HashMap<String, Attribute>();
        fields(message, (number, whole, bytes) -> {
            if (number == NodeProto.INPUT_FIELD_NUMBER) {
                inputs.add(text(bytes));
                requireFew(inputs.size(), "inputs of a node");
            } else if (number == NodeProto.ATTRIBUTE_FIELD_NUMBER) {
                attribute(bytes, attributes);
                requireFew(attributes.size(), "attributes of a node");
            } else if (number == NodeProto.OUTPUT_FIELD_NUMBER && texts.containsKey(number)) {
                throw new Unreadable("a node has several outputs");
            } else if (number == NodeProto.OUTPUT_FIELD_NUMBER
                    || number == NodeProto.OP_TYPE_FIELD_NUMBER
                    || number == NodeProto.DOMAIN_FIELD_NUMBER) {
                texts.put(number, text(bytes));
            }
        });
        var domain = texts.getOrDefault(NodeProto.DOMAIN_FIELD_NUMBER, "");
        return new Node(
                (domain.isEmpty() ? "" : domain + ".") + texts.getOrDefault(NodeProto.OP_TYPE_FIELD_NUMBER, ""),
                inputs,
                texts.getOrDefault(NodeProto.OUTPUT_FIELD_NUMBER, ""),
                attributes);
    }

    private static void attribute(ByteBuffer message, Map<String, Attribute> attributes) {
        var name = new String[] {""};
        var numbers = new long[2];
        var wholes = new ArrayList<Long>();
        fields(message, (number, whole, bytes) -> {
            switch (number) {
                case AttributeProto.NAME_FIELD_NUMBER -> name[0] = text(bytes);
                case AttributeProto.I_FIELD_NUMBER -> numbers[0] = whole;
                case AttributeProto.F_FIELD_NUMBER -> numbers[1] = whole;
                case AttributeProto.INTS_FIELD_NUMBER -> add(whole, bytes, wholes);
                default -> {}
            }
        });
        attributes.put(name[0], new Attribute(numbers[0], Float.intBitsToFloat((int) numbers[1]), wholes));
    }

    private void constant(ByteBuffer message) {
        var name = new String[] {""};
        var type = new int[1];
        var dimensions = new ArrayList<Long>();
        var numbers = new ByteBuffer[] {ByteBuffer.allocate(0)};
        fields(message, (number, whole, bytes) -> {
            switch (number) {
                case TensorProto.NAME_FIELD_NUMBER -> name[0] = text(bytes);
                case TensorProto.DATA_TYPE_FIELD_NUMBER -> type[0] = (int) whole;
                case TensorProto.DIMS_FIELD_NUMBER -> add(whole, bytes, dimensions);
                case TensorProto.RAW_DATA_FIELD_NUMBER -> numbers[0] = bytes;
                default -> {}
            }
        });
        if (dimensions.size() > LARGEST_RANK) {
            throw new Unreadable("its tensor " + name[0] + " has " + dimensions.size() + " dimensions");
        }
        var constant = new Constant(dimensions, type[0], numbers[0]);
        var length = numbers[0].remaining();
        var width = switch (type[0]) {
            case TensorProto.DataType.FLOAT_VALUE -> Float.BYTES;
            case TensorProto.DataType.DOUBLE_VALUE, TensorProto.DataType.INT64_VALUE -> Long.BYTES;
            case TensorProto.DataType.BOOL_VALUE -> 1;
            default -> 0;
        };
        // Within these bounds the product of two cannot overflow.
        var isWithin = dimensions.stream().allMatch(size -> size >= 0 && size <= length);
        if (!isWithin || dimensions.stream().reduce((long) width, Math::multiplyExact) != length) {
            throw new Unreadable("its tensor " + name[0] + " of type " + type[0] + " and dimensions " + dimensions
                    + " has " + length + " bytes of raw data");
        }
        constants.put(name[0], constant);
    }

    private void property(ByteBuffer message) {
        var entry = new String[] {"", ""};
        fields(message, (number, whole, bytes) -> {
            // Names of actions may be long, and are of no use here.
            if (number == StringStringEntryProto.KEY_FIELD_NUMBER) {
                entry[0] = text(bytes);
            } else if (number == StringStringEntryProto.VALUE_FIELD_NUMBER && bytes.remaining() <= MOST_CHARACTERS) {
                entry[1] = text(bytes);
            }
        });
        properties.put(entry[0], entry[1]);
        requireFew(properties.size(), "properties");
    }

    /** Whole numbers stand by themselves or many in one field. */
    private static void add(long whole, ByteBuffer bytes, List<Long> wholes) {
        if (!bytes.hasRemaining()) {
            wholes.add(whole);
        }
        while (bytes.hasRemaining()) {
            wholes.add(varint(bytes));
            requireFew(wholes.size(), "numbers of an attribute");
        }
        requireFew(wholes.size(), "numbers of an attribute");
    }

    private static void fields(ByteBuffer message, Field field) {
        message.order(ByteOrder.LITTLE_ENDIAN);
        var none = ByteBuffer.allocate(0);
        while (message.hasRemaining()) {
            var tag = varint(message);
            var number = (int) (tag >>> 3);
            switch ((int) (tag & 7)) {
                case 0 -> field.take(number, varint(message), none);
                case 1 -> field.take(number, message.getLong(), none);
                case 2 -> {
                    var length = varint(message);
                    if (length < 0 || length > message.remaining()) {
                        throw new BufferUnderflowException();
                    }
                    var end = message.position() + (int) length;
                    field.take(
                            number,
                            0,
                            message.slice(message.position(), (int) length).order(ByteOrder.LITTLE_ENDIAN));
                    message.position(end);
                }
                case 5 -> field.take(number, message.getInt(), none);
                default -> throw new BufferUnderflowException();
            }
        }
    }

    private static long varint(ByteBuffer message) {
        var value = 0L;
        for (var shift = 0; shift < Long.SIZE; shift += 7) {
            var next = message.get();
            value |= (long) (next & 0x7f) << shift;
            if (next >= 0) {
                return value;
            }
        }
        throw new BufferUnderflowException();
    }

    private static String text(ByteBuffer bytes) {
        if (bytes.remaining() > MOST_CHARACTERS) {
            throw new Unreadable("a name in it has " + bytes.remaining() + " characters");
        }
        return StandardCharsets.UTF_8.decode(bytes).toString();
    }

    private static void requireFew(int count, String what) {
        if (count > MOST_PARTS) {
            throw new Unreadable("it has more than " + MOST_PARTS + " " + what);
        }
    }
}
