package io.hindcast.judge;

/**
 * Doubly robust with weights that saturate: mean(v + w / (1 - lambda + lambda w) (r - q)).
 *
 * <p>Metelli, Russo and Restelli (2021), "Subgaussian and differentiable importance sampling for off-policy evaluation and
 * learning".
 *
 * @param lambda 0 (no saturation) to 1
 */
public record SubGaussianDr(double lambda) implements OneStep.WithModel {
    @Override
    public String name() {
        return "sub-gaussian-dr";
    }

    @Override
    public double value(double weight, double error) {
        return SubGaussian.saturated(weight, lambda) * error;
    }
}
