package io.hindcast.jobs;

/** The job {@code predict} as a class for spark-submit. */
public final class PredictJob {
    private PredictJob() {}

    /** Takes the options of {@code ./hindcast predict --help}. */
    public static void main(String[] args) {
        Hindcast.main("predict", args);
    }
}
