package io.hindcast.stats;

import java.util.Locale;

/** What a dataset is checked for; where one fails, the scorecard warns. */
public enum Check {
    /** Every entry of observation and action varies. */
    NO_CONSTANT_DIMENSIONS,
    /** No entry of observation or action equals another in every row. */
    NO_DUPLICATE_DIMENSIONS,
    /** The standard deviations of the observation's entries are within {@code max-std-ratio}. */
    SCALED_DIMENSIONS,
    /** Rewards are not 0 nearly everywhere and 1 in the rest. */
    NO_SPARSE_REWARD,
    /** Few episodes merely stop. */
    FEW_OPEN_EPISODES,
    /** Few actions lie at their bounds. */
    UNSATURATED_ACTIONS,
    /** Weights of one over the propensity leave enough effective samples. */
    EFFECTIVE_SAMPLES,
    /** No step is far longer than nearly all others. */
    NO_JUMPS,
    /** No episode terminates with its first step, where others are longer. */
    NO_ONE_STEP_EPISODES,
    /** There are enough transitions. */
    ENOUGH_TRANSITIONS,
    /** No quantity is distributed quite otherwise than in the reference. */
    NO_DRIFT;

    /** Its name in a configuration: {@code no-jumps}. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
