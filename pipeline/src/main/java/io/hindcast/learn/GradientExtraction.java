package io.hindcast.learn;

import io.hindcast.data.Batch;
import io.hindcast.kernel.Losses;
import io.hindcast.net.CriticEnsemble;
import io.hindcast.net.GaussianPolicy.GaussianPass;
import java.util.Arrays;
import java.util.Map;

/**
 * A policy out of critics by their gradient in its action, held to the data by the likelihood of what this does (DDPG+BC; Fujimoto and Gu
 * 2021, in the form of Park, Frans, Levine and Kumar 2024). Advantages do not count. The policy's standard deviation is fixed: learned,
 * it would weigh the likelihood ever more. In their code the mean is not squashed.
 *
 * <pre>
 * q      = min_i Q_i(s, mean(s))
 * lambda = 1 / (mean |q| + 1e-6)                               no gradient through lambda
 * minimise(actor, -lambda mean q - bc-coefficient mean log pi(a|s))
 * </pre>
 */
final class GradientExtraction implements PolicyLoss {
    private static final double GUARD = 1e-6;

    private final GaussianPass policy;
    private final LeastValue value;
    private final double coefficient;
    private final float[] likelihoodSlope;
    private float[] logProbability = new float[0];

    /** Of a policy at {@code rows} states. */
    GradientExtraction(GaussianPass policy, CriticEnsemble critics, double coefficient, int rows) {
        this.policy = policy;
        this.coefficient = coefficient;
        value = new LeastValue(critics, rows);
        likelihoodSlope = new float[rows];
        Arrays.fill(likelihoodSlope, (float) (-coefficient / rows));
    }

    @Override
    public double backward(Batch batch, float[] advantage) {
        logProbability = policy.logProbability(batch);
        var q = value.of(batch.observations(), policy.output());
        var lambda = value.lambda(GUARD);
        policy.backward(batch, likelihoodSlope, value.descent(lambda));
        return -lambda * Losses.mean(q) - coefficient * Losses.mean(logProbability);
    }

    @Override
    public void addTo(Map<String, float[]> numbers) {
        value.addTo(numbers);
        numbers.put("log_probability", logProbability);
        numbers.put(policy.outputName(), policy.output());
    }

    @Override
    public Map<String, Double> diagnostics() {
        return Map.of("policy/entropy", policy.entropy());
    }
}
