package io.hindcast.kernel;

/**
 * The conservative term, {@code mean(log sum_a exp Q(s,a) - Q(s,a_data))} (Kumar, Zhou, Tucker and Levine 2020, equation 4, CQL(H)),
 * with its gradient: by itself where actions can be listed, estimated from candidates where they cannot. Both return the term, and
 * write the gradient of the whole loss, {@code weight * term + rest}, the rest being what else depends on Q(s,a_data) alone.
 */
public final class Conservative {
    private final double[] scores;

    /**
     * How Cal-QL (Nakamoto et al. 2023) changes the term of candidates.
     *
     * @param floor {@code [B]}: what a policy's candidate counts for at least; NaN: as it is
     * @param uniform how many candidates of a row, the first, are not the policy's
     * @param temperature T in {@code T log sum exp(x / T)}
     * @param least what a row's difference counts for at least
     */
    @SuppressWarnings("ArrayRecordComponent") // handed over, never compared
    public record Calibration(float[] floor, int uniform, double temperature, double least) {}

    /** Room for {@code candidates} actions a row. */
    public Conservative(int candidates) {
        scores = new double[candidates];
    }

    /**
     * The term over all possible actions.
     *
     * @param values the action values, loaded: their softmax is the slope of the log-sum-exp
     * @param chosen {@code [B]}, the data's actions
     * @param qData {@code [B]}, Q(s,a) of these
     * @param slope {@code [B]}, the gradient of the rest in Q(s,a)
     * @param logSumExp {@code [B]}, written
     * @param gradient {@code [B * n]}, written
     */
    public static double ofAll(
            Categorical values,
            int[] chosen,
            float[] qData,
            double weight,
            float[] slope,
            float[] logSumExp,
            float[] gradient) {
        var normalisers = values.logSumExp();
        var shares = values.probabilities();
        var rows = chosen.length;
        var n = shares.length / rows;
        var each = weight / rows;
        for (var k = 0; k < gradient.length; k++) {
            gradient[k] = (float) (each * shares[k]);
        }
        var sum = 0.0;
        for (var b = 0; b < rows; b++) {
            logSumExp[b] = (float) normalisers[b];
            sum += normalisers[b] - qData[b];
            var k = b * n + chosen[b];
            gradient[k] = (float) (each * (shares[k] - 1)) + slope[b];
        }
        return sum / rows;
    }

    /**
     * The term by importance sampling (appendix F): each row is the data's action and, behind it, m candidates, and
     * {@code logsumexp = log sum_c exp(Q(s,c) - log density(c))}.
     *
     * @param q {@code [B * (1 + m)]}
     * @param logDensity {@code [B * m]}, of the candidates, which carry no gradient themselves
     * @param slope {@code [B]}, the gradient of the rest in Q(s,a)
     * @param logSumExp {@code [B]}, written
     * @param gradient {@code [B * (1 + m)]}, written
     */
    public double ofCandidates(
            float[] q, double[] logDensity, double weight, float[] slope, float[] logSumExp, float[] gradient) {
        var m = scores.length;
        var rows = slope.length;
        var sum = 0.0;
        for (var b = 0; b < rows; b++) {
            var first = b * (1 + m) + 1;
            var largest = Double.NEGATIVE_INFINITY;
            for (var c = 0; c < m; c++) {
                scores[c] = q[first + c] - logDensity[b * m + c];
                largest = Math.max(largest, scores[c]);
            }
            var total = 0.0;
            for (var c = 0; c < m; c++) {
                scores[c] = Math.exp(scores[c] - largest);
                total += scores[c];
            }
            logSumExp[b] = (float) (largest + Math.log(total));
            sum += logSumExp[b] - q[first - 1];
            gradient[first - 1] = (float) (slope[b] - weight / rows);
            for (var c = 0; c < m; c++) {
                gradient[first + c] = (float) (weight * scores[c] / total / rows);
            }
        }
        return sum / rows;
    }

    /**
     * The same where candidates of the policy count for no less than a floor, the sum has a temperature, and no row's difference counts
     * for less than a bound. No gradient goes through what is at its floor or its bound.
     *
     * @param difference {@code [B]}, written: what each row counts for; the term is its mean
     */
    public double ofCalibrated(
            float[] q,
            double[] logDensity,
            Calibration calibration,
            double weight,
            float[] slope,
            float[] logSumExp,
            float[] difference,
            float[] gradient) {
        var m = scores.length;
        var rows = slope.length;
        var temperature = calibration.temperature;
        var sum = 0.0;
        for (var b = 0; b < rows; b++) {
            var first = b * (1 + m) + 1;
            var largest = Double.NEGATIVE_INFINITY;
            for (var c = 0; c < m; c++) {
                var value = isAtFloor(q, b, c, calibration) ? calibration.floor[b] : q[first + c];
                scores[c] = (value - logDensity[b * m + c]) / temperature;
                largest = Math.max(largest, scores[c]);
            }
            var total = 0.0;
            for (var c = 0; c < m; c++) {
                scores[c] = Math.exp(scores[c] - largest);
                total += scores[c];
            }
            var normaliser = temperature * (largest + Math.log(total));
            var counts = !(normaliser - q[first - 1] <= calibration.least);
            logSumExp[b] = (float) normaliser;
            difference[b] = (float) (counts ? normaliser - q[first - 1] : calibration.least);
            sum += difference[b];
            var each = counts ? weight / rows : 0;
            gradient[first - 1] = (float) (slope[b] - each);
            for (var c = 0; c < m; c++) {
                gradient[first + c] = isAtFloor(q, b, c, calibration) ? 0 : (float) (each * scores[c] / total);
            }
        }
        return sum / rows;
    }

    private boolean isAtFloor(float[] q, int b, int c, Calibration calibration) {
        return c >= calibration.uniform && calibration.floor[b] > q[b * (1 + scores.length) + 1 + c];
    }
}
