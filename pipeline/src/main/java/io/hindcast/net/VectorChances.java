package io.hindcast.net;

import io.hindcast.data.Action;
import io.hindcast.data.ActionSpace;
import io.hindcast.data.UniformActions;
import io.hindcast.kernel.Gaussian;

/**
 * The probabilities or densities of action vectors that an acting rule chooses. Every entry of one is normal, is kept
 * within [-1, 1] and becomes a float within the bounds of the environment; what is rounded to a bound counts as one
 * with what is beyond it.
 */
final class VectorChances {
    private final ActionSpace.Continuous space;
    /** From here on an entry becomes its upper bound, and as far below 0 the lower one. */
    private final double[] upper;

    private final double[] lower;
    private final double uniform;

    /** The chance of an entry: a logarithm, of a probability or of a density within [-1, 1]. */
    private record Entry(double log, boolean isPoint) {}

    VectorChances(ActionSpace.Continuous space) {
        this.space = space;
        upper = ends(space, 1);
        lower = ends(space, -1);
        uniform = UniformActions.logDensity(space, null);
    }

    /** Between the last numbers that stay within the bounds and the first that are rounded to them; {@code sign} says to which. */
    static double[] ends(ActionSpace.Continuous space, int sign) {
        var ends = new double[space.dimension()];
        for (var j = 0; j < ends.length; j++) {
            ends[j] = end(space, j, sign);
        }
        return ends;
    }

    private static double end(ActionSpace.Continuous space, int j, int sign) {
        var bound = space.fromUnit(j, sign);
        var inside = 0;
        var at = Float.floatToIntBits(1);
        while (at - inside > 1) {
            var middle = (inside + at) >>> 1;
            if (space.fromUnit(j, sign * Float.intBitsToFloat(middle)) == bound) {
                at = middle;
            } else {
                inside = middle;
            }
        }
        return sign * ((double) Float.intBitsToFloat(inside) + Float.intBitsToFloat(at)) / 2;
    }

    /** Writes to {@code chances} how likely the action of {@code row} is, within [-1, 1], that is drawn from {@code normal}. */
    void drawn(Normal normal, double epsilon, float[] actions, int row, Chances chances) {
        write(epsilon, actions, row, chances, (j, action) -> {
            var mean = normal.mean()[j];
            var std = normal.std()[j];
            var isSquashed = normal.kept() == Normal.Kept.SQUASHED;
            if (action >= upper[j]) {
                return new Entry(Gaussian.logUpperTail((before(isSquashed, upper[j]) - mean) / std), true);
            }
            if (action <= lower[j]) {
                return new Entry(Gaussian.logUpperTail((mean - before(isSquashed, lower[j])) / std), true);
            }
            var slope = isSquashed ? Math.log1p(-(double) action * action) : 0;
            return new Entry(logDensity(before(isSquashed, action), mean, std) - slope, false);
        });
    }

    /** The same of one that is {@code preferred} with noise, which is cut. */
    void disturbed(Action.Vector preferred, Actor.Rule rule, float[] actions, int row, Chances chances) {
        write(rule.epsilon(), actions, row, chances, (j, action) -> {
            var mean = space.toUnit(j, preferred.values()[j]);
            if (rule.noise() == 0) {
                return new Entry(action == mean ? 0 : Double.NEGATIVE_INFINITY, true);
            }
            var most = unit(j, mean + rule.noiseClip());
            var least = unit(j, mean - rule.noiseClip());
            if (action == most) {
                var reached = Math.min(upper[j], mean + rule.noiseClip());
                return new Entry(Gaussian.logUpperTail((reached - mean) / rule.noise()), true);
            }
            if (action == least) {
                var reached = Math.max(lower[j], mean - rule.noiseClip());
                return new Entry(Gaussian.logUpperTail((mean - reached) / rule.noise()), true);
            }
            return new Entry(
                    action < most && action > least ? logDensity(action, mean, rule.noise()) : Double.NEGATIVE_INFINITY,
                    false);
        });
    }

    /** An entry as it is after it was one of the environment's floats. */
    private float unit(int j, double entry) {
        return space.toUnit(j, space.fromUnit(j, (float) entry));
    }

    private static double before(boolean isSquashed, double action) {
        return isSquashed ? 0.5 * (Math.log1p(action) - Math.log1p(-action)) : action;
    }

    private static double logDensity(double x, double mean, double std) {
        var z = (x - mean) / std;
        return -z * z / 2 - Math.log(std) - Gaussian.HALF_LOG_TWO_PI;
    }

    private interface EntryChance {
        Entry of(int j, float action);
    }

    private void write(double epsilon, float[] actions, int row, Chances chances, EntryChance chance) {
        var log = 0.0;
        var points = 0;
        for (var j = 0; j < upper.length; j++) {
            var entry = chance.of(j, actions[row * upper.length + j]);
            log += entry.log - (entry.isPoint ? 0 : Math.log(space.halfRange(j)));
            points += entry.isPoint ? 1 : 0;
        }
        var own = log + Math.log1p(-epsilon);
        // A uniformly random action is never at a point.
        var atPoint = points > 0 && own > Double.NEGATIVE_INFINITY;
        chances.logs()[row] = atPoint || epsilon == 0 ? own : logSum(own, uniform + Math.log(epsilon));
        chances.points()[row] = atPoint ? points : 0;
    }

    private static double logSum(double a, double b) {
        var greatest = Math.max(a, b);
        return greatest == Double.NEGATIVE_INFINITY
                ? greatest
                : greatest + Math.log(Math.exp(a - greatest) + Math.exp(b - greatest));
    }
}
