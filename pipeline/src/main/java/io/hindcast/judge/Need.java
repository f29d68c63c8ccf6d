package io.hindcast.judge;

/** What an estimator needs of an episode. */
public enum Need {
    /** Probabilities of the logged actions, under the policy and under what logged them. */
    WEIGHTS("a step without the probability of its action"),
    /** A reward in every step. */
    REWARDS("a step without a reward"),
    /** Values of states and actions by a model. */
    MODEL("a step without values of the model"),
    /** Features of states and actions, and of those that the policy would choose. */
    FEATURES("a step in which the policy's choice among all actions is not known"),
    /** That it has one step. */
    ONE_STEP("more than one step"),
    /** That no action has a probability under the policy where the log has a density: they have no ratio. */
    SAME_MEASURE("an action that has a probability under the policy and a density in the log");

    private final String lack;

    Need(String lack) {
        this.lack = lack;
    }

    /** Why an episode without it is left out, in words. */
    public String lack() {
        return lack;
    }
}
