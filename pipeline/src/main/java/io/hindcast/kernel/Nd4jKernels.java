package io.hindcast.kernel;

import static org.bytedeco.openblas.global.openblas_nolapack.CblasColMajor;
import static org.bytedeco.openblas.global.openblas_nolapack.CblasNoTrans;
import static org.bytedeco.openblas.global.openblas_nolapack.CblasTrans;
import static org.bytedeco.openblas.global.openblas_nolapack.cblas_sgemm;
import static org.bytedeco.openblas.global.openblas_nolapack.cblas_sgemv;

import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.openblas.global.openblas_nolapack;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Matrices in ND4J's off-heap memory, products by the BLAS that ND4J brings, called on the pointers themselves, and
 * elementwise work in fused loops over a tile on the Java heap: HotSpot vectorises loops over heap arrays but not over
 * off-heap memory, and ND4J's own elementwise operations are several times slower still.
 *
 * <p>Products run on one thread: runs are spread over cores, not products.
 */
public final class Nd4jKernels implements Kernels {
    /** Floats of a tile: 32 kB, so that a tile stays in the first-level cache while it is worked on. */
    private static final int TILE = 8 * 1024;

    static {
        openblas_nolapack.blas_set_num_threads(1);
    }

    private final List<OffHeap> matrices = new ArrayList<>();
    private float[] tile = new float[TILE];
    private float[] secondTile = new float[TILE];
    private @Nullable OffHeap ones;
    private @Nullable OffHeap sums;

    @Override
    public Matrix matrix(int rows, int columns) {
        var matrix = new OffHeap(rows, columns);
        matrices.add(matrix);
        return matrix;
    }

    @Override
    public void forward(Matrix weight, Matrix input, Matrix output) {
        var in = weight.rows();
        var out = weight.columns();
        cblas_sgemm(
                CblasColMajor,
                CblasTrans,
                CblasNoTrans,
                out,
                input.columns(),
                in,
                1,
                pointer(weight),
                in,
                pointer(input),
                in,
                0,
                pointer(output),
                out);
    }

    @Override
    public void inputGradient(Matrix weight, Matrix outputGradient, Matrix inputGradient) {
        var in = weight.rows();
        var out = weight.columns();
        cblas_sgemm(
                CblasColMajor,
                CblasNoTrans,
                CblasNoTrans,
                in,
                outputGradient.columns(),
                out,
                1,
                pointer(weight),
                in,
                pointer(outputGradient),
                out,
                0,
                pointer(inputGradient),
                in);
    }

    @Override
    public void weightGradient(Matrix input, Matrix outputGradient, Matrix weightGradient) {
        var in = weightGradient.rows();
        var out = weightGradient.columns();
        cblas_sgemm(
                CblasColMajor,
                CblasNoTrans,
                CblasTrans,
                in,
                out,
                input.columns(),
                1,
                pointer(input),
                in,
                pointer(outputGradient),
                out,
                0,
                pointer(weightGradient),
                in);
    }

    @Override
    public void addBiasAndActivate(Matrix values, float[] bias, int from, Activation activation) {
        var buffer = buffer(values);
        var length = fillTileWithColumns(bias, from, values);
        for (var at = 0; at < buffer.capacity(); at += length) {
            var n = Math.min(length, buffer.capacity() - at);
            buffer.get(at, tile, 0, n);
            switch (activation) {
                case RELU -> addAndRelu(tile, secondTile, n);
                case TANH -> addAndTanh(tile, secondTile, n);
            }
            buffer.put(at, tile, 0, n);
        }
    }

    @Override
    public void addBias(Matrix values, float[] bias, int from) {
        var buffer = buffer(values);
        var length = fillTileWithColumns(bias, from, values);
        for (var at = 0; at < buffer.capacity(); at += length) {
            var n = Math.min(length, buffer.capacity() - at);
            buffer.get(at, tile, 0, n);
            add(tile, secondTile, n);
            buffer.put(at, tile, 0, n);
        }
    }

    @Override
    public void activationGradient(
            Matrix gradient, Matrix activated, Activation activation, float[] biasGradient, int from) {
        var g = buffer(gradient);
        var h = buffer(activated);
        for (var at = 0; at < g.capacity(); at += TILE) {
            var n = Math.min(TILE, g.capacity() - at);
            g.get(at, tile, 0, n);
            h.get(at, secondTile, 0, n);
            switch (activation) {
                case RELU -> reluSlope(tile, secondTile, n);
                case TANH -> tanhSlope(tile, secondTile, n);
            }
            g.put(at, tile, 0, n);
        }
        biasGradient(gradient, biasGradient, from);
    }

    /** The sum of columns is a product with ones. */
    @Override
    public void biasGradient(Matrix gradient, float[] biasGradient, int from) {
        var rows = gradient.rows();
        cblas_sgemv(
                CblasColMajor,
                CblasNoTrans,
                rows,
                gradient.columns(),
                1,
                pointer(gradient),
                rows,
                ones(gradient.columns()),
                1,
                0,
                sums(rows),
                1);
        Objects.requireNonNull(sums).buffer.get(0, biasGradient, from, rows);
    }

    /** Frees the memory of all matrices; none may be used afterwards. */
    @Override
    public void close() {
        matrices.forEach(OffHeap::free);
        matrices.clear();
    }

    /** What runs underneath, for logs and reports. */
    public static String description() {
        return "ND4J " + Nd4j.getBackend().getClass().getSimpleName() + ", BLAS "
                + Nd4j.factory().blas().getBlasVendor();
    }

    /** Lays the bias side by side in the second tile, so that one flat loop adds it; returns the floats laid. */
    private int fillTileWithColumns(float[] bias, int from, Matrix values) {
        var rows = values.rows();
        if (rows > tile.length) {
            tile = new float[rows];
            secondTile = new float[rows];
        }
        var columns = Math.min(tile.length / rows, values.columns());
        for (var column = 0; column < columns; column++) {
            System.arraycopy(bias, from, secondTile, column * rows, rows);
        }
        return columns * rows;
    }

    private FloatPointer ones(int length) {
        if (ones == null || ones.rows() < length) {
            ones = (OffHeap) matrix(length, 1);
            var values = new float[length];
            Arrays.fill(values, 1);
            ones.write(values, 0);
        }
        return ones.pointer;
    }

    private FloatPointer sums(int length) {
        if (sums == null || sums.rows() < length) {
            sums = (OffHeap) matrix(length, 1);
        }
        return sums.pointer;
    }

    // One loop a method, all arrays at the same index: only such loops does HotSpot vectorise.

    private static void addAndRelu(float[] values, float[] bias, int n) {
        for (var i = 0; i < n; i++) {
            values[i] = Math.max(values[i] + bias[i], 0);
        }
    }

    private static void addAndTanh(float[] values, float[] bias, int n) {
        for (var i = 0; i < n; i++) {
            values[i] = (float) Math.tanh(values[i] + bias[i]);
        }
    }

    private static void add(float[] values, float[] bias, int n) {
        for (var i = 0; i < n; i++) {
            values[i] += bias[i];
        }
    }

    /** The slope of relu, 1 where the activated value is positive and 0 where it is 0, without a branch. */
    private static void reluSlope(float[] gradient, float[] activated, int n) {
        for (var i = 0; i < n; i++) {
            gradient[i] *= Math.min(activated[i] * 1e38f * 1e38f, 1);
        }
    }

    private static void tanhSlope(float[] gradient, float[] activated, int n) {
        for (var i = 0; i < n; i++) {
            gradient[i] *= 1 - activated[i] * activated[i];
        }
    }

    private static FloatPointer pointer(Matrix matrix) {
        return ((OffHeap) matrix).pointer;
    }

    private static FloatBuffer buffer(Matrix matrix) {
        return ((OffHeap) matrix).buffer;
    }

    private static final class OffHeap implements Matrix {
        private final INDArray array;
        private final FloatPointer pointer;
        private final FloatBuffer buffer;

        OffHeap(int rows, int columns) {
            // Detached from any workspace: it lives until free().
            array = Nd4j.create(DataType.FLOAT, new long[] {rows, columns}, 'f');
            pointer = new FloatPointer(array.data().addressPointer());
            pointer.capacity((long) rows * columns);
            buffer = pointer.asBuffer();
        }

        @Override
        public int rows() {
            return (int) array.size(0);
        }

        @Override
        public int columns() {
            return (int) array.size(1);
        }

        @Override
        public void write(float[] source, int from) {
            buffer.put(0, source, from, buffer.capacity());
        }

        @Override
        public void read(float[] target, int from) {
            buffer.get(0, target, from, buffer.capacity());
        }

        void free() {
            array.close();
        }
    }
}
