package io.hindcast.judge;

/**
 * Doubly robust where the weight is small, and the model alone elsewhere: mean(v + [w &lt;= lambda] w (r - q)).
 *
 * <p>Wang, Agarwal and Dudik (2017), "Optimal and adaptive off-policy evaluation in contextual bandits".
 *
 * @param lambda the largest weight that is used, 0 or more
 */
public record SwitchDr(double lambda) implements OneStep.WithModel {
    @Override
    public String name() {
        return "switch-dr";
    }

    @Override
    public double value(double weight, double error) {
        return weight <= lambda * (1 + ROUNDING) ? weight * error : 0;
    }
}
