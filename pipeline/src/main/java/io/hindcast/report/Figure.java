package io.hindcast.report;

import io.hindcast.report.TrainedRun.Evaluation;

/** Which figure of the evaluation episodes is counted. */
public enum Figure {
    /** The mean sum of rewards. */
    RETURN("return", "mean return"),
    /** The mean normalised score, 0 for a random policy and 100 for an expert. */
    SCORE("score", "normalised score"),
    /** The share of episodes that succeeded, in percent. */
    SUCCESS("success", "success in %");

    private final String key;
    private final String words;

    Figure(String key, String words) {
        this.key = key;
        this.words = words;
    }

    /** Its name in results.json. */
    String key() {
        return key;
    }

    /** What an axis says. */
    String words() {
        return words;
    }

    /** Its value at a checkpoint; NaN if it was not measured. */
    double of(Evaluation evaluation) {
        return switch (this) {
            case RETURN -> evaluation.meanReturn();
            case SCORE -> evaluation.score();
            case SUCCESS -> 100 * evaluation.success();
        };
    }
}
