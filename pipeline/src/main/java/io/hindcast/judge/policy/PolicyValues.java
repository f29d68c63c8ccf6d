package io.hindcast.judge.policy;

import io.hindcast.config.UserException;
import io.hindcast.judge.Bootstrap;
import io.hindcast.judge.Episode;
import io.hindcast.judge.Estimator;
import io.hindcast.judge.FirstPass;
import io.hindcast.judge.Is;
import io.hindcast.judge.LoggedChances;
import io.hindcast.judge.LowerBound;
import io.hindcast.judge.LowerBoundName;
import io.hindcast.judge.Need;
import io.hindcast.judge.ValueScores;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** The first pass of every policy, over all episodes and over those of each group. A state that merges. */
public final class PolicyValues implements JudgedLog.Sink, Serializable {
    /** The group of all episodes. */
    public static final List<String> ALL = List.of();

    /** Each has a state a policy and estimator. */
    private static final int MOST_GROUPS = 1000;

    private static final String SEPARATOR = "\u0000";

    private final int policies;
    private final int behaviour;
    private final List<Estimator> estimators;
    private final Bounds known;
    private final ValueScores.Range range;
    private final TreeMap<String, Group> groups = new TreeMap<>();
    private final LoggedChances chances = new LoggedChances();

    /**
     * How lower bounds are made.
     *
     * @param least a return that no episode is below, known beforehand; NaN if not known
     * @param most one that none is above, likewise
     */
    public record Bounds(LowerBoundName method, double least, double most) implements Serializable {
        private String advice() {
            return method.needsMost()
                    ? "; mend judge.least-return or judge.most-return"
                    : "; give a lower judge.least-return";
        }
    }

    /** Without bounds that need to know more than the log, {@code bounds} is empty. */
    private record Group(List<String> name, List<FirstPass> passes, FirstPass logged, List<LowerBound> bounds)
            implements Serializable {
        void merge(Group other) {
            logged.merge(other.logged);
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
     * @param behaviour which of the policies is the one that logged
     * @param known what lower bounds rest on
     */
    public PolicyValues(int policies, int behaviour, List<Estimator> estimators, Bounds known) {
        this.policies = policies;
        this.behaviour = behaviour;
        this.estimators = List.copyOf(estimators);
        this.known = known;
        range = new ValueScores.Range(policies);
    }

    /**
     * Adds an episode, as each policy weighs it.
     *
     * @throws UserException if it earned what was said to be impossible, or there are too many groups
     */
    @Override
    public void add(List<String> name, List<Episode> episodes) {
        var group = group(name);
        group.logged().add(episodes.get(behaviour));
        range.add(episodes);
        for (var p = 0; p < policies; p++) {
            var episode = episodes.get(p);
            group.passes().get(p).add(episode);
            if (!group.bounds().isEmpty() && episode.has(Need.WEIGHTS) && episode.has(Need.REWARDS)) {
                try {
                    group.bounds().get(p).add(episode);
                } catch (IllegalArgumentException e) {
                    throw new UserException(e.getMessage() + known.advice());
                }
            }
        }
    }

    @Override
    public void chosen(int action, double log) {
        chances.add(action, log);
    }

    /** What is wrong with the logged probabilities, whatever policy is judged; empty if nothing. */
    public Optional<String> objection() {
        return chances.objection();
    }

    /** Adds what another state of the same policies and estimators has seen. */
    public PolicyValues merge(PolicyValues other) {
        chances.merge(other.chances);
        other.groups.values().forEach(group -> group(group.name()).merge(group));
        range.merge(other.range);
        return this;
    }

    private Group group(List<String> name) {
        var group = groups.computeIfAbsent(key(name), key -> fresh(name));
        if (groups.size() > MOST_GROUPS) {
            throw new UserException(
                    "Cannot use judge.by: episodes are in more than " + MOST_GROUPS
                            + " groups, and each has estimates of its own; group by columns of fewer values, or judge by a subset");
        }
        return group;
    }

    private Group fresh(List<String> name) {
        var passes = new ArrayList<FirstPass>();
        var bounds = new ArrayList<LowerBound>();
        for (var p = 0; p < policies; p++) {
            passes.add(new FirstPass(estimators));
            known.method().state(known.least(), known.most()).ifPresent(bounds::add);
        }
        return new Group(List.copyOf(name), passes, new FirstPass(List.of(new Is())), bounds);
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

    /** Which policy logged. */
    int behaviour() {
        return behaviour;
    }

    /** Of the policies that have a model. */
    ValueScores.Range range() {
        return range;
    }

    List<Estimator> estimators() {
        return estimators;
    }

    /** Of what logged: what importance sampling says of it is the mean return. */
    FirstPass logged(List<String> group) {
        return whole(group).logged();
    }

    /** The passes of each policy over the episodes of a group, {@code [policies]}. */
    public List<FirstPass> of(List<String> group) {
        return whole(group).passes();
    }

    /**
     * What each policy's value lies below with chance {@code alpha} at most, {@code [policies]}; NaN where bounds are those of Student's
     * t, which estimates have themselves.
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
        return second(bootstrap, behaviour);
    }

    /** The same, which also compares every policy with {@code reference}, one of them. */
    public PolicyErrors second(Bootstrap bootstrap, int reference) {
        return new PolicyErrors(this, bootstrap, reference);
    }
}
