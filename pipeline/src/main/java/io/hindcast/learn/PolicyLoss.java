package io.hindcast.learn;

import io.hindcast.data.Batch;
import java.util.Map;

/** How a policy that has a likelihood comes out of values. */
interface PolicyLoss {
    /**
     * Writes the policy's gradients, after its forward; returns the loss.
     *
     * @param advantage of what the data does, {@code [B]}
     */
    double backward(Batch batch, float[] advantage);

    /** Adds what it computed last to {@code numbers}. */
    void addTo(Map<String, float[]> numbers);

    /** What tells how that went, by the names of metrics. */
    Map<String, Double> diagnostics();
}
