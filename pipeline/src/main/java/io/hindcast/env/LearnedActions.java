package io.hindcast.env;

import io.hindcast.data.Action;
import io.hindcast.data.ActionSpace;
import io.hindcast.data.Spaces;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** Instances of an environment that take actions as a policy has learned them. */
final class LearnedActions implements VectorEnvironment {
    private final VectorEnvironment worlds;
    private final ActionSpace learned;
    /** Not null if actions are scaled from [-1, 1] to bounds of their own. */
    private final ActionSpace.@Nullable Continuous bounds;

    private LearnedActions(VectorEnvironment worlds, ActionSpace learned) {
        this.worlds = worlds;
        this.learned = learned;
        bounds = learned instanceof ActionSpace.Continuous space
                        && worlds.actionSpace() instanceof ActionSpace.Continuous box
                        && space.isUnitFormOf(box)
                ? box
                : null;
    }

    /** Whether what learned from {@code learned} may act in {@code world}. */
    static boolean fit(Spaces learned, Spaces world) {
        return learned.observationSize() == world.observationSize()
                && (learned.actions().isSameAs(world.actions())
                        || (learned.actions() instanceof ActionSpace.Continuous space
                                && space.isUnitFormOf(world.actions())));
    }

    /**
     * {@code worlds} with the actions of {@code learned}.
     *
     * @throws IllegalArgumentException if they do not {@link #fit}
     */
    static VectorEnvironment of(VectorEnvironment worlds, Spaces learned) {
        if (learned.equals(worlds.spaces())) {
            return worlds;
        }
        if (!fit(learned, worlds.spaces())) {
            throw new IllegalArgumentException("Cannot act with " + learned + " in " + worlds.spaces());
        }
        return new LearnedActions(worlds, learned.actions());
    }

    @Override
    public int size() {
        return worlds.size();
    }

    @Override
    public int observationSize() {
        return worlds.observationSize();
    }

    @Override
    public ActionSpace actionSpace() {
        return learned;
    }

    @Override
    public int maxEpisodeSteps() {
        return worlds.maxEpisodeSteps();
    }

    @Override
    public float[] reset(int instance, RandomGenerator random) {
        return worlds.reset(instance, random);
    }

    @Override
    public boolean @Nullable [] possibleActions(int instance) {
        return worlds.possibleActions(instance);
    }

    @Override
    public Environment.@Nullable Step[] step(@Nullable Action[] actions) {
        if (bounds == null) {
            return worlds.step(actions);
        }
        var scaled = new @Nullable Action[actions.length];
        for (var i = 0; i < actions.length; i++) {
            scaled[i] = actions[i] instanceof Action.Vector vector ? scaled(vector.values(), bounds) : actions[i];
        }
        return worlds.step(scaled);
    }

    private static Action scaled(float[] unit, ActionSpace.Continuous bounds) {
        if (unit.length != bounds.dimension()) {
            return new Action.Vector(unit); // which the environment refuses
        }
        var values = new float[unit.length];
        for (var j = 0; j < values.length; j++) {
            values[j] = bounds.fromUnit(j, unit[j]);
        }
        return new Action.Vector(values);
    }

    @Override
    public long outOfBounds() {
        return worlds.outOfBounds();
    }

    @Override
    public void close() {
        worlds.close();
    }
}
