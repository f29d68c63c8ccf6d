package io.hindcast.judge;

/** The quadratic programme of mixing: the least x' A x over weights x >= 0 that sum to 1, by active sets. */
final class SimplexProgramme {
    private SimplexProgramme() {}

    /** @param a symmetric, no x' A x below 0, {@code [size][size]} */
    static double[] solve(double[][] a) {
        var size = a.length;
        var x = new double[size];
        var free = new boolean[size];
        var best = 0;
        for (var j = 1; j < size; j++) {
            best = a[j][j] < a[best][best] ? j : best;
        }
        x[best] = 1;
        free[best] = true;
        // Each round ends with the least value over its free weights, and these values fall: no set of them comes
        // twice.
        for (var round = 0; round < 100 * size; round++) {
            var slope = times(a, x);
            var value = dot(x, slope);
            var enters = -1;
            for (var j = 0; j < size; j++) {
                if (!free[j]
                        && slope[j] < value - 1e-13 * Math.abs(a[j][j])
                        && (enters < 0 || slope[j] < slope[enters])) {
                    enters = j;
                }
            }
            if (enters < 0) {
                break;
            }
            free[enters] = true;
            move(a, x, free);
        }
        return x;
    }

    /** Goes to the least value over the free weights; a weight that would fall below 0 on the way is no longer free. */
    private static void move(double[][] a, double[] x, boolean[] free) {
        while (true) {
            var target = unconstrained(a, free);
            var step = 1.0;
            var leaves = -1;
            for (var j = 0; j < x.length; j++) {
                if (free[j] && target[j] <= 0 && x[j] / (x[j] - target[j]) < step) {
                    step = x[j] / (x[j] - target[j]);
                    leaves = j;
                }
            }
            for (var j = 0; j < x.length; j++) {
                x[j] += step * (target[j] - x[j]);
            }
            if (leaves < 0) {
                return;
            }
            x[leaves] = 0;
            free[leaves] = false;
        }
    }

    /** The least x' A x over free weights of any sign that sum to 1: A x = lambda, scaled. */
    private static double[] unconstrained(double[][] a, boolean[] free) {
        var size = a.length;
        var trace = 0.0;
        for (var j = 0; j < size; j++) {
            trace += a[j][j];
        }
        // The ones, by elimination; a little on the diagonal where two columns are the same.
        var rows = new double[size][];
        for (var i = 0; i < size; i++) {
            rows[i] = new double[size + 1];
            for (var j = 0; j < size; j++) {
                rows[i][j] = free[i] && free[j] ? a[i][j] : 0;
            }
            rows[i][i] = free[i] ? a[i][i] + 1e-14 * trace + Double.MIN_NORMAL : 1;
            rows[i][size] = free[i] ? 1 : 0;
        }
        for (var k = 0; k < size; k++) {
            for (var i = k + 1; i < size; i++) {
                var factor = rows[i][k] / rows[k][k];
                for (var j = k; factor != 0 && j <= size; j++) {
                    rows[i][j] -= factor * rows[k][j];
                }
            }
        }
        var y = new double[size];
        var sum = 0.0;
        for (var i = size - 1; i >= 0; i--) {
            y[i] = rows[i][size];
            for (var j = i + 1; j < size; j++) {
                y[i] -= rows[i][j] * y[j];
            }
            y[i] /= rows[i][i];
            sum += y[i];
        }
        for (var i = 0; i < size; i++) {
            y[i] /= sum;
        }
        return y;
    }

    static double[] times(double[][] a, double[] x) {
        var product = new double[x.length];
        for (var i = 0; i < x.length; i++) {
            product[i] = dot(a[i], x);
        }
        return product;
    }

    static double dot(double[] x, double[] y) {
        var sum = 0.0;
        for (var i = 0; i < x.length; i++) {
            sum += x[i] * y[i];
        }
        return sum;
    }
}
