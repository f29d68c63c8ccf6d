package io.hindcast.kernel;

import static org.bytedeco.openblas.global.openblas_nolapack.CblasColMajor;
import static org.bytedeco.openblas.global.openblas_nolapack.CblasNoTrans;
import static org.bytedeco.openblas.global.openblas_nolapack.CblasTrans;
import static org.bytedeco.openblas.global.openblas_nolapack.cblas_sgemm;

import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.openblas.global.openblas_nolapack;
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
        var rows = values.rows();
        var step = columnsPerTile(rows);
        for (var column = 0; column < values.columns(); column += step) {
            var columns = Math.min(step, values.columns() - column);
            buffer.get(column * rows, tile, 0, columns * rows);
            for (var c = 0; c < columns; c++) {
                switch (activation) {
                    case RELU -> addAndRelu(tile, c * rows, bias, from, rows);
                    case TANH -> addAndTanh(tile, c * rows, bias, from, rows);
                }
            }
            buffer.put(column * rows, tile, 0, columns * rows);
        }
    }

    @Override
    public void addBias(Matrix values, float[] bias, int from) {
        var buffer = buffer(values);
        var rows = values.rows();
        var step = columnsPerTile(rows);
        for (var column = 0; column < values.columns(); column += step) {
            var columns = Math.min(step, values.columns() - column);
            buffer.get(column * rows, tile, 0, columns * rows);
            for (var c = 0; c < columns; c++) {
                add(tile, c * rows, bias, from, rows);
            }
            buffer.put(column * rows, tile, 0, columns * rows);
        }
    }

    @Override
    public void activationGradient(
            Matrix gradient, Matrix activated, Activation activation, float[] biasGradient, int from) {
        var g = buffer(gradient);
        var h = buffer(activated);
        var rows = gradient.rows();
        var step = columnsPerTile(rows);
        clear(biasGradient, from, rows);
        for (var column = 0; column < gradient.columns(); column += step) {
            var columns = Math.min(step, gradient.columns() - column);
            g.get(column * rows, tile, 0, columns * rows);
            h.get(column * rows, secondTile, 0, columns * rows);
            switch (activation) {
                case RELU -> reluSlope(tile, secondTile, columns * rows);
                case TANH -> tanhSlope(tile, secondTile, columns * rows);
            }
            for (var c = 0; c < columns; c++) {
                accumulate(tile, c * rows, biasGradient, from, rows);
            }
            g.put(column * rows, tile, 0, columns * rows);
        }
    }

    @Override
    public void biasGradient(Matrix gradient, float[] biasGradient, int from) {
        var buffer = buffer(gradient);
        var rows = gradient.rows();
        var step = columnsPerTile(rows);
        clear(biasGradient, from, rows);
        for (var column = 0; column < gradient.columns(); column += step) {
            var columns = Math.min(step, gradient.columns() - column);
            buffer.get(column * rows, tile, 0, columns * rows);
            for (var c = 0; c < columns; c++) {
                accumulate(tile, c * rows, biasGradient, from, rows);
            }
        }
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

    private int columnsPerTile(int rows) {
        if (rows > tile.length) {
            tile = new float[rows];
            secondTile = new float[rows];
        }
        return tile.length / rows;
    }

    // One loop a method: HotSpot vectorises each of them.

    private static void addAndRelu(float[] values, int at, float[] bias, int from, int n) {
        for (var i = 0; i < n; i++) {
            values[at + i] = Math.max(0, values[at + i] + bias[from + i]);
        }
    }

    private static void addAndTanh(float[] values, int at, float[] bias, int from, int n) {
        for (var i = 0; i < n; i++) {
            values[at + i] = (float) Math.tanh(values[at + i] + bias[from + i]);
        }
    }

    private static void add(float[] values, int at, float[] bias, int from, int n) {
        for (var i = 0; i < n; i++) {
            values[at + i] += bias[from + i];
        }
    }

    private static void accumulate(float[] values, int at, float[] sums, int from, int n) {
        for (var i = 0; i < n; i++) {
            sums[from + i] += values[at + i];
        }
    }

    private static void reluSlope(float[] gradient, float[] activated, int n) {
        for (var i = 0; i < n; i++) {
            gradient[i] = activated[i] > 0 ? gradient[i] : 0;
        }
    }

    private static void tanhSlope(float[] gradient, float[] activated, int n) {
        for (var i = 0; i < n; i++) {
            gradient[i] *= 1 - activated[i] * activated[i];
        }
    }

    private static void clear(float[] values, int from, int n) {
        for (var i = 0; i < n; i++) {
            values[from + i] = 0;
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
