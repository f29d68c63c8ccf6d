package io.hindcast.judge;

/**
 * Weights of an episode, one a step: how much likelier the policy chooses the actions so far than what logged them did. Each is
 * mantissa 2^exponent. After the end the last one stays.
 */
final class Weights {
    private final double[] mantissas;
    private final int[] exponents;

    private Weights(double[] mantissas, int[] exponents) {
        this.mantissas = mantissas;
        this.exponents = exponents;
    }

    /** @param logs natural logarithms; minus infinity for 0 */
    static Weights ofLogs(double[] logs) {
        var weights = new Weights(new double[logs.length], new int[logs.length]);
        for (var t = 0; t < logs.length; t++) {
            var weight = Scaled.exp(logs[t]);
            weights.mantissas[t] = weight.x();
            weights.exponents[t] = weight.exponent();
        }
        return weights;
    }

    int length() {
        return mantissas.length;
    }

    double mantissa(int t) {
        return mantissas[t];
    }

    int exponent(int t) {
        return exponents[t];
    }

    Scaled at(int t) {
        return new Scaled(mantissas[t], exponents[t]);
    }

    Scaled last() {
        return at(length() - 1);
    }

    /** The last one alone. */
    Weights lastOnly() {
        var last = length() - 1;
        return new Weights(new double[] {mantissas[last]}, new int[] {exponents[last]});
    }

    /** The sum over steps of weight times {@code x}, {@code [length]}. */
    Scaled sum(double[] x) {
        var largest = Integer.MIN_VALUE;
        for (var t = 0; t < length(); t++) {
            if (mantissas[t] != 0) {
                largest = Math.max(largest, exponents[t]);
            }
        }
        var sum = 0.0;
        for (var t = 0; t < length(); t++) {
            if (mantissas[t] != 0) {
                sum += Scaled.scale(x[t] * mantissas[t], exponents[t] - largest);
            }
        }
        return sum == 0 ? Scaled.ZERO : Scaled.of(sum, largest);
    }
}
