package io.hindcast.learn;

import io.hindcast.net.Adam;
import io.hindcast.net.Inputs;
import io.hindcast.net.Mlp;
import io.hindcast.net.NetworkConfig;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A value function that learns from the batches in some inputs. All that it returns is overwritten by the same call again. */
final class StateValue {
    private final Inputs inputs;
    private final Mlp network;
    private final Adam optimiser;
    private final Mlp.Pass pass;
    private final Mlp.Pass nextPass;
    private final float[] slope;
    private Mlp.@Nullable Pass updatedPass;
    private float[] here = new float[0];
    private float[] next = new float[0];

    /** With fresh parameters. */
    StateValue(LearnerSetup setup, NetworkConfig config, Inputs inputs) {
        this.inputs = inputs;
        network = setup.value(config);
        optimiser = setup.adam(network, config);
        pass = network.pass(inputs.observations());
        nextPass = network.forwardOnly(inputs.nextObservations());
        slope = new float[setup.batchSize()];
    }

    /** V(s), {@code [B]}, from which {@link #step} goes back. */
    float[] here() {
        here = pass.forward();
        return here;
    }

    /** V(s) once more, {@code [B]}, after the step. */
    float[] updated() {
        if (updatedPass == null) {
            updatedPass = network.forwardOnly(inputs.observations());
        }
        return updatedPass.forward();
    }

    /** V(s'), {@code [B]}. */
    float[] next() {
        next = nextPass.forward();
        return next;
    }

    /** What {@link #next} gave last. */
    float[] lastNext() {
        return next;
    }

    /** The loss's slope in V(s), {@code [B]}, to be written before {@link #step}. */
    float[] slope() {
        return slope;
    }

    void step() {
        pass.backward(slope);
        optimiser.step();
    }

    /** Adds what it computed last to {@code numbers}. */
    void addTo(Map<String, float[]> numbers) {
        numbers.put("value", here);
        numbers.put("value_next", next);
    }

    Parts addTo(Parts parts) {
        return parts.value(network, optimiser);
    }
}
