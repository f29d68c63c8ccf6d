package io.hindcast.judge.policy;

import io.hindcast.judge.Bootstrap;
import io.hindcast.judge.Episode;
import io.hindcast.judge.Estimate;
import io.hindcast.judge.SecondPass;
import java.io.Serializable;
import java.util.List;
import java.util.Objects;
import java.util.TreeMap;

/** The second pass of every policy, as {@link PolicyValues} is the first. A state that merges. */
public final class PolicyErrors implements Serializable {
    private final TreeMap<String, List<SecondPass>> groups = new TreeMap<>();

    PolicyErrors(PolicyValues values, Bootstrap bootstrap) {
        for (var group : values.groups()) {
            groups.put(
                    PolicyValues.key(group),
                    values.of(group).stream()
                            .map(first -> first.second(bootstrap))
                            .toList());
        }
    }

    /** Adds an episode of the first pass, as each policy weighs it. */
    public void add(List<String> group, List<Episode> episodes) {
        addTo(PolicyValues.ALL, episodes);
        if (!group.isEmpty()) {
            addTo(group, episodes);
        }
    }

    private void addTo(List<String> group, List<Episode> episodes) {
        var passes = passes(group);
        for (var p = 0; p < passes.size(); p++) {
            passes.get(p).add(episodes.get(p));
        }
    }

    /** Adds what another state of the same first pass has seen. */
    public PolicyErrors merge(PolicyErrors other) {
        groups.forEach((key, passes) -> {
            var others = Objects.requireNonNull(other.groups.get(key));
            for (var p = 0; p < passes.size(); p++) {
                passes.get(p).merge(others.get(p));
            }
        });
        return this;
    }

    /**
     * What each estimator says of a policy by the episodes of a group.
     *
     * @param confidence of the intervals, 0 to 1
     */
    public List<Estimate> estimates(List<String> group, int policy, double confidence) {
        return passes(group).get(policy).estimates(confidence);
    }

    private List<SecondPass> passes(List<String> group) {
        return Objects.requireNonNull(groups.get(PolicyValues.key(group)));
    }
}
