package io.hindcast.stats;

import io.hindcast.config.UserException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Which cells of a grid over a few dimensions were visited, how often, and whether by more than one episode. Where no width is
 * given, a dimension is cut into intervals as wide as the least power of two that leaves at most a given number of them visited.
 * That width depends on the numbers alone, since more numbers never visit fewer intervals and a coarser grid is a union of the
 * cells of a finer one; so the state merges to the last bit, without knowing ranges beforehand, and far outliers cost one cell
 * each. Not for several threads.
 */
public final class VisitGrid {
    /** More cells than this are no picture, and no memory. */
    static final int MOST_CELLS = 1 << 20;

    private static final int MOST_DIMENSIONS = 4;

    /** The width of an interval of a dimension in which only zeros were seen is as good as nothing. */
    private static final int FINEST = -1_200;

    /** An interval's number is kept well within 64 bits. */
    private static final int INDEX_BITS = 50;

    private final int limit;
    private final double[] widths;
    private final int[] levels;
    private final List<Set<Long>> intervals = new ArrayList<>();
    private Map<Place, Visits> cells = new HashMap<>();

    /** A cell, by the numbers of its intervals; 0 beyond the last dimension. */
    private record Place(long first, long second, long third, long fourth) {
        static Place of(long[] indices) {
            return new Place(
                    indices[0],
                    indices.length > 1 ? indices[1] : 0,
                    indices.length > 2 ? indices[2] : 0,
                    indices.length > 3 ? indices[3] : 0);
        }

        long index(int dimension) {
            return dimension == 0 ? first : dimension == 1 ? second : dimension == 2 ? third : fourth;
        }
    }

    private static final class Visits {
        private long count;

        /** The least and the greatest of the hashes of the episodes that were here. */
        private long least = Long.MAX_VALUE;

        private long greatest = Long.MIN_VALUE;

        void add(long times, long low, long high) {
            count += times;
            least = Math.min(least, low);
            greatest = Math.max(greatest, high);
        }
    }

    /** The visits of a cell of the plane of the first two dimensions: it spans {@code [column, column + 1)} widths. */
    public record Cell(long column, long row, long visits) {}

    private VisitGrid(int limit, double[] widths, int level) {
        this.limit = limit;
        this.widths = widths;
        this.levels = new int[widths.length];
        Arrays.fill(levels, level);
        for (var i = 0; i < widths.length; i++) {
            intervals.add(new HashSet<>());
        }
    }

    /**
     * A grid that finds its widths.
     *
     * @param dimensions 1 to 4
     * @param intervals how many of a dimension may be visited
     */
    static VisitGrid adaptive(int dimensions, int intervals) {
        var widths = new double[dimensions];
        Arrays.fill(widths, 1);
        return new VisitGrid(intervals, widths, FINEST);
    }

    /** A grid of given widths, one a dimension, 1 to 4 of them. */
    static VisitGrid fixed(double... widths) {
        return new VisitGrid(Integer.MAX_VALUE, widths.clone(), 0);
    }

    /** Adds a state. */
    void add(float[] values, long episode) {
        var indices = new long[levels.length];
        for (var d = 0; d < indices.length; d++) {
            var scaled = values[d] / widths[d];
            if (limit < Integer.MAX_VALUE && scaled != 0 && Math.getExponent(scaled) - INDEX_BITS > levels[d]) {
                coarsen(d, Math.getExponent(scaled) - INDEX_BITS);
            }
            indices[d] = (long) Math.floor(Math.scalb(scaled, -levels[d]));
        }
        add(indices, 1, episode, episode);
    }

    private void add(long[] indices, long times, long least, long greatest) {
        var visits = cells.get(Place.of(indices));
        if (visits == null) {
            visits = new Visits();
            cells.put(Place.of(indices), visits);
            visits.add(times, least, greatest);
            if (cells.size() > MOST_CELLS) {
                throw new UserException("Cannot count visits: there are more than " + MOST_CELLS + " cells of width "
                        + Arrays.toString(widths) + "; give wider ones as coverage.widths, or none");
            }
            for (var d = 0; d < indices.length; d++) {
                intervals.get(d).add(indices[d]);
                while (intervals.get(d).size() > limit) {
                    coarsen(d, levels[d] + 1);
                }
            }
        } else {
            visits.add(times, least, greatest);
        }
    }

    void merge(VisitGrid other) {
        for (var d = 0; d < levels.length; d++) {
            if (other.levels[d] > levels[d]) {
                coarsen(d, other.levels[d]);
            }
        }
        other.cells.forEach((place, visits) -> {
            var indices = new long[levels.length];
            for (var d = 0; d < indices.length; d++) {
                indices[d] = place.index(d) >> Math.min(63, levels[d] - other.levels[d]);
            }
            add(indices, visits.count, visits.least, visits.greatest);
        });
    }

    private void coarsen(int dimension, int level) {
        var shift = Math.min(63, level - levels[dimension]);
        levels[dimension] = level;
        var finer = cells;
        cells = new HashMap<>();
        var visited = intervals.get(dimension);
        visited.clear();
        finer.forEach((place, visits) -> {
            var indices = new long[levels.length];
            for (var d = 0; d < indices.length; d++) {
                indices[d] = place.index(d) >> (d == dimension ? shift : 0);
            }
            visited.add(indices[dimension]);
            cells.computeIfAbsent(Place.of(indices), key -> new Visits())
                    .add(visits.count, visits.least, visits.greatest);
        });
    }

    /** How many dimensions it is over. */
    public int dimensions() {
        return levels.length;
    }

    /** How wide the intervals of a dimension are. */
    public double width(int dimension) {
        return Math.scalb(widths[dimension], levels[dimension]);
    }

    /** How many cells were visited. */
    public long visitedCells() {
        return cells.size();
    }

    /** How many states there were. */
    public long states() {
        return cells.values().stream().mapToLong(visits -> visits.count).sum();
    }

    /** How many of the states lie in a cell that more than one episode visited. */
    public long sharedStates() {
        return cells.values().stream()
                .filter(visits -> visits.least != visits.greatest)
                .mapToLong(visits -> visits.count)
                .sum();
    }

    /** How the visits are spread over the visited cells. */
    public Distribution visitsOfCells() {
        var distribution = new Distribution();
        cells.values().forEach(visits -> distribution.add(visits.count));
        return distribution;
    }

    /** The visited cells of the plane of the first two dimensions, in order; a row of 0 where there is but one. */
    public List<Cell> plane() {
        var plane = new HashMap<List<Long>, Long>();
        cells.forEach((place, visits) -> plane.merge(List.of(place.first(), place.second()), visits.count, Long::sum));
        return plane.entrySet().stream()
                .map(entry -> new Cell(entry.getKey().get(0), entry.getKey().get(1), entry.getValue()))
                .sorted(Comparator.comparingLong(Cell::column).thenComparingLong(Cell::row))
                .toList();
    }

    void write(StateWriter out) {
        out.whole(levels.length);
        out.whole(limit);
        for (var d = 0; d < levels.length; d++) {
            out.number(widths[d]);
            out.signed(levels[d]);
        }
        out.whole(cells.size());
        cells.entrySet().stream()
                .sorted(Map.Entry.comparingByKey(Comparator.comparingLong(Place::first)
                        .thenComparingLong(Place::second)
                        .thenComparingLong(Place::third)
                        .thenComparingLong(Place::fourth)))
                .forEach(entry -> {
                    for (var d = 0; d < levels.length; d++) {
                        out.signed(entry.getKey().index(d));
                    }
                    out.whole(entry.getValue().count);
                    out.bits(entry.getValue().least);
                    out.bits(entry.getValue().greatest);
                });
    }

    static VisitGrid read(StateReader in) {
        var dimensions = (int) Math.min(in.whole(), Integer.MAX_VALUE);
        if (dimensions < 1 || dimensions > MOST_DIMENSIONS) {
            throw StateReader.damaged("its grid has " + dimensions + " dimensions");
        }
        var limit = (int) Math.min(in.whole(), Integer.MAX_VALUE);
        var grid = new VisitGrid(limit, new double[dimensions], 0);
        for (var d = 0; d < dimensions; d++) {
            grid.widths[d] = in.number();
            grid.levels[d] = (int) in.signed();
        }
        var cells = in.length();
        for (var i = 0; i < cells; i++) {
            var indices = new long[dimensions];
            for (var d = 0; d < dimensions; d++) {
                indices[d] = in.signed();
            }
            grid.add(indices, in.whole(), in.bits(), in.bits());
        }
        return grid;
    }
}
