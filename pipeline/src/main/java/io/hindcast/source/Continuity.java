package io.hindcast.source;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * Decides whether a log goes on after its terminal rows, as AntMaze's do, whose terminals say that the state is a goal,
 * or begins anew there, as most do: by how far the state moves from such a row to the next, against ordinary steps and
 * against rows that a time limit cut, after which it is known to begin anew.
 *
 * <p>How far: the 90 % quantile over the entries of {@code |difference|} in units of that entry's median over ordinary
 * steps, so that of many entries one that only flips there does not decide alone; then the median over rows.
 */
final class Continuity {
    /** Time limits tell something if the state moves so many times as far there as in an ordinary step. */
    private static final double TELLING = 3;
    /** Without them: no farther than so many ordinary steps, and terminals must come in runs. */
    private static final double NEAR = 2;

    private static final double RUNS = 0.7;
    private static final int FEW = 8;
    private static final double QUANTILE = 0.9;

    private final List<float[]> ordinary = new ArrayList<>();
    private final List<float[]> terminal = new ArrayList<>();
    private final List<float[]> cut = new ArrayList<>();
    private final long rows;
    private final long terminals;
    private final long runs;

    /**
     * What was found.
     *
     * @param goesOn whether the log goes on
     * @param grounds why, in words
     */
    record Verdict(boolean goesOn, String grounds) {}

    /** What a row is. */
    enum Kind {
        ORDINARY,
        TERMINAL,
        CUT
    }

    /**
     * @param rows of the file
     * @param terminals how many of them are terminal and not cut, and followed by a row
     * @param runs how many of these are followed by another terminal one
     */
    Continuity(long rows, long terminals, long runs) {
        this.rows = rows;
        this.terminals = terminals;
        this.runs = runs;
    }

    /** Adds a step of the state, from a row's observation to the next row's; what is not finite says nothing. */
    void add(Kind kind, float[] from, float[] to) {
        var difference = new float[from.length];
        for (var i = 0; i < difference.length; i++) {
            difference[i] = Math.abs(to[i] - from[i]);
            if (!Float.isFinite(difference[i])) {
                return;
            }
        }
        of(kind).add(difference);
    }

    private List<float[]> of(Kind kind) {
        return switch (kind) {
            case ORDINARY -> ordinary;
            case TERMINAL -> terminal;
            case CUT -> cut;
        };
    }

    Verdict verdict() {
        if (ordinary.size() < FEW || terminal.isEmpty()) {
            return new Verdict(false, "there are too few other rows to decide");
        }
        var scales = scales();
        var step = moved(ordinary, scales);
        if (!(step > 0)) {
            return new Verdict(false, "the state hardly moves, which shows nothing");
        }
        var there = moved(terminal, scales) / step;
        var atCuts = cut.isEmpty() ? Double.NaN : moved(cut, scales) / step;
        var inRuns = comeInRuns();
        var grounds = "the state moves " + times(there) + " as far as in an ordinary step there"
                + (cut.isEmpty() ? "" : ", " + times(atCuts) + " where a time limit cut")
                + (inRuns ? ", and terminal rows come in runs" : "");
        return new Verdict(atCuts >= TELLING ? there < Math.sqrt(atCuts) : there <= NEAR && inRuns, grounds);
    }

    /** Whether a terminal row is followed by another one much more often than any row is terminal. */
    private boolean comeInRuns() {
        return terminals > 1 && 1 - (double) runs / terminals <= RUNS * (1 - (double) terminals / rows);
    }

    private double[] scales() {
        var scales = new double[ordinary.get(0).length];
        for (var i = 0; i < scales.length; i++) {
            var values = new double[ordinary.size()];
            var sum = 0.0;
            for (var j = 0; j < values.length; j++) {
                values[j] = ordinary.get(j)[i];
                sum += values[j];
            }
            var median = median(values);
            scales[i] = median > 0 ? median : sum / values.length;
        }
        return scales;
    }

    private static double moved(List<float[]> steps, double[] scales) {
        var moved = new double[steps.size()];
        for (var j = 0; j < moved.length; j++) {
            var step = steps.get(j);
            var ratios = new double[scales.length];
            for (var i = 0; i < ratios.length; i++) {
                // What never moves in an ordinary step moves infinitely far.
                ratios[i] = step[i] == 0 ? 0 : step[i] / scales[i];
            }
            Arrays.sort(ratios);
            moved[j] = ratios[(int) Math.round(QUANTILE * (ratios.length - 1))];
        }
        return median(moved);
    }

    private static double median(double[] values) {
        Arrays.sort(values);
        return values[values.length / 2];
    }

    private static String times(double ratio) {
        return String.format(Locale.ROOT, "%.2g times", ratio);
    }
}
