package io.hindcast.learn;

import io.hindcast.data.Batch;
import io.hindcast.data.Noise;
import io.hindcast.data.RowLayout.Field;
import io.hindcast.kernel.Conservative;
import io.hindcast.kernel.Conservative.Calibration;
import io.hindcast.net.Candidates;
import io.hindcast.net.CriticEnsemble;
import io.hindcast.net.Critics;
import io.hindcast.net.SquashedGaussianPolicy.SquashedPass;
import java.util.Arrays;
import java.util.Map;

/** The critics' half of {@link CalQl}: their squared errors and the calibrated conservative term. */
final class CalibratedTerm {
    private final CalQl.Config config;
    private final Critics critics;
    private final Candidates candidates;
    private final CriticEnsemble.Pass pass;
    private final Conservative term;
    private final float[] unknownReturns;
    private final float[] qData;
    private final float[] slope;
    private final float[] slopes;
    private final float[][] logSumExp;
    private final float[][] difference;
    private double conservative;

    CalibratedTerm(Critics critics, SquashedPass policy, SquashedPass nextPolicy, CalQl.Config config, int rows) {
        this.config = config;
        this.critics = critics;
        candidates = new Candidates(critics.online(), policy, nextPolicy, rows, config.numActions());
        pass = critics.online().pass(candidates.matrix());
        term = new Conservative(candidates.count());
        unknownReturns = new float[rows];
        Arrays.fill(unknownReturns, Float.NaN);
        qData = new float[rows];
        slope = new float[rows];
        slopes = new float[candidates.matrix().columns()];
        logSumExp = new float[critics.size()][rows];
        difference = new float[critics.size()][rows];
    }

    /**
     * Writes the critics' gradients, after both passes' forward and the critics' bootstrap.
     *
     * @param calibrates by the rows' returns to go, where they are known
     * @param weight of the term
     * @return the sum of the critics' mean squared errors
     */
    double backward(Batch batch, Noise noise, boolean calibrates, double weight) {
        var returns = calibrates ? batch.values(Field.RETURN_TO_GO) : unknownReturns;
        candidates.draw(batch, noise);
        var calibration =
                new Calibration(returns, config.numActions(), config.logsumexpTemperature(), config.differenceMin());
        var errors = 0.0;
        conservative = 0;
        for (var i = 0; i < critics.size(); i++) {
            var q = pass.forward(i);
            candidates.ofData(q, qData);
            errors += critics.squaredError(i, qData, slope);
            conservative += term.ofCalibrated(
                    q, candidates.logDensity(), calibration, weight, slope, logSumExp[i], difference[i], slopes);
            pass.backward(i, slopes);
        }
        return errors;
    }

    /** The sum of the critics' terms, without their weight. */
    double conservative() {
        return conservative;
    }

    /** Adds what it computed last to {@code numbers}. */
    void addTo(Map<String, float[]> numbers) {
        numbers.put("q_data", qData);
        candidates.addTo(numbers);
        for (var i = 0; i < logSumExp.length; i++) {
            numbers.put("logsumexp_" + i, logSumExp[i]);
            numbers.put("difference_" + i, difference[i]);
        }
    }
}
