package io.hindcast.learn;

import io.hindcast.data.Batch;
import io.hindcast.kernel.Losses;
import io.hindcast.net.CriticEnsemble;
import io.hindcast.net.GaussianPolicy.GaussianPass;
import java.util.Arrays;
import java.util.Map;

/**
 * A policy out of critics by their gradient in its action, held to the data by the likelihood of what this does (DDPG+BC; Fujimoto and Gu
 * 2021, in the form of Park, Frans, Levine and Kumar 2024).
 *
 * <pre>
 * q      = min_i Q_i(s, mean(s))
 * lambda = 1 / mean |q|                                        no gradient through lambda
 * minimise(actor, -lambda mean q - bc-coefficient mean log pi(a|s))
 * </pre>
 */
final class GradientExtraction {
    private final GaussianPass policy;
    private final CriticEnsemble.Pass critics;
    private final double coefficient;
    private final float[] least;
    private final float[][] slopes;
    private final float[] likelihoodSlope;
    private final float[] actionGradient;

    /** Of a policy at {@code rows} states with actions of {@code dimension} numbers. */
    GradientExtraction(GaussianPass policy, CriticEnsemble critics, double coefficient, int rows, int dimension) {
        this.policy = policy;
        this.coefficient = coefficient;
        this.critics = critics.pass(rows);
        least = new float[rows];
        slopes = new float[critics.size()][rows];
        likelihoodSlope = new float[rows];
        Arrays.fill(likelihoodSlope, (float) (-coefficient / rows));
        actionGradient = new float[rows * dimension];
    }

    /**
     * Writes the policy's gradients, after its forward; returns the loss.
     *
     * @param logProbability log pi(a|s) of the batch, {@code [B]}
     */
    double backward(Batch batch, float[] logProbability) {
        critics.load(batch.observations(), policy.output());
        var q = critics.forward();
        Losses.minimum(q, least);
        var lambda = least.length / Losses.absoluteSum(least);
        Losses.minimumGradients(q, least, (float) (-lambda / least.length), slopes);
        critics.actionGradient(slopes, actionGradient);
        policy.backward(batch, likelihoodSlope, actionGradient);
        return -lambda * Losses.mean(least) - coefficient * Losses.mean(logProbability);
    }

    /** Adds what it computed last to {@code numbers}. */
    void addTo(Map<String, float[]> numbers) {
        numbers.put("q_actor", least);
    }
}
