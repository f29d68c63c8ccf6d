package io.hindcast.net;

import io.hindcast.data.Noise;
import io.hindcast.kernel.Losses;
import java.util.Arrays;

/** {@code max_k min_i Q_i(s, a_k)}: the best of several actions drawn from a policy in each state, by the least of its critics. */
public final class BestDraws {
    private final int each;
    private final SquashedDraw draw;
    private final StateActions samples;
    private final CriticEnsemble.Pass judges;
    private final float[] least;
    private final float[] best;

    /**
     * Room for {@code rows} states.
     *
     * @param policy the policy's pass at these states
     * @param each how many actions in each
     */
    public BestDraws(CriticEnsemble critics, SquashedGaussianPolicy.SquashedPass policy, int rows, int each) {
        this.each = each;
        draw = policy.draw(each);
        samples = critics.samples(rows * each);
        judges = critics.forwardOnly(samples.matrix());
        least = new float[rows * each];
        best = new float[rows];
    }

    /** Draws all anew, after the pass's {@link Policy.Pass#forward}; {@code name} is that of the noise. Returns {@link #values}. */
    public float[] from(float[] observations, Noise random, String name) {
        draw.from(random, name);
        for (var column = 0; column < least.length; column++) {
            samples.put(column, observations, column / each, draw.actions(), column);
        }
        samples.flush();
        Losses.minimum(judges.forward(), least);
        Arrays.fill(best, Float.NEGATIVE_INFINITY);
        for (var column = 0; column < least.length; column++) {
            best[column / each] = Math.max(best[column / each], least[column]);
        }
        return best;
    }

    /** The value of the best in each state, {@code [B]}. */
    public float[] values() {
        return best;
    }

    /** All actions, {@code [B * each * dimension]}. */
    public float[] actions() {
        return draw.actions();
    }
}
