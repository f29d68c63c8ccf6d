package io.hindcast.score;

import io.hindcast.env.EnvironmentSpec;
import io.hindcast.env.FloorPlan;
import io.hindcast.kernel.Nd4jKernels;
import io.hindcast.run.Checkpoint;
import io.hindcast.run.Seeds;
import io.hindcast.run.TrainingLoop;
import java.io.Serializable;
import java.util.List;

/**
 * Plays the policies of checkpoints in an environment.
 *
 * @param environment where
 * @param episodes how many each plays
 * @param seed of the episodes: all policies meet the same chance
 */
public record PolicyEvaluation(EnvironmentSpec environment, int episodes, long seed)
        implements TrainingLoop.Evaluation, Serializable {

    /**
     * What was played.
     *
     * @param outOfBounds how many observations were out of the bounds that their space declares
     */
    public record Played(List<Rollout.Episode> episodes, long outOfBounds) implements Serializable {}

    /**
     * The episodes {@code [from, to)} of the policy in {@code checkpoint}, each as it is among all of them.
     *
     * @param paths how many of all episodes leave a path, where the environment has a {@link FloorPlan}
     */
    public Played play(Checkpoint checkpoint, int from, int to, int paths) {
        var traced = FloorPlan.of(environment.name()).map(floor -> new Rollout.Paths(floor, paths));
        try (var worlds = environment.open(to - from, checkpoint.spaces());
                var kernels = new Nd4jKernels()) {
            var played = Rollout.run(
                    worlds, checkpoint.policy(worlds.spaces(), kernels), kernels, from, new Seeds(seed), traced);
            return new Played(played, worlds.outOfBounds());
        }
    }

    @Override
    public double meanReturn(Checkpoint checkpoint) {
        var played = play(checkpoint, 0, episodes, 0).episodes();
        var problem = Rollout.problem(played);
        if (problem.isPresent()) {
            throw new TrainingLoop.Unjudged("in " + environment.name() + " " + problem.get());
        }
        return played.stream()
                .mapToDouble(Rollout.Episode::episodeReturn)
                .average()
                .orElseThrow();
    }
}
