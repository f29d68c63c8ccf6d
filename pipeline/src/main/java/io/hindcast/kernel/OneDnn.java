package io.hindcast.kernel;

import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_BIAS;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DST;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SRC;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_WEIGHTS;
import static org.bytedeco.dnnl.global.dnnl.dnnl_cpu_isa_avx512_core_amx;
import static org.bytedeco.dnnl.global.dnnl.dnnl_cpu_isa_avx512_core_bf16;
import static org.bytedeco.dnnl.global.dnnl.dnnl_get_effective_cpu_isa;
import static org.bytedeco.dnnl.global.dnnl.dnnl_sgemm;
import static org.bytedeco.dnnl.global.dnnl.dnnl_success;
import static org.bytedeco.dnnl.global.dnnl.dnnl_version;

import java.util.Optional;
import org.bytedeco.dnnl.IntMemoryMap;
import org.bytedeco.dnnl.engine;
import org.bytedeco.dnnl.global.dnnl;
import org.bytedeco.dnnl.matmul;
import org.bytedeco.dnnl.memory;
import org.bytedeco.dnnl.post_ops;
import org.bytedeco.dnnl.primitive_attr;
import org.bytedeco.dnnl.stream;
import org.bytedeco.javacpp.FloatPointer;

/**
 * Products by oneDNN, whose code is generated for the processor it finds. Its matrices go by rows, so that every product of
 * matrices in columns is handed over as its transpose: {@code Cᵀ = Bᵀ · Aᵀ}.
 */
final class OneDnn implements Blas {
    /** With fewer outputs than this a product and a loop are faster than the prepared layer (measured, see bench). */
    private static final int LEAST_OUTPUTS = 4;

    private final engine processor = new engine(engine.kind.cpu, 0);
    private final stream queue = new stream(processor);

    /** A layer's product with its bias and activation, compiled for its shapes and bound to its memory. */
    static final class Prepared {
        private final OffHeap weight;
        private final OffHeap bias;
        private final OffHeap input;
        private final Activation activation;
        private final matmul product;
        private final IntMemoryMap arguments;
        private final memory[] memories;

        private Prepared(
                OffHeap weight,
                OffHeap bias,
                OffHeap input,
                Activation activation,
                matmul product,
                IntMemoryMap arguments,
                memory[] memories) {
            this.weight = weight;
            this.bias = bias;
            this.input = input;
            this.activation = activation;
            this.product = product;
            this.arguments = arguments;
            this.memories = memories;
        }

        private boolean serves(OffHeap otherWeight, OffHeap otherBias, OffHeap otherInput, Activation other) {
            return weight == otherWeight && bias == otherBias && input == otherInput && activation == other;
        }

        private void run(stream queue) {
            product.execute(queue, arguments);
        }

        private void free() {
            product.close();
            arguments.close();
            for (var bound : memories) {
                bound.close();
            }
        }
    }

    @Override
    public void product(
            Op opA,
            Op opB,
            int m,
            int n,
            int k,
            FloatPointer a,
            int strideA,
            FloatPointer b,
            int strideB,
            FloatPointer c,
            int strideC) {
        var status = dnnl_sgemm(code(opB), code(opA), n, m, k, 1, b, strideB, a, strideA, 0, c, strideC);
        if (status != dnnl_success) {
            throw new IllegalStateException("Cannot multiply [" + m + ", " + k + "] by [" + k + ", " + n
                    + "]: oneDNN returned status " + status);
        }
    }

    @Override
    public boolean fused(OffHeap weight, OffHeap bias, OffHeap input, Activation activation, OffHeap output) {
        if (output.rows < LEAST_OUTPUTS) {
            return false;
        }
        prepared(weight, bias, input, activation, output).run(queue);
        return true;
    }

    @Override
    public Optional<String> roundsBy() {
        return roundsBy(dnnl_get_effective_cpu_isa());
    }

    /** The same, of a processor that has the instructions {@code isa}: a bit for each set, and all those of the sets below. */
    static Optional<String> roundsBy(int isa) {
        if (hasAmx(isa)) {
            return Optional.of("AMX");
        }
        return (isa & dnnl_cpu_isa_avx512_core_bf16) == dnnl_cpu_isa_avx512_core_bf16
                ? Optional.of("AVX512_BF16")
                : Optional.empty();
    }

    /** Whether AMX is among the instructions {@code isa}. */
    static boolean hasAmx(int isa) {
        return (isa & dnnl_cpu_isa_avx512_core_amx) == dnnl_cpu_isa_avx512_core_amx;
    }

    @Override
    public String description() {
        var version = dnnl_version();
        return "oneDNN " + version.major() + "." + version.minor() + "." + version.patch();
    }

    @Override
    public void close() {
        queue.close();
        processor.close();
    }

    /** Frees what was prepared for an output. */
    static void release(OffHeap output) {
        output.prepared.forEach(Prepared::free);
        output.prepared.clear();
    }

    private Prepared prepared(OffHeap weight, OffHeap bias, OffHeap input, Activation activation, OffHeap output) {
        // Few: the passes that share this output as scratch.
        for (var i = 0; i < output.prepared.size(); i++) {
            if (output.prepared.get(i).serves(weight, bias, input, activation)) {
                return output.prepared.get(i);
            }
        }
        var prepared = prepare(weight, bias, input, activation, output);
        output.prepared.add(prepared);
        return prepared;
    }

    /** What oneDNN calls an activation that changes something. */
    static dnnl.algorithm function(Activation activation) {
        return switch (activation) {
            case RELU -> dnnl.algorithm.eltwise_relu;
            case TANH -> dnnl.algorithm.eltwise_tanh;
            case GELU -> dnnl.algorithm.eltwise_gelu_tanh;
            case IDENTITY -> throw new IllegalArgumentException("identity changes nothing");
        };
    }

    private Prepared prepare(OffHeap weight, OffHeap bias, OffHeap input, Activation activation, OffHeap output) {
        long in = weight.rows;
        long out = weight.columns;
        long batch = input.columns;
        var source = memory(input, new long[] {batch, in}, new long[] {in, 1});
        var weights = memory(weight, new long[] {in, out}, new long[] {1, in});
        var biases = memory(bias, new long[] {1, out}, new long[] {out, 1});
        var target = memory(output, new long[] {batch, out}, new long[] {out, 1});
        try (var attributes = new primitive_attr();
                var operations = new post_ops()) {
            if (activation != Activation.IDENTITY) {
                operations.append_eltwise(1, function(activation), 0, 0);
                attributes.set_post_ops(operations);
            }
            try (var description = new matmul.desc(
                            source.get_desc(), weights.get_desc(), biases.get_desc(), target.get_desc());
                    var choice = new matmul.primitive_desc(description, attributes, processor)) {
                var arguments = new IntMemoryMap();
                arguments.put(DNNL_ARG_SRC, source);
                arguments.put(DNNL_ARG_WEIGHTS, weights);
                arguments.put(DNNL_ARG_BIAS, biases);
                arguments.put(DNNL_ARG_DST, target);
                return new Prepared(weight, bias, input, activation, new matmul(choice), arguments, new memory[] {
                    source, weights, biases, target
                });
            }
        }
    }

    private memory memory(OffHeap matrix, long[] dimensions, long[] strides) {
        try (var description = new memory.desc(dimensions, memory.data_type.f32, strides)) {
            return new memory(description, processor, matrix.pointer);
        }
    }

    private static byte code(Op op) {
        return (byte) (op == Op.TRANSPOSED ? 'T' : 'N');
    }
}
