package io.hindcast.data;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * {@link Moments} of every quantity of a dataset, an entry of a vector each on its own: a state that merges. Not for several
 * threads.
 */
public final class DatasetStats implements Serializable {
    private static final long serialVersionUID = 1L;

    private final TreeMap<String, ArrayList<Moments>> moments = new TreeMap<>();

    /** Adds one transition. */
    public DatasetStats add(Transition transition) {
        add("observation", transition.observation());
        if (transition.action() instanceof Action.Vector vector) {
            add("action", vector.values());
        } else if (transition.action() instanceof Action.Index index) {
            add("action_index", 0, Moments.of(index.index()));
        }
        add("reward", 0, Moments.of(transition.reward()));
        add("terminated", 0, Moments.of(transition.terminated() ? 1 : 0));
        add("truncated", 0, Moments.of(transition.truncated() ? 1 : 0));
        if (transition.behaviourLogProb() != null) {
            add("behaviour_log_prob", 0, Moments.of(transition.behaviourLogProb()));
            add("propensity", 0, Moments.of(Math.exp(transition.behaviourLogProb())));
        }
        return this;
    }

    /** Adds one episode. */
    public DatasetStats addEpisode(double episodeReturn, long length) {
        add("episode_return", 0, Moments.of(episodeReturn));
        add("episode_length", 0, Moments.of((double) length));
        return this;
    }

    /** Adds what another state has seen. */
    public DatasetStats merge(DatasetStats other) {
        other.moments.forEach((name, dimensions) -> {
            for (var i = 0; i < dimensions.size(); i++) {
                add(name, i, dimensions.get(i));
            }
        });
        return this;
    }

    /** By name, as in the table {@code dataset_stats}: one entry a dimension. */
    public Map<String, List<Moments>> moments() {
        return Collections.unmodifiableMap(new TreeMap<>(moments));
    }

    /** The moments of a single number; those of nothing if it never occurred. */
    public Moments of(String name) {
        var dimensions = moments.get(name);
        return dimensions == null ? Moments.EMPTY : dimensions.get(0);
    }

    private void add(String name, float[] values) {
        for (var i = 0; i < values.length; i++) {
            add(name, i, Moments.of(values[i]));
        }
    }

    private void add(String name, int dimension, Moments more) {
        var dimensions = moments.computeIfAbsent(name, key -> new ArrayList<>());
        if (dimension == dimensions.size()) {
            dimensions.add(more);
        } else {
            dimensions.set(dimension, dimensions.get(dimension).merge(more));
        }
    }
}
