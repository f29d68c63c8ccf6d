package io.hindcast.judge;

/**
 * Inverse propensity scoring with weights that saturate: mean(w / (1 - lambda + lambda w) r).
 *
 * <p>Metelli, Russo and Restelli (2021), "Subgaussian and differentiable importance sampling for off-policy evaluation and
 * learning".
 *
 * @param lambda 0 (no saturation) to 1
 */
public record SubGaussian(double lambda) implements OneStep {
    @Override
    public String name() {
        return "sub-gaussian";
    }

    @Override
    public double value(double weight, double reward) {
        return saturated(weight, lambda) * reward;
    }

    static double saturated(double weight, double lambda) {
        return weight / (1 - lambda + lambda * weight);
    }
}
