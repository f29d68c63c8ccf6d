package io.hindcast.run;

import io.hindcast.data.Transition;
import io.hindcast.env.Behaviour;
import io.hindcast.env.Environment;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Lets a behaviour policy act in an environment and logs what happens. An episode is a function of the seed and its index
 * alone, so episodes may be collected in any order and by anyone. One instance is used by one thread.
 */
public final class Collector {
    private final Environment environment;
    private final Behaviour behaviour;
    private final Seeds seeds;

    /** A collector that owns {@code environment} and {@code behaviour}. */
    public Collector(Environment environment, Behaviour behaviour, Seeds seeds) {
        this.environment = environment;
        this.behaviour = behaviour;
        this.seeds = seeds;
    }

    /**
     * The transitions of one episode, in order.
     *
     * @param index the episode's number, from 0; its identifier reads like {@code pointmass-medium-7-00012}: environment,
     *     seed, index
     */
    public List<Transition> episode(long index) {
        var worldRandom = seeds.generator("episode", index);
        var behaviourRandom = seeds.generator("behaviour", index);
        var id = String.format("%s-%d-%05d", environment.name(), seeds.seed(), index);
        var source = "collect:" + environment.name();
        var transitions = new ArrayList<Transition>();
        var observation = environment.reset(worldRandom);
        behaviour.begin(behaviourRandom);
        while (true) {
            var choice = behaviour.act(observation, behaviourRandom);
            var step = environment.step(choice.action());
            var number = transitions.size();
            transitions.add(new Transition(
                    id,
                    number,
                    observation,
                    choice.action(),
                    step.reward(),
                    step.observation(),
                    step.terminated(),
                    step.truncated(),
                    logProbability(choice),
                    null,
                    null,
                    null,
                    source,
                    number));
            if (step.done()) {
                return transitions;
            }
            observation = step.observation();
        }
    }

    private static @Nullable Double logProbability(Behaviour.Choice choice) {
        return choice.logProbability().isPresent() ? choice.logProbability().getAsDouble() : null;
    }
}
