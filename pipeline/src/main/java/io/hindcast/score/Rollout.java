package io.hindcast.score;

import io.hindcast.data.Action;
import io.hindcast.env.VectorEnvironment;
import io.hindcast.kernel.Kernels;
import io.hindcast.net.Policy;
import io.hindcast.run.Seeds;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A policy acting greedily in an environment. All episodes advance together, so that the network sees them as one batch;
 * episode k's chance depends on (seed, k) alone.
 */
public final class Rollout {
    private Rollout() {}

    /**
     * How an episode went.
     *
     * @param number its index, from 0
     * @param episodeReturn undiscounted sum of rewards
     * @param length steps taken
     * @param terminated the task ended by itself
     * @param truncated the time limit ended it
     * @param success whether the task was done when it ended; null where the environment knows no such thing
     */
    public record Episode(
            int number,
            double episodeReturn,
            int length,
            boolean terminated,
            boolean truncated,
            @Nullable Boolean success)
            implements Serializable {}

    /**
     * Runs the episodes {@code [first, first + worlds.size())}, each in an instance of its own.
     *
     * @param first the number of the first one
     */
    public static List<Episode> run(VectorEnvironment worlds, Policy policy, Kernels kernels, int first, Seeds seeds) {
        var episodes = worlds.size();
        var size = worlds.observationSize();
        var observations = new float[episodes * size];
        for (var i = 0; i < episodes; i++) {
            var start = worlds.reset(i, seeds.generator("evaluation episode", first + i));
            System.arraycopy(start, 0, observations, i * size, size);
        }
        var input = kernels.matrix(size, episodes);
        var pass = policy.pass(input);
        var running = new boolean[episodes];
        Arrays.fill(running, true);
        var returns = new double[episodes];
        var actions = new @Nullable Action[episodes];
        var done = new ArrayList<Episode>();
        for (var step = 1; done.size() < episodes; step++) {
            input.write(observations, 0);
            pass.forward();
            for (var i = 0; i < episodes; i++) {
                actions[i] = running[i] ? pass.greedy(i) : null;
            }
            var results = worlds.step(actions);
            for (var i = 0; i < episodes; i++) {
                if (!running[i]) {
                    continue;
                }
                var result = Objects.requireNonNull(results[i]);
                returns[i] += result.reward();
                System.arraycopy(result.observation(), 0, observations, i * size, size);
                if (result.done()) {
                    running[i] = false;
                    done.add(new Episode(
                            first + i, returns[i], step, result.terminated(), result.truncated(), result.success()));
                }
            }
        }
        done.sort((a, b) -> Integer.compare(a.number(), b.number()));
        return done;
    }
}
