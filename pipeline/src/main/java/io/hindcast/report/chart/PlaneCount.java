package io.hindcast.report.chart;

import java.io.Serializable;
import java.util.ArrayList;

/** How many points fall into each cell of a rectangle; those beyond an edge into the cells at it, those that are no numbers nowhere. */
public final class PlaneCount implements Serializable {
    private static final long serialVersionUID = 1;

    private final double xLow;
    private final double xHigh;
    private final double yLow;
    private final double yHigh;
    private final int columns;
    private final int rows;
    private final long[] visits;

    /** Of {@code columns} by {@code rows} cells of one size. */
    public PlaneCount(double xLow, double xHigh, double yLow, double yHigh, int columns, int rows) {
        this.xLow = xLow;
        this.xHigh = xHigh;
        this.yLow = yLow;
        this.yHigh = yHigh;
        this.columns = columns;
        this.rows = rows;
        visits = new long[columns * rows];
    }

    /** An empty one of the same cells. */
    public PlaneCount empty() {
        return new PlaneCount(xLow, xHigh, yLow, yHigh, columns, rows);
    }

    /** Adds a point. */
    public void add(double x, double y) {
        if (Double.isFinite(x) && Double.isFinite(y)) {
            visits[Bin.of(x, xLow, xHigh, columns) * rows + Bin.of(y, yLow, yHigh, rows)]++;
        }
    }

    /** Adds what another one has counted. */
    public PlaneCount merge(PlaneCount other) {
        for (var i = 0; i < visits.length; i++) {
            visits[i] += other.visits[i];
        }
        return this;
    }

    /** What a map shows. */
    public StateMap.Density density() {
        var cells = new ArrayList<StateMap.Cell>();
        for (var i = 0; i < visits.length; i++) {
            if (visits[i] > 0) {
                cells.add(new StateMap.Cell(i / rows, i % rows, visits[i]));
            }
        }
        return new StateMap.Density(xLow, xHigh, yLow, yHigh, columns, rows, cells);
    }
}
