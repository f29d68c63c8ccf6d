package io.hindcast.jobs;

/** The job {@code train} as a class for spark-submit. */
public final class TrainJob {
    private TrainJob() {}

    /** Takes the options of {@code ./hindcast train --help}. */
    public static void main(String[] args) {
        Hindcast.main("train", args);
    }
}
