package io.hindcast.judge;

/** How the value beyond the end of an episode's log is taken, if the task went on there. */
public enum Tail {
    /** Nothing: the question is about so many steps, or there is no model. */
    NOTHING,
    /** What the model says of the state after the last step. */
    MODEL
}
