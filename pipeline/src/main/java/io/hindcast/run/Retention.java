package io.hindcast.run;

import java.io.Serializable;
import java.util.OptionalLong;

/**
 * Which checkpoints of a run are kept as it goes on: the last ones, every m-th, the best if it is evaluated, and the final one.
 *
 * @param last how many of the last ones, at least 1
 * @param every one in how many, counted from update 0; at least 1
 */
public record Retention(int last, int every) implements Serializable {
    /** All are kept. */
    public static final Retention ALL = new Retention(1, 1);

    /** @throws IllegalArgumentException if nothing would be kept to go on from */
    public Retention {
        if (last < 1 || every < 1) {
            throw new IllegalArgumentException("Cannot keep the last " + last + " checkpoints and one in " + every);
        }
    }

    /**
     * Whether the checkpoint at {@code step} is kept now that the newest is at {@code newest}.
     *
     * @param best where the greatest return was measured
     */
    boolean keeps(RunSpec spec, long step, long newest, OptionalLong best) {
        var period = spec.checkpointEvery();
        var scheduledBehind = newest / period - step / period;
        return step >= newest
                || (spec.isScheduled(step)
                        && (step / period % every == 0
                                || scheduledBehind < last
                                || (best.isPresent() && best.getAsLong() == step)));
    }
}
