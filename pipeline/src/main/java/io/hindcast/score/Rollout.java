package io.hindcast.score;

import io.hindcast.env.Environment;
import io.hindcast.kernel.Kernels;
import io.hindcast.net.Policy;
import io.hindcast.run.Seeds;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.IntStream;

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
     */
    public record Episode(int number, double episodeReturn, int length, boolean terminated, boolean truncated) {}

    /** Runs {@code episodes} episodes, each in an environment of its own. */
    public static List<Episode> run(
            Supplier<Environment> environments, Policy policy, Kernels kernels, int episodes, Seeds seeds) {
        var worlds =
                IntStream.range(0, episodes).mapToObj(i -> environments.get()).toList();
        var size = worlds.get(0).observationSize();
        var observations = new float[episodes * size];
        for (var i = 0; i < episodes; i++) {
            var first = worlds.get(i).reset(seeds.generator("evaluation episode", i));
            System.arraycopy(first, 0, observations, i * size, size);
        }
        var input = kernels.matrix(size, episodes);
        var pass = policy.pass(input);
        var running = new boolean[episodes];
        Arrays.fill(running, true);
        var returns = new double[episodes];
        var done = new ArrayList<Episode>();
        for (var step = 1; done.size() < episodes; step++) {
            input.write(observations, 0);
            pass.forward();
            for (var i = 0; i < episodes; i++) {
                if (!running[i]) {
                    continue;
                }
                var result = worlds.get(i).step(pass.greedy(i));
                returns[i] += result.reward();
                System.arraycopy(result.observation(), 0, observations, i * size, size);
                if (result.done()) {
                    running[i] = false;
                    done.add(new Episode(i, returns[i], step, result.terminated(), result.truncated()));
                }
            }
        }
        done.sort((a, b) -> Integer.compare(a.number(), b.number()));
        return done;
    }
}
