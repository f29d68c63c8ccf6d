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
    private float[] sums = new float[0];
    private float[] moreSums = new float[0];
    private final Gelu gelu = new Gelu();
    private @Nullable OffHeap ones;
    private @Nullable OffHeap products;
    private @Nullable OffHeap sumsOutside;

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

    @Override
    public void biasGradient(Matrix outputGradient, Matrix biasGradient) {
        rowSums((OffHeap) outputGradient, (OffHeap) outputGradient, (OffHeap) biasGradient);
    }

    /** The sum of columns is a product with ones; {@code shape} says how {@code values} are to be read. */
    private void rowSums(OffHeap values, OffHeap shape, OffHeap target) {
        target.changed();
        blas.product(
                Op.PLAIN,
                Op.PLAIN,
                shape.rows,
                1,
                shape.columns,
                values.pointer,
                shape.rows,
                ones(shape.columns).pointer,
                shape.columns,
                target.pointer,
                shape.rows);
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
        var x = (OffHeap) normalised;
        var y = (OffHeap) output;
        var units = z.rows;
        var squares = products(z.size());
        reserveSums(z.columns);
        columnSums(ones(units), z, z, sums);
        reserve(units);
        var length = fillWithColumns(secondTile, (OffHeap) bias, z);
        fillWithColumns(thirdTile, (OffHeap) gain, z);
        for (var at = 0; at < z.size(); at += length) {
            var n = Math.min(length, z.size() - at);
            z.get(at, tile, n);
            for (var from = 0; from < n; from += units) {
                subtract(tile, from, units, sums[(at + from) / units] / units);
            }
            x.put(at, tile, n);
            multiply(tile, tile, n);
            squares.put(at, tile, n);
        }
        columnSums(ones(units), squares, z, sums);
        for (var at = 0; at < z.size(); at += length) {
            var n = Math.min(length, z.size() - at);
            x.get(at, tile, n);
            for (var from = 0; from < n; from += units) {
                var sample = (at + from) / units;
                inverseDeviation[sample] = (float) (1 / Math.sqrt((double) sums[sample] / units + epsilon));
                scale(tile, from, units, inverseDeviation[sample]);
            }
            x.put(at, tile, n);
            multiply(tile, thirdTile, n);
            addAndActivate(tile, secondTile, n, activation);
            y.put(at, tile, n);
        }
    }

    @Override
    public void normaliseGradient(
            Matrix gradient, Matrix gain, Matrix normalised, float[] inverseDeviation, Matrix gainGradient) {
        var g = (OffHeap) gradient;
        var units = g.rows;
        var along = products(g.size());
        multiply(gradient, normalised, along);
        rowSums(along, g, (OffHeap) gainGradient);
        reserveSums(g.columns);
        columnSums((OffHeap) gain, g, g, sums);
        columnSums((OffHeap) gain, along, g, moreSums);
        reserve(units);
        var length = fillWithColumns(thirdTile, (OffHeap) gain, g);
        for (var at = 0; at < g.size(); at += length) {
            var n = Math.min(length, g.size() - at);
            g.get(at, tile, n);
            ((OffHeap) normalised).get(at, secondTile, n);
            multiply(tile, thirdTile, n);
            for (var from = 0; from < n; from += units) {
                var sample = (at + from) / units;
                project(
                        tile,
                        secondTile,
                        from,
                        units,
                        sums[sample] / units,
                        moreSums[sample] / units,
                        inverseDeviation[sample]);
            }
            g.put(at, tile, n);
        }
    }

    /**
     * The sum of each column, its rows weighted: a product too, since HotSpot does not vectorise a sum of floats.
     *
     * @param shape how {@code values} are to be read
     */
    private void columnSums(OffHeap weights, OffHeap values, OffHeap shape, float[] target) {
        if (sumsOutside == null || sumsOutside.rows < shape.columns) {
            sumsOutside = (OffHeap) matrix(shape.columns, 1);
        }
        blas.product(
                Op.TRANSPOSED,
                Op.PLAIN,
                1,
                shape.columns,
                shape.rows,
                weights.pointer,
                shape.rows,
                values.pointer,
                shape.rows,
                sumsOutside.pointer,
                1);
        sumsOutside.get(0, target, shape.columns);
    }

    private OffHeap products(int floats) {
        if (products == null || products.size() < floats) {
            products = (OffHeap) matrix(floats, 1);
        }
        return products;
    }

    private void reserveSums(int columns) {
        if (columns > sums.length) {
            sums = new float[columns];
            moreSums = new float[columns];
        }
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
        reserve(values.rows);
        var length = fillWithColumns(secondTile, bias, values);
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

    /** Lays a column side by side in a tile, so that one flat loop serves many columns; returns the floats laid. */
    private static int fillWithColumns(float[] tile, OffHeap column, OffHeap values) {
        var rows = values.rows;
        var length = Math.min(tile.length / rows, values.columns) * rows;
        column.get(0, tile, rows);
        // Doubling what is there copies few large pieces instead of many small ones.
        for (var laid = rows; laid < length; laid *= 2) {
            System.arraycopy(tile, 0, tile, laid, Math.min(laid, length - laid));
        }
        return length;
    }

    private void reserve(int floats) {
        if (floats > tile.length) {
            tile = new float[floats];
            secondTile = new float[floats];
            thirdTile = new float[floats];
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

    private static void subtract(float[] values, int from, int n, float amount) {
        for (var i = from; i < from + n; i++) {
            values[i] -= amount;
        }
    }

    private static void scale(float[] values, int from, int n, float factor) {
        for (var i = from; i < from + n; i++) {
            values[i] *= factor;
        }
    }

    private static void project(
            float[] gradient, float[] unit, int from, int n, float mean, float along, float inverse) {
        for (var i = from; i < from + n; i++) {
            gradient[i] = inverse * (gradient[i] - mean - unit[i] * along);
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
}
