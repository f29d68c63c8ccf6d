package io.hindcast.kernel;

import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_BIAS;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DST;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SRC;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_WEIGHTS;
import static org.bytedeco.dnnl.global.dnnl.dnnl_get_effective_cpu_isa;

import java.util.ArrayList;
import java.util.List;
import org.bytedeco.dnnl.IntMemoryMap;
import org.bytedeco.dnnl.engine;
import org.bytedeco.dnnl.matmul;
import org.bytedeco.dnnl.memory;
import org.bytedeco.dnnl.post_ops;
import org.bytedeco.dnnl.primitive_attr;
import org.bytedeco.dnnl.reorder;
import org.bytedeco.dnnl.stream;
import org.bytedeco.javacpp.Pointer;
import org.jspecify.annotations.Nullable;

/**
 * Products by oneDNN of factors that are rounded to {@link Bfloat16}; sums and results are float32. A matrix is rounded when it has
 * changed since, once for all the products that it enters. As in {@link OneDnn} matrices are handed over as their transposes.
 */
final class RoundedProducts implements AutoCloseable {
    /** What AMX multiplies at a time. */
    private static final int TILE_OF_AMX = 32;

    /** Rounded columns are filled up with zeros to a multiple of this. Without AMX what is filled up costs time (docs/speed.md). */
    private final int multiple = OneDnn.hasAmx(dnnl_get_effective_cpu_isa()) ? TILE_OF_AMX : 1;

    private final engine processor = new engine(engine.kind.cpu, 0);
    private final stream queue = new stream(processor);
    private final List<Pointer> owned = new ArrayList<>();

    /** A rounded copy of a matrix. */
    static final class Copy {
        private final reorder rounding;
        private final memory source;
        private final memory target;
        private final int stride;
        private long version = -1;

        private Copy(reorder rounding, memory source, memory target, int stride) {
            this.rounding = rounding;
            this.source = source;
            this.target = target;
            this.stride = stride;
        }
    }

    private enum Kind {
        FORWARD,
        INPUT_GRADIENT,
        WEIGHT_GRADIENT
    }

    /**
     * What is multiplied.
     *
     * @param right its rows count from {@code firstRow} on
     * @param bias null: none
     */
    private record Call(
            Kind kind,
            OffHeap left,
            OffHeap right,
            int firstRow,
            @Nullable OffHeap bias,
            Activation activation) {
        /** Compared by identity: matrices are places. */
        boolean is(
                Kind otherKind,
                OffHeap otherLeft,
                OffHeap otherRight,
                int otherFirstRow,
                @Nullable OffHeap otherBias,
                Activation otherActivation) {
            return kind == otherKind
                    && left == otherLeft
                    && right == otherRight
                    && firstRow == otherFirstRow
                    && bias == otherBias
                    && activation == otherActivation;
        }
    }

    /** A product compiled for its shapes and bound to its memory. */
    static final class Prepared {
        private final Call call;
        private final matmul product;
        private final IntMemoryMap arguments;

        private Prepared(Call call, matmul product, IntMemoryMap arguments) {
            this.call = call;
            this.product = product;
            this.arguments = arguments;
        }
    }

    /** {@code output = activation(weightᵀ · input + bias)}. */
    void forward(OffHeap weight, OffHeap bias, OffHeap input, Activation activation, OffHeap output) {
        run(Kind.FORWARD, input, weight, 0, bias, activation, output);
    }

    /** {@code inputGradient = weight · outputGradient}, of the inputs from {@code firstInput} on. */
    void inputGradient(OffHeap weight, int firstInput, OffHeap outputGradient, OffHeap inputGradient) {
        run(Kind.INPUT_GRADIENT, outputGradient, weight, firstInput, null, Activation.IDENTITY, inputGradient);
    }

    /** {@code weightGradient = input · outputGradientᵀ}. */
    void weightGradient(OffHeap input, OffHeap outputGradient, OffHeap weightGradient) {
        run(Kind.WEIGHT_GRADIENT, outputGradient, input, 0, null, Activation.IDENTITY, weightGradient);
    }

    @Override
    public void close() {
        owned.forEach(Pointer::close);
        queue.close();
        processor.close();
    }

    private void run(
            Kind kind,
            OffHeap left,
            OffHeap right,
            int firstRow,
            @Nullable OffHeap bias,
            Activation activation,
            OffHeap output) {
        round(left);
        round(right);
        var prepared = prepared(kind, left, right, firstRow, bias, activation, output);
        prepared.product.execute(queue, prepared.arguments);
    }

    private void round(OffHeap matrix) {
        var copy = copy(matrix);
        if (copy.version != matrix.version()) {
            copy.rounding.execute(queue, copy.source, copy.target);
            copy.version = matrix.version();
        }
    }

    private Copy copy(OffHeap handle) {
        var matrix = handle.same;
        if (matrix.rounded == null) {
            long rows = matrix.rows;
            long columns = matrix.columns;
            var stride = (matrix.rows + multiple - 1) / multiple * multiple;
            var whole = own(new memory(
                    own(new memory.desc(new long[] {columns, stride}, memory.data_type.bf16, new long[] {stride, 1})),
                    processor));
            Pointer.memset(whole.get_data_handle(), 0, columns * stride * Short.BYTES);
            var source = memory(memory.data_type.f32, matrix.pointer, new long[] {columns, rows}, new long[] {rows, 1});
            var target = memory(
                    memory.data_type.bf16, whole.get_data_handle(), new long[] {columns, rows}, new long[] {stride, 1});
            matrix.rounded = new Copy(own(new reorder(source, target)), source, target, stride);
        }
        return matrix.rounded;
    }

    private Prepared prepared(
            Kind kind,
            OffHeap left,
            OffHeap right,
            int firstRow,
            @Nullable OffHeap bias,
            Activation activation,
            OffHeap output) {
        // Few: the passes that share this output as scratch.
        for (var i = 0; i < output.products.size(); i++) {
            if (output.products.get(i).call.is(kind, left, right, firstRow, bias, activation)) {
                return output.products.get(i);
            }
        }
        var prepared = prepare(new Call(kind, left, right, firstRow, bias, activation), output);
        output.products.add(prepared);
        return prepared;
    }

    private Prepared prepare(Call call, OffHeap output) {
        var a = copy(call.left);
        var b = copy(call.right);
        long m = output.columns;
        long n = output.rows;
        var source = switch (call.kind) {
            // What the columns are filled up with adds 0, and odd lengths are slow.
            case FORWARD -> rounded(a, 0, new long[] {m, a.stride}, new long[] {a.stride, 1});
            case INPUT_GRADIENT -> rounded(a, 0, new long[] {m, call.left.rows}, new long[] {a.stride, 1});
            case WEIGHT_GRADIENT -> rounded(a, 0, new long[] {m, call.left.columns}, new long[] {1, a.stride});
        };
        var weights = switch (call.kind) {
            case FORWARD -> rounded(b, 0, new long[] {b.stride, n}, new long[] {1, b.stride});
            case INPUT_GRADIENT, WEIGHT_GRADIENT ->
                rounded(b, call.firstRow, new long[] {call.right.columns, n}, new long[] {b.stride, 1});
        };
        var target = memory(memory.data_type.f32, output.pointer, new long[] {m, n}, new long[] {n, 1});
        var arguments = own(new IntMemoryMap());
        arguments.put(DNNL_ARG_SRC, source);
        arguments.put(DNNL_ARG_WEIGHTS, weights);
        arguments.put(DNNL_ARG_DST, target);
        try (var attributes = new primitive_attr();
                var operations = new post_ops()) {
            if (call.activation != Activation.IDENTITY) {
                operations.append_eltwise(1, OneDnn.function(call.activation), 0, 0);
                attributes.set_post_ops(operations);
            }
            try (var description = description(call, source, weights, target, arguments);
                    var choice = new matmul.primitive_desc(description, attributes, processor)) {
                return new Prepared(call, own(new matmul(choice)), arguments);
            }
        }
    }

    private matmul.desc description(Call call, memory source, memory weights, memory target, IntMemoryMap arguments) {
        if (call.bias == null) {
            return new matmul.desc(source.get_desc(), weights.get_desc(), target.get_desc());
        }
        long n = call.bias.rows;
        var biases = memory(memory.data_type.f32, call.bias.pointer, new long[] {1, n}, new long[] {n, 1});
        arguments.put(DNNL_ARG_BIAS, biases);
        return new matmul.desc(source.get_desc(), weights.get_desc(), biases.get_desc(), target.get_desc());
    }

    private memory rounded(Copy copy, int from, long[] dimensions, long[] strides) {
        // By address, as in OffHeap: a position would be counted in bytes of a void pointer.
        var at = copy.target.get_data_handle().getPointer((long) from * Short.BYTES);
        return memory(memory.data_type.bf16, at, dimensions, strides);
    }

    private memory memory(memory.data_type type, Pointer at, long[] dimensions, long[] strides) {
        return own(new memory(own(new memory.desc(dimensions, type, strides)), processor, at));
    }

    private <P extends Pointer> P own(P pointer) {
        owned.add(pointer);
        return pointer;
    }
}
