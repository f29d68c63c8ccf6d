package io.hindcast.bench;

import io.hindcast.data.Action;
import io.hindcast.data.Transition;
import io.hindcast.stats.Hashes;
import io.hindcast.timeline.Assembled;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A log to judge policies by, whose every number is a hash of its place. The actions are uniformly random, and half the rewards follow
 * from them.
 *
 * @param steps of an episode
 * @param context how many numbers are seen, within [-1, 1]
 * @param positions at how many positions actions are taken: as many numbers more, of which one is 1; 1: none
 * @param actions how many
 */
record MadeUpLog(int steps, int context, int positions, int actions) implements Serializable {
    /** As in the gridworld, but longer. */
    static final MadeUpLog OF_EPISODES = new MadeUpLog(200, 2, 1, 5);

    /** As in a shop that shows items. */
    static final MadeUpLog OF_DECISIONS = new MadeUpLog(1, 20, 3, 80);

    /** What {@code ingest} would be told of it. */
    Map<String, Object> configuration() {
        return Map.of("action-space", Map.of("type", "discrete", "count", actions));
    }

    /** One of its episodes; a time limit ends the long ones, the short ones end by themselves. */
    Assembled episode(long episode) {
        var id = "episode-" + episode;
        var transitions = new ArrayList<Transition>();
        for (var step = 0; step < steps; step++) {
            var place = episode * steps + step;
            var ends = step == steps - 1;
            transitions.add(new Transition(
                    id,
                    step,
                    observation(place),
                    new Action.Index(action(place)),
                    reward(place),
                    observation(place + 1),
                    ends && steps == 1,
                    ends && steps > 1,
                    Math.log(1.0 / actions),
                    null,
                    null,
                    null,
                    "made-up",
                    place));
        }
        return Assembled.of(List.copyOf(transitions));
    }

    /** What is seen: the context, and then where. */
    float[] observation(long place) {
        var seen = new float[context + (positions == 1 ? 0 : positions)];
        for (var i = 0; i < context; i++) {
            seen[i] = (float) (2 * uniform(place, i) - 1);
        }
        if (positions > 1) {
            seen[context + position(place)] = 1;
        }
        return seen;
    }

    int position(long place) {
        return (int) (uniform(place, context) * positions);
    }

    int action(long place) {
        return (int) (uniform(place, context + 1) * actions);
    }

    /** 1 or 0, oftener 1 the greater the action's index. */
    double reward(long place) {
        return uniform(place, context + 2) < (action(place) + 1.0) / (2 * actions) ? 1 : 0;
    }

    private static double uniform(long place, int which) {
        return (Hashes.mix(Hashes.mix(place + Hashes.ODD) + which * Hashes.ODD) >>> 11) * 0x1p-53;
    }
}
