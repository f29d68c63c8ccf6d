package io.hindcast.score;

import io.hindcast.data.Spaces;
import io.hindcast.env.Environments;
import io.hindcast.kernel.Nd4jKernels;
import io.hindcast.run.Checkpoint;
import io.hindcast.run.Seeds;
import io.hindcast.run.TrainingLoop;
import java.io.Serializable;
import java.util.List;

/**
 * Plays the policies of checkpoints in an environment.
 *
 * @param environment its name, see {@link Environments#named}
 * @param episodes how many each plays
 * @param seed of the episodes: all policies meet the same chance
 */
public record PolicyEvaluation(String environment, int episodes, long seed)
        implements TrainingLoop.Evaluation, Serializable {

    /** The episodes of the policy in {@code checkpoint}. */
    public List<Rollout.Episode> play(Checkpoint checkpoint) {
        var world = Environments.named(environment);
        var spaces = new Spaces(world.observationSize(), world.actionSpace());
        try (var kernels = new Nd4jKernels()) {
            return Rollout.run(
                    () -> Environments.named(environment),
                    checkpoint.policy(spaces, kernels),
                    kernels,
                    episodes,
                    new Seeds(seed));
        }
    }

    @Override
    public double meanReturn(Checkpoint checkpoint) {
        return play(checkpoint).stream()
                .mapToDouble(Rollout.Episode::episodeReturn)
                .average()
                .orElseThrow();
    }
}
