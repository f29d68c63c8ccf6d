package io.hindcast.run;

/**
 * How long the jobs take where there are many small things: a line of {@code bench-many.jsonl}, whose keys are these names in
 * snake case. Seconds are those of whole commands, the start of Java and Spark with it.
 *
 * @param runs how many runs a sweep had
 * @param checkpoints how many each of them left
 * @param trainSeconds of training, which does hardly anything but write checkpoints
 * @param evaluateSeconds of playing an episode of each checkpoint
 * @param reportSeconds of the report
 * @param reportBytes the size of {@code report.html}
 * @param reportFiles how many files the report has
 */
public record ManyMeasurement(
        int runs,
        int checkpoints,
        double trainSeconds,
        double evaluateSeconds,
        double reportSeconds,
        long reportBytes,
        long reportFiles) {}
