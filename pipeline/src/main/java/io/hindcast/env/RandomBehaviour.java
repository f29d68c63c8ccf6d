package io.hindcast.env;

import io.hindcast.data.Action;
import io.hindcast.data.ActionSpace;
import java.util.OptionalDouble;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** Every action is as likely (or as dense) as any other that is possible. */
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
        if (actionSpace instanceof ActionSpace.Continuous box) {
            var values = new float[box.dimension()];
            for (var i = 0; i < values.length; i++) {
                values[i] = (float) random.nextDouble(box.low(i), box.high(i));
            }
            return new Choice(new Action.Vector(values), OptionalDouble.of(-logVolume(box)));
        }
        var count = actionSpace.size();
        return new Choice(
                new Action.Index(PossibleActions.draw(possible, count, random)),
                OptionalDouble.of(-Math.log(PossibleActions.count(possible, count))));
    }

    private static double logVolume(ActionSpace.Continuous box) {
        if (box.isUniform()) {
            return box.dimension() * Math.log(box.high(0) - box.low(0));
        }
        var sum = 0.0;
        for (var i = 0; i < box.dimension(); i++) {
            sum += Math.log(box.high(i) - box.low(i));
        }
        return sum;
    }
}
