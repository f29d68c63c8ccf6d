package io.hindcast.env;

import io.hindcast.data.Action;
import io.hindcast.data.ActionSpace;
import java.util.OptionalDouble;
import java.util.random.RandomGenerator;

/** Every action is as likely (or as dense) as any other. */
public final class RandomBehaviour implements Behaviour {
    private final ActionSpace actionSpace;

    /** A behaviour that draws from the whole of {@code actionSpace}. */
    public RandomBehaviour(ActionSpace actionSpace) {
        this.actionSpace = actionSpace;
    }

    @Override
    public void begin(RandomGenerator random) {}

    @Override
    public Choice act(float[] observation, RandomGenerator random) {
        if (actionSpace instanceof ActionSpace.Continuous box) {
            var values = new float[box.dimension()];
            for (var i = 0; i < values.length; i++) {
                values[i] = (float) random.nextDouble(box.low(), box.high());
            }
            var logDensity = -box.dimension() * Math.log(box.high() - box.low());
            return new Choice(new Action.Vector(values), OptionalDouble.of(logDensity));
        }
        return new Choice(
                new Action.Index(random.nextInt(actionSpace.size())), OptionalDouble.of(-Math.log(actionSpace.size())));
    }
}
