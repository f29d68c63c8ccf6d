package io.hindcast.kernel;

/** {@link Activation#GELU} and its slope over whole arrays: {@code x s} with {@code s = 1 / (1 + exp(-2u))}, u what the tanh is of. */
final class Gelu {
    private static final double FACTOR = 2 * Math.sqrt(2 / Math.PI);
    private static final double CUBE = 0.044715;
    /** From here on s is 0 or 1 to the last digit, and no cube overflows. */
    private static final double FAR = 12;

    private double[] exponentials = new double[0];

    /** Writes gelu of the first {@code n} numbers, in place. */
    void replace(float[] values, int n) {
        load(values, n);
        for (var i = 0; i < n; i++) {
            values[i] = (float) (Math.max(values[i], -FAR) * share(values[i], exponentials[i]));
        }
    }

    /** Multiplies the first {@code n} gradients by the slopes of gelu at {@code values}. */
    void multiplySlopes(float[] gradients, float[] values, int n) {
        load(values, n);
        for (var i = 0; i < n; i++) {
            var x = near(values[i]);
            var s = share(values[i], exponentials[i]);
            gradients[i] *= (float) (s + x * s * (1 - s) * FACTOR * (1 + 3 * CUBE * x * x));
        }
    }

    /** {@code exp(-|2u|)} of each. */
    private void load(float[] values, int n) {
        if (exponentials.length < n) {
            exponentials = new double[n];
        }
        for (var i = 0; i < n; i++) {
            var x = Math.abs(near(values[i]));
            exponentials[i] = -FACTOR * (x + CUBE * x * x * x);
        }
        Exponentials.replace(exponentials, n);
    }

    private static double near(float value) {
        return Math.max(-FAR, Math.min(FAR, value));
    }

    private static double share(float value, double exponential) {
        return (value < 0 ? exponential : 1) / (1 + exponential);
    }
}
