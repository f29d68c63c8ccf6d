package io.hindcast.jobs;

/** The job {@code ingest} as a class for spark-submit. */
public final class IngestJob {
    private IngestJob() {}

    /** Takes the options of {@code ./hindcast ingest --help}. */
    public static void main(String[] args) {
        Hindcast.main("ingest", args);
    }
}
