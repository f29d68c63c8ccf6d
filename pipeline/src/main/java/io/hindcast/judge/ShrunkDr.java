package io.hindcast.judge;

/**
 * Doubly robust with optimistic shrinkage (DRos): mean(v + lambda w / (w^2 + lambda) (r - q)).
 *
 * <p>Su, Dimakopoulou, Krishnamurthy and Dudik (2020), "Doubly robust off-policy evaluation with shrinkage".
 *
 * @param lambda above 0; weights beyond its root shrink
 */
public record ShrunkDr(double lambda) implements OneStep.WithModel {
    @Override
    public String name() {
        return "dr-os";
    }

    @Override
    public double value(double weight, double error) {
        return weight == 0 ? 0 : lambda / (weight + lambda / weight) * error; // no square, which may be beyond doubles
    }
}
