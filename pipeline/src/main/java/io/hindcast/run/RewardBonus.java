package io.hindcast.run;

import io.hindcast.data.ActionSpace;
import io.hindcast.data.Batch;
import io.hindcast.data.ReplayBuffer;
import io.hindcast.data.RowLayout.Field;
import io.hindcast.data.Rows;
import io.hindcast.data.Spaces;
import io.hindcast.data.Transformation.Bonus;
import io.hindcast.kernel.Divergence;
import io.hindcast.kernel.Nd4jKernels;
import io.hindcast.net.Actor;
import java.util.Map;
import java.util.Objects;
import org.apache.hadoop.conf.Configuration;

/** Adds to rewards what holds a trained policy to the behaviour policy of the data, see {@link Divergence}. */
public final class RewardBonus {
    private static final int ROWS = 1024;
    private static final Map<String, Divergence> DIVERGENCES = Map.of(
            "kl", Divergence.KL,
            "total-variation", Divergence.TOTAL_VARIATION,
            "jensen-shannon", Divergence.JENSEN_SHANNON);

    private RewardBonus() {}

    /**
     * The checkpoint that a bonus names.
     *
     * @throws IllegalStateException if it is not there, or has learned something else since
     */
    public static Checkpoint checkpoint(Bonus bonus, Configuration hadoop) {
        return CheckpointStore.around(bonus.run(), hadoop).read(bonus.checkpoint());
    }

    /**
     * What the bonus makes of rewards.
     *
     * @param data observations as logged, and log pi_b(a|s) in the units of the log
     * @throws IllegalStateException if the checkpoint's policy has no probabilities, or does not fit the data
     */
    public static Rows.RewardChange change(Bonus bonus, Checkpoint checkpoint, ReplayBuffer data) {
        var divergence = Objects.requireNonNull(DIVERGENCES.get(bonus.divergence()));
        var policy = logProbabilities(checkpoint, data);
        return (row, reward) -> {
            var value = divergence.bonus(policy[row], data.behaviourLogProb(row));
            return reward + bonus.weight() * Math.max(-bonus.limit(), Math.min(bonus.limit(), value));
        };
    }

    /**
     * Makes sure that a checkpoint can give a bonus.
     *
     * @throws IllegalStateException if its policy has no probabilities, or does not fit the data
     */
    public static void check(Checkpoint checkpoint, Spaces spaces) {
        logProbabilities(checkpoint, new ReplayBuffer(spaces, 0));
    }

    /** log pi(a|s) of every row, in the units of the log. */
    static double[] logProbabilities(Checkpoint checkpoint, ReplayBuffer data) {
        var result = new double[data.size()];
        var learned = checkpoint.spaces().actions();
        if (!learned.isSameAs(data.spaces().actions())) {
            throw new IllegalStateException(
                    "Cannot compute a behaviour-bonus: " + checkpoint.spec().id() + " learned from " + learned
                            + ", the data have " + data.spaces().actions());
        }
        var volume = logVolume(data.spaces());
        try (var kernels = new Nd4jKernels()) {
            var policy = checkpoint.policy(data.spaces(), kernels);
            if (new Actor(kernels, policy, data.spaces(), 1).likelihood().isEmpty()) {
                throw new IllegalStateException("Cannot compute a behaviour-bonus: the policy of "
                        + checkpoint.spec().id() + " has no probabilities");
            }
            for (var from = 0; from < result.length; from += ROWS) {
                var batch = new Batch(data.layout(), Math.min(ROWS, result.length - from));
                data.read(from, batch);
                var actor = new Actor(kernels, policy, data.spaces(), batch.size());
                actor.show(batch.observations(), batch.possible(Field.ACTION_MASK));
                var logs = actor.likelihood().orElseThrow().logProbability(batch);
                for (var b = 0; b < batch.size(); b++) {
                    result[from + b] = logs[b] - volume;
                }
            }
        }
        return result;
    }

    /** A density over actions within [-1, 1] is so many times, as a logarithm, that over actions within their bounds. */
    private static double logVolume(Spaces spaces) {
        if (!(spaces.actions() instanceof ActionSpace.Continuous space)) {
            return 0;
        }
        if (space.isUniform()) {
            return space.dimension() * Math.log(space.halfRange(0));
        }
        var sum = 0.0;
        for (var i = 0; i < space.dimension(); i++) {
            sum += Math.log(space.halfRange(i));
        }
        return sum;
    }
}
