package io.hindcast.jobs;

/** The job {@code stats} as a class for spark-submit. */
public final class StatsJob {
    private StatsJob() {}

    /** Takes the options of {@code ./hindcast stats --help}. */
    public static void main(String[] args) {
        Hindcast.main("stats", args);
    }
}
