package io.hindcast.learn;

import io.hindcast.data.Batch;
import io.hindcast.kernel.Losses;
import io.hindcast.net.StochasticPolicy;
import java.util.Map;

/**
 * A policy out of what the data does, the better the more likely.
 *
 * <pre>
 * weight = min(exp(advantage / temperature), max-weight)
 * minimise(actor, -mean(weight log pi(a|s)))
 * </pre>
 */
final class WeightedLikelihood implements PolicyLoss {
    private final StochasticPolicy.Pass policy;
    private final double temperature;
    private final double maxWeight;
    private final float[] weight;
    private final float[] slope;
    private float[] logProbability = new float[0];

    /** Of a policy at {@code rows} states. */
    WeightedLikelihood(StochasticPolicy.Pass policy, double temperature, double maxWeight, int rows) {
        this.policy = policy;
        this.temperature = temperature;
        this.maxWeight = maxWeight;
        weight = new float[rows];
        slope = new float[rows];
    }

    @Override
    public double backward(Batch batch, float[] advantage) {
        Losses.advantageWeight(advantage, temperature, maxWeight, weight);
        logProbability = policy.logProbability(batch);
        var loss = Losses.negativeLogLikelihood(logProbability, weight, slope);
        policy.backward(batch, slope);
        return loss;
    }

    @Override
    public void addTo(Map<String, float[]> numbers) {
        numbers.put("weight", weight);
        numbers.put("log_probability", logProbability);
        numbers.put(policy.outputName(), policy.output());
    }

    @Override
    public Map<String, Double> diagnostics() {
        return Map.of(
                "policy/entropy", policy.entropy(), "weight/clamped-share", Losses.clampedShare(weight, maxWeight));
    }
}
