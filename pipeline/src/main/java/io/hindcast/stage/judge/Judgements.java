package io.hindcast.stage.judge;

import io.hindcast.judge.Convergence;
import io.hindcast.judge.Difference;
import io.hindcast.judge.Estimate;
import io.hindcast.judge.Estimator;
import io.hindcast.judge.EstimatorName;
import io.hindcast.judge.FirstPass;
import io.hindcast.judge.FittedValues;
import io.hindcast.judge.Gain;
import io.hindcast.judge.Judgement;
import io.hindcast.judge.Judgement.Use;
import io.hindcast.judge.LowerBoundName;
import io.hindcast.judge.Need;
import io.hindcast.judge.RatioFeatures;
import io.hindcast.judge.Slope;
import io.hindcast.judge.ValueScore;
import io.hindcast.judge.policy.JudgedPolicy;
import io.hindcast.judge.policy.PolicyErrors;
import io.hindcast.judge.policy.PolicyValues;
import io.hindcast.stage.judge.JudgeConfig.OwnEpisodes;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Makes judgements of what two passes have seen.
 *
 * @param probabilities where those of logged actions come from, in words
 * @param features of states and actions; null if no estimator asks for them
 * @param reference the place of the policy that all are compared with
 */
record Judgements(
        JudgeConfig config,
        List<EstimatorName> names,
        List<Candidate> candidates,
        String probabilities,
        @Nullable RatioFeatures features,
        int reference) {
    private static final double ROUNDING = 1e-12;

    /** The estimators of all passes; a name with a parameter has one for each value of it. */
    List<Estimator> estimators() {
        return names.stream()
                .flatMap(name -> name.candidates(config.tail(), features).stream())
                .toList();
    }

    List<Judgement> judgements(PolicyValues values, PolicyErrors errors) {
        var judgements = new ArrayList<Judgement>();
        var wrong = values.objection().orElse(null);
        for (var group : values.groups()) {
            var passes = values.of(group);
            var logged = errors.logged(group);
            var scores = errors.scores();
            var bounds = values.lowerBounds(group, alpha());
            for (var p = 0; p < candidates.size(); p++) {
                var estimates = errors.estimates(group, p, config.confidence());
                var from = 0;
                for (var name : names) {
                    var to = from + name.candidates(config.tail(), features).size();
                    var chosen = from
                            + (to - from == 1 ? 0 : Slope.choose(estimates.subList(from, to), config.confidence()));
                    judgements.add(judgement(
                            group,
                            p,
                            passes.get(p),
                            chosen,
                            estimates.get(chosen),
                            logged,
                            errors.difference(group, p, chosen, estimates.get(chosen), config.confidence()),
                            errors.gain(
                                    group, p, chosen, candidates.get(reference).name()),
                            group.isEmpty() ? scores.get(p) : ValueScore.NONE,
                            bounds[p],
                            wrong));
                    from = to;
                }
            }
        }
        return judgements;
    }

    private Judgement judgement(
            List<String> group,
            int p,
            FirstPass first,
            int estimator,
            Estimate estimate,
            Estimate logged,
            Difference difference,
            Gain gain,
            ValueScore score,
            double certain,
            @Nullable String wrong) {
        // A bound by weights says nothing of what a model or features add.
        var needs = estimators().get(estimator).needs();
        var isCertain = !Double.isNaN(certain) && needs.contains(Need.WEIGHTS) && !needs.contains(Need.MODEL);
        var candidate = candidates.get(p);
        var leftOut = new TreeMap<>(first.leftOut(estimator));
        var refusal = refusal(candidate, first, estimator, leftOut, estimate, logged, wrong);
        var objection = refusal == null ? objection(estimate) : refusal;
        var isBoundAlone = objection != null && refusal == null && isCertain && boundStands(first, certain);
        return new Judgement(
                candidate.name(),
                candidate.run(),
                candidate.step(),
                estimate.name(),
                JudgeConfig.inWords(config.by(), group),
                isBoundAlone ? estimate.withoutIntervals() : estimate,
                logged.value(),
                isBoundAlone ? Difference.NONE : difference,
                isBoundAlone ? Gain.none(gain.over()) : gain,
                isCertain ? certain : estimate.lowerBound(alpha()),
                (isCertain ? config.bounds().method() : LowerBoundName.STUDENT_T).word(),
                score,
                first.weights(),
                leftOut,
                nuisances(candidate, estimator),
                isBoundAlone ? Use.LOWER_BOUND : Use.unless(objection),
                isBoundAlone ? "only its lower bound can be relied upon: " + objection : objection);
    }

    /** Whether a bound that was asked for holds however few episodes there are, and says more than what was known beforehand. */
    private boolean boundStands(FirstPass first, double bound) {
        return config.lowerBound() != null
                && config.lowerBound().holdsAlways()
                && bound > config.bounds().least()
                && first.weights().doubt().isEmpty();
    }

    /** Each policy has its share of the chance to be wrong. */
    private double alpha() {
        return (1 - config.confidence()) / candidates.size();
    }

    private String nuisances(Candidate candidate, int estimator) {
        var needs = estimators().get(estimator).needs();
        var words = new ArrayList<String>();
        if (needs.contains(Need.WEIGHTS) && !(candidate.policy() instanceof JudgedPolicy.Behaviour)) {
            words.add(probabilities);
        }
        if (needs.contains(Need.MODEL)) {
            candidate.models().forEach(model -> words.add(model.inWords()));
        }
        if (needs.contains(Need.FEATURES)) {
            words.add("ratios that are linear in "
                    + Objects.requireNonNull(features).size() + " features");
        }
        return words.isEmpty() ? "none" : String.join("; ", words);
    }

    /** Why nothing of it may be used, however many episodes there were; null if it may. */
    private @Nullable String refusal(
            Candidate candidate,
            FirstPass first,
            int estimator,
            Map<Need, Long> leftOut,
            Estimate estimate,
            Estimate logged,
            @Nullable String wrong) {
        if (estimate.episodes() == 0) {
            return first.episodes() == 0
                    ? "there are no episodes"
                    : "all " + first.episodes() + " episodes are left out: "
                            + leftOut.keySet().stream()
                                    .map(lack -> why(candidate, lack))
                                    .collect(Collectors.joining("; "));
        }
        var learned = first.learnedFrom();
        if (learned > 0 && config.ownEpisodes() == OwnEpisodes.REFUSE) {
            return "it learned from " + (learned == first.episodes() ? "" : learned + " of ")
                    + "the episodes that it is judged by; curate a split, train on one part and judge by the other"
                    + " (judge.subset)";
        }
        var needs = estimators().get(estimator).needs();
        if (needs.contains(Need.WEIGHTS) && !(candidate.policy() instanceof JudgedPolicy.Behaviour)) {
            var noWeights = Optional.ofNullable(wrong).or(first.weights()::never);
            if (noWeights.isPresent()) {
                return noWeights.get();
            }
        }
        return needs.contains(Need.MODEL)
                ? moving(
                        candidate,
                        Convergence.allowed(
                                estimate.value(), Math.max(estimate.standardError(), logged.standardError())))
                : null;
    }

    /** Why its value and interval cannot be relied upon; null if they can. */
    private static @Nullable String objection(Estimate estimate) {
        // An interval of no width is not a sure one: a reward that is rare may just not have come.
        return estimate.standardError() <= ROUNDING * Math.abs(estimate.value())
                ? "all episodes tell the same, and so nothing of how much others may differ"
                : estimate.objection();
    }

    /** Why a model is not to be leaned on yet; null if it may be. */
    private static @Nullable String moving(Candidate candidate, double allowed) {
        var rest = candidate.models().stream()
                .mapToDouble(FittedValues::rest)
                .max()
                .orElse(0);
        return rest > allowed
                ? String.format(
                        Locale.ROOT,
                        "its model has not come to rest: what it says of first states may still move by %.3g, and %.3g would"
                                + " do no harm; give it more updates (judge.models.updates), or a discount below 1",
                        rest,
                        allowed)
                : null;
    }

    private String why(Candidate candidate, Need lack) {
        if (lack == Need.MODEL) {
            return whyNoModel(candidate);
        }
        if (lack == Need.FEATURES && candidate.policy() instanceof JudgedPolicy.Behaviour) {
            return "what logged needs no ratio";
        }
        if (lack != Need.WEIGHTS) {
            return lack.lack();
        }
        if (candidate.policy() instanceof JudgedPolicy.Logged logged) {
            return "the log has no probabilities of its actions (behaviour_log_prob), or its column " + logged.column()
                    + " has no number";
        }
        return candidate.policy() instanceof JudgedPolicy.Trained
                ? "the log has no probabilities of its actions (behaviour_log_prob), or the policy has none of its own"
                        + " (judge.actions = sampled or judge.noise above 0 gives it some)"
                : "the log has no probabilities of its actions (behaviour_log_prob)";
    }

    private String whyNoModel(Candidate candidate) {
        if (candidate.policy() instanceof JudgedPolicy.Behaviour) {
            return "what logged needs no model";
        }
        if (!candidate.models().isEmpty()) {
            return "the runs that learned its values did so from these episodes; they must learn from others";
        }
        if (candidate.policy() instanceof JudgedPolicy.Exported) {
            return "values of a policy in an ONNX file are not learned; name its run (run = OUT/checkpoints/RUN_ID)";
        }
        if (Fits.judged(candidate.policy()).isEmpty()) {
            return "values of a policy that is known of logged actions only cannot be learned";
        }
        return config.models() == null
                ? "no run has learned its values (add judge.models { }, or train learner = fqe, of the same policy and"
                        + " judge.discount)"
                : "the runs that were to learn its values did not finish";
    }
}
