package io.hindcast.jobs;

/** The job {@code evaluate} as a class for spark-submit. */
public final class EvaluateJob {
    private EvaluateJob() {}

    /** Takes the options of {@code ./hindcast evaluate --help}. */
    public static void main(String[] args) {
        Hindcast.main("evaluate", args);
    }
}
