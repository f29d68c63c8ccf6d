package io.hindcast.report;

import io.hindcast.judge.Estimate.Interval;
import io.hindcast.report.ReportData.Baseline;
import io.hindcast.report.TrainedRun.Logged;
import io.hindcast.report.chart.Chart;
import io.hindcast.report.chart.ForestPlot;
import io.hindcast.report.chart.ForestPlot.Kind;
import io.hindcast.report.chart.LineChart;
import io.hindcast.report.chart.LineChart.Boundary;
import io.hindcast.report.chart.LineChart.Series;
import io.hindcast.report.chart.LineChart.Size;
import io.hindcast.report.chart.Markup;
import io.hindcast.report.chart.Numbers;
import io.hindcast.report.chart.PathMap;
import io.hindcast.report.chart.Reference;
import io.hindcast.report.chart.Style;
import io.hindcast.report.chart.SweepChart;
import io.hindcast.run.RunSpec;
import io.hindcast.score.Aggregate;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The report as one HTML file that needs nothing from anywhere: pictures and a small script are in it. */
public final class ReportPage {
    private static final int LINES_IN_ONE_CHART = 8;
    private static final int METRICS_PER_LEARNER = 6;
    private static final int FEW = 5;

    /** Of more results than this, charts, paths and settings are of the best alone: more lines cannot be told apart. */
    static final int MANY = 30;

    /** How many of many results have a line of their own. */
    static final int NAMED = 7;

    private static final int MOST_ROWS = 1000;
    private static final int MOST_PROBLEMS = 100;

    private final ReportData report;
    private final Page page;
    private final Markup out;

    private ReportPage(ReportData report) {
        this.report = report;
        this.page = new Page(report.title(), introduction(report));
        this.out = page.out();
    }

    /** The page, in UTF-8. */
    public static String html(ReportData report) {
        return new ReportPage(report).write();
    }

    /** The pictures of paths and of sweeps as files of their own, by name: {@code paths-iql.svg}. */
    public static Map<String, String> pictures(ReportData report) {
        var page = new ReportPage(report);
        var files = new TreeMap<String, String>();
        page.walked()
                .forEach(result -> files.put(
                        fileName("paths", result.label(report.results())),
                        page.paths(result).file()));
        for (var sweep : page.sweeps()) {
            page.charts(sweep).forEach((name, chart) -> files.put(name, chart.file()));
        }
        return files;
    }

    private String write() {
        writeLinks();
        writeProblems();
        writeResults();
        writeLearningCurves();
        writeSweeps();
        writeJudged();
        writePaths();
        writeDataset();
        writeMetrics();
        writeProvenance();
        return page.html();
    }

    private void writeLinks() {
        var pages = report.links().pages();
        if (!pages.isEmpty()) {
            out.open("p", "class", "soft").text("Beside this page: ");
            page.links(pages);
            out.text(".").close().line();
        }
    }

    private static String introduction(ReportData report) {
        var facts = report.dataset().facts();
        var where = report.environment() == null ? "" : " of " + report.environment();
        var data = facts.isEmpty()
                ? "logged transitions" + where
                : Numbers.whole(facts.get(0).transitions()) + " logged transitions" + where + " in "
                        + Numbers.whole(facts.get(0).episodes()) + " episodes";
        if (report.results().isEmpty()) {
            return "A dataset for offline reinforcement learning: " + data
                    + ". Nothing has been trained on it yet, so this page shows the data alone.";
        }
        var learners = report.results().stream()
                .map(Result::learner)
                .distinct()
                .sorted()
                .toList();
        var onData =
                report.results().stream().anyMatch(result -> !result.subset().equals(RunSpec.NONE));
        var by = ", by " + String.join(", ", learners) + ". Each row below is one learner "
                + (onData ? "on one subset of the data " : "")
                + "with one configuration, trained once for every seed and scored by the mean return of its evaluation"
                + " episodes.";
        if (!onData) {
            return "Policies learned by acting" + where.replace(" of ", " in ") + by;
        }
        var acted =
                report.results().stream().anyMatch(result -> result.switchedAt().isPresent());
        return "Policies learned offline from " + data + (acted ? ", and then by acting" : "") + by;
    }

    /** What went wrong comes first: nobody should have to look for it. */
    private void writeProblems() {
        var problems = report.results().stream()
                .flatMap(result -> result.runs().stream())
                .filter(run -> !run.outcome().equals("finished"))
                .toList();
        writeGaps();
        if (problems.isEmpty()) {
            return;
        }
        var runs = report.results().stream()
                .mapToInt(result -> result.runs().size())
                .sum();
        out.open("section", "class", "problems");
        out.leaf("h2", problems.size() + " of " + runs + (runs == 1 ? " run" : " runs") + " did not finish");
        out.open("ul");
        for (var run : problems.subList(0, Math.min(problems.size(), MOST_PROBLEMS))) {
            out.open("li").leaf("strong", run.name() + ", " + run.subset() + ", seed " + run.seed());
            out.text(" " + run.outcome() + " after " + Numbers.whole(run.updates()) + " updates: ");
            out.text(run.reason() == null ? "no reason was recorded" : run.reason());
            out.close();
        }
        if (problems.size() > MOST_PROBLEMS) {
            out.leaf("li", problems.size() - MOST_PROBLEMS + " more are in the table runs");
        }
        out.close().close().line();
    }

    /** A run that was not evaluated at its end has no final figure: it has to say why. */
    private void writeGaps() {
        var gaps = report.results().stream()
                .flatMap(result -> result.runs().stream())
                .filter(run -> !run.gaps().isEmpty())
                .toList();
        if (gaps.isEmpty()) {
            return;
        }
        out.open("section", "class", "problems");
        out.leaf("h2", gaps.size() + (gaps.size() == 1 ? " run was" : " runs were") + " not evaluated in full");
        out.open("ul");
        for (var run : gaps) {
            out.open("li").leaf("strong", run.name() + ", " + run.subset() + ", seed " + run.seed());
            out.text(" " + run.gapText().orElseThrow());
            out.close();
        }
        out.close().close().line();
    }

    private void writeResults() {
        if (report.results().isEmpty()) {
            return;
        }
        page.heading("Results");
        verdict().ifPresent(text -> out.leaf("p", text).line());
        page.figure(finals());
        writeTable();
        if (report.results().size() > MOST_ROWS) {
            page.soft(ofMany("This table has", MOST_ROWS, report.results().size()) + "; results.json has every row.");
        }
        new RunsSection(page, report.links())
                .write(best(all(), MANY).stream().map(report.results()::get).toList());
        page.soft(
                "Final: the mean return at a run's last evaluated checkpoint. Last three: the mean at its last three, which"
                        + " luck moves less. Best: at the checkpoint where it is highest. That is an optimistic choice: it is made by"
                        + " the episodes that it is measured by, and can be made only if policies can be tried in the environment, so"
                        + " it has no interval. All are means over seeds ± their sample standard deviation; score and success, where"
                        + " they are known, are final ones; their tooltips have details. Lowest: of a run's last five checkpoints. IQM, from four seeds on: the"
                        + " interquartile mean. Below a name stands what differs from the learner's defaults.");
        page.soft(
                "Interval: where the mean over all seeds and all episodes lies with 95\u00a0% confidence, from three seeds on."
                        + " It is Student's t over seeds, and over the episodes, since all seeds play the same. It knows nothing of"
                        + " what no seed has shown: if one seed in five fails, half of all triples have none that does. Dots are"
                        + " seeds, a line across them is their mean; with fewer than three seeds the dots are all that is known."
                        + " Diamonds are policies that nothing was trained for: behaviour is what the logged episodes returned, uniform"
                        + " what uniformly random actions return; their intervals are over episodes.");
    }

    /** Which is best, and whether that can be said. */
    private Optional<String> verdict() {
        var best = report.results().get(0);
        var finals = best.finals();
        if (finals.count() == 0) {
            return Optional.empty();
        }
        var name = best.label(report.results());
        var head = name + " has the highest final return, " + note(finals.mean(), finals.interval()) + ". ";
        var better = report.baselines().stream()
                .filter(baseline -> baseline.mean() > finals.mean())
                .map(Baseline::name)
                .toList();
        if (!better.isEmpty()) {
            return Optional.of(head + "Without any training " + String.join(" and ", better) + " returned more.");
        }
        if (Double.isNaN(finals.interval().low())) {
            return Optional.of(
                    head + "It has no interval: whether other seeds would put another one first is not known.");
        }
        var near = Stream.concat(
                        report.results().stream()
                                .skip(1)
                                .filter(result -> reaches(result.finals().interval(), finals.interval()))
                                .map(result -> result.label(report.results())),
                        report.baselines().stream()
                                .filter(baseline -> reaches(baseline.interval(), finals.interval()))
                                .map(Baseline::name))
                .toList();
        if (near.isEmpty()) {
            return Optional.of(head + "Its interval lies above all others.");
        }
        return Optional.of(head + "Its interval overlaps with "
                + (near.size() > FEW
                        ? Numbers.whole(near.size()) + " others"
                        : near.size() == 1 ? "that of " + near.get(0) : "those of " + String.join(", ", near))
                + ": more seeds or episodes would tell which is best.");
    }

    private static boolean reaches(Interval other, Interval best) {
        return other.high() >= best.low();
    }

    /** A row of the table and of the picture: a result, or what it is compared with. */
    private record Place(double mean, int result, @Nullable Baseline baseline) {}

    /** The results of these indices and all baselines, by falling return. */
    private List<Place> places(List<Integer> results) {
        return Stream.concat(
                        results.stream()
                                .map(i -> new Place(report.results().get(i).worth(), i, null)),
                        report.baselines().stream().map(baseline -> new Place(baseline.mean(), -1, baseline)))
                .sorted(Comparator.comparingDouble(place -> -place.mean()))
                .toList();
    }

    private ForestPlot finals() {
        var rows = places(best(all(), MANY)).stream()
                .map(place -> place.baseline() == null
                        ? row(report.results().get(place.result()), place.result())
                        : row(place.baseline()))
                .toList();
        return new ForestPlot("Final return, each seed a dot, and 95 % intervals", "mean return", rows, List.of());
    }

    private ForestPlot.Row row(Result result, int index) {
        var finals = result.finals();
        return new ForestPlot.Row(
                result.label(report.results()),
                Kind.ESTIMATE,
                finals.mean(),
                finals.interval().low(),
                finals.interval().high(),
                index,
                result.runs().stream()
                        .flatMap(run -> run.finalOf(Figure.RETURN).stream())
                        .toList(),
                finals.count() == 0 ? "not evaluated" : note(finals.mean(), finals.interval()));
    }

    private static ForestPlot.Row row(Baseline baseline) {
        return new ForestPlot.Row(
                baseline.name(),
                Kind.BASELINE,
                baseline.mean(),
                baseline.interval().low(),
                baseline.interval().high(),
                0,
                List.of(),
                note(baseline.mean(), baseline.interval()));
    }

    private static String note(double mean, Interval interval) {
        var range = Numbers.range(interval.low(), interval.high());
        return Numbers.plain(mean) + (range.equals(Numbers.ABSENT) ? "" : " (" + range + ")");
    }

    private void writeTable() {
        out.open("div", "class", "scroll").open("table");
        var figures = Stream.of(Figure.SCORE, Figure.SUCCESS)
                .filter(figure -> report.results().stream()
                        .anyMatch(result -> result.summary(figure).isPresent()))
                .toList();
        var columns = new ArrayList<>(List.of("name", "subset", "learner", "#final return"));
        if (report.hasCurves()) {
            columns.addAll(List.of("#last three", "#best return"));
        }
        figures.forEach(figure -> columns.add(figure == Figure.SCORE ? "#score" : "#success"));
        if (!report.published().isEmpty()) {
            columns.add("#published");
        }
        columns.add("runs");
        page.header(columns.toArray(String[]::new));
        for (var place : places(best(all(), MOST_ROWS))) {
            if (place.baseline() == null) {
                writeRow(place.result(), figures);
            } else {
                writeRow(place.baseline(), columns.size());
            }
        }
        out.close().close();
    }

    private void writeRow(Baseline baseline, int columns) {
        out.open("tr", "class", "baseline").open("td", "class", "long");
        out.leaf("span", "", "class", "swatch").text(baseline.name()).leaf("small", baseline.what());
        out.close();
        for (var i = 1; i < 3; i++) {
            out.leaf("td", "");
        }
        out.open("td", "class", "number");
        out.text(Numbers.spread(baseline.mean(), baseline.standardDeviation()));
        interval(baseline.interval());
        if (baseline.episodes() > 0) {
            out.leaf("small", "over " + Numbers.whole(baseline.episodes()) + " episodes");
        }
        out.close();
        for (var i = 4; i < columns; i++) {
            out.leaf("td", "");
        }
        out.close().line();
    }

    private void writeRow(int index, List<Figure> figures) {
        var result = report.results().get(index);
        var isBest = index == 0 && result.finals().count() > 0;
        out.open("tr", "class", isBest ? "best" : "row").open("td", "class", "long");
        if (report.results().size() <= MANY) {
            out.leaf("span", "", "class", "swatch c" + index % Style.COLORS);
        }
        page.shortened(result.name(), Page.LONGEST_NAME);
        out.text(" ");
        if (isBest) {
            out.leaf("span", "highest final", "class", "badge");
        }
        out.leaf("small", result.configText()).close();
        page.name(result.subset());
        out.leaf("td", result.learner());
        var returns = Objects.requireNonNull(result.summaries().get(Figure.RETURN));
        var runs = result.runs().size();
        openScore(returns.finals());
        result.finalsInPart().ifPresent(part -> out.leaf("small", part, "class", "bad"));
        closeScore(returns.finals(), runs);
        if (report.hasCurves()) {
            openScore(returns.lastThree());
            // Of one evaluation it would say the same again.
            if (result.runs().stream().anyMatch(run -> run.evaluations().size() > 1)) {
                out.leaf("small", "lowest " + Numbers.plain(returns.lastMin()));
            }
            closeScore(returns.lastThree(), runs);
            openScore(returns.bests());
            closeScore(returns.bests(), runs);
        }
        for (var figure : figures) {
            result.summary(figure)
                    .ifPresentOrElse(summary -> otherScore(summary, runs), () -> page.number(Numbers.ABSENT));
        }
        if (!report.published().isEmpty()) {
            compared(result);
        }
        out.open("td", "class", "nowrap");
        result.outcomes().forEach((outcome, count) -> {
            var text = runs == 1 ? outcome : count + " " + outcome;
            out.leaf("div", text, "class", outcome.equals("finished") ? "good" : "bad");
        });
        out.leaf("small", Numbers.whole(result.updates()) + " updates");
        if (Double.isFinite(result.updatesPerSecond())) {
            out.leaf("small", Numbers.whole(result.updatesPerSecond()) + "/s");
        }
        out.close().close().line();
    }

    private void otherScore(Result.Summary summary, int runs) {
        var finals = summary.finals();
        out.open(
                "td",
                "class",
                "number",
                "title",
                "final " + note(finals.mean(), finals.interval()) + "; last three "
                        + Numbers.spread(
                                summary.lastThree().mean(), summary.lastThree().standardDeviation())
                        + "; best "
                        + Numbers.spread(summary.bests().mean(), summary.bests().standardDeviation())
                        + "; lowest of the last five " + Numbers.plain(summary.lastMin()));
        out.text(Numbers.spread(finals.mean(), finals.standardDeviation()));
        closeScore(finals, runs);
    }

    private void openScore(Aggregate score) {
        out.open("td", "class", "number");
        out.text(Numbers.spread(score.mean(), score.standardDeviation()));
        interval(score.interval());
        if (Double.isFinite(score.interquartileMean())) {
            out.leaf("small", "IQM " + Numbers.plain(score.interquartileMean()));
        }
    }

    private void interval(Interval interval) {
        if (Double.isFinite(interval.low())) {
            out.leaf("small", Numbers.range(interval.low(), interval.high()));
        }
    }

    private void closeScore(Aggregate score, int runs) {
        if (score.count() < runs) {
            out.leaf("small", score.count() + " of " + runs + " seeds evaluated");
        }
        out.close();
    }

    private void compared(Result result) {
        var found = result.published(report.published());
        if (found.isEmpty()) {
            page.number(Numbers.ABSENT);
            return;
        }
        var published = found.get();
        out.open("td", "class", "number compared");
        out.text(published.value() == null ? Numbers.ABSENT : Numbers.plain(published.value()));
        if (published.figure() != Figure.RETURN) {
            out.leaf("small", published.figure().words());
        }
        if (published.source() != null) {
            out.leaf("small", published.source(), "class", "source");
        }
        if (published.reach() != null) {
            var reached = Reached.of(published, result);
            out.open("small").text("target " + Numbers.plain(published.reach()) + ": ");
            out.leaf("span", reached.words(), "class", reached == Reached.FINAL ? "good" : "bad")
                    .close();
        }
        out.close();
    }

    private static String seeds(Result result) {
        var seeds = result.runs().stream().map(run -> Long.toString(run.seed())).toList();
        return seeds.size() <= 5 ? String.join(", ", seeds) : seeds.size() + " seeds";
    }

    private void writeLearningCurves() {
        var all = IntStream.range(0, report.results().size())
                .filter(i -> report.results().get(i).finals().count() > 0)
                .boxed()
                .toList();
        if (all.isEmpty()) {
            return;
        }
        page.heading("Learning curves");
        page.controls();
        var charts = all.size() <= LINES_IN_ONE_CHART
                ? List.of(all)
                : List.copyOf(all.stream()
                        .collect(Collectors.groupingBy(
                                i -> report.results().get(i).subset(), TreeMap::new, Collectors.toList()))
                        .values());
        // A score says of an episode what its return or its success says.
        var isSuccessKnown = all.stream()
                .anyMatch(i -> report.results().get(i).summary(Figure.SUCCESS).isPresent());
        for (var figure : List.of(Figure.RETURN, isSuccessKnown ? Figure.SUCCESS : Figure.SCORE)) {
            for (var chart : charts) {
                var measured = chart.stream()
                        .filter(i -> report.results().get(i).summary(figure).isPresent())
                        .toList();
                var series = lines(measured, run -> run.curve(figure));
                if (!series.isEmpty()) {
                    var title = "Evaluation " + figure.key()
                            + (charts.size() == 1
                                    ? ""
                                    : " on "
                                            + report.results().get(chart.get(0)).subset());
                    var references = figure == Figure.RETURN ? references() : List.<Reference>of();
                    page.figure(new LineChart(
                            title, "updates", figure.words(), Size.WIDE, series, references, boundaries(chart)));
                }
            }
        }
        charts.stream()
                .filter(chart -> chart.size() > MANY)
                .findFirst()
                .ifPresent(chart -> page.soft("Of more than " + MANY
                        + " results a chart has a line for the mean of all their runs, and for the " + NAMED
                        + " results with the highest mean final return. The tables evaluations and metrics have all."));
        page.soft(
                "Lines are means over seeds, bands one sample standard deviation on either side; a single seed has no band."
                        + " Dashes and dots: the returns of the logged episodes.");
    }

    /** Where the runs of these results went on with data of their own. */
    private List<Boundary> boundaries(List<Integer> indices) {
        return indices.stream()
                .flatMapToLong(i -> report.results().get(i).switchedAt().stream())
                .distinct()
                .sorted()
                .mapToObj(step -> new Boundary("online from here", step))
                .toList();
    }

    private void writeSweeps() {
        var sweeps = sweeps();
        if (sweeps.isEmpty()) {
            return;
        }
        page.heading("Sweeps");
        for (var sweep : sweeps) {
            out.open("div", "class", "grid");
            charts(sweep).values().forEach(page::figure);
            out.close();
        }
        page.soft("Means over seeds at the end of training, bars one sample standard deviation on either side.");
    }

    private List<SweepResult> sweeps() {
        return SweepResult.of(report.results()).stream()
                .filter(sweep -> sweep.finals().stream().anyMatch(point -> Double.isFinite(point.mean())))
                .toList();
    }

    /** What came of a sweep and, beside it, what the learner believes the data is worth, by the names of files. */
    private Map<String, Chart> charts(SweepResult sweep) {
        var color = sweeps().indexOf(sweep);
        var what = sweep.name() + " on " + sweep.subset();
        var word = sweep.name() + "-" + sweep.subset() + "-" + sweep.key();
        var charts = new LinkedHashMap<String, Chart>();
        charts.put(
                fileName("sweep", word),
                new SweepChart(
                        "Final return of " + what, sweep.key(), "mean return", color, sweep.finals(), references()));
        sweep.valueMetric()
                .ifPresent(metric -> charts.put(
                        fileName("sweep", word + "-" + metric),
                        new SweepChart(
                                (metric.startsWith("q") ? "Mean Q(s,a) of the data, " : "Mean V(s) of the data, ")
                                        + what,
                                sweep.key(),
                                metric,
                                color,
                                sweep.values(metric),
                                List.of())));
        return charts;
    }

    private void writeJudged() {
        var judged = report.judged();
        if (judged != null) {
            page.heading("By the log alone");
            page.soft(
                    "What the job judge says of the same policies, without playing them; its own page has the reasons.");
            judged.agreement().writeTo(page, judged.estimator());
        }
    }

    private void writePaths() {
        var walked = walked();
        if (walked.isEmpty()) {
            return;
        }
        page.heading("Paths");
        page.soft(
                "Episodes of the last evaluated checkpoint of every seed, the same starts and the same chance for all. A way is faint"
                        + " at its start and ends at a dot; those that did not succeed lie above the others. Of more than "
                        + PathMap.MOST + " episodes so many are drawn, the first ones of every seed.");
        out.open("div", "class", "grid tight").line();
        walked.forEach(result -> page.figure(paths(result)));
        out.close();
        var all = withPaths().size();
        if (all > walked.size()) {
            page.soft(ofMany("Drawn are", walked.size(), all) + "; the table evaluations has every path.");
        }
    }

    /** Results with a path to draw, if there is a floor to draw it on. */
    private List<Result> walked() {
        return best(withPaths(), MANY).stream().map(report.results()::get).toList();
    }

    private List<Integer> withPaths() {
        return report.floor() == null
                ? List.of()
                : all().stream()
                        .filter(i -> report.results().get(i).runs().stream()
                                .anyMatch(run -> !run.paths().isEmpty()))
                        .toList();
    }

    private List<Integer> all() {
        return IntStream.range(0, report.results().size()).boxed().toList();
    }

    /** Of more than {@code count} results those with the highest mean final return, which are the first ones. */
    private static List<Integer> best(List<Integer> indices, int count) {
        return indices.stream().sorted().limit(count).toList();
    }

    private static String ofMany(String what, int shown, int all) {
        return what + " the " + Numbers.whole(shown) + " of " + Numbers.whole(all)
                + " results with the highest mean final return";
    }

    private PathMap paths(Result result) {
        var walks = result.runs().stream()
                .flatMap(run -> run.paths().stream()
                        .map(path -> new PathMap.Walk(run.seed(), path.episode(), path.success(), path.points())))
                .toList();
        return new PathMap(result.label(report.results()), Objects.requireNonNull(report.floor()), walks);
    }

    private static String fileName(String kind, String words) {
        return kind + "-" + words.replaceAll("[^A-Za-z0-9._-]+", "_") + ".svg";
    }

    private List<Reference> references() {
        if (report.dataset().facts().isEmpty()
                || !report.dataset().facts().get(0).hasReturns()) {
            return List.of();
        }
        var facts = report.dataset().facts().get(0);
        return List.of(
                new Reference("best logged episode", facts.bestReturn()),
                new Reference("mean logged episode", facts.meanReturn()));
    }

    /** A line for each result; of many the best, and one for all of their runs. */
    private List<Series> lines(List<Integer> indices, Function<TrainedRun, List<Logged>> curve) {
        var results = report.results();
        var lines = new ArrayList<Series>();
        if (indices.size() > MANY) {
            var runs = indices.stream()
                    .flatMap(i -> results.get(i).runs().stream())
                    .toList();
            var pooled = new Result("", "", "", Map.of(), runs, Map.of());
            lines.add(new Series(meanOfAll(indices), NAMED, pooled.points(curve)));
        }
        colors(indices)
                .forEach((i, color) -> lines.add(new Series(
                        results.get(i).label(results),
                        color,
                        results.get(i).points(curve),
                        results.get(i).singles(curve))));
        return lines.stream().filter(line -> !line.points().isEmpty()).toList();
    }

    private static String meanOfAll(List<Integer> indices) {
        return "mean of all " + indices.size() + " results";
    }

    /** The colours of those results that have a line of their own: of many, others than in the table. */
    private Map<Integer, Integer> colors(List<Integer> indices) {
        var colors = new LinkedHashMap<Integer, Integer>();
        var isMany = indices.size() > MANY;
        for (var i : isMany ? best(indices, NAMED) : indices) {
            colors.put(i, isMany ? colors.size() : i);
        }
        return colors;
    }

    private void writeDataset() {
        var dataset = report.dataset();
        if (dataset.facts().isEmpty()
                && dataset.states() == null
                && dataset.statistics().isEmpty()) {
            return;
        }
        page.heading("Dataset");
        out.open("div", "class", "scroll").open("table");
        page.header("subset", "#episodes", "#share", "#transitions", "#mean return", "#best return", "#worst return");
        for (var facts : dataset.facts()) {
            out.open("tr").leaf("td", facts.name(), "class", "long");
            page.number(Numbers.whole(facts.episodes()));
            page.number(Numbers.percent(
                    (double) facts.episodes() / dataset.facts().get(0).episodes()));
            page.number(Numbers.whole(facts.transitions()));
            page.number(Numbers.plain(facts.meanReturn()));
            page.number(Numbers.plain(facts.bestReturn()));
            page.number(Numbers.plain(facts.worstReturn()));
            out.close().line();
        }
        out.close().close();
        if (!dataset.facts().isEmpty() && !dataset.facts().get(0).hasReturns()) {
            page.soft(
                    "No rewards were logged (columns.reward = null): the returns of the logged episodes are not known.");
        }
        if (!dataset.endings().isEmpty()) {
            page.soft("Endings: "
                    + dataset.endings().entrySet().stream()
                            .map(ending -> Numbers.whole(ending.getValue()) + " " + ending.getKey())
                            .collect(Collectors.joining(", "))
                    + ".");
        }
        out.open("div", "class", "grid");
        if (dataset.states() != null) {
            page.figure(dataset.states());
        }
        if (dataset.novelty() != null) {
            page.figure(dataset.novelty());
        }
        if (dataset.returns() != null) {
            page.figure(dataset.returns());
        }
        out.close();
        writeStatistics(dataset.statistics());
    }

    private void writeStatistics(List<ReportData.Statistic> statistics) {
        if (statistics.isEmpty()) {
            return;
        }
        out.open("details").leaf("summary", "Statistics of every dimension");
        out.open("div", "class", "scroll").open("table");
        page.header("what", "#dimension", "#count", "#mean", "#std", "#min", "#max");
        for (var statistic : statistics) {
            out.open("tr").leaf("td", statistic.name());
            page.number(Integer.toString(statistic.dimension()));
            page.number(Numbers.whole(statistic.count()));
            page.number(Numbers.plain(statistic.mean()));
            page.number(Numbers.plain(statistic.std()));
            page.number(Numbers.plain(statistic.min()));
            page.number(Numbers.plain(statistic.max()));
            out.close();
        }
        out.close().close().close();
    }

    private void writeMetrics() {
        var byLearner = new TreeMap<String, List<Integer>>();
        for (var i = 0; i < report.results().size(); i++) {
            byLearner
                    .computeIfAbsent(report.results().get(i).learner(), learner -> new ArrayList<>())
                    .add(i);
        }
        byLearner.values().removeIf(indices -> metrics(indices).isEmpty());
        if (byLearner.isEmpty()) {
            return;
        }
        page.heading("Losses and other metrics");
        page.soft(
                "Means over seeds, with a band of one sample standard deviation on either side, on a logarithmic axis from the"
                        + " least to the most of any seed; a long log is averaged over neighbouring updates.");
        page.controls();
        byLearner.forEach((learner, indices) -> {
            out.leaf("h3", learner).open("ul", "class", "keys");
            if (indices.size() > MANY) {
                out.open("li")
                        .leaf("span", "", "class", "swatch c" + NAMED)
                        .text(meanOfAll(indices))
                        .close();
            }
            colors(indices).forEach((index, color) -> {
                out.open("li").leaf("span", "", "class", "swatch c" + color % Style.COLORS);
                out.text(report.results().get(index).label(report.results())).close();
            });
            out.close().open("div", "class", "grid").line();
            for (var metric : metrics(indices)) {
                var series = lines(indices, run -> run.metric(metric));
                page.figure(
                        new LineChart(metric, "updates", metric, Size.SMALL, series, List.of(), boundaries(indices)));
            }
            out.close();
        });
    }

    /** The losses and then the other metrics of these results, as far as there is a number to draw, and not too many. */
    private List<String> metrics(List<Integer> indices) {
        var names = new TreeSet<String>();
        for (var index : indices) {
            for (var run : report.results().get(index).runs()) {
                names.addAll(run.metrics().keySet());
            }
        }
        // A critic's own loss says what the sum of both says, and a learning rate is in the configuration.
        return names.stream()
                .filter(metric -> !metric.matches("critic-\\d+/loss|.*/learning-rate"))
                .filter(metric -> indices.stream()
                        .flatMap(i -> report.results().get(i).metric(metric).stream())
                        .anyMatch(point -> Double.isFinite(point.mean())))
                .sorted(Comparator.comparingInt(ReportPage::rank).thenComparing(Comparator.naturalOrder()))
                .limit(METRICS_PER_LEARNER)
                .toList();
    }

    /** Losses first, then what the learner believes of the data, then the rest. */
    private static int rank(String metric) {
        return metric.endsWith("/loss") ? 0 : metric.matches("(q-data|value)/mean") ? 1 : 2;
    }

    private void writeProvenance() {
        page.heading("Provenance");
        out.open("dl");
        report.provenance()
                .written()
                .forEach((name, value) -> out.leaf("dt", name.replace('_', ' ')).leaf("dd", value));
        out.close();
        if (!report.provenance().tables().isEmpty()) {
            out.open("div", "class", "scroll").open("table");
            page.header("table", "#version", "#rows", "fingerprint", "published");
            for (var table : report.provenance().tables()) {
                out.open("tr").leaf("td", table.table());
                page.number(Integer.toString(table.version()));
                page.number(Numbers.whole(table.rows()));
                out.open("td", "class", "long")
                        .leaf("code", table.fingerprint())
                        .close();
                out.leaf("td", table.created());
                out.close();
            }
            out.close().close();
        }
        var shown = best(all(), MANY);
        for (var i : shown) {
            var result = report.results().get(i);
            out.open("details").leaf("summary", "Every setting of " + result.name() + " on " + result.subset());
            var settings = new LinkedHashMap<String, Object>();
            settings.put("seeds", seeds(result));
            settings.putAll(Result.flatten(result.runs().get(0).resolvedConfig()));
            out.leaf("pre", lines(settings)).close();
        }
        if (shown.size() < report.results().size()) {
            page.soft(ofMany(
                            "Settings are those of",
                            shown.size(),
                            report.results().size()) + "; the table runs has all (resolved_config).");
        }
    }

    private static String lines(Map<String, Object> settings) {
        return settings.entrySet().stream()
                .map(entry -> entry.getKey() + " = " + entry.getValue())
                .collect(Collectors.joining("\n"));
    }
}
