package io.hindcast.run;

import io.hindcast.data.Transition;
import io.hindcast.env.Behaviour.Choice;
import io.hindcast.env.Environment;
import io.hindcast.env.Environment.Step;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One episode as it is written down while somebody acts in it. */
final class EpisodeLog {
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
        id = String.format("%s-%d-%05d", environment.name(), seeds.seed(), index);
        source = "collect:" + environment.name();
        this.most = most;
    }

    /** Writes a step down; its arrays are kept. */
    void add(float[] observation, Choice choice, Step step) {
        var number = transitions.size();
        // What is collected ends here though the task does not: a cut, as a time limit is one.
        var cut = number + 1 == most && !step.terminated();
        transitions.add(new Transition(
                id,
                number,
                observation,
                choice.action(),
                step.reward(),
                step.observation(),
                step.terminated(),
                step.truncated() || cut,
                logProbability(choice),
                null,
                null,
                null,
                source,
                number));
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
