package io.hindcast.collect;

import io.hindcast.data.Transition;
import io.hindcast.env.Behaviour;
import io.hindcast.env.Environment;
import io.hindcast.run.Seeds;
import java.util.List;

/**
 * Lets a behaviour policy act in an environment and logs what happens. An episode is a function of the seed and its index
 * alone, so episodes may be collected in any order and by anyone. One instance is used by one thread.
 */
public final class Collector implements EpisodeSource {
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
     * The transitions of one episode, in order, up to its own end.
     *
     * @param index the episode's number, from 0; its identifier reads like {@code pointmass-medium-7-00012}: environment,
     *     seed, index
     * @throws BrokenEpisode if the environment gave an answer that is none
     */
    public List<Transition> episode(long index) {
        return episode(index, Long.MAX_VALUE);
    }

    @Override
    public List<Transition> episode(long index, long most) {
        var behaviourRandom = seeds.generator("behaviour", index);
        var log = new EpisodeLog(environment, seeds, index, most);
        var observation = log.begin(seeds.generator("episode", index));
        behaviour.begin(behaviourRandom);
        while (!log.ended()) {
            var possible = environment.possibleActions();
            var choice = behaviour.act(observation, possible, behaviourRandom);
            var step = environment.step(choice.action());
            log.add(observation, possible, choice, step);
            observation = step.observation();
        }
        return log.transitions();
    }
}
