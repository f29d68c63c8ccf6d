package io.hindcast.jobs;

/** The job {@code bench judge} as a class. */
public final class BenchJudgeJob {
    private BenchJudgeJob() {}

    /** Takes the options of {@code ./hindcast bench judge --help}. */
    public static void main(String[] args) {
        Hindcast.main("bench-judge", args);
    }
}
