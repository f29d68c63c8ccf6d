package io.hindcast.learn;

import io.hindcast.data.Batch;
import io.hindcast.data.Noise;
import io.hindcast.kernel.Losses;
import io.hindcast.net.CriticEnsemble;
import io.hindcast.net.Scalar;
import io.hindcast.net.SquashedDraw;
import io.hindcast.net.SquashedGaussianPolicy;
import java.util.Arrays;
import java.util.Map;

/**
 * The policy half of soft actor-critic with a learned weight of its entropy (Haarnoja et al. 2018).
 *
 * <pre>
 * minimise(c, -mean(log c (log pi(a|s) + target-entropy)))      c = entropy coefficient, a ~ pi(.|s)
 * minimise(actor, mean(c log pi(a|s) - min_i Q_i(s,a)))
 * </pre>
 */
final class SoftActor {
    private final SquashedGaussianPolicy.SquashedPass pass;
    private final SquashedDraw draw;
    private final LeastValue value;
    private final Scalar coefficient;
    private final double targetEntropy;

    private final float[] entropySlope;
    private final float[] coefficientBefore = new float[1];

    /**
     * Of a policy at {@code rows} states.
     *
     * @param pass the policy's, at s
     */
    SoftActor(
            SquashedGaussianPolicy.SquashedPass pass,
            CriticEnsemble critics,
            Scalar coefficient,
            double targetEntropy,
            int rows) {
        this.pass = pass;
        this.coefficient = coefficient;
        this.targetEntropy = targetEntropy;
        draw = pass.draw(1);
        value = new LeastValue(critics, rows);
        entropySlope = new float[rows];
    }

    /** Writes the gradients of both losses, puts these among {@code losses}, and returns their sum. */
    double backward(Batch batch, Noise noise, Map<String, Double> losses) {
        pass.forward();
        draw.from(noise, "actor_action");
        var c = coefficient.value();
        coefficientBefore[0] = (float) c;
        var missing = targetEntropy - entropy();
        coefficient.backward(-missing);
        losses.put("entropy_coefficient", -coefficient.logarithm() * missing);

        var q = value.of(batch.observations(), draw.actions());
        losses.put("actor", -c * entropy() - Losses.mean(q));
        Arrays.fill(entropySlope, (float) (c / entropySlope.length));
        draw.backward(value.descent(1), entropySlope);
        return -coefficient.logarithm() * missing - c * entropy() - Losses.mean(q);
    }

    /** The mean of -log pi(a|s) over the actions drawn: of the squashed distribution there is no closed form. */
    double entropy() {
        return -Losses.mean(draw.logProbability());
    }

    /** Adds what it computed last to {@code numbers}. */
    void addTo(Map<String, float[]> numbers) {
        numbers.put("actor_action", draw.actions());
        numbers.put("actor_log_probability", draw.logProbability());
        value.addTo(numbers);
        numbers.put("entropy_coefficient", coefficientBefore);
    }
}
