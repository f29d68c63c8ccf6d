package io.hindcast.jobs;

/** The job {@code pipeline} as a class for spark-submit. */
public final class PipelineJob {
    private PipelineJob() {}

    /** Takes the options of {@code ./hindcast pipeline --help}. */
    public static void main(String[] args) {
        Hindcast.main("pipeline", args);
    }
}
