package io.hindcast.report;

import io.hindcast.config.Json;
import io.hindcast.judge.Estimate.Interval;
import io.hindcast.judge.FittedClone;
import io.hindcast.judge.FittedValues;
import io.hindcast.judge.Judgement;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** What policies are worth by a log, for programs; what is not known is null. */
public final class JudgeJson {
    private JudgeJson() {}

    /**
     * An object with the keys {@code estimates} (one entry a policy, estimator and group), {@code ranking} (policies, the one with the
     * greatest lower bound first, those that the log cannot tell of last), {@code scores} of models (where two or more policies have
     * one), {@code agreement} with what was played (where two or more policies were), {@code models} and {@code clones} that estimates
     * lean on, and {@code provenance}.
     */
    public static String json(
            List<Judgement> judgements,
            Ranking ranking,
            Optional<Agreement> agreement,
            Fitted fitted,
            Map<String, String> provenance) {
        var root = new LinkedHashMap<String, Object>();
        root.put("estimates", judgements.stream().map(JudgeJson::estimate).toList());
        root.put("ranking", ranking.places().stream().map(JudgeJson::place).toList());
        var scores = scores(ranking);
        if (!scores.isEmpty()) {
            root.put("scores", scores);
        }
        agreement.ifPresent(played -> root.put("agreement", agreement(ranking, played)));
        root.put("models", fitted.values().stream().map(JudgeJson::model).toList());
        root.put("clones", fitted.clones().stream().map(JudgeJson::clone).toList());
        root.put("provenance", provenance);
        return Json.lines(root) + "\n";
    }

    private static Map<String, @Nullable Object> model(FittedValues model) {
        var map = new LinkedHashMap<String, @Nullable Object>();
        map.put("policy", model.policy());
        map.put("step", model.step());
        map.put("run", model.run());
        map.put("learned_from", model.learnedFrom());
        map.put("updates", model.updates());
        map.put("loss", finite(model.loss()));
        map.put("initial_value", finite(model.value()));
        map.put("may_still_move_by", finite(model.rest()));
        return map;
    }

    private static Map<String, @Nullable Object> clone(FittedClone clone) {
        var map = new LinkedHashMap<String, @Nullable Object>();
        map.put("run", clone.run());
        map.put("learned_from", clone.learnedFrom());
        map.put("steps", clone.steps());
        map.put("mean_log_likelihood", finite(clone.logLikelihood()));
        return map;
    }

    private static Map<String, @Nullable Object> agreement(Ranking ranking, Agreement agreement) {
        var map = new LinkedHashMap<String, @Nullable Object>();
        map.put("estimator", ranking.estimator());
        map.put("policies", agreement.pairs());
        map.put("rank_correlation", finite(agreement.rankCorrelation()));
        map.put("regret", finite(agreement.regret()));
        map.put("online", online(agreement));
        return map;
    }

    private static Map<String, @Nullable Object> online(Agreement agreement) {
        var curve = agreement.trials().curve();
        var worth = OnlineTrials.worth(curve, agreement.pairs().get(0).played());
        var map = new LinkedHashMap<String, @Nullable Object>();
        map.put("worth_episodes", worth.isPresent() ? worth.getAsInt() : null);
        map.put(
                "chosen_by_playing",
                curve.stream().filter(chosen -> isRound(chosen.episodes())).toList());
        map.put(
                "best_of",
                IntStream.rangeClosed(1, agreement.pairs().size())
                        .mapToObj(agreement.trials()::bestOf)
                        .toList());
        return map;
    }

    /** 1, 2, 5, 10, 20, ... */
    private static boolean isRound(int number) {
        return String.valueOf(number).matches("[125]0*");
    }

    private static List<Map<String, @Nullable Object>> scores(Ranking ranking) {
        return ranking.scored().stream()
                .map(judgement -> {
                    var map = policy(judgement);
                    map.put("lstd_tournament", finite(judgement.score().lstdTournament()));
                    map.put("bvft", finite(judgement.score().bvft()));
                    return map;
                })
                .toList();
    }

    private static Map<String, @Nullable Object> place(Judgement judgement) {
        var map = policy(judgement);
        map.put("estimator", judgement.estimator());
        map.put("value", finite(judgement.estimate().value()));
        map.put("lower_bound", finite(judgement.lowerBound()));
        map.put("usable", judgement.isUsable());
        return map;
    }

    private static Map<String, @Nullable Object> policy(Judgement judgement) {
        var map = new LinkedHashMap<String, @Nullable Object>();
        map.put("policy", judgement.policy());
        map.put("run", judgement.run());
        map.put("step", judgement.step());
        return map;
    }

    private static Map<String, @Nullable Object> estimate(Judgement judgement) {
        var estimate = judgement.estimate();
        var map = policy(judgement);
        map.put("estimator", judgement.estimator());
        map.put("group", judgement.group());
        map.put("value", finite(estimate.value()));
        map.put("logged_value", finite(judgement.loggedValue()));
        map.put("difference", finite(judgement.difference().value()));
        map.put("difference_interval", interval(judgement.difference().interval()));
        map.put("std_error", finite(estimate.standardError()));
        map.put("interval", interval(estimate.interval()));
        map.put("lower_bound", finite(judgement.lowerBound()));
        map.put("lower_bound_method", judgement.lowerBoundMethod());
        map.put("effective_sample_size", finite(judgement.weights().effectiveSampleSize()));
        map.put("episodes", estimate.episodes());
        map.put("usable", judgement.isUsable());
        map.put("reason", judgement.reason());
        return map;
    }

    private static List<@Nullable Double> interval(Interval interval) {
        var ends = new ArrayList<@Nullable Double>();
        ends.add(finite(interval.low()));
        ends.add(finite(interval.high()));
        return ends;
    }

    private static @Nullable Double finite(double value) {
        return Double.isFinite(value) ? value : null;
    }
}
