package io.hindcast.report.chart;

import java.io.Serializable;

/** The smallest rectangle around points of a plane; those that are no numbers are passed over. */
public final class PlaneBounds implements Serializable {
    private static final long serialVersionUID = 1;

    private double xLow = Double.POSITIVE_INFINITY;
    private double xHigh = Double.NEGATIVE_INFINITY;
    private double yLow = Double.POSITIVE_INFINITY;
    private double yHigh = Double.NEGATIVE_INFINITY;

    /** Adds a point. */
    public void add(double x, double y) {
        if (Double.isFinite(x) && Double.isFinite(y)) {
            xLow = Math.min(xLow, x);
            xHigh = Math.max(xHigh, x);
            yLow = Math.min(yLow, y);
            yHigh = Math.max(yHigh, y);
        }
    }

    /** Adds what another one has seen. */
    public PlaneBounds merge(PlaneBounds other) {
        xLow = Math.min(xLow, other.xLow);
        xHigh = Math.max(xHigh, other.xHigh);
        yLow = Math.min(yLow, other.yLow);
        yHigh = Math.max(yHigh, other.yHigh);
        return this;
    }

    /** Whether it has an area. */
    public boolean isArea() {
        return xLow < xHigh && yLow < yHigh;
    }

    /** An empty count of points within. */
    public PlaneCount count(int columns, int rows) {
        return new PlaneCount(xLow, xHigh, yLow, yHigh, columns, rows);
    }
}
