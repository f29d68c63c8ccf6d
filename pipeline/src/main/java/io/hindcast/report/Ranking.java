package io.hindcast.report;

import io.hindcast.judge.Judgement;
import io.hindcast.report.chart.Numbers;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Policies in the order in which they can be trusted to be good: by lower bound, of one estimator; behind those that the log can tell
 * of stand the others, by value.
 *
 * @param estimator the one that tells of most policies; where none tells of two, the model alone, if there is one
 * @param places what it says of each, by all episodes
 */
public record Ranking(String estimator, List<Judgement> places) {
    private static final String MODEL_ALONE = "dm";
    private static final double MORE_THAN_ONE = 1.5;

    /** Of estimators that tell of as many policies the earlier one here is taken. */
    private static final List<String> PREFERRED = List.of(
            "wdr",
            "dr",
            "dr-os",
            "switch-dr",
            "sub-gaussian-dr",
            "wpdis",
            "wis",
            "pdis",
            "is",
            "sub-gaussian",
            "clipped-ips",
            "magic",
            "dm");

    /** Of at least one judgement by all episodes. */
    public static Ranking of(List<Judgement> judgements) {
        var all = judgements.stream()
                .filter(judgement -> judgement.group() == null)
                .toList();
        var estimator = all.stream()
                .map(Judgement::estimator)
                .distinct()
                .min(Comparator.comparing((String name) -> -told(all, name)).thenComparing(PREFERRED::indexOf))
                .orElseThrow();
        return new Ranking(
                estimator,
                all.stream()
                        .filter(judgement -> judgement.estimator().equals(estimator))
                        .sorted(Comparator.comparing((Judgement judgement) -> !judgement.isUsable())
                                .thenComparing(judgement -> -rank(judgement)))
                        .toList());
    }

    /** Of how many policies an estimator tells. What logged is always told of, so that one alone is no order. */
    private static double told(List<Judgement> judgements, String estimator) {
        var ofIt = judgements.stream()
                .filter(judgement -> judgement.estimator().equals(estimator))
                .toList();
        var usable = ofIt.stream().filter(Judgement::isUsable).count();
        if (usable > 1) {
            return usable;
        }
        var isModel = estimator.equals(MODEL_ALONE)
                && ofIt.stream()
                        .anyMatch(judgement ->
                                Double.isFinite(judgement.estimate().value()));
        return isModel ? MORE_THAN_ONE : usable;
    }

    private static double rank(Judgement judgement) {
        if (judgement.isUsable()) {
            return judgement.lowerBound();
        }
        var value = judgement.estimate().value();
        return Double.isFinite(value) ? value : -Double.MAX_VALUE;
    }

    /** Those that have a score, the one first whose model contradicts the log least. */
    List<Judgement> scored() {
        return places.stream()
                .filter(judgement -> judgement.score().isKnown())
                .sorted(Comparator.comparingDouble(
                        judgement -> judgement.score().lstdTournament()))
                .toList();
    }

    /** What it says of each policy, for those who compare. */
    public List<Agreement.Told> told() {
        return places.stream()
                .map(place -> new Agreement.Told(
                        name(place),
                        Agreement.key(place.run(), place.step()),
                        place.estimate().value(),
                        place.isUsable()))
                .toList();
    }

    /** A line each, in ASCII alone. */
    public List<String> lines() {
        return places.stream().map(place -> Numbers.ascii(line(place))).toList();
    }

    private static String line(Judgement judgement) {
        var estimate = judgement.estimate();
        if (!judgement.isUsable()) {
            return name(judgement) + ": not usable"
                    + (Double.isFinite(estimate.value())
                            ? " (" + judgement.estimator() + " " + Numbers.plain(estimate.value()) + ")"
                            : "")
                    + ": " + judgement.reason();
        }
        return name(judgement) + ": " + judgement.estimator() + " " + Numbers.plain(estimate.value()) + ", interval "
                + interval(judgement) + ", at least " + Numbers.plain(judgement.lowerBound()) + " (logged "
                + Numbers.plain(judgement.loggedValue()) + "), effective sample size "
                + Numbers.whole(judgement.weights().effectiveSampleSize()) + " of "
                + Numbers.whole(estimate.episodes());
    }

    /** What a policy is called, with its updates if it is of a run. */
    static String name(Judgement judgement) {
        return name(judgement.policy(), judgement.step());
    }

    /** The same of a policy by name. */
    public static String name(String policy, @Nullable Long step) {
        return policy + (step == null ? "" : " after " + Numbers.whole(step) + " updates");
    }

    /** The same without its updates where every policy has one checkpoint. */
    String label(Judgement judgement) {
        var isOneEach = places.stream().map(Judgement::policy).distinct().count() == places.size();
        return isOneEach ? judgement.policy() : name(judgement);
    }

    /** Where the value lies. */
    static String interval(Judgement judgement) {
        var interval = judgement.estimate().interval();
        return Numbers.range(interval.low(), interval.high());
    }
}
