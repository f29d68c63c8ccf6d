package io.hindcast.judge.policy;

import io.hindcast.config.UserException;
import io.hindcast.judge.Bootstrap;
import io.hindcast.judge.ClippedBernstein;
import io.hindcast.judge.Episode;
import io.hindcast.judge.Estimator;
import io.hindcast.judge.FirstPass;
import io.hindcast.judge.Need;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The first pass of every policy, over all episodes and over those of each group. A state that merges. */
public final class PolicyValues implements Serializable {
    /** The group of all episodes. */
    public static final List<String> ALL = List.of();

    /** In units of weighted return; chosen before any episode is seen. */
    private static final List<Double> CLIPS =
            List.of(1e-3, 1e-2, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0, 100.0, 300.0, 1e3, 1e4, 1e5, 1e6);

    private static final String SEPARATOR = "\u0000";

    private final int policies;
    private final List<Estimator> estimators;
    private final @Nullable Double leastReturn;
    private final TreeMap<String, Group> groups = new TreeMap<>();

    private record Group(List<String> name, List<FirstPass> passes, List<ClippedBernstein> bounds)
            implements Serializable {
        void merge(Group other) {
            for (var p = 0; p < passes.size(); p++) {
                passes.get(p).merge(other.passes.get(p));
            }
            for (var p = 0; p < bounds.size(); p++) {
                bounds.get(p).merge(other.bounds.get(p));
            }
        }
    }

    /**
     * The state of no episodes.
     *
     * @param leastReturn a return that no episode is below, known beforehand, for bounds that hold for any number of episodes; null:
     *     none are made
     */
    public PolicyValues(int policies, List<Estimator> estimators, @Nullable Double leastReturn) {
        this.policies = policies;
        this.estimators = List.copyOf(estimators);
        this.leastReturn = leastReturn;
    }

    /**
     * Adds an episode, as each policy weighs it.
     *
     * @throws UserException if its return is below the least one
     */
    public void add(List<String> name, List<Episode> episodes) {
        var group = group(name);
        for (var p = 0; p < policies; p++) {
            var episode = episodes.get(p);
            group.passes().get(p).add(episode);
            if (leastReturn != null && episode.has(Need.WEIGHTS) && episode.has(Need.REWARDS)) {
                try {
                    group.bounds().get(p).add(episode);
                } catch (IllegalArgumentException e) {
                    throw new UserException(e.getMessage() + "; give a lower judge.least-return");
                }
            }
        }
    }

    /** Adds what another state of the same policies and estimators has seen. */
    public PolicyValues merge(PolicyValues other) {
        other.groups.values().forEach(group -> group(group.name()).merge(group));
        return this;
    }

    private Group group(List<String> name) {
        return groups.computeIfAbsent(key(name), key -> fresh(name));
    }

    private Group fresh(List<String> name) {
        var passes = new ArrayList<FirstPass>();
        var bounds = new ArrayList<ClippedBernstein>();
        for (var p = 0; p < policies; p++) {
            passes.add(new FirstPass(estimators));
            if (leastReturn != null) {
                bounds.add(new ClippedBernstein(leastReturn, CLIPS));
            }
        }
        return new Group(List.copyOf(name), passes, bounds);
    }

    private Group whole(List<String> name) {
        if (!name.isEmpty()) {
            return group(name);
        }
        var whole = fresh(ALL);
        groups.values().forEach(whole::merge);
        return whole;
    }

    /** What stands for a group where groups are sorted. */
    static String key(List<String> group) {
        // One of a single empty value is not that of all episodes.
        return group.stream().map(value -> SEPARATOR + value).collect(Collectors.joining());
    }

    /** The groups, sorted: that of all episodes first. */
    public List<List<String>> groups() {
        var names = new ArrayList<List<String>>();
        names.add(ALL);
        groups.values().stream()
                .map(Group::name)
                .filter(name -> !name.isEmpty())
                .forEach(names::add);
        return names;
    }

    /** The passes of each policy over the episodes of a group, {@code [policies]}. */
    public List<FirstPass> of(List<String> group) {
        return whole(group).passes();
    }

    /**
     * What each policy's value lies below with chance {@code alpha} at most, whatever number of episodes there is, {@code [policies]};
     * NaN without a least return.
     */
    public double[] lowerBounds(List<String> group, double alpha) {
        var bounds = whole(group).bounds();
        var lower = new double[policies];
        for (var p = 0; p < policies; p++) {
            lower[p] = bounds.isEmpty() ? Double.NaN : bounds.get(p).lower(alpha);
        }
        return lower;
    }

    /** The second pass, over the same episodes. */
    public PolicyErrors second(Bootstrap bootstrap) {
        return new PolicyErrors(this, bootstrap);
    }
}
