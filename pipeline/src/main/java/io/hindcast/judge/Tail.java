package io.hindcast.judge;

import java.util.EnumSet;
import java.util.Set;

/** How the value beyond the end of an episode's log is taken, if the task went on there. */
public enum Tail {
    /** Nothing: the question is about so many steps, or there is no model. */
    NOTHING,
    /** What the model says of the state after the last step. */
    MODEL;

    /** What importance sampling needs of an episode whose end is taken so. */
    Set<Need> needs() {
        return this == MODEL
                ? EnumSet.of(Need.WEIGHTS, Need.REWARDS, Need.MODEL)
                : EnumSet.of(Need.WEIGHTS, Need.REWARDS);
    }
}
