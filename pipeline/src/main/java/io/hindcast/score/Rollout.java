package io.hindcast.score;

import io.hindcast.data.Action;
import io.hindcast.data.Spaces;
import io.hindcast.env.BadAnswer;
import io.hindcast.env.Environment.Step;
import io.hindcast.env.Fault;
import io.hindcast.env.FloorPlan;
import io.hindcast.env.VectorEnvironment;
import io.hindcast.kernel.Kernels;
import io.hindcast.net.Actor;
import io.hindcast.net.Policy;
import io.hindcast.run.Seeds;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A policy acting greedily in an environment, among the actions that are possible there. All episodes advance together, so that the network sees many of them as one batch.
 * What becomes of episode k depends on (seed, k) alone, to the last bit: its chance does, and its observation has the same place
 * in a batch of the same size whichever episodes run beside it, so that the products of matrices round alike.
 */
public final class Rollout {
    /** Rows of a batch: enough for the kernels to be fast. */
    private static final int WIDTH = 32;

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
     * @param path where it went on the floor, x and y in turn, see {@link Paths}; empty if nobody asked
     * @param fault null; or why it ended with an answer of the environment that is none, after {@code length} sound steps:
     *     then its return is NaN, and counts for nothing
     */
    public record Episode(
            int number,
            double episodeReturn,
            int length,
            boolean terminated,
            boolean truncated,
            @Nullable Boolean success,
            List<Float> path,
            @Nullable Fault fault)
            implements Serializable {
        /** One that went to its end. */
        public Episode(
                int number,
                double episodeReturn,
                int length,
                boolean terminated,
                boolean truncated,
                @Nullable Boolean success,
                List<Float> path) {
            this(number, episodeReturn, length, terminated, truncated, success, path, null);
        }

        /** One that did not. */
        static Episode broken(int number, int length, Fault fault) {
            return new Episode(number, Double.NaN, length, false, false, null, List.of(), fault);
        }

        /** Where and why it broke, in words. */
        String problem() {
            return "in step " + length + " of episode " + number + " "
                    + Objects.requireNonNull(fault).detail();
        }
    }

    /** What is wrong with some of the episodes, in a few words; empty if all went to their ends. */
    public static Optional<String> problem(List<Episode> episodes) {
        var broken =
                episodes.stream().filter(episode -> episode.fault() != null).toList();
        return broken.isEmpty()
                ? Optional.empty()
                : Optional.of(broken.size() + " of " + episodes.size()
                        + " episodes ended with an answer of the environment that is none (first "
                        + broken.get(0).problem() + ")");
    }

    /**
     * Which episodes leave a path.
     *
     * @param floor where they walk
     * @param count those with a number below this
     */
    public record Paths(FloorPlan floor, int count) {
        /** The most points of a path; of a longer one so many are kept, evenly, the first and the last among them. */
        public static final int MOST_POINTS = 200;
    }

    /**
     * Runs the episodes {@code [first, first + worlds.size())}, each in an instance of its own.
     *
     * @param first the number of the first one
     * @return by their numbers
     */
    public static List<Episode> run(
            VectorEnvironment worlds, Policy policy, Kernels kernels, int first, Seeds seeds, Optional<Paths> paths) {
        var rows = new Rows(worlds.spaces(), policy, kernels, first, worlds.size());
        var walks = new Walk[worlds.size()];
        for (var i = 0; i < walks.length; i++) {
            var number = first + i;
            walks[i] = new Walk(
                    number,
                    paths.filter(wanted -> number < wanted.count())
                            .map(Paths::floor)
                            .orElse(null));
            try {
                var start = BadAnswer.require(
                        worlds.reset(i, seeds.generator("evaluation episode", number)), worlds.observationSize());
                walks[i].visit(start);
                rows.observe(i, start);
            } catch (BadAnswer e) {
                walks[i].fault = e.fault();
            }
        }
        var actions = new @Nullable Action[walks.length];
        while (Arrays.stream(walks).anyMatch(Walk::isRunning)) {
            rows.act(worlds, walks, actions);
            var results = worlds.step(actions);
            for (var i = 0; i < walks.length; i++) {
                if (walks[i].isRunning()) {
                    var result = Objects.requireNonNull(results[i]);
                    walks[i].fault = Fault.of(result, worlds.observationSize());
                    if (walks[i].fault == null) {
                        walks[i].take(result);
                        rows.observe(i, result.observation());
                    }
                }
            }
        }
        return Arrays.stream(walks).map(Walk::episode).toList();
    }

    /** Batches of {@link #WIDTH} rows: episode k always has row k modulo this. */
    private static final class Rows {
        private final int size;
        private final int first;
        private final float[][] observations;
        private final Actor[] actors;
        private final boolean[] @Nullable [] possible;

        Rows(Spaces spaces, Policy policy, Kernels kernels, int first, int episodes) {
            size = spaces.observationSize();
            this.first = first;
            var batches = (first + episodes - 1) / WIDTH - first / WIDTH + 1;
            observations = new float[batches][size * WIDTH];
            actors = new Actor[batches];
            possible = new boolean[batches][];
            for (var batch = 0; batch < batches; batch++) {
                actors[batch] = new Actor(kernels, policy, spaces, WIDTH);
            }
        }

        void observe(int i, float[] observation) {
            System.arraycopy(observation, 0, observations[batch(i)], row(i) * size, size);
        }

        /** The actions of the episodes that are running; null for the others. */
        void act(VectorEnvironment worlds, Walk[] walks, @Nullable Action[] actions) {
            Arrays.fill(actions, null);
            var done = -1;
            for (var i = 0; i < walks.length; i++) {
                if (!walks[i].isRunning()) {
                    continue;
                }
                var batch = batch(i);
                if (batch != done) {
                    actors[batch].show(observations[batch], possible(batch, worlds, walks));
                    done = batch;
                }
                actions[i] = actors[batch].greedy(row(i));
            }
        }

        /** What is possible in the rows of a batch; in those of nobody who runs everything. Null: everything in all. */
        private boolean @Nullable [] possible(int batch, VectorEnvironment worlds, Walk[] walks) {
            var count = worlds.actionSpace().size();
            var mask = possible[batch];
            if (mask != null) {
                Arrays.fill(mask, true);
            }
            for (var i = 0; i < walks.length; i++) {
                var own = batch(i) == batch && walks[i].isRunning() ? worlds.possibleActions(i) : null;
                if (own == null) {
                    continue;
                }
                if (mask == null) {
                    mask = new boolean[WIDTH * count];
                    Arrays.fill(mask, true);
                    possible[batch] = mask;
                }
                System.arraycopy(own, 0, mask, row(i) * count, count);
            }
            return mask;
        }

        private int batch(int i) {
            return (first + i) / WIDTH - first / WIDTH;
        }

        private int row(int i) {
            return (first + i) % WIDTH;
        }
    }

    /** An episode under way. */
    private static final class Walk {
        private final int number;
        private final @Nullable FloorPlan floor;
        private final List<Float> path = new ArrayList<>();
        private double total;
        private int length;
        private @Nullable Step last;
        private @Nullable Fault fault;

        Walk(int number, @Nullable FloorPlan floor) {
            this.number = number;
            this.floor = floor;
        }

        boolean isRunning() {
            return fault == null && (last == null || !last.done());
        }

        void visit(float[] observation) {
            if (floor != null) {
                path.add((float) floor.x().of(observation));
                path.add((float) floor.y().of(observation));
            }
        }

        void take(Step step) {
            last = step;
            total += step.reward();
            length++;
            visit(step.observation());
        }

        Episode episode() {
            if (fault != null) {
                return Episode.broken(number, length, fault);
            }
            var end = Objects.requireNonNull(last);
            return new Episode(number, total, length, end.terminated(), end.truncated(), end.success(), thinned());
        }

        private List<Float> thinned() {
            var points = path.size() / 2;
            if (points <= Paths.MOST_POINTS) {
                return List.copyOf(path);
            }
            var kept = new ArrayList<Float>();
            for (var i = 0; i < Paths.MOST_POINTS; i++) {
                var point = (int) ((long) i * (points - 1) / (Paths.MOST_POINTS - 1));
                kept.add(path.get(2 * point));
                kept.add(path.get(2 * point + 1));
            }
            return List.copyOf(kept);
        }
    }
}
