package io.hindcast.timeline;

import java.util.Locale;

/** Why a row is quarantined; {@link #toString} is the word in the table {@code quarantine}. */
public enum Reason {
    /** A number is missing, NaN or infinite. */
    NOT_FINITE,
    /** A vector is of another length. */
    WRONG_DIMENSION,
    /** A real action is beyond its bounds. */
    ACTION_OUT_OF_BOUNDS,
    /** An action's index is none of the action space. */
    UNKNOWN_ACTION_INDEX,
    /** The action mask says that the action was not possible. */
    FORBIDDEN_ACTION,
    /** The logging policy's probability, or of an index its logarithm, is none. */
    PROPENSITY_OUT_OF_RANGE,
    /** The time until the next observation is not above 0. */
    BAD_TIME_DELTA,
    /** A step is missing before the row, or the episode goes on after its end. */
    BROKEN_ORDER,
    /** Another row claims the same place in the episode and says something else. */
    CONTRADICTORY_DUPLICATE,
    /** The row does not say which episode or which place in it is its own. */
    ORPHAN_STEP,
    /** A flag that is required has no value. */
    UNKNOWN_FLAG,
    /** The group changes within the episode. */
    CHANGING_GROUP,
    /** Its episode is in the dataset that is appended to. */
    ALREADY_INGESTED,
    /** What an environment shows is out of the bounds that its space declares, and such observations are refused. */
    OBSERVATION_OUT_OF_BOUNDS,
    /** The environment raised an exception, or said something that is neither numbers nor flags. */
    BAD_ANSWER,
    /** The row is sound, but another row of its episode is not. */
    COMPANION;

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
