package io.hindcast.export;

import io.hindcast.kernel.Activation;
import io.hindcast.net.Blueprint;
import io.hindcast.net.Blueprint.Drawn;
import io.hindcast.net.Blueprint.Layer;
import io.hindcast.net.Blueprint.Output;
import io.hindcast.net.NetworkConfig.LayerNormPlace;
import java.util.ArrayList;
import java.util.List;

/**
 * How large the entries of an observation may be, behind its scaler, so that nothing overflows in single precision on the way to
 * an action. It follows from the weights alone: no number of a layer is larger than the sum of its weights' sizes times the
 * largest number that goes in, and its bias.
 */
final class ObservationRange {
    /** What a policy must stand, else it is not exported. */
    static final double LEAST = 1e3;

    private static final int LARGEST_EXPONENT = 30;
    private static final double LARGEST = 1e37;
    /** Its square, of a mean and a deviation from it, is a float too. */
    private static final double LARGEST_SQUARED = 1e18;

    private ObservationRange() {}

    /** The largest power of ten up to 1e30 for which that holds; 0 if it is less than {@value #LEAST}. */
    static double of(Blueprint blueprint) {
        for (var exponent = LARGEST_EXPONENT; exponent >= 0; exponent--) {
            var size = Math.pow(10, exponent);
            if (size >= LEAST && isSafe(blueprint, size)) {
                return size;
            }
        }
        return 0;
    }

    private static boolean isSafe(Blueprint blueprint, double observation) {
        return isSafe(blueprint.layers(), observation)
                && (!(blueprint.drawn().orElse(null) instanceof Drawn.Squashed drawn)
                        || isSafe(above(blueprint.layers(), drawn.logStd()), observation))
                && (!(blueprint.output() instanceof Output.Constrained output)
                        || isSafe(output.imitation(), observation));
    }

    /** The layers with another one in the place of the last. */
    private static List<Layer> above(List<Layer> layers, Layer other) {
        var all = new ArrayList<>(layers.subList(0, layers.size() - 1));
        all.add(other);
        return all;
    }

    private static boolean isSafe(List<Layer> layers, double observation) {
        var size = observation;
        for (var layer : layers) {
            var largest = 0.0;
            for (var unit = 0; unit < layer.outputs(); unit++) {
                var sum = 0.0;
                for (var i = unit * layer.inputs(); i < (unit + 1) * layer.inputs(); i++) {
                    sum += Math.abs(layer.weight()[i]);
                }
                largest = Math.max(largest, sum * size + Math.abs(layer.bias()[unit]));
            }
            var limit = layer.norm().isPresent() ? LARGEST_SQUARED / Math.sqrt(layer.outputs()) : LARGEST;
            // Written so that NaN is found.
            if (!(largest <= limit)) {
                return false;
            }
            if (layer.norm().isPresent()) {
                var norm = layer.norm().get();
                largest = 0;
                for (var unit = 0; unit < layer.outputs(); unit++) {
                    // Of n numbers none is farther from their mean than sqrt(n) standard deviations.
                    var far = Math.sqrt(layer.outputs()) * Math.abs(norm.gain()[unit]) + Math.abs(norm.bias()[unit]);
                    largest = Math.max(largest, far);
                }
                if (!(largest <= LARGEST)) {
                    return false;
                }
            }
            var isNormalisedLast =
                    layer.norm().isPresent() && layer.norm().get().place() == LayerNormPlace.AFTER;
            size = layer.activation() == Activation.TANH && !isNormalisedLast ? 1 : largest;
        }
        return true;
    }
}
