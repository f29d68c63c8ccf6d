package io.hindcast.judge;

/**
 * Inverse propensity scoring with weights of at most lambda: mean(min(w, lambda) r).
 *
 * <p>Ionides (2008), "Truncated importance sampling".
 *
 * @param lambda the largest weight, above 0
 */
public record ClippedIps(double lambda) implements OneStep {
    @Override
    public String name() {
        return "clipped-ips";
    }

    @Override
    public double value(double weight, double reward) {
        return Math.min(weight, lambda) * reward;
    }
}
