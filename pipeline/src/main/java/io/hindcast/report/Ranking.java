package io.hindcast.report;

import static java.util.stream.Collectors.groupingBy;

import io.hindcast.judge.FittedValues;
import io.hindcast.judge.Judgement;
import io.hindcast.report.chart.Numbers;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Policies in the order in which they can be trusted to be good: by lower bound, of one estimator; behind those that the log can tell
 * of stand the others, by value. The value of the model alone counts as low as the lowest of a policy's models says, less what that may
 * still move by: models differ most where nothing was logged, and the policy that looks best is often one of which a model says too much.
 *
 * @param estimator the one that tells of most policies; where none tells of two, the model alone, if there is one
 * @param places what it says of each, by all episodes
 * @param values what each is compared by with what was played, in the order of the places: the estimate, or what that counts for
 */
public record Ranking(String estimator, List<Judgement> places, List<Double> values) {
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
            "marginal-ratio",
            "magic",
            "dm");

    /**
     * Of at least one judgement by all episodes.
     *
     * @param fitted the models that they lean on
     */
    public static Ranking of(List<Judgement> judgements, List<FittedValues> fitted) {
        var all = judgements.stream()
                .filter(judgement -> judgement.group() == null)
                .toList();
        var estimator = all.stream()
                .map(Judgement::estimator)
                .distinct()
                .min(Comparator.comparing((String name) -> -told(all, name)).thenComparing(PREFERRED::indexOf))
                .orElseThrow();
        var models = fitted.stream()
                .filter(model -> Double.isFinite(model.value()))
                .collect(groupingBy(model -> name(model.policy(), model.step())));
        var places = all.stream()
                .filter(judgement -> judgement.estimator().equals(estimator))
                .sorted(Comparator.comparing((Judgement judgement) -> !judgement.isUsable())
                        .thenComparing(judgement -> -rank(judgement, models)))
                .toList();
        return new Ranking(
                estimator,
                places,
                places.stream().map(place -> value(place, models)).toList());
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

    private static double rank(Judgement judgement, Map<String, List<FittedValues>> models) {
        if (judgement.isUsable()) {
            return judgement.lowerBound();
        }
        var value = value(judgement, models);
        return Double.isFinite(value) ? value : -Double.MAX_VALUE;
    }

    private static double value(Judgement judgement, Map<String, List<FittedValues>> models) {
        var value = judgement.estimate().value();
        if (judgement.isUsable() || !judgement.estimator().equals(MODEL_ALONE)) {
            return value;
        }
        // The estimate is what they say on average, each of other episodes.
        var said = models.getOrDefault(name(judgement), List.of());
        var mean = said.stream().mapToDouble(FittedValues::value).average().orElse(0);
        var least = said.stream().mapToDouble(Ranking::least).min().orElse(0);
        return value - (mean - least);
    }

    private static double least(FittedValues model) {
        return model.value() - (Double.isFinite(model.rest()) ? model.rest() : 0);
    }

    /** Whether models alone order policies. */
    boolean isOfModels() {
        return estimator.equals(MODEL_ALONE);
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
        return IntStream.range(0, places.size())
                .mapToObj(i -> {
                    var place = places.get(i);
                    return new Agreement.Told(
                            name(place), Agreement.key(place.run(), place.step()), values.get(i), place.isUsable());
                })
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
        return name(judgement) + ": " + judgement.estimator() + " " + Numbers.plain(estimate.value())
                + (judgement.use() == Judgement.Use.ALL ? ", interval " + interval(judgement) : "") + ", at least "
                + Numbers.plain(judgement.lowerBound()) + " (logged "
                + Numbers.plain(judgement.loggedValue()) + "), effective sample size "
                + Numbers.whole(judgement.weights().effectiveSampleSize()) + " of "
                + Numbers.whole(estimate.episodes())
                + (judgement.reason() == null ? "" : "; " + judgement.reason());
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
        return judgement.use() == Judgement.Use.LOWER_BOUND
                ? Numbers.ABSENT
                : Numbers.range(interval.low(), interval.high());
    }
}
