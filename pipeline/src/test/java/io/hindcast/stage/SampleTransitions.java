package io.hindcast.stage;

import io.hindcast.data.Action;
import io.hindcast.data.Transition;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Small episodes for tests. */
public final class SampleTransitions {
    private SampleTransitions() {}

    /** An episode of {@code length} steps from 0 to {@code length} on a line; its first step earns {@code episodeReturn}. */
    public static List<Transition> episode(String id, @Nullable String group, int length, double episodeReturn) {
        return episode(id, group, length, episodeReturn, 0);
    }

    /** The same, {@code shift} farther on. */
    public static List<Transition> episode(
            String id, @Nullable String group, int length, double episodeReturn, float shift) {
        var transitions = new ArrayList<Transition>();
        for (var step = 0; step < length; step++) {
            transitions.add(new Transition(
                    id,
                    step,
                    new float[] {step + shift},
                    new Action.Vector(new float[] {0.5f}),
                    step == 0 ? episodeReturn : 0,
                    new float[] {step + 1 + shift},
                    step == length - 1,
                    false,
                    null,
                    null,
                    null,
                    group,
                    "x.csv",
                    step));
        }
        return transitions;
    }
}
