package io.hindcast.kernel;

/** exp over whole arrays, in operations that HotSpot vectorises: {@link Math#exp} is a call an element. */
final class Exponentials {
    /** exp of this is the least normal float, about 1e-38. */
    private static final double LEAST = -87;

    private static final double PART = 1.0 / 64;

    private Exponentials() {}

    /**
     * Replaces the first {@code n} numbers, none of them above 0, by their exponentials: to within 1e-12 of each from -20 on,
     * to within 1e-16 in all below; below -87 everything is exp(-87).
     *
     * <p>{@code exp(x) = exp(x / 64)^64}, the inner one a Taylor polynomial of degree 11, the outer one six squares.
     */
    static void replace(double[] values, int n) {
        for (var i = 0; i < n; i++) {
            var x = Math.max(values[i], LEAST) * PART;
            var y = 1 + x * (1.0 / 11);
            y = 1 + x * (1.0 / 10) * y;
            y = 1 + x * (1.0 / 9) * y;
            y = 1 + x * (1.0 / 8) * y;
            y = 1 + x * (1.0 / 7) * y;
            y = 1 + x * (1.0 / 6) * y;
            y = 1 + x * (1.0 / 5) * y;
            y = 1 + x * (1.0 / 4) * y;
            y = 1 + x * (1.0 / 3) * y;
            y = 1 + x * (1.0 / 2) * y;
            y = 1 + x * y;
            y *= y;
            y *= y;
            y *= y;
            y *= y;
            y *= y;
            y *= y;
            values[i] = y;
        }
    }
}
