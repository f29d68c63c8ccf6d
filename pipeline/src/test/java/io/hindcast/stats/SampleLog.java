package io.hindcast.stats;

import io.hindcast.data.Action;
import io.hindcast.data.Transition;
import io.hindcast.stats.DatasetStats.Ending;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** Small logs for tests. */
public final class SampleLog {
    private SampleLog() {}

    /** An episode that walks along a line, a step of 1 each. */
    public static List<Transition> episode(String id, double[] rewards, Ending ending) {
        var steps = new ArrayList<Transition>();
        for (var i = 0; i < rewards.length; i++) {
            var isLast = i == rewards.length - 1;
            steps.add(new Transition(
                    id,
                    i,
                    new float[] {i},
                    new Action.Vector(new float[] {0.5f}),
                    rewards[i],
                    new float[] {i + 1},
                    isLast && ending == Ending.TERMINATED,
                    isLast && ending == Ending.TRUNCATED,
                    null,
                    null,
                    null,
                    null,
                    "x.csv",
                    i));
        }
        return steps;
    }

    /** An open episode in the plane, with steps of {@code stride} in both entries. */
    static List<Transition> walk(String id, int length, float stride, long firstRow) {
        var steps = new ArrayList<Transition>();
        for (var i = 0; i < length; i++) {
            steps.add(new Transition(
                    id,
                    i,
                    new float[] {i * stride, 0.1f * i},
                    new Action.Vector(new float[] {stride / 3}),
                    stride * i,
                    new float[] {(i + 1) * stride, 0.1f * (i + 1)},
                    false,
                    false,
                    null,
                    null,
                    null,
                    null,
                    "x.csv",
                    firstRow + i));
        }
        return steps;
    }

    /** One step of an open episode in which nothing moves. */
    static Transition step(String id, long step, float[] observation, float action, double reward) {
        return new Transition(
                id,
                step,
                observation,
                new Action.Vector(new float[] {action}),
                reward,
                observation,
                false,
                false,
                null,
                null,
                null,
                null,
                "x.csv",
                step);
    }

    /** A decision that nothing follows, logged with its propensity. */
    static void decision(String id, int action, double propensity, Consumer<Transition> to) {
        to.accept(new Transition(
                id,
                0,
                new float[] {1},
                new Action.Index(action),
                0,
                new float[] {1},
                true,
                false,
                Math.log(propensity),
                null,
                null,
                null,
                "x.csv",
                0));
    }

    static Transition withAction(Transition step, Action action) {
        return new Transition(
                step.episodeId(),
                step.step(),
                step.observation(),
                action,
                step.reward(),
                step.nextObservation(),
                step.terminated(),
                step.truncated(),
                step.behaviourLogProb(),
                step.actionMask(),
                step.timeDelta(),
                step.group(),
                step.sourceFile(),
                step.sourceRow());
    }

    static Transition withTime(Transition step, double delta) {
        return new Transition(
                step.episodeId(),
                step.step(),
                step.observation(),
                step.action(),
                step.reward(),
                step.nextObservation(),
                step.terminated(),
                step.truncated(),
                step.behaviourLogProb(),
                step.actionMask(),
                delta,
                step.group(),
                step.sourceFile(),
                step.sourceRow());
    }
}
