package io.hindcast.kernel;

import io.hindcast.config.UserException;
import io.hindcast.kernel.Blas.Op;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Matrices outside the Java heap and products called on the pointers themselves: by oneDNN where it runs, else by the
 * BLAS that ND4J brings; {@code -Dhindcast.blas=onednn} or {@code nd4j} insists on one. What is left of elementwise work is
 * done in loops over a tile on the Java heap: HotSpot vectorises loops over heap arrays but not over off-heap memory, and
 * ND4J's own elementwise operations are several times slower still.
 *
 * <p>Products run on one thread: runs are spread over cores, not products.
 */
public final class Nd4jKernels implements Kernels {
    /** Floats of a tile: 16 kB, so that two stay in the first-level cache while they are worked on. */
    private static final int TILE = 4 * 1024;

    private final Blas blas;
    private final Precision precision;
    private final @Nullable RoundedProducts rounded;
    private final List<OffHeap> matrices = new ArrayList<>();
    private final Map<List<Integer>, Matrix> scratch = new HashMap<>();
    private float[] tile = new float[TILE];
    private float[] secondTile = new float[TILE];
    private float[] thirdTile = new float[TILE];
    private float[] fourthTile = new float[TILE];
    private final Gelu gelu = new Gelu();
    private @Nullable OffHeap ones;

    /** The library of matrix products. */
    public enum Choice {
        /** oneDNN; for x86-64 only. */
        ONEDNN,
        /** What ND4J runs on: OpenBLAS, or MKL where that is installed for it. */
        ND4J
    }

    /** Kernels on oneDNN where it runs, else on ND4J's BLAS, unless {@code -Dhindcast.blas} insists on one. */
    public Nd4jKernels() {
        this(Precision.FLOAT32);
    }

    /**
     * The same with products of that precision.
     *
     * @throws UserException if they cannot be had here
     */
    public Nd4jKernels(Precision precision) {
        require(precision);
        this.precision = precision;
        blas = chosen();
        rounded = precision == Precision.FLOAT32 ? null : new RoundedProducts();
    }

    /** Kernels of float32 on just that library. */
    public Nd4jKernels(Choice choice) {
        precision = Precision.FLOAT32;
        blas = of(choice);
        rounded = null;
    }

    /**
     * Makes sure that products of that precision can be had here.
     *
     * @throws UserException if not: on this processor, or with the library that {@code -Dhindcast.blas} insists on
     */
    public static void require(Precision precision) {
        if (precision == Precision.FLOAT32) {
            return;
        }
        try (var library = chosen()) {
            if (library.roundsBy().isEmpty()) {
                throw new UserException("Cannot multiply with precision = " + precision.word() + ": "
                        + library.description()
                        + " finds neither AVX512_BF16 nor AMX here; use precision = float32");
            }
        }
    }

    /** What the processor multiplies {@link Precision#BFLOAT16} with, in words; empty: it is refused. */
    public Optional<String> roundsBy() {
        return blas.roundsBy();
    }

    /** How many bytes its matrices take. */
    public long bytes() {
        return matrices.stream()
                .mapToLong(matrix -> (long) matrix.size() * Float.BYTES)
                .sum();
    }

    @Override
    public Matrix matrix(int rows, int columns) {
        var matrix = new OffHeap(rows, columns);
        matrices.add(matrix);
        return matrix;
    }

    @Override
    public Matrix scratch(int rows, int columns, int slot) {
        return scratch.computeIfAbsent(List.of(rows, columns, slot), shape -> matrix(rows, columns));
    }

    @Override
    public void forward(Matrix weight, Matrix bias, Matrix input, Activation activation, Matrix output) {
        var w = (OffHeap) weight;
        var x = (OffHeap) input;
        var y = (OffHeap) output;
        y.changed();
        if (rounded != null && precision.rounds(w)) {
            rounded.forward(w, (OffHeap) bias, x, activation, y);
            return;
        }
        if (blas.fused(w, (OffHeap) bias, x, activation, y)) {
            return;
        }
        blas.product(
                Op.TRANSPOSED,
                Op.PLAIN,
                w.columns,
                x.columns,
                w.rows,
                w.pointer,
                w.rows,
                x.pointer,
                x.rows,
                y.pointer,
                y.rows);
        addBiasAndActivate(y, (OffHeap) bias, activation);
    }

    @Override
    public void inputGradient(Matrix weight, int firstInput, Matrix outputGradient, Matrix inputGradient) {
        var w = (OffHeap) weight;
        var dy = (OffHeap) outputGradient;
        var dx = (OffHeap) inputGradient;
        dx.changed();
        if (rounded != null && precision.rounds(w)) {
            rounded.inputGradient(w, firstInput, dy, dx);
            return;
        }
        var part = firstInput == 0 ? w : part(w, firstInput);
        blas.product(
                Op.PLAIN,
                Op.PLAIN,
                dx.rows,
                dy.columns,
                dy.rows,
                part.pointer,
                w.rows,
                dy.pointer,
                dy.rows,
                dx.pointer,
                dx.rows);
    }

    @Override
    public void weightGradient(Matrix input, Matrix outputGradient, Matrix weightGradient) {
        var x = (OffHeap) input;
        var dy = (OffHeap) outputGradient;
        var dw = (OffHeap) weightGradient;
        dw.changed();
        if (rounded != null && precision.rounds(dw)) {
            rounded.weightGradient(x, dy, dw);
            return;
        }
        blas.product(
                Op.PLAIN,
                Op.TRANSPOSED,
                dw.rows,
                dw.columns,
                x.columns,
                x.pointer,
                x.rows,
                dy.pointer,
                dy.rows,
                dw.pointer,
                dw.rows);
    }

    /** The sum of columns is a product with ones. */
    @Override
    public void biasGradient(Matrix outputGradient, Matrix biasGradient) {
        var dy = (OffHeap) outputGradient;
        ((OffHeap) biasGradient).changed();
        blas.product(
                Op.PLAIN,
                Op.PLAIN,
                dy.rows,
                1,
                dy.columns,
                dy.pointer,
                dy.rows,
                ones(dy.columns).pointer,
                dy.columns,
                ((OffHeap) biasGradient).pointer,
                dy.rows);
    }

    @Override
    public void activate(Matrix values, Activation activation, Matrix activated) {
        var z = (OffHeap) values;
        for (var at = 0; at < z.size(); at += TILE) {
            var n = Math.min(TILE, z.size() - at);
            z.get(at, tile, n);
            activate(tile, n, activation);
            ((OffHeap) activated).put(at, tile, n);
        }
    }

    @Override
    public void activationGradient(Matrix gradient, Matrix telling, Activation activation) {
        if (activation == Activation.IDENTITY) {
            return;
        }
        var g = (OffHeap) gradient;
        var h = (OffHeap) telling;
        for (var at = 0; at < g.size(); at += TILE) {
            var n = Math.min(TILE, g.size() - at);
            g.get(at, tile, n);
            h.get(at, secondTile, n);
            switch (activation) {
                case IDENTITY -> {}
                case RELU -> reluSlope(tile, secondTile, n);
                case TANH -> tanhSlope(tile, secondTile, n);
                case GELU -> gelu.multiplySlopes(tile, secondTile, n);
            }
            g.put(at, tile, n);
        }
    }

    @Override
    public void normalise(
            Matrix values,
            Matrix gain,
            Matrix bias,
            double epsilon,
            Activation activation,
            Matrix normalised,
            float[] inverseDeviation,
            Matrix output) {
        var z = (OffHeap) values;
        var units = z.rows;
        reserve(units);
        gain.read(thirdTile, 0);
        bias.read(secondTile, 0);
        var gains = thirdTile;
        var biases = secondTile;
        for (var sample = 0; sample < z.columns; sample++) {
            z.get(sample * units, tile, units);
            var mean = sum(tile, units) / units;
            subtract(tile, (float) mean, units);
            var inverse = 1 / Math.sqrt(dot(tile, tile, units) / units + epsilon);
            inverseDeviation[sample] = (float) inverse;
            scale(tile, (float) inverse, units);
            ((OffHeap) normalised).put(sample * units, tile, units);
            multiply(tile, gains, units);
            addAndActivate(tile, biases, units, activation);
            ((OffHeap) output).put(sample * units, tile, units);
        }
    }

    @Override
    public void normaliseGradient(
            Matrix gradient, Matrix gain, Matrix normalised, float[] inverseDeviation, Matrix gainGradient) {
        var g = (OffHeap) gradient;
        var units = g.rows;
        reserve(units);
        var gains = thirdTile;
        var gainSums = fourthTile;
        gain.read(gains, 0);
        Arrays.fill(gainSums, 0, units, 0);
        for (var sample = 0; sample < g.columns; sample++) {
            g.get(sample * units, tile, units);
            ((OffHeap) normalised).get(sample * units, secondTile, units);
            addProduct(gainSums, tile, secondTile, units);
            multiply(tile, gains, units);
            var mean = (float) (sum(tile, units) / units);
            var along = (float) (dot(tile, secondTile, units) / units);
            project(tile, secondTile, mean, along, inverseDeviation[sample], units);
            g.put(sample * units, tile, units);
        }
        gainGradient.write(gainSums, 0);
    }

    @Override
    public void multiply(Matrix values, Matrix factors, Matrix product) {
        var a = (OffHeap) values;
        var b = (OffHeap) factors;
        for (var at = 0; at < a.size(); at += TILE) {
            var n = Math.min(TILE, a.size() - at);
            a.get(at, tile, n);
            b.get(at, secondTile, n);
            multiply(tile, secondTile, n);
            ((OffHeap) product).put(at, tile, n);
        }
    }

    @Override
    public String description() {
        return rounded == null
                ? blas.description()
                : blas.description() + " of bfloat16 by " + blas.roundsBy().orElseThrow();
    }

    /** Frees the memory of all matrices; none may be used afterwards. */
    @Override
    public void close() {
        if (rounded != null) {
            rounded.close();
        }
        for (var matrix : matrices) {
            OneDnn.release(matrix);
            matrix.free();
        }
        matrices.clear();
        blas.close();
    }

    private static Blas of(Choice choice) {
        return choice == Choice.ONEDNN ? new OneDnn() : new OpenBlas();
    }

    private static Blas chosen() {
        var choice = System.getProperty("hindcast.blas", "");
        if (choice.isEmpty()) {
            try {
                return of(Choice.ONEDNN);
            } catch (LinkageError notForThisPlatform) {
                return of(Choice.ND4J);
            }
        }
        try {
            return of(Choice.valueOf(choice.toUpperCase(Locale.ROOT)));
        } catch (IllegalArgumentException e) {
            throw new UserException("Cannot use -Dhindcast.blas=" + choice + ": it is neither onednn nor nd4j");
        }
    }

    /** The weights of the inputs from {@code firstInput} on; made once and kept by the weights. */
    private static OffHeap part(OffHeap weight, int firstInput) {
        if (weight.part == null || weight.partFrom != firstInput) {
            weight.part = (OffHeap) weight.view(firstInput, 1, weight.size() - firstInput);
            weight.partFrom = firstInput;
        }
        return weight.part;
    }

    private void addBiasAndActivate(OffHeap values, OffHeap bias, Activation activation) {
        var length = fillTileWithColumns(bias, values);
        for (var at = 0; at < values.size(); at += length) {
            var n = Math.min(length, values.size() - at);
            values.get(at, tile, n);
            addAndActivate(tile, secondTile, n, activation);
            values.put(at, tile, n);
        }
    }

    private void addAndActivate(float[] values, float[] bias, int n, Activation activation) {
        if (activation == Activation.RELU) {
            addAndRelu(values, bias, n);
        } else {
            add(values, bias, n);
            activate(values, n, activation);
        }
    }

    private void activate(float[] values, int n, Activation activation) {
        switch (activation) {
            case IDENTITY -> {}
            case RELU -> relu(values, n);
            case TANH -> tanh(values, n);
            case GELU -> gelu.replace(values, n);
        }
    }

    /** Lays the bias side by side in the second tile, so that one flat loop adds it; returns the floats laid. */
    private int fillTileWithColumns(OffHeap bias, OffHeap values) {
        var rows = values.rows;
        reserve(rows);
        var length = Math.min(secondTile.length / rows, values.columns) * rows;
        bias.get(0, secondTile, rows);
        // Doubling what is there copies few large pieces instead of many small ones.
        for (var laid = rows; laid < length; laid *= 2) {
            System.arraycopy(secondTile, 0, secondTile, laid, Math.min(laid, length - laid));
        }
        return length;
    }

    private void reserve(int floats) {
        if (floats > tile.length) {
            tile = new float[floats];
            secondTile = new float[floats];
            thirdTile = new float[floats];
            fourthTile = new float[floats];
        }
    }

    private OffHeap ones(int length) {
        if (ones == null || ones.rows < length) {
            ones = (OffHeap) matrix(length, 1);
            var values = new float[length];
            Arrays.fill(values, 1);
            ones.write(values, 0);
        }
        return ones;
    }

    // One loop a method, all arrays at the same index: only such loops does HotSpot vectorise.

    private static void addAndRelu(float[] values, float[] bias, int n) {
        for (var i = 0; i < n; i++) {
            values[i] = Math.max(values[i] + bias[i], 0);
        }
    }

    private static void relu(float[] values, int n) {
        for (var i = 0; i < n; i++) {
            values[i] = Math.max(values[i], 0);
        }
    }

    private static void tanh(float[] values, int n) {
        for (var i = 0; i < n; i++) {
            values[i] = (float) Math.tanh(values[i]);
        }
    }

    private static void add(float[] values, float[] bias, int n) {
        for (var i = 0; i < n; i++) {
            values[i] += bias[i];
        }
    }

    private static void multiply(float[] values, float[] factors, int n) {
        for (var i = 0; i < n; i++) {
            values[i] *= factors[i];
        }
    }

    private static void subtract(float[] values, float amount, int n) {
        for (var i = 0; i < n; i++) {
            values[i] -= amount;
        }
    }

    private static void scale(float[] values, float factor, int n) {
        for (var i = 0; i < n; i++) {
            values[i] *= factor;
        }
    }

    private static void addProduct(float[] sums, float[] a, float[] b, int n) {
        for (var i = 0; i < n; i++) {
            sums[i] += a[i] * b[i];
        }
    }

    private static void project(float[] gradient, float[] unit, float mean, float along, float inverse, int n) {
        for (var i = 0; i < n; i++) {
            gradient[i] = inverse * (gradient[i] - mean - unit[i] * along);
        }
    }

    // Eight sums side by side, so that an addition does not wait for the one before it.

    private static double sum(float[] values, int n) {
        double s0 = 0, s1 = 0, s2 = 0, s3 = 0, s4 = 0, s5 = 0, s6 = 0, s7 = 0;
        var i = 0;
        for (; i + 8 <= n; i += 8) {
            s0 += values[i];
            s1 += values[i + 1];
            s2 += values[i + 2];
            s3 += values[i + 3];
            s4 += values[i + 4];
            s5 += values[i + 5];
            s6 += values[i + 6];
            s7 += values[i + 7];
        }
        for (; i < n; i++) {
            s0 += values[i];
        }
        return (s0 + s1) + (s2 + s3) + ((s4 + s5) + (s6 + s7));
    }

    private static double dot(float[] a, float[] b, int n) {
        double s0 = 0, s1 = 0, s2 = 0, s3 = 0, s4 = 0, s5 = 0, s6 = 0, s7 = 0;
        var i = 0;
        for (; i + 8 <= n; i += 8) {
            s0 += (double) a[i] * b[i];
            s1 += (double) a[i + 1] * b[i + 1];
            s2 += (double) a[i + 2] * b[i + 2];
            s3 += (double) a[i + 3] * b[i + 3];
            s4 += (double) a[i + 4] * b[i + 4];
            s5 += (double) a[i + 5] * b[i + 5];
            s6 += (double) a[i + 6] * b[i + 6];
            s7 += (double) a[i + 7] * b[i + 7];
        }
        for (; i < n; i++) {
            s0 += (double) a[i] * b[i];
        }
        return (s0 + s1) + (s2 + s3) + ((s4 + s5) + (s6 + s7));
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
}
