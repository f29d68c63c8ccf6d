package io.hindcast.run;

import io.hindcast.config.UserException;
import io.hindcast.data.Action;
import io.hindcast.data.ActionSpace;
import io.hindcast.data.OnlineReplay;
import io.hindcast.data.ReplayBuffer.Possible;
import io.hindcast.data.ReplayBuffer.TerminalFlag;
import io.hindcast.data.Scaler;
import io.hindcast.data.Transformation;
import io.hindcast.data.UniformActions;
import io.hindcast.env.BadAnswer;
import io.hindcast.env.Environment;
import io.hindcast.env.Fault;
import io.hindcast.kernel.Kernels;
import io.hindcast.net.Actor;
import io.hindcast.net.Actor.Preference;
import io.hindcast.net.Actor.Rule;
import io.hindcast.net.Policy;
import io.hindcast.net.ScaledPolicy;
import io.hindcast.run.OnlineConfig.Actions;
import io.hindcast.run.OnlineConfig.WarmUpActions;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * The acting half of an online run: takes the steps in the environment that come before an update and puts them, made ready as
 * the run's data are, where batches are drawn. What it draws is a function of (seed, step) and (seed, episode), so its state is
 * what happened so far ({@link Experience}): from that the episode under way is played again.
 */
final class Interaction {
    private final RunSpec spec;
    private final OnlineConfig config;
    private final Environment world;
    private final OnlineReplay replay;
    private final Actor actor;
    private final Optional<Scaler> scaler;
    private final Seeds seeds;
    private final double discount;
    private final Experience sinceCheckpoint;
    private final ArrayDeque<Row> window = new ArrayDeque<>();
    private final List<Finished> finished = new ArrayList<>();
    private long steps;
    private long episodes;
    private double episodeReturn;
    private float @Nullable [] observation;
    /** Which discrete actions are possible there; null: all. */
    private boolean @Nullable [] possible;

    /** A step as it happened. */
    @SuppressWarnings("ArrayRecordComponent") // handed over, never compared
    private record Row(
            float[] observation, Action action, double reward, float[] next, boolean stops, Possible possible) {}

    /** An episode that ended with a step. */
    private record Finished(long step, double episodeReturn) {}

    /** Before its first step; {@code world} is the caller's to close. */
    Interaction(RunSpec spec, Environment world, OnlineReplay replay, Policy policy, Kernels kernels, Seeds seeds) {
        this.spec = spec;
        this.config = Objects.requireNonNull(spec.online()).config();
        this.world = world;
        this.replay = replay;
        this.seeds = seeds;
        discount = spec.config().discount();
        scaler = Transformation.scaler(spec.transformations());
        actor = new Actor(kernels, ScaledPolicy.behind(scaler, kernels, policy), world.spaces(), 1);
        sinceCheckpoint = new Experience(replay.spaces());
    }

    /** Takes all steps that come before an update of the run. */
    void actBefore(long update) {
        var until = stepsBefore(update);
        while (steps < until) {
            var before = observation == null ? begin() : observation;
            var action = act(before, seeds.generator("act", steps));
            var step = world.step(action);
            require(Fault.of(step, world.observationSize()), "step " + steps);
            var around = new Possible(possible, world.possibleActions());
            sinceCheckpoint.add(before, action, step, around);
            learnFrom(before, action, step, around);
            stand(step, around);
        }
    }

    /** What happened since the last call of {@link #clear}. */
    Experience sinceCheckpoint() {
        return sinceCheckpoint;
    }

    /** Says that what happened so far is written down. */
    void clear() {
        sinceCheckpoint.clear();
    }

    /**
     * Goes on after what a checkpoint says happened.
     *
     * @param before in the checkpoints before it
     * @param last in itself; it will be written down again if the checkpoint was not on schedule
     * @throws IllegalStateException if the environment does not do again what it did
     */
    void goOn(List<Experience> before, Experience last) {
        var actions = new ArrayList<Action>();
        for (var experience : before) {
            experience.forEach(
                    replay.spaces(), (from, action, step, around) -> replayed(from, action, step, around, actions));
        }
        last.forEach(replay.spaces(), (from, action, step, around) -> {
            replayed(from, action, step, around, actions);
            sinceCheckpoint.add(from, action, step, around);
        });
        if (actions.isEmpty()) {
            return;
        }
        var there = possible;
        var seen = begin();
        for (var action : actions) {
            seen = world.step(action).observation();
        }
        possible = there;
        if (!Arrays.equals(seen, observation)) {
            throw new IllegalStateException("Cannot resume " + spec.id() + ": " + world.name()
                    + " does not do again what it did from the same seed and actions; train it without interruption, or"
                    + " mend the environment's seeding");
        }
    }

    /** Remembers where a step has led. */
    private void stand(Environment.Step step, Possible around) {
        observation = step.done() ? null : step.observation();
        possible = around.next();
    }

    private void replayed(float[] from, Action action, Environment.Step step, Possible around, List<Action> actions) {
        actions.add(action);
        learnFrom(from, action, step, around);
        stand(step, around);
        if (step.done()) {
            actions.clear();
        }
    }

    private float[] begin() {
        try {
            var first = BadAnswer.require(
                    world.reset(seeds.generator("online episode", episodes)), world.observationSize());
            possible = world.possibleActions();
            return first;
        } catch (BadAnswer e) {
            require(e.fault(), "the first observation of episode " + episodes);
            throw e;
        }
    }

    /** What it would learn from what is no answer, and all that follows, would be wrong. */
    private void require(@Nullable Fault fault, String where) {
        if (fault != null) {
            throw new UserException("Cannot go on acting in " + world.name() + ": in " + where + " " + fault.detail()
                    + "; mend the environment, and train again: it goes on from the last checkpoint");
        }
    }

    private Action act(float[] seen, RandomGenerator random) {
        var blind = steps < config.warmUp() && config.warmUpActions() == WarmUpActions.RANDOM;
        if (blind) {
            return UniformActions.draw(world.actionSpace(), possible, random);
        }
        actor.show(seen, possible);
        var preference = config.actions() == Actions.SAMPLED ? Preference.SAMPLED : Preference.GREEDY;
        var rule = new Rule(preference, config.epsilonAt(steps), config.noise(), config.noiseClip());
        return actor.choose(0, rule, random).action();
    }

    private void learnFrom(float[] from, Action action, Environment.Step step, Possible around) {
        steps++;
        // As it is written down.
        var earned = (float) step.reward();
        episodeReturn += earned;
        var stops = step.terminated() || (step.truncated() && spec.truncationIsTerminal());
        window.add(new Row(scaled(from), clipped(action), reward(earned), scaled(step.observation()), stops, around));
        if (window.size() == spec.nStep() || step.done()) {
            fold();
        }
        while (step.done() && !window.isEmpty()) {
            fold();
        }
        if (step.done()) {
            finished.add(new Finished(steps, episodeReturn));
            episodeReturn = 0;
            episodes++;
        }
    }

    /** Makes the oldest step of the window a row of several steps, as {@code ReplayBuffer.foldSteps} does. */
    private void fold() {
        var first = window.element();
        var last = first;
        var sum = 0.0;
        var power = 1.0;
        for (var row : window) {
            sum += power * row.reward();
            power *= discount;
            last = row;
        }
        replay.add(
                first.observation(),
                first.action(),
                sum,
                last.next(),
                last.stops() ? TerminalFlag.STOPS_BOOTSTRAP : TerminalFlag.KEEPS_BOOTSTRAP,
                window.size(),
                new Possible(first.possible().here(), last.possible().next()));
        window.remove();
    }

    private float[] scaled(float[] seen) {
        var values = seen.clone();
        scaler.ifPresent(scale -> scale.scale(values, 0, scale.size(), 1));
        return values;
    }

    private double reward(double earned) {
        var reward = earned;
        for (var transformation : spec.transformations()) {
            if (transformation instanceof Transformation.Reward change) {
                reward = change.scale() * reward + change.shift();
            }
        }
        return reward;
    }

    private Action clipped(Action action) {
        var clipped = action;
        for (var transformation : spec.transformations()) {
            if (transformation instanceof Transformation.ClipActions clip && clipped instanceof Action.Vector vector) {
                var space = (ActionSpace.Continuous) world.actionSpace();
                var limit = (float) (1 - clip.margin());
                var values = new float[space.dimension()];
                for (var j = 0; j < values.length; j++) {
                    values[j] =
                            space.fromUnit(j, Math.max(-limit, Math.min(limit, space.toUnit(j, vector.values()[j]))));
                }
                clipped = new Action.Vector(values);
            }
        }
        return clipped;
    }

    /** Steps taken, and the mean return of the episodes that ended after step {@code from}, if any. */
    List<Metric> metrics(long update, long from) {
        var metrics = new ArrayList<>(List.of(new Metric(update, "online/steps", steps)));
        finished.stream()
                .filter(episode -> episode.step() > from)
                .mapToDouble(Finished::episodeReturn)
                .average()
                .ifPresent(mean -> metrics.add(new Metric(update, "online/return", mean)));
        return metrics;
    }

    /** How many steps come before an update of the run. */
    long stepsBefore(long update) {
        return config.stepsBefore(update - Objects.requireNonNull(spec.online()).offlineUpdates());
    }
}
