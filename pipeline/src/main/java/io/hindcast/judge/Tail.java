package io.hindcast.judge;

/** What an episode is worth beyond the end of its log, where the task went on. */
public enum Tail {
    /** Nothing: the question is about so many steps, or there is no model. */
    NOTHING,
    /** What the model says of the state after the last step. */
    MODEL
}
