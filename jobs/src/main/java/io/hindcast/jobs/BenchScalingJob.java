package io.hindcast.jobs;

/** The job {@code bench scaling} as a class. */
public final class BenchScalingJob {
    private BenchScalingJob() {}

    /** Takes the options of {@code ./hindcast bench scaling --help}. */
    public static void main(String[] args) {
        Hindcast.main("bench-scaling", args);
    }
}
