package io.hindcast.report;

import io.hindcast.report.TrainedRun.Evaluation;
import io.hindcast.report.TrainedRun.Played;

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

    /** Its name in results.json and in conf files. */
    public String key() {
        return key;
    }

    /** What an axis says. */
    String words() {
        return words;
    }

    /** Its value in an episode; NaN if it was not measured. */
    double of(Played episode) {
        return switch (this) {
            case RETURN -> episode.episodeReturn();
            case SCORE -> episode.score();
            case SUCCESS -> 100 * episode.success();
        };
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
