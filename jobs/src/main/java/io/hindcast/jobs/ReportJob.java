package io.hindcast.jobs;

/** The job {@code report} as a class for spark-submit. */
public final class ReportJob {
    private ReportJob() {}

    /** Takes the options of {@code ./hindcast report --help}. */
    public static void main(String[] args) {
        Hindcast.main("report", args);
    }
}
