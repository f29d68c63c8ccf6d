package io.hindcast.export;

import io.hindcast.data.Scaler;

/**
 * A scaler in single precision: {@code ((x - mean) - meanRest) * factor}. The mean is in two parts, since where it is large
 * beside the standard deviation, the nearest float alone is too far from it; {@code x - mean} is exact if both are close.
 */
@SuppressWarnings("ArrayRecordComponent") // a carrier, never compared
record Standardisation(float[] mean, float[] meanRest, float[] factor) {
    static Standardisation of(Scaler scaler) {
        var size = scaler.size();
        var result = new Standardisation(new float[size], new float[size], new float[size]);
        for (var j = 0; j < size; j++) {
            double mean = scaler.mean().get(j);
            result.mean[j] = (float) mean;
            result.meanRest[j] = (float) (mean - result.mean[j]);
            result.factor[j] = (float) (1 / (scaler.std().get(j) + scaler.epsilon()));
        }
        return result;
    }
}
