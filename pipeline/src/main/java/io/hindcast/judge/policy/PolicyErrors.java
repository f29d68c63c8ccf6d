package io.hindcast.judge.policy;

import io.hindcast.judge.Bootstrap;
import io.hindcast.judge.Comparison;
import io.hindcast.judge.Difference;
import io.hindcast.judge.Episode;
import io.hindcast.judge.Estimate;
import io.hindcast.judge.Gain;
import io.hindcast.judge.SecondPass;
import io.hindcast.judge.ValueScore;
import io.hindcast.judge.ValueScores;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.Stream;

/** The second pass of every policy, as {@link PolicyValues} is the first. A state that merges. */
public final class PolicyErrors implements Serializable {
    /** Of a bootstrap without replicates. */
    private static final long[] NO_COUNTS = {};

    private final int behaviour;
    private final int reference;
    private final ValueScores scores;
    private final Bootstrap bootstrap;
    private final TreeMap<String, Group> groups = new TreeMap<>();

    /**
     * @param passes of each policy
     * @param logged of the mean return of what logged
     * @param differences of each policy and estimator, from that
     * @param gains of each policy and estimator over the reference by the same estimator; empty where that is what logged
     */
    private record Group(
            List<SecondPass> passes,
            SecondPass logged,
            List<List<Comparison>> differences,
            List<List<Comparison>> gains)
            implements Serializable {
        void merge(Group other) {
            logged.merge(other.logged);
            for (var p = 0; p < passes.size(); p++) {
                passes.get(p).merge(other.passes.get(p));
            }
            merge(differences, other.differences);
            merge(gains, other.gains);
        }

        private static void merge(List<List<Comparison>> these, List<List<Comparison>> others) {
            for (var p = 0; p < these.size(); p++) {
                for (var e = 0; e < these.get(p).size(); e++) {
                    these.get(p).get(e).merge(others.get(p).get(e));
                }
            }
        }
    }

    PolicyErrors(PolicyValues values, Bootstrap bootstrap, int reference) {
        behaviour = values.behaviour();
        this.reference = reference;
        scores = values.range().second();
        this.bootstrap = bootstrap;
        for (var group : values.groups()) {
            var passes = values.of(group).stream()
                    .map(first -> first.second(bootstrap))
                    .toList();
            var estimators = values.estimators().size();
            groups.put(
                    PolicyValues.key(group),
                    new Group(
                            passes,
                            values.logged(group).second(Bootstrap.NONE),
                            comparisons(passes.size(), estimators),
                            reference == behaviour ? List.of() : comparisons(passes.size(), estimators)));
        }
    }

    private static List<List<Comparison>> comparisons(int policies, int estimators) {
        var all = new ArrayList<List<Comparison>>();
        for (var p = 0; p < policies; p++) {
            all.add(Stream.generate(() -> new Comparison(2)).limit(estimators).toList());
        }
        return all;
    }

    /** Adds an episode of the first pass, as each policy weighs it. */
    public void add(List<String> group, List<Episode> episodes) {
        scores.add(episodes);
        var counts = bootstrap.counts(episodes.get(0).id());
        addTo(PolicyValues.ALL, episodes, counts);
        if (!group.isEmpty()) {
            addTo(group, episodes, counts);
        }
    }

    private void addTo(List<String> name, List<Episode> episodes, long[] counts) {
        var group = group(name);
        var logged = episodes.get(behaviour);
        var earned = group.logged().add(logged, NO_COUNTS)[0];
        var influences = new double[episodes.size()][];
        for (var p = 0; p < episodes.size(); p++) {
            influences[p] = group.passes().get(p).add(episodes.get(p), counts);
            var differences = group.differences().get(p);
            for (var e = 0; e < differences.size() && p != behaviour; e++) {
                differences.get(e).add(new double[] {influences[p][e], earned});
            }
        }
        for (var p = 0; p < group.gains().size(); p++) {
            for (var e = 0; e < influences[p].length && p != reference; e++) {
                group.gains().get(p).get(e).add(new double[] {influences[p][e], influences[reference][e]});
            }
        }
    }

    /** Adds what another state of the same first pass has seen. */
    public PolicyErrors merge(PolicyErrors other) {
        scores.merge(other.scores);
        groups.forEach((key, group) -> group.merge(Objects.requireNonNull(other.groups.get(key))));
        return this;
    }

    /**
     * What each estimator says of a policy by the episodes of a group.
     *
     * @param confidence of the intervals, 0 to 1
     */
    public List<Estimate> estimates(List<String> group, int policy, double confidence) {
        return group(group).passes().get(policy).estimates(confidence);
    }

    /** The mean return of the episodes of a group as they were logged, and its error; NaN if none has all rewards. */
    public Estimate logged(List<String> group) {
        return group(group).logged().estimates(0.5).get(0);
    }

    /**
     * How much more a policy earns than what logged, by the episodes of a group; unknown for what logged itself, and where an estimate
     * leaves episodes out.
     *
     * @param estimate what the estimator says of the policy
     * @param confidence that all such intervals of an estimator hold together, 0 to 1
     */
    public Difference difference(List<String> group, int policy, int estimator, Estimate estimate, double confidence) {
        var groups = group(group);
        var logged = groups.logged().estimates(0.5).get(0);
        if (policy == behaviour || estimate.episodes() != logged.episodes()) {
            return Difference.NONE;
        }
        var value = estimate.value() - logged.value();
        var compared = Math.max(1, groups.passes().size() - 1);
        var interval = groups.differences().get(policy).get(estimator).interval(value, 0, 1, confidence, compared);
        return Double.isNaN(interval.low()) ? Difference.NONE : new Difference(value, interval);
    }

    /**
     * How much more a policy earns than the reference, by an estimator; unknown of the reference itself, and where the two are estimated
     * by other episodes.
     *
     * @param over the name of the reference
     */
    public Gain gain(List<String> group, int policy, int estimator, String over) {
        var groups = group(group);
        var isLogged = reference == behaviour;
        var own = estimates(group, policy, 0.5).get(estimator);
        var other = isLogged ? logged(group) : estimates(group, reference, 0.5).get(estimator);
        if (policy == reference || own.episodes() != other.episodes()) {
            return Gain.none(over);
        }
        var comparison =
                (isLogged ? groups.differences() : groups.gains()).get(policy).get(estimator);
        return new Gain(over, own.value() - other.value(), comparison.standardError(0, 1), comparison.skewness(0, 1));
    }

    /** How far what models say of the policies contradicts the log, by all episodes. */
    public List<ValueScore> scores() {
        return scores.scores(group(PolicyValues.ALL).passes().size());
    }

    private Group group(List<String> name) {
        return Objects.requireNonNull(groups.get(PolicyValues.key(name)));
    }
}
