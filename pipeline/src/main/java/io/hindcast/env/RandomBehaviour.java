package io.hindcast.env;

import io.hindcast.data.ActionSpace;
import io.hindcast.data.UniformActions;
import java.util.OptionalDouble;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** Chooses uniformly among the possible actions. */
public final class RandomBehaviour implements Behaviour {
    private final ActionSpace actionSpace;

    /** A behaviour that draws from the whole of {@code actionSpace}. */
    public RandomBehaviour(ActionSpace actionSpace) {
        this.actionSpace = actionSpace;
    }

    @Override
    public void begin(RandomGenerator random) {}

    @Override
    public Choice act(float[] observation, boolean @Nullable [] possible, RandomGenerator random) {
        return new Choice(
                UniformActions.draw(actionSpace, possible, random),
                OptionalDouble.of(UniformActions.logDensity(actionSpace, possible)));
    }
}
