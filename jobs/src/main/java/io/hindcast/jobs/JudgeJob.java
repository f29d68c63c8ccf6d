package io.hindcast.jobs;

/** The job {@code judge} as a class for spark-submit. */
public final class JudgeJob {
    private JudgeJob() {}

    /** Takes the options of {@code ./hindcast judge --help}. */
    public static void main(String[] args) {
        Hindcast.main("judge", args);
    }
}
