package io.hindcast.score;

import io.hindcast.data.Action;
import io.hindcast.data.ActionSpace;
import io.hindcast.data.Batch;
import io.hindcast.data.Spaces;
import io.hindcast.kernel.Kernels;
import io.hindcast.net.Actor;
import io.hindcast.net.Actor.Rule;
import io.hindcast.net.Chances;
import io.hindcast.net.Policy;
import io.hindcast.run.LearnedCritics;
import io.hindcast.run.Seeds;
import java.util.Arrays;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Lets a policy decide in many states. What it decides in one depends on the state, its key and the seed alone, to the last bit: the
 * products of matrices round alike in the same place of a batch, so the key decides about that, too. For one thread.
 */
public final class Predictor {
    /** Rows of a batch: enough for the kernels to be fast. A power of 2. */
    public static final int WIDTH = 64;

    private static final int NONE = -1;

    private final Spaces spaces;
    private final ActionSpace.@Nullable Continuous vectors;
    private final Rule rule;
    private final Seeds seeds;
    private final Actor actor;
    private final Optional<LearnedCritics> critics;
    private final Batch chosen;
    private final Batch logged;
    private final boolean[] possible;
    private final float[] greedy;
    private final int[] held = new int[WIDTH];
    private int[] placed = new int[0];

    /**
     * One of a policy as it acts.
     *
     * @param kernels where it computes; it does not close them
     * @param critics made for {@link #WIDTH} rows; empty: values are not told
     */
    public Predictor(
            Kernels kernels, Policy policy, Optional<LearnedCritics> critics, Spaces spaces, Rule rule, long seed) {
        this.spaces = spaces;
        this.rule = rule;
        this.critics = critics;
        seeds = new Seeds(seed);
        actor = new Actor(kernels, policy, spaces, WIDTH);
        vectors = spaces.actions() instanceof ActionSpace.Continuous space ? space : null;
        chosen = new Batch(spaces, WIDTH);
        logged = new Batch(spaces, WIDTH);
        possible = new boolean[vectors == null ? WIDTH * spaces.actions().size() : 0];
        Arrays.fill(possible, true);
        greedy = new float[chosen.actions().length];
    }

    /** Decides in the first {@code count} states. */
    public void decide(Decisions decisions, int count) {
        var end = place(decisions.keys(), count);
        for (var from = 0; from < end; from += WIDTH) {
            decideBatch(decisions, from);
        }
    }

    /** Says which row stands at each place of all batches, and how many places these have. */
    private int place(long[] keys, int count) {
        Arrays.fill(held, 0);
        for (var row = 0; row < count; row++) {
            held[column(keys[row])]++;
        }
        var end = Arrays.stream(held).max().orElse(0) * WIDTH;
        if (placed.length < end) {
            placed = new int[end];
        }
        Arrays.fill(placed, 0, end, NONE);
        Arrays.fill(held, 0);
        for (var row = 0; row < count; row++) {
            var column = column(keys[row]);
            placed[held[column]++ * WIDTH + column] = row;
        }
        return end;
    }

    private static int column(long key) {
        return (int) (key & (WIDTH - 1));
    }

    private void decideBatch(Decisions decisions, int from) {
        var size = spaces.observationSize();
        var count = spaces.actions().size();
        // At places without a row stands what stood there before.
        for (var at = 0; at < WIDTH; at++) {
            var row = placed[from + at];
            if (row != NONE) {
                System.arraycopy(decisions.observations(), row * size, chosen.observations(), at * size, size);
                if (vectors == null) {
                    System.arraycopy(decisions.possible(), row * count, possible, at * count, count);
                } else {
                    System.arraycopy(decisions.loggedActions(), row * count, logged.actions(), at * count, count);
                }
            }
        }
        actor.show(chosen.observations(), vectors == null ? possible : null);
        for (var at = 0; at < WIDTH; at++) {
            var row = placed[from + at];
            if (row != NONE) {
                choose(decisions, row, at);
            }
        }
        if (vectors != null) {
            tellDensities(decisions, from);
        }
        critics.ifPresent(judges -> judge(judges, decisions, from));
    }

    private void choose(Decisions decisions, int row, int at) {
        var action = actor.choose(
                        at, rule, seeds.generator("prediction", decisions.keys()[row]))
                .action();
        if (action instanceof Action.Index index) {
            chosen.actionIndices()[at] = index.index();
            decisions.indices()[row] = index.index();
            var probabilities = actor.probabilities(at, rule);
            System.arraycopy(
                    probabilities, 0, decisions.probabilities(), row * probabilities.length, probabilities.length);
            decisions.logs()[row] = Math.log(probabilities[index.index()]);
            var before = decisions.loggedIndices()[row];
            decisions.loggedLogs()[row] = before < 0 ? Double.NaN : Math.log(probabilities[before]);
            return;
        }
        var values = ((Action.Vector) action).values();
        var from = row * values.length;
        System.arraycopy(values, 0, decisions.actions(), from, values.length);
        write(values, chosen.actions(), at);
        if (critics.isPresent()) {
            write(((Action.Vector) actor.greedy(at)).values(), greedy, at);
        }
        var normal = actor.normal(at);
        for (var j = 0; j < values.length; j++) {
            decisions.means()[from + j] = normal.isPresent() ? normal.get().mean()[j] : Double.NaN;
            decisions.deviations()[from + j] = normal.isPresent() ? normal.get().std()[j] : Double.NaN;
        }
    }

    /** Writes a vector as policies see it. */
    private void write(float[] values, float[] units, int at) {
        var space = Objects.requireNonNull(vectors);
        for (var j = 0; j < values.length; j++) {
            units[at * values.length + j] = space.toUnit(j, values[j]);
        }
    }

    private void tellDensities(Decisions decisions, int from) {
        var own = actor.chances(chosen, rule);
        var before = hasLogged(decisions, from) ? actor.chances(logged, rule) : Optional.<Chances>empty();
        for (var at = 0; at < WIDTH; at++) {
            var row = placed[from + at];
            if (row != NONE) {
                decisions.logs()[row] = own.isPresent() ? own.get().logs()[at] : Double.NaN;
                var isLogged = !Float.isNaN(
                        decisions.loggedActions()[row * spaces.actions().size()]);
                decisions.loggedLogs()[row] =
                        isLogged && before.isPresent() ? before.get().logs()[at] : Double.NaN;
            }
        }
    }

    private boolean hasLogged(Decisions decisions, int from) {
        for (var at = 0; at < WIDTH; at++) {
            var row = placed[from + at];
            if (row != NONE
                    && !Float.isNaN(
                            decisions.loggedActions()[row * spaces.actions().size()])) {
                return true;
            }
        }
        return false;
    }

    private void judge(LearnedCritics judges, Decisions decisions, int from) {
        judges.show(chosen.observations());
        var states = judges.ofStates();
        var count = spaces.actions().size();
        var values = vectors == null ? judges.ofAll() : judges.of(chosen.actions());
        for (var at = 0; at < WIDTH; at++) {
            var row = placed[from + at];
            if (row != NONE) {
                decisions.actionValues()[row] =
                        vectors == null ? values[at * count + chosen.actionIndices()[at]] : values[at];
                if (states.isPresent()) {
                    decisions.stateValues()[row] = states.get()[at];
                } else if (vectors == null) {
                    decisions.stateValues()[row] = expected(decisions.probabilities(), row, values, at);
                }
            }
        }
        if (states.isEmpty() && vectors != null) {
            var likeliest = judges.of(greedy);
            for (var at = 0; at < WIDTH; at++) {
                var row = placed[from + at];
                if (row != NONE) {
                    decisions.stateValues()[row] = likeliest[at];
                }
            }
        }
    }

    private float expected(double[] probabilities, int row, float[] values, int at) {
        var count = spaces.actions().size();
        var sum = 0.0;
        for (var a = 0; a < count; a++) {
            sum += probabilities[row * count + a] * values[at * count + a];
        }
        return (float) sum;
    }
}
