package io.hindcast.collect;

import io.hindcast.data.Action;
import io.hindcast.data.ActionSpace;
import io.hindcast.data.Batch;
import io.hindcast.data.Spaces;
import io.hindcast.env.Behaviour;
import io.hindcast.kernel.Kernels;
import io.hindcast.net.Actor;
import io.hindcast.net.Actor.Preference;
import io.hindcast.net.Actor.Rule;
import io.hindcast.run.Checkpoint;
import java.util.OptionalDouble;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * A trained policy that acts by a rule, and tells how likely what it did was: of a discrete action always, of a vector where it is
 * drawn from the policy. The vector that a policy takes because it is the likeliest has no density.
 */
public final class TrainedBehaviour implements Behaviour {
    private final Actor actor;
    private final Rule rule;
    private final Spaces spaces;
    /** The one action that was chosen. */
    private final Batch chosen;

    /**
     * The policy of a checkpoint.
     *
     * @param spaces of the environment, which {@link #requireFit fit}
     * @param kernels where it computes; it does not close them
     */
    public TrainedBehaviour(Checkpoint checkpoint, Rule rule, Spaces spaces, Kernels kernels) {
        actor = new Actor(kernels, checkpoint.policy(spaces, kernels), spaces, 1);
        this.rule = rule;
        this.spaces = spaces;
        chosen = new Batch(spaces, 1);
    }

    /**
     * Makes sure that the policy of a checkpoint can act in an environment, whose actions are then logged in its own units.
     *
     * @throws IllegalStateException if it has none, or it learned from other observations or actions
     */
    public static void requireFit(Checkpoint checkpoint, String environment, Spaces spaces) {
        var learned = checkpoint.spaces();
        if (!checkpoint.spec().config().learnsPolicy()) {
            throw new IllegalStateException("its learner, " + checkpoint.spec().learner()
                    + ", learns values only; name a run that learns a policy");
        }
        if (learned.observationSize() != spaces.observationSize()
                || !learned.actions().isSameAs(spaces.actions())) {
            throw new IllegalStateException("it learned from " + learned + ", and " + environment + " has " + spaces
                    + "; name a run that learned for this environment");
        }
    }

    @Override
    public void begin(RandomGenerator random) {}

    @Override
    public Choice act(float[] observation, boolean @Nullable [] possible, RandomGenerator random) {
        actor.show(observation, possible);
        var choice = actor.choose(0, rule, random);
        return new Choice(
                choice.action(),
                choice.action() instanceof Action.Vector vector ? logDensity(vector) : choice.logProbability());
    }

    private OptionalDouble logDensity(Action.Vector action) {
        if (rule.preference() != Preference.SAMPLED || actor.normal(0).isEmpty()) {
            return OptionalDouble.empty();
        }
        var space = (ActionSpace.Continuous) spaces.actions();
        for (var j = 0; j < space.dimension(); j++) {
            chosen.actions()[j] = space.toUnit(j, action.values()[j]);
        }
        return OptionalDouble.of(actor.chances(chosen, rule).orElseThrow().logs()[0]);
    }
}
