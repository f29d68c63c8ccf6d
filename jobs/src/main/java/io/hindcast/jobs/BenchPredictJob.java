package io.hindcast.jobs;

/** The job {@code bench predict} as a class. */
public final class BenchPredictJob {
    private BenchPredictJob() {}

    /** Takes the options of {@code ./hindcast bench predict --help}. */
    public static void main(String[] args) {
        Hindcast.main("bench-predict", args);
    }
}
