package io.hindcast.collect;

import io.hindcast.data.Transition;
import io.hindcast.env.BadAnswer;
import io.hindcast.env.Behaviour.Choice;
import io.hindcast.env.Environment;
import io.hindcast.env.Environment.Step;
import io.hindcast.env.Fault;
import io.hindcast.run.Seeds;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** One episode, recorded while a policy acts in it. */
final class EpisodeLog {
    private final Environment environment;
    private final String id;
    private final String source;
    private final long most;
    private final List<Transition> transitions = new ArrayList<>();
    private boolean ended;

    /**
     * @param index the episode's number
     * @param most after so many transitions it is cut
     */
    EpisodeLog(Environment environment, Seeds seeds, long index, long most) {
        this.environment = environment;
        id = String.format("%s-%d-%05d", environment.name(), seeds.seed(), index);
        source = "collect:" + environment.name();
        this.most = most;
    }

    /**
     * Starts the episode; returns its first observation.
     *
     * @throws BrokenEpisode if there is none
     */
    float[] begin(RandomGenerator random) {
        try {
            return BadAnswer.require(environment.reset(random), environment.observationSize());
        } catch (BadAnswer e) {
            throw new BrokenEpisode(id, source, transitions, null, e.fault());
        }
    }

    /**
     * Writes a step down; its arrays are kept.
     *
     * @param possible which discrete actions could be chosen; null: all, or it is not known
     * @throws BrokenEpisode if the step is no answer
     */
    void add(float[] observation, boolean @Nullable [] possible, Choice choice, Step step) {
        var number = transitions.size();
        // What is collected ends here though the task does not: a cut, as a time limit is one.
        var cut = number + 1 == most && !step.terminated();
        var transition = new Transition(
                id,
                number,
                observation,
                choice.action(),
                step.reward(),
                step.observation(),
                step.terminated(),
                step.truncated() || cut,
                logProbability(choice),
                possible,
                null,
                null,
                source,
                number);
        var fault = Fault.of(step, environment.observationSize());
        if (fault != null) {
            throw new BrokenEpisode(id, source, transitions, transition, fault);
        }
        transitions.add(transition);
        ended = step.done() || cut;
    }

    /** Whether no step may follow. */
    boolean ended() {
        return ended;
    }

    List<Transition> transitions() {
        return transitions;
    }

    private static @Nullable Double logProbability(Choice choice) {
        return choice.logProbability().isPresent() ? choice.logProbability().getAsDouble() : null;
    }
}
