package io.hindcast.judge.policy;

import io.hindcast.data.LoggedSteps;
import io.hindcast.data.Scaler;
import io.hindcast.stats.ExactMoments;
import java.io.Serializable;
import java.util.ArrayList;

/** What runs have to know of a log before they learn from parts of it. A state that merges, exactly. */
public final class LogShape implements Serializable {
    private static final long serialVersionUID = 1L;
    private static final double EPSILON = 1e-3;

    private final long[] within;
    private final ExactMoments observations;
    private long steps;
    private long withoutProbability;
    private long longest;

    /**
     * Of no steps.
     *
     * @param sets how many sets of episodes the reader tells of
     */
    public LogShape(int sets, int observationSize) {
        within = new long[sets];
        observations = new ExactMoments(observationSize);
    }

    /** Adds some steps. */
    public void add(LoggedSteps some) {
        var seen = some.batch().observations();
        for (var row = 0; row < some.rows(); row++) {
            for (var k = 0; k < within.length; k++) {
                within[k] += some.within()[row] >> k & 1;
            }
            for (var j = 0; j < observations.size(); j++) {
                observations.add(j, seen[row * observations.size() + j]);
            }
            longest = Math.max(longest, some.steps()[row] + 1);
            withoutProbability += Double.isNaN(some.logProbabilities()[row]) ? 1 : 0;
        }
        steps += some.rows();
    }

    /** Adds what another state has seen. */
    public LogShape merge(LogShape other) {
        for (var k = 0; k < within.length; k++) {
            within[k] += other.within[k];
        }
        observations.merge(other.observations);
        steps += other.steps;
        withoutProbability += other.withoutProbability;
        longest = Math.max(longest, other.longest);
        return this;
    }

    /** How many steps there are. */
    public long steps() {
        return steps;
    }

    /** How many of them are in episodes of set {@code k}. */
    public long stepsWithin(int k) {
        return within[k];
    }

    /** How many of them have no probability of their action. */
    public long withoutProbability() {
        return withoutProbability;
    }

    /** How many steps the longest episode has. */
    public long longest() {
        return longest;
    }

    /** Standardises what was seen. */
    public Scaler scaler() {
        var mean = new ArrayList<Double>();
        var deviation = new ArrayList<Double>();
        for (var j = 0; j < observations.size(); j++) {
            mean.add(observations.mean(j));
            deviation.add(observations.standardDeviation(j));
        }
        return new Scaler(mean, deviation, EPSILON);
    }
}
