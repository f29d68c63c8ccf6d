package io.hindcast.report;

import io.hindcast.judge.Difference;
import io.hindcast.judge.FittedClone;
import io.hindcast.judge.FittedValues;
import io.hindcast.judge.Judgement;
import io.hindcast.judge.Judgement.Use;
import io.hindcast.report.chart.ForestPlot;
import io.hindcast.report.chart.ForestPlot.Kind;
import io.hindcast.report.chart.ForestPlot.Row;
import io.hindcast.report.chart.LineChart;
import io.hindcast.report.chart.Numbers;
import io.hindcast.report.chart.Reference;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;

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
        page = new Page("Policies judged by the log", verdict(ranking, confidence));
    }

    /**
     * The page, in UTF-8.
     *
     * @param agreement with what was played; empty if nothing was
     * @param fitted the models that estimates lean on
     * @param confidence of the intervals, 0 to 1
     * @param provenance where everything comes from, as names and values
     */
    public static String html(
            List<Judgement> judgements,
            Ranking ranking,
            Optional<Agreement> agreement,
            Fitted fitted,
            double confidence,
            Map<String, String> provenance) {
        return new JudgePage(judgements, ranking, confidence).write(agreement, fitted, provenance);
    }

    /** What the log says, in a sentence or two. */
    private static String verdict(Ranking ranking, double confidence) {
        var usable = ranking.places().stream().filter(Judgement::isUsable).toList();
        if (usable.isEmpty()) {
            return "This log cannot tell what any of the policies is worth. The reasons stand below.";
        }
        var all = ranking.places().size();
        var refused = all - usable.size();
        var rest = refused == 0
                ? ""
                : " " + refused + " of " + all + " policies cannot be judged by this log: the reasons stand below.";
        var logged = "what was logged earned " + Numbers.plain(usable.get(0).loggedValue());
        // The uniformly random one is asked about where there is no other.
        var best = usable.stream()
                .filter(place -> !place.isBaseline())
                .findFirst()
                .or(() -> usable.stream()
                        .filter(place -> !place.policy().equals(Judgement.BEHAVIOUR))
                        .findFirst());
        if (best.isEmpty()) {
            return "This log cannot tell what any policy but its own is worth: " + logged + " an episode." + rest;
        }
        var name = ranking.label(best.get());
        var least = " earns at least " + Numbers.plain(best.get().lowerBound()) + " an episode ("
                + Numbers.percent(confidence) + " confidence, " + all + " compared), " + logged + ".";
        return (best.get().difference().interval().low() > 0
                        ? name + least
                        : "No policy is sure to earn more than what was logged. The surest of the others is " + name
                                + ": it" + least)
                + rest;
    }

    private String write(Optional<Agreement> agreement, Fitted fitted, Map<String, String> provenance) {
        writeValues();
        writeRanking();
        agreement.ifPresent(this::writeAgreement);
        writeScores();
        writeRefused();
        writeWeights();
        writeModels(fitted.values());
        writeClones(fitted.clones());
        writeAll();
        writeReading();
        page.heading("Provenance");
        page.out().open("dl");
        provenance.forEach((name, value) -> page.out().leaf("dt", name).leaf("dd", value));
        page.out().close();
        return page.html();
    }

    private void writeValues() {
        page.heading("What they earn");
        var logged = ranking.places().get(0).loggedValue();
        page.figure(new ForestPlot(
                "Return of an episode by " + ranking.estimator() + ", " + Numbers.percent(confidence) + " interval",
                "return of an episode",
                shown().stream().map(this::value).toList(),
                Double.isFinite(logged) ? List.of(new Reference("logged", logged)) : List.of()));
        page.soft("Sorted by lower bound. Diamonds: the policy that logged (behaviour) and the uniformly random one"
                + " (uniform). Rings: numbers that this log cannot vouch for; the reasons stand below. Dashes: what the"
                + " logged episodes earned.");
        if (shown().size() < ranking.places().size()) {
            page.soft("Drawn are the first of " + ranking.places().size() + " policies; the table has all.");
        }
    }

    /** Of many policies the first ones, and what all are compared with. */
    private List<Judgement> shown() {
        var places = ranking.places();
        return IntStream.range(0, places.size())
                .filter(i -> i < MANY || places.get(i).isBaseline())
                .mapToObj(places::get)
                .toList();
    }

    private Row value(Judgement judgement) {
        var estimate = judgement.estimate();
        return new Row(
                ranking.label(judgement),
                judgement.use() == Use.ALL ? kind(judgement) : Kind.REFUSED,
                estimate.value(),
                estimate.interval().low(),
                estimate.interval().high(),
                0,
                List.of(),
                switch (judgement.use()) {
                    case ALL -> Numbers.plain(estimate.value()) + " (" + Ranking.interval(judgement) + ")";
                    case LOWER_BOUND -> "at least " + Numbers.plain(judgement.lowerBound());
                    case NOTHING -> "not usable";
                });
    }

    private static String usable(Judgement judgement) {
        return switch (judgement.use()) {
            case ALL -> "yes";
            case LOWER_BOUND -> "the bound";
            case NOTHING -> "no";
        };
    }

    private static Kind kind(Judgement judgement) {
        return judgement.isBaseline() ? Kind.BASELINE : Kind.ESTIMATE;
    }

    private void writeRanking() {
        page.heading("Ranking");
        var over = over();
        page.soft("By lower bound (" + ranking.places().get(0).lowerBoundMethod()
                + "): what the policy earns at least, allowing for how many policies are compared. More than"
                + " logged: the difference on the same episodes, which is surer than either number; where it lies allows for"
                + " that too."
                + over.map(name -> " More than " + name + ": the same of the two policies, with its standard error.")
                        .orElse("")
                + (ranking.isOfModels()
                        ? " Here models alone order them, and a policy counts for what the lowest of its models says, less what"
                                + " that may still move by."
                        : ""));
        var columns = new ArrayList<>(
                List.of("policy", "#value", "#interval", "#at least", "#logged", "#more than logged", "usable"));
        over.ifPresent(name -> columns.add(6, "#more than " + name));
        page.table(columns.toArray(String[]::new));
        for (var judgement : ranking.places()) {
            page.out().open("tr");
            page.word(Ranking.name(judgement));
            page.number(Numbers.plain(judgement.estimate().value()));
            page.number(Ranking.interval(judgement));
            page.number(Numbers.plain(judgement.lowerBound()));
            page.number(Numbers.plain(judgement.loggedValue()));
            page.number(difference(judgement.difference()));
            over.ifPresent(name -> page.number(
                    Numbers.spread(judgement.gain().value(), judgement.gain().standardError())));
            page.word(usable(judgement));
            page.out().close();
        }
        page.endTable();
    }

    /** What all are compared with, where it is not what logged. */
    private Optional<String> over() {
        return ranking.places().stream()
                .map(judgement -> judgement.gain().over())
                .filter(name -> !name.equals(Judgement.BEHAVIOUR))
                .findFirst();
    }

    private static String difference(Difference difference) {
        var interval = difference.interval();
        return Double.isNaN(difference.value())
                ? Numbers.ABSENT
                : Numbers.plain(difference.value()) + " (" + Numbers.range(interval.low(), interval.high()) + ")";
    }

    private void writeScores() {
        var scored = ranking.scored();
        if (scored.isEmpty()) {
            return;
        }
        page.heading("How far models contradict the log");
        page.soft(
                "Scores, no values: the lower, the better does what a model says of its policy fit the log, step by step."
                        + " They tell whose model to believe where no estimate is usable, and nothing of what a policy earns.");
        page.table("policy", "#LSTD tournament", "#BVFT");
        for (var judgement : scored) {
            page.out().open("tr");
            page.word(Ranking.name(judgement));
            page.number(Numbers.plain(judgement.score().lstdTournament()));
            page.number(Numbers.plain(judgement.score().bvft()));
            page.out().close();
        }
        page.endTable();
    }

    private void writeAgreement(Agreement agreement) {
        page.heading("Compared with what was played");
        agreement.writeTo(page, ranking.estimator());
        writeTrials(agreement);
    }

    private void writeTrials(Agreement agreement) {
        var trials = agreement.trials();
        var curve = trials.curve();
        var first = agreement.pairs().get(0);
        var worth = OnlineTrials.worth(curve, first.played());
        page.soft("How many episodes is the ranking worth? "
                + (worth.isPresent()
                        ? "Whoever chooses among these policies by playing them, each next episode that of the most promising one,"
                                + " does as well on average as the first of the ranking after "
                                + Numbers.whole(worth.getAsInt())
                                + (worth.getAsInt() == 1 ? " episode." : " episodes.")
                        : "Whoever chooses among these policies by playing them does not do as well on average as the first of"
                                + " the ranking, not even after " + Numbers.whole(curve.size()) + " episodes.")
                + " The band is one standard deviation over trials. Best of k: any k policies are played out, "
                + Numbers.whole(Math.round(trials.episodesEach())) + " episodes each, and the best is taken.");
        var chosen = curve.stream()
                .map(point -> new LineChart.Point(point.episodes(), point.mean(), point.spread(), 0))
                .toList();
        var best = IntStream.rangeClosed(1, agreement.pairs().size())
                .filter(k -> k * trials.episodesEach() <= curve.size())
                .mapToObj(k -> new LineChart.Point(k * trials.episodesEach(), trials.bestOf(k), Double.NaN, 0))
                .toList();
        page.figure(new LineChart(
                "Chosen by playing, and by the log",
                "episodes played",
                "return of what is chosen",
                LineChart.Size.WIDE,
                List.of(
                        new LineChart.Series("chosen by playing", 0, chosen),
                        new LineChart.Series("best of k", 1, best)),
                List.of(new Reference("first of the ranking", first.played())),
                List.of()));
    }

    /** The policies that cannot be judged at all; and of the other estimators each reason once, with all whom it concerns. */
    private void writeRefused() {
        var refused = ranking.places().stream()
                .filter(judgement -> judgement.use() != Use.ALL)
                .toList();
        var others = new LinkedHashMap<List<String>, List<String>>();
        judgements.stream()
                .filter(judgement -> judgement.use() != Use.ALL && judgement.group() == null)
                .filter(judgement -> !judgement.estimator().equals(ranking.estimator()))
                .forEach(judgement -> others.computeIfAbsent(
                                List.of(judgement.estimator(), String.valueOf(judgement.reason())),
                                reason -> new ArrayList<>())
                        .add(ranking.label(judgement)));
        if (refused.isEmpty() && others.isEmpty()) {
            return;
        }
        page.heading("What the log cannot tell, and why");
        page.out().open("dl");
        refused.forEach(judgement ->
                page.out().leaf("dt", ranking.label(judgement)).leaf("dd", String.valueOf(judgement.reason())));
        page.out().close();
        if (others.isEmpty()) {
            return;
        }
        page.out()
                .open("details")
                .leaf("summary", "Other estimators that are not usable")
                .open("dl");
        others.forEach((reason, names) ->
                page.out().leaf("dt", reason.get(0)).leaf("dd", reason.get(1) + " (" + String.join(", ", names) + ")"));
        page.out().close().close();
    }

    private void writeWeights() {
        page.heading("How much of the log each can use");
        var weights = ranking.places().get(0).weights();
        page.figure(new ForestPlot(
                "Effective sample size of " + Numbers.whole(weights.episodes()) + " episodes",
                "episodes",
                shown().stream().map(this::sampleSize).toList(),
                List.of(new Reference("least that is needed", weights.leastSampleSize()))));
        page.soft("An episode counts as often as the policy would have done what was logged in it, compared with what"
                + " logged it. Few large weights mean that few episodes decide. The mean weight is 1 where the policy does"
                + " only what is logged at times.");
        page.out().open("details").leaf("summary", "Weights of every policy");
        page.table("policy", "#effective sample size", "#of episodes", "#largest share", "#mean weight at the end");
        for (var judgement : ranking.places()) {
            writeWeights(judgement);
        }
        page.endTable();
        page.out().close();
    }

    private Row sampleSize(Judgement judgement) {
        var size = judgement.weights().effectiveSampleSize();
        return new Row(
                ranking.label(judgement),
                kind(judgement),
                size,
                Double.NaN,
                Double.NaN,
                0,
                List.of(),
                size > 0 ? Numbers.plain(size) : "none");
    }

    private void writeWeights(Judgement judgement) {
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

    private void writeModels(List<FittedValues> models) {
        if (models.isEmpty()) {
            return;
        }
        page.heading("Models");
        page.soft(
                "What runs of fitted Q evaluation say that policies earn where episodes begin, each of episodes that it did"
                        + " not learn from. Where that may still move by more than a quarter of an estimate's error, and a hundredth"
                        + " of its value, what leans on it is not usable.");
        page.table("policy", "learned from", "#updates", "#loss", "#initial value", "#may still move by");
        for (var model : models) {
            page.out().open("tr");
            page.word(Ranking.name(model.policy(), model.step()));
            page.word(model.learnedFrom());
            page.number(Numbers.whole(model.updates()));
            page.number(Numbers.plain(model.loss()));
            page.number(Numbers.plain(model.value()));
            page.number(Numbers.plain(model.rest()));
            page.out().close();
        }
        page.endTable();
    }

    private void writeClones(List<FittedClone> clones) {
        if (clones.isEmpty()) {
            return;
        }
        page.heading("Clones of what logged");
        page.soft("They stand for probabilities. How good they are: the mean logarithm of how likely they held what was"
                + " logged, in episodes that they did not learn from, and the mean weights above, which are 1 where they are"
                + " right.");
        page.table("learned from", "#steps", "#mean log-likelihood");
        for (var clone : clones) {
            page.out().open("tr");
            page.word(clone.learnedFrom());
            page.number(Numbers.whole(clone.steps()));
            page.number(Numbers.plain(clone.logLikelihood()));
            page.out().close();
        }
        page.endTable();
    }

    private void writeAll() {
        page.out().open("details").leaf("summary", "Every estimate");
        page.table(
                "policy",
                "estimator",
                "group",
                "#value",
                "#std error",
                "#interval",
                "#more than logged",
                "#episodes",
                "usable");
        for (var judgement : judgements) {
            var estimate = judgement.estimate();
            page.out().open("tr");
            page.word(Ranking.name(judgement));
            page.word(judgement.estimator());
            page.word(judgement.group() == null ? "all" : judgement.group());
            page.number(Numbers.plain(estimate.value()));
            page.number(Numbers.plain(estimate.standardError()));
            page.number(Ranking.interval(judgement));
            page.number(difference(judgement.difference()));
            page.number(Numbers.whole(estimate.episodes()));
            page.word(usable(judgement));
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
