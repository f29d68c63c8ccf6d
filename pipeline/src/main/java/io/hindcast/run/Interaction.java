package io.hindcast.run;

import io.hindcast.config.UserException;
import io.hindcast.data.Action;
import io.hindcast.data.ActionSpace;
import io.hindcast.data.NStep;
import io.hindcast.data.OnlineReplay;
import io.hindcast.data.ReplayBuffer.Possible;
import io.hindcast.data.ReplayBuffer.TerminalFlag;
import io.hindcast.data.Rows;
import io.hindcast.data.Spaces;
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
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
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
    private final Seeds seeds;
    private final NStep fold;
    private final Experience sinceCheckpoint;
    private final List<Row> window = new ArrayList<>();
    private final InWindow inWindow = new InWindow();
    private final List<Finished> finished = new ArrayList<>();
    private long steps;
    private long episodes;
    private double episodeReturn;
    private float @Nullable [] observation;
    /** Which discrete actions are possible there; null: all. */
    private boolean @Nullable [] possible;

    /** A step as it happened, and then made ready. */
    private static final class Row implements Rows {
        private final Spaces spaces;
        private final float[] observation;
        private Action action;
        private double reward;
        private final float[] next;
        private final TerminalFlag terminal;
        private final Possible possible;

        Row(
                Spaces spaces,
                float[] observation,
                Action action,
                double reward,
                float[] next,
                TerminalFlag terminal,
                Possible possible) {
            this.spaces = spaces;
            this.observation = observation.clone();
            this.action = action;
            this.reward = reward;
            this.next = next.clone();
            this.terminal = terminal;
            this.possible = possible;
        }

        @Override
        public Spaces spaces() {
            return spaces;
        }

        @Override
        public void changeRewards(RewardChange change) {
            reward = change.of(0, reward);
        }

        @Override
        public void changeObservations(ObservationChange change) {
            change.of(observation, 0, observation.length, 1);
            change.of(next, 0, next.length, 1);
        }

        @Override
        public void changeActions(EntryChange change) {
            if (action instanceof Action.Vector vector && spaces.actions() instanceof ActionSpace.Continuous space) {
                var values = new float[space.dimension()];
                for (var j = 0; j < values.length; j++) {
                    values[j] = space.fromUnit(j, change.of(space.toUnit(j, vector.values()[j])));
                }
                action = new Action.Vector(values);
            }
        }
    }

    /** An episode that ended with a step. */
    private record Finished(long step, double episodeReturn) {}

    /** Before its first step; {@code world} is the caller's to close. */
    Interaction(RunSpec spec, Environment world, OnlineReplay replay, Policy policy, Kernels kernels, Seeds seeds) {
        this.spec = spec;
        this.config = Objects.requireNonNull(spec.online()).config();
        this.world = world;
        this.replay = replay;
        this.seeds = seeds;
        fold = new NStep(spec.nStep(), spec.config().discount());
        var scaler = Transformation.scaler(spec.transformations());
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
        var terminal = stops ? TerminalFlag.STOPS_BOOTSTRAP : TerminalFlag.KEEPS_BOOTSTRAP;
        var row = new Row(replay.spaces(), from, action, earned, step.observation(), terminal, around);
        spec.transformations().forEach(transformation -> transformation.apply(row));
        window.add(row);
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

    /** Makes the oldest step of the window a row of several steps. */
    private void fold() {
        var folded = fold.fold(inWindow, 0);
        var first = window.get(0);
        var last = window.get(folded.last());
        replay.add(
                first.observation,
                first.action,
                folded.reward(),
                last.next,
                last.terminal,
                folded.duration(),
                new Possible(first.possible.here(), last.possible.next()));
        window.remove(0);
    }

    /** The steps that are not folded yet, all of one episode. */
    private final class InWindow implements NStep.Steps {
        @Override
        public double reward(int step) {
            return window.get(step).reward;
        }

        @Override
        public float duration(int step) {
            return 1;
        }

        @Override
        public boolean goesOn(int step) {
            return step + 1 < window.size();
        }
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
