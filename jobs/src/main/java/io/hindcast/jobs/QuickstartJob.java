package io.hindcast.jobs;

/** The job {@code quickstart} as a class for spark-submit. */
public final class QuickstartJob {
    private QuickstartJob() {}

    /** Takes the options of {@code ./hindcast quickstart --help}. */
    public static void main(String[] args) {
        Hindcast.main("quickstart", args);
    }
}
