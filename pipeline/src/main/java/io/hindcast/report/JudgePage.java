package io.hindcast.report;

import io.hindcast.judge.Difference;
import io.hindcast.judge.Judgement;
import io.hindcast.report.chart.ForestPlot;
import io.hindcast.report.chart.ForestPlot.Row;
import io.hindcast.report.chart.ForestPlot.Trust;
import io.hindcast.report.chart.Numbers;
import io.hindcast.report.chart.ScatterPlot;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What policies are worth by a log, as a page. */
public final class JudgePage {
    private static final int MANY = 60;

    private final List<Judgement> judgements;
    private final Ranking ranking;
    private final double confidence;
    private final Page page;

    private JudgePage(List<Judgement> judgements, Ranking ranking, double confidence) {
        this.judgements = judgements;
        this.ranking = ranking;
        this.confidence = confidence;
        page = new Page("Policies judged by the log", lead(ranking));
    }

    /**
     * The page, in UTF-8.
     *
     * @param agreement with what was played; empty if nothing was
     * @param confidence of the intervals, 0 to 1
     * @param provenance where everything comes from, as names and values
     */
    public static String html(
            List<Judgement> judgements,
            Ranking ranking,
            Optional<Agreement> agreement,
            double confidence,
            Map<String, String> provenance) {
        return new JudgePage(judgements, ranking, confidence).write(agreement, provenance);
    }

    private static String lead(Ranking ranking) {
        var usable = ranking.places().stream().filter(Judgement::isUsable).toList();
        if (usable.isEmpty()) {
            return "This log cannot tell what any of the policies is worth. The reasons stand below.";
        }
        var best = usable.get(0);
        return "Of " + ranking.places().size() + " policies the log can tell of " + usable.size()
                + ". Surest to be good is " + Ranking.name(best) + ": in an episode it earns "
                + Numbers.plain(best.estimate().value()) + " (" + Ranking.interval(best)
                + "), and at least " + Numbers.plain(best.lowerBound()) + ". What was logged earned "
                + Numbers.plain(best.loggedValue()) + ".";
    }

    private String write(Optional<Agreement> agreement, Map<String, String> provenance) {
        page.heading("What they earn");
        page.figure(new ForestPlot(
                "Estimated return of an episode (" + ranking.estimator() + ", " + Numbers.percent(confidence)
                        + " interval)",
                "return of an episode",
                ranking.places().stream().limit(MANY).map(JudgePage::row).toList(),
                "logged",
                ranking.places().get(0).loggedValue()));
        page.soft("Grey is not usable: the reason stands below. The dashed line is what the logged episodes earned.");
        writeRanking();
        agreement.ifPresent(this::writeAgreement);
        writeRefused();
        writeWeights();
        writeAll();
        writeReading();
        page.heading("Provenance");
        page.out().open("dl");
        provenance.forEach((name, value) -> page.out().leaf("dt", name).leaf("dd", value));
        page.out().close();
        return page.html();
    }

    private static Row row(Judgement judgement) {
        var estimate = judgement.estimate();
        return new Row(
                Ranking.name(judgement),
                estimate.value(),
                estimate.interval().low(),
                estimate.interval().high(),
                judgement.isUsable() ? Trust.USABLE : Trust.NOT_USABLE);
    }

    private void writeRanking() {
        page.heading("Ranking");
        page.soft("By lower bound: what the policy earns at least, allowing for how many policies are compared. More than"
                + " logged: the difference on the same episodes, which is surer than either number; where it lies allows for"
                + " that too.");
        page.table("policy", "#value", "#interval", "#at least", "#logged", "#more than logged", "usable");
        for (var judgement : ranking.places()) {
            page.out().open("tr");
            page.word(Ranking.name(judgement));
            page.number(Numbers.plain(judgement.estimate().value()));
            page.number(Ranking.interval(judgement));
            page.number(Numbers.plain(judgement.lowerBound()));
            page.number(Numbers.plain(judgement.loggedValue()));
            page.number(difference(judgement.difference()));
            page.word(judgement.isUsable() ? "yes" : "no");
            page.out().close();
        }
        page.endTable();
    }

    private static String difference(Difference difference) {
        var interval = difference.interval();
        return Double.isNaN(difference.value())
                ? Numbers.ABSENT
                : Numbers.plain(difference.value()) + " (" + Numbers.plain(interval.low()) + " to "
                        + Numbers.plain(interval.high()) + ")";
    }

    private void writeAgreement(Agreement agreement) {
        page.heading("Compared with what was played");
        var usable = agreement.usable();
        var pairs = agreement.pairs().size();
        page.soft("Of " + pairs + " policies that were played the log can tell of " + usable
                + (usable < pairs ? "; the others are compared too, for interest" : "") + ". Rank correlation "
                + Numbers.plain(agreement.rankCorrelation())
                + " (1: the same order); whoever takes the first of the ranking earns "
                + Numbers.percent(agreement.regret())
                + " of the distance between best and worst less than with the best.");
        page.figure(new ScatterPlot(
                "Estimated and played return",
                "estimated by the log (" + ranking.estimator() + ")",
                "played",
                agreement.pairs().stream()
                        .map(pair -> new ScatterPlot.Point(pair.name(), pair.estimated(), pair.played()))
                        .toList()));
    }

    private void writeRefused() {
        var reasons = new LinkedHashMap<String, String>();
        judgements.stream()
                .filter(judgement -> !judgement.isUsable() && judgement.group() == null)
                .forEach(judgement -> reasons.put(
                        Ranking.name(judgement) + ", " + judgement.estimator(), String.valueOf(judgement.reason())));
        if (reasons.isEmpty()) {
            return;
        }
        page.heading("What the log cannot tell, and why");
        page.out().open("dl");
        reasons.forEach((name, reason) -> page.out().leaf("dt", name).leaf("dd", reason));
        page.out().close();
    }

    private void writeWeights() {
        page.heading("Weights");
        page.soft("An episode counts as often as the policy would have done what was logged in it, compared with what"
                + " logged it. Few large weights mean that few episodes decide. The mean weight is 1 where the policy does"
                + " only what is logged at times.");
        page.table("policy", "#effective sample size", "#of episodes", "#largest share", "#mean weight at the end");
        for (var judgement : ranking.places()) {
            var weights = judgement.weights();
            var mean = weights.mean();
            page.out().open("tr");
            page.word(Ranking.name(judgement));
            page.number(Numbers.plain(weights.effectiveSampleSize()));
            page.number(Numbers.whole(weights.episodes()));
            page.number(Numbers.percent(weights.largestShare()));
            page.number(mean.length == 0 ? Numbers.ABSENT : Numbers.plain(mean[mean.length - 1]));
            page.out().close();
        }
        page.endTable();
    }

    private void writeAll() {
        page.out().open("details").leaf("summary", "Every estimate");
        page.table("policy", "estimator", "group", "#value", "#std error", "#interval", "#episodes", "usable");
        for (var judgement : judgements) {
            var estimate = judgement.estimate();
            page.out().open("tr");
            page.word(Ranking.name(judgement));
            page.word(judgement.estimator());
            page.word(judgement.group() == null ? "all" : judgement.group());
            page.number(Numbers.plain(estimate.value()));
            page.number(Numbers.plain(estimate.standardError()));
            page.number(Ranking.interval(judgement));
            page.number(Numbers.whole(estimate.episodes()));
            page.word(judgement.isUsable() ? "yes" : "no");
            page.out().close();
        }
        page.endTable();
        page.out().close();
    }

    private void writeReading() {
        page.heading("How to read this");
        page.soft("Every number is in units of return. Nothing was played: the logged episodes are weighed so that they"
                + " show what another policy would have earned. That works as far as the log at times does what the"
                + " policy does, and knows how likely it was to do so.");
    }
}
