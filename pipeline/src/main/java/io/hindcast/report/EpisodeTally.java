package io.hindcast.report;

import io.hindcast.report.ReportData.Facts;

/**
 * Counts and returns of episodes, added one by one. Mean and spread are those of Spark's {@code avg} and {@code stddev_samp} (Welford
 * 1962), so that a report says the same as the tables do when they are asked.
 */
public final class EpisodeTally {
    private long episodes;
    private long transitions;
    private double sum;
    private double mean;
    private double squares;
    private double best = Double.NEGATIVE_INFINITY;
    private double worst = Double.NaN;

    /** Adds an episode. */
    public void add(long length, double episodeReturn) {
        episodes++;
        transitions += length;
        sum += episodeReturn;
        var deviation = episodeReturn - mean;
        var share = deviation / episodes;
        mean += share;
        squares += deviation * (deviation - share);
        // In this order NaN is the greatest.
        best = Double.compare(episodeReturn, best) > 0 ? episodeReturn : best;
        worst = Double.compare(episodeReturn, worst) < 0 ? episodeReturn : worst;
    }

    /** What is known of them under a name; there must be one at least. */
    public Facts facts(String name) {
        var spread = episodes < 2 ? Double.NaN : Math.sqrt(squares / (episodes - 1));
        return new Facts(name, transitions, episodes, sum / episodes, spread, best, worst);
    }
}
