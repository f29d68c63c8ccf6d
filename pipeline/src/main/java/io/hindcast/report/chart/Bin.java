package io.hindcast.report.chart;

/** Equal parts of an interval. */
public final class Bin {
    private Bin() {}

    /** Which of {@code count} equal parts of {@code [low, high]} a value is in; the first or the last if it is beyond. */
    public static int of(double value, double low, double high, int count) {
        var part = (int) Math.floor((value - low) * (count / (high - low)));
        return Math.max(0, Math.min(count - 1, part));
    }
}
