package io.hindcast.jobs;

/** The job {@code collect} as a class for spark-submit. */
public final class CollectJob {
    private CollectJob() {}

    /** Takes the options of {@code ./hindcast collect --help}. */
    public static void main(String[] args) {
        Hindcast.main("collect", args);
    }
}
