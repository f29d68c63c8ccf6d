package io.hindcast.net;

import io.hindcast.data.Batch;
import io.hindcast.data.Noise;
import io.hindcast.kernel.Matrix;
import java.util.Arrays;
import java.util.Map;

/**
 * The actions whose values conservative Q-learning holds down where actions are continuous: in every row the data's own, and behind
 * it equally many drawn uniformly, from pi(.|s) and from pi(.|s'). All are to be judged at s.
 */
public final class Candidates {
    private static final int SOURCES = 3;

    private final int each;
    private final float[] uniform;
    private final SquashedDraw policy;
    private final SquashedDraw nextPolicy;
    private final float[][] sources;
    private final double[] logDensity;
    private final StateActions samples;

    /**
     * Room for the candidates of {@code rows} states.
     *
     * @param critics who will judge them
     * @param policy the policy's pass at s
     * @param nextPolicy its pass at s'
     * @param each candidates from each of the three sources
     */
    public Candidates(
            CriticEnsemble critics,
            SquashedGaussianPolicy.SquashedPass policy,
            SquashedGaussianPolicy.SquashedPass nextPolicy,
            int rows,
            int each) {
        this.each = each;
        var dimension = critics.spaces().actions().size();
        uniform = new float[rows * each * dimension];
        this.policy = policy.draw(each);
        this.nextPolicy = nextPolicy.draw(each);
        sources = new float[][] {uniform, this.policy.actions(), this.nextPolicy.actions()};
        logDensity = new double[rows * SOURCES * each];
        Arrays.fill(logDensity, -dimension * Math.log(2));
        samples = critics.samples(rows * (1 + count()));
    }

    /** How many candidates a row has besides the data's action. */
    public int count() {
        return SOURCES * each;
    }

    /** Draws all anew, after both passes' {@link Policy.Pass#forward}. */
    public void draw(Batch batch, Noise random) {
        random.uniform("uniform_actions", uniform);
        policy.from(random, "policy_actions");
        nextPolicy.from(random, "next_policy_actions");
        for (var b = 0; b < batch.size(); b++) {
            var column = b * (1 + count());
            samples.put(column++, batch.observations(), b, batch.actions(), b);
            for (var source : sources) {
                for (var c = 0; c < each; c++) {
                    samples.put(column++, batch.observations(), b, source, b * each + c);
                }
            }
            for (var c = 0; c < each; c++) {
                logDensity[b * count() + each + c] = policy.logProbability()[b * each + c];
                logDensity[b * count() + 2 * each + c] = nextPolicy.logProbability()[b * each + c];
            }
        }
        samples.flush();
    }

    /** What critics take in, (s, a) one above the other: {@code B * (1 + count)} columns. */
    public Matrix matrix() {
        return samples.matrix();
    }

    /** With which density each was drawn, as its logarithm, {@code [B * count]}. */
    public double[] logDensity() {
        return logDensity;
    }

    /** Q(s, a) of the data's actions, {@code [B]}, out of a critic's values of all samples. */
    public void ofData(float[] values, float[] qData) {
        for (var b = 0; b < qData.length; b++) {
            qData[b] = values[b * (1 + count())];
        }
    }

    /** Adds what was drawn from the policy to {@code numbers}. */
    public void addTo(Map<String, float[]> numbers) {
        numbers.put("policy_actions", policy.actions());
        numbers.put("policy_log_probability", policy.logProbability());
        numbers.put("next_policy_actions", nextPolicy.actions());
        numbers.put("next_policy_log_probability", nextPolicy.logProbability());
    }
}
