package io.hindcast.judge;

import java.util.EnumSet;
import java.util.Set;

/**
 * Doubly robust: (1/n) sum_i [v_i,0 + sum_t w_i,t D_i,t delta_i,t] with the model's errors delta_t = r_t + discount^duration
 * v_t+1 - q_t. Without bias where the weights are right, or the model is. The same as the recursion d_T = v_T, d_t = v_t +
 * ratio_t (r_t + discount^duration d_t+1 - q_t); v_T is 0 where the task ended.
 *
 * <p>Jiang and Li (2016), "Doubly robust off-policy value evaluation for reinforcement learning", equation 10; for one step
 * Dudik, Langford and Li (2011).
 */
public record Dr() implements MeanEstimator {
    @Override
    public String name() {
        return "dr";
    }

    @Override
    public Set<Need> needs() {
        return EnumSet.of(Need.WEIGHTS, Need.REWARDS, Need.MODEL);
    }

    @Override
    public Scaled value(Episode episode) {
        return Scaled.of(episode.firstStateValue()).plus(episode.weights().sum(episode.discountedErrors()));
    }
}
