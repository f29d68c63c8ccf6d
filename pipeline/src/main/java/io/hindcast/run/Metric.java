package io.hindcast.run;

import io.hindcast.learn.Learner;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;

/**
 * One number of a run.
 *
 * @param step updates done
 * @param name such as {@code critic/loss}, {@code policy/gradient-norm} or {@code advantage/mean}
 */
public record Metric(long step, String name, double value) implements Serializable {
    /** All metrics of a learner after its last update: losses, gradient norms, learning rates and means over the batch. */
    static List<Metric> of(Learner learner, long step, int batchSize) {
        var metrics = new ArrayList<Metric>();
        new TreeMap<>(learner.losses())
                .forEach((name, loss) -> metrics.add(new Metric(step, word(name) + "/loss", loss)));
        new TreeMap<>(learner.optimizers()).forEach((name, adam) -> {
            metrics.add(new Metric(step, word(name) + "/gradient-norm", adam.gradientNorm()));
            metrics.add(new Metric(step, word(name) + "/learning-rate", adam.learningRate()));
        });
        new TreeMap<>(learner.intermediates()).forEach((name, values) -> {
            if (values.length == batchSize) {
                metrics.add(new Metric(step, word(name) + "/mean", mean(values)));
            }
        });
        return metrics;
    }

    /** Tables speak of the policy where networks are called actor. */
    private static String word(String name) {
        return name.equals("actor") ? "policy" : name.replace('_', '-');
    }

    private static double mean(float[] values) {
        var sum = 0.0;
        for (var value : values) {
            sum += value;
        }
        return sum / values.length;
    }

    /** The first loss that is not finite, by name; {@code total/loss} if each is. */
    static String culprit(Learner learner) {
        return new TreeMap<>(learner.losses())
                .entrySet().stream()
                        .filter(loss -> !Double.isFinite(loss.getValue()))
                        .map(loss -> word(loss.getKey()) + "/loss")
                        .findFirst()
                        .orElse("total/loss");
    }
}
