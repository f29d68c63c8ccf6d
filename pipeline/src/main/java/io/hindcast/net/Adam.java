package io.hindcast.net;

import java.util.List;

/**
 * Adam (Kingma and Ba 2015, algorithm 1) over one or more networks, with their joint gradient norm optionally limited:
 *
 * <pre>
 * norm  = sqrt(sum of all squared gradients)
 * g     = gradient * min(1, max-gradient-norm / (norm + 1e-6))
 * m     = beta1 m + (1 - beta1) g
 * v     = beta2 v + (1 - beta2) g²
 * value = (1 - learning-rate * weight-decay) * value
 *         - learning-rate * (m / (1 - beta1^t)) / (sqrt(v / (1 - beta2^t)) + epsilon)
 * </pre>
 *
 * <p>The decay is that of AdamW: it is in no gradient and no moment.
 */
public final class Adam {
    /**
     * Adding and taking away these rounds moments that have decayed to nothing to an exact 0. Left alone they end as
     * subnormal numbers, for ever: 0.9 times the least float is the least float, and the processor needs a hundred times as
     * long for those. What is lost is far below epsilon.
     */
    private static final float FLUSH_FIRST = 1e-20f;

    private static final float FLUSH_SECOND = 1e-30f;

    private final List<? extends Network> networks;
    private final NetworkConfig config;
    private final long length;
    private final List<float[]> firstMoments;
    private final List<float[]> secondMoments;
    private long step;

    /**
     * An optimiser whose moments are zero.
     *
     * @param networks all take their step together
     * @param length how many steps it takes in the whole run, for the cosine schedule
     */
    public Adam(List<? extends Network> networks, NetworkConfig config, long length) {
        this.networks = List.copyOf(networks);
        this.config = config;
        this.length = Math.max(1, length); // one that never steps has a learning rate, too
        firstMoments = moments();
        secondMoments = moments();
    }

    /** Moves all networks against their gradients. */
    public void step() {
        var limit = config.maxGradientNorm();
        var scale = limit == null ? 1 : Math.min(1, limit / (gradientNorm() + 1e-6));
        var learningRate = learningRate();
        step++;
        var rate = learningRate / (1 - Math.pow(config.adamBeta1(), step));
        var correction = 1 / Math.sqrt(1 - Math.pow(config.adamBeta2(), step));
        for (var i = 0; i < networks.size(); i++) {
            var parameters = networks.get(i).parameters();
            if (config.weightDecay() > 0) {
                scale(parameters.values(), (float) (1 - learningRate * config.weightDecay()));
            }
            move(
                    parameters.values(),
                    parameters.gradients(),
                    firstMoments.get(i),
                    secondMoments.get(i),
                    (float) scale,
                    (float) config.adamBeta1(),
                    (float) (1 - config.adamBeta1()),
                    (float) config.adamBeta2(),
                    (float) (1 - config.adamBeta2()),
                    (float) rate,
                    (float) correction,
                    (float) config.adamEpsilon());
            networks.get(i).refresh();
        }
    }

    /** The joint norm of the gradients as they stand now, before any limit; {@link #step} leaves them as they are. */
    public double gradientNorm() {
        var sum = 0.0;
        for (var network : networks) {
            sum += squares(network.parameters().gradients());
        }
        return Math.sqrt(sum);
    }

    /** What the next step is taken with. */
    public double learningRate() {
        return switch (config.schedule()) {
            case CONSTANT -> config.learningRate();
            case COSINE -> config.learningRate() * (1 + Math.cos(Math.PI * step / length)) / 2;
        };
    }

    /** How many steps were taken. */
    public long steps() {
        return step;
    }

    /** Continues as if {@code steps} steps had been taken; the moments are restored through their arrays. */
    public void resume(long steps) {
        step = steps;
    }

    /** What it trains. */
    public List<? extends Network> networks() {
        return networks;
    }

    /** The running means of the gradients, an array a network, laid out as its parameters. */
    public List<float[]> firstMoments() {
        return firstMoments;
    }

    /** The running means of the squared gradients, likewise. */
    public List<float[]> secondMoments() {
        return secondMoments;
    }

    private List<float[]> moments() {
        return networks.stream()
                .map(network -> new float[network.parameters().values().length])
                .toList();
    }

    private static double squares(float[] gradients) {
        var sum = 0.0;
        for (var gradient : gradients) {
            sum += (double) gradient * gradient;
        }
        return sum;
    }

    private static void scale(float[] values, float factor) {
        for (var i = 0; i < values.length; i++) {
            values[i] *= factor;
        }
    }

    /** One fused loop: HotSpot vectorises it. 1 - beta comes as such: in floats 1 - 0.999 is wrong in its fifth digit. */
    private static void move(
            float[] values,
            float[] gradients,
            float[] m,
            float[] v,
            float scale,
            float beta1,
            float oneLessBeta1,
            float beta2,
            float oneLessBeta2,
            float rate,
            float correction,
            float epsilon) {
        for (var i = 0; i < values.length; i++) {
            var g = gradients[i] * scale;
            var first = beta1 * m[i] + oneLessBeta1 * g + FLUSH_FIRST - FLUSH_FIRST;
            var second = beta2 * v[i] + oneLessBeta2 * g * g + FLUSH_SECOND - FLUSH_SECOND;
            m[i] = first;
            v[i] = second;
            values[i] -= rate * first / ((float) Math.sqrt(second) * correction + epsilon);
        }
    }
}
