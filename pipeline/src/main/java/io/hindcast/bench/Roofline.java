package io.hindcast.bench;

import io.hindcast.kernel.Matrix;
import io.hindcast.kernel.Nd4jKernels;
import io.hindcast.kernel.Nd4jKernels.Choice;
import io.hindcast.kernel.Precision;
import io.hindcast.run.Seeds;

/**
 * What an update's products could run at: the best rate of a 256 x 256 x 256 product on one thread.
 *
 * @param gflops in 1e9 operations a second
 * @param blas the library that reached it
 */
record Roofline(double gflops, String blas) {
    private static final int SQUARE = 256;
    private static final int PRODUCTS = 8;
    private static final double NANOS = 1e9;

    /** Tries every library that runs here for {@code seconds} each, on this thread, and takes the fastest. */
    static Roofline measure(Precision precision, double seconds) {
        var best = new Roofline(0, "none");
        if (precision != Precision.FLOAT32) {
            try (var kernels = new Nd4jKernels(precision)) {
                return new Roofline(gflops(kernels, seconds), kernels.description());
            }
        }
        for (var choice : Choice.values()) {
            try (var kernels = new Nd4jKernels(choice)) {
                best = best.or(new Roofline(gflops(kernels, seconds), kernels.description()));
            } catch (LinkageError notForThisPlatform) {
                // The other library is there everywhere.
            }
        }
        return best;
    }

    /** The higher of the two. */
    Roofline or(Roofline other) {
        return other.gflops > gflops ? other : this;
    }

    private static double gflops(Nd4jKernels kernels, double seconds) {
        var random = new Seeds(0).generator("benchmark product", 0);
        var numbers = new float[SQUARE * SQUARE];
        var a = kernels.matrix(SQUARE, SQUARE);
        var b = kernels.matrix(SQUARE, SQUARE);
        var product = kernels.matrix(SQUARE, SQUARE);
        for (var factor : new Matrix[] {a, b}) {
            for (var i = 0; i < numbers.length; i++) {
                numbers[i] = (float) random.nextGaussian();
            }
            factor.write(numbers, 0);
        }
        var best = Double.POSITIVE_INFINITY;
        var stop = System.nanoTime() + (long) (seconds * NANOS);
        do {
            var start = System.nanoTime();
            for (var i = 0; i < PRODUCTS; i++) {
                kernels.inputGradient(a, 0, b, product);
            }
            best = Math.min(best, System.nanoTime() - start);
        } while (System.nanoTime() < stop);
        return PRODUCTS * 2.0 * SQUARE * SQUARE * SQUARE / best;
    }
}
