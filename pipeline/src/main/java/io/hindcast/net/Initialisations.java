package io.hindcast.net;

import io.hindcast.net.NetworkConfig.Initialisation;
import java.util.random.RandomGenerator;

/** First parameters of a linear layer. */
final class Initialisations {
    private Initialisations() {}

    /** Draws the weights {@code [out][in]} at {@code weightAt} and the biases {@code [out]} at {@code biasAt}. */
    static void draw(
            Initialisation kind,
            RandomGenerator random,
            float[] values,
            int weightAt,
            int biasAt,
            int inputs,
            int outputs) {
        var bound = (float) (1 / Math.sqrt(inputs));
        for (var i = 0; i < inputs * outputs; i++) {
            values[weightAt + i] = switch (kind) {
                case UNIFORM -> (2 * random.nextFloat() - 1) * bound;
                case NORMAL, ORTHOGONAL -> (float) random.nextGaussian();
            };
        }
        for (var i = 0; i < outputs; i++) {
            values[biasAt + i] = switch (kind) {
                case UNIFORM -> (2 * random.nextFloat() - 1) * bound;
                case NORMAL -> (float) random.nextGaussian();
                case ORTHOGONAL -> 0;
            };
        }
        if (kind == Initialisation.ORTHOGONAL) {
            orthogonalise(values, weightAt, inputs, outputs);
        }
    }

    /** Draws {@code length} numbers at {@code at} from {@code U(-bound, bound)}. */
    static void uniform(RandomGenerator random, float[] values, int at, int length, double bound) {
        for (var i = at; i < at + length; i++) {
            values[i] = (2 * random.nextFloat() - 1) * (float) bound;
        }
    }

    /** Gram-Schmidt, twice over for the digits, on the rows or the columns, whichever are fewer. */
    private static void orthogonalise(float[] values, int at, int inputs, int outputs) {
        var byRow = outputs <= inputs;
        var vectors = new double[Math.min(inputs, outputs)][Math.max(inputs, outputs)];
        for (var v = 0; v < vectors.length; v++) {
            for (var i = 0; i < vectors[v].length; i++) {
                vectors[v][i] = values[at + (byRow ? v * inputs + i : i * inputs + v)];
            }
        }
        for (var v = 0; v < vectors.length; v++) {
            for (var twice = 0; twice < 2; twice++) {
                for (var u = 0; u < v; u++) {
                    var along = dot(vectors[u], vectors[v]);
                    for (var i = 0; i < vectors[v].length; i++) {
                        vectors[v][i] -= along * vectors[u][i];
                    }
                }
                var norm = Math.sqrt(dot(vectors[v], vectors[v]));
                for (var i = 0; i < vectors[v].length; i++) {
                    vectors[v][i] /= norm;
                }
            }
        }
        for (var v = 0; v < vectors.length; v++) {
            for (var i = 0; i < vectors[v].length; i++) {
                values[at + (byRow ? v * inputs + i : i * inputs + v)] = (float) vectors[v][i];
            }
        }
    }

    private static double dot(double[] a, double[] b) {
        var sum = 0.0;
        for (var i = 0; i < a.length; i++) {
            sum += a[i] * b[i];
        }
        return sum;
    }
}
