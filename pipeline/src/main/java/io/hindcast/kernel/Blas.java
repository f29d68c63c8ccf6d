package io.hindcast.kernel;

import java.util.Optional;
import org.bytedeco.javacpp.FloatPointer;

/** A library of matrix products on off-heap memory; one instance belongs to one thread. */
interface Blas extends AutoCloseable {
    /** Whether a matrix enters a product as it is or transposed. */
    enum Op {
        PLAIN,
        TRANSPOSED
    }

    /** {@code C = op(A) · op(B)}, all in columns: op(A) is {@code [m, k]}, op(B) {@code [k, n]}, C {@code [m, n]}. */
    void product(
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
            int strideC);

    /**
     * {@code output = activation(weightᵀ · input + bias)} in one go.
     *
     * @return false if this library, or this shape, is better served by {@link #product} and a loop; nothing was written then
     */
    default boolean fused(OffHeap weight, OffHeap bias, OffHeap input, Activation activation, OffHeap output) {
        return false;
    }

    /** Which instructions of this processor it multiplies {@link Bfloat16} with; empty if there are none. */
    default Optional<String> roundsBy() {
        return Optional.empty();
    }

    /** Its name and version. */
    String description();

    @Override
    default void close() {}
}
