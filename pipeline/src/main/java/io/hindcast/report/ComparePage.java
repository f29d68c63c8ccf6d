package io.hindcast.report;

import io.hindcast.report.Comparison.Entry;
import io.hindcast.report.Comparison.Out;
import io.hindcast.report.Comparison.Overall;
import io.hindcast.report.Comparison.Ranked;
import io.hindcast.report.Comparison.Task;
import io.hindcast.report.Comparison.Valued;
import io.hindcast.report.ReportData.Source;
import io.hindcast.report.chart.ForestPlot;
import io.hindcast.report.chart.ForestPlot.Kind;
import io.hindcast.report.chart.Markup;
import io.hindcast.report.chart.Numbers;
import io.hindcast.report.chart.ProfileChart;
import io.hindcast.report.chart.Reference;
import io.hindcast.report.chart.Style;
import io.hindcast.score.StratifiedBootstrap;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** A comparison as one HTML file that needs nothing else. */
public final class ComparePage {
    /** More lines cannot be told apart. */
    private static final int MOST_LINES = 8;

    private static final int MOST_ROWS = 30;

    private final Comparison comparison;
    private final Page page;
    private final Markup out;

    private ComparePage(Comparison comparison) {
        this.comparison = comparison;
        this.page = new Page(comparison.title(), introduction(comparison));
        this.out = page.out();
    }

    /** The page, in UTF-8. */
    public static String html(Comparison comparison) {
        return new ComparePage(comparison).write();
    }

    private String write() {
        writeTasks();
        if (comparison.ranked().isEmpty()) {
            page.soft("No result was evaluated in every task, so nothing is said over all of them.");
        } else {
            writeOverall();
            writeProfiles();
            writeImprovements();
        }
        writeProvenance();
        return page.html();
    }

    private static String introduction(Comparison comparison) {
        var tasks = comparison.tasks().size();
        var results = comparison.entries().size();
        return Numbers.whole(results) + (results == 1 ? " result in " : " results in ") + Numbers.whole(tasks)
                + (tasks == 1 ? " task" : " tasks") + ", by the "
                + comparison.figure().words()
                + " at the last evaluated checkpoint of every run. A task is an environment and the data that were learned"
                + " from; runs of one name are one result.";
    }

    private void writeTasks() {
        page.heading("Scores by task");
        out.open("div", "class", "scroll").open("table");
        out.open("thead").open("tr").leaf("th", "result").leaf("th", "learner");
        for (var task : comparison.tasks()) {
            out.open("th", "class", "number task");
            if (task.outs().size() == 1) {
                linked(task.name(), task.outs().get(0));
            } else {
                out.text(task.name());
                for (var directory : task.outs()) {
                    out.open("small");
                    linked(directory.label(), directory);
                    out.close();
                }
            }
            out.close();
        }
        out.close().close().line();
        for (var i = 0; i < comparison.entries().size(); i++) {
            var entry = comparison.entries().get(i);
            out.open("tr").open("td", "class", "long");
            if (i < Math.min(MOST_LINES, comparison.ranked().size())) {
                out.leaf("span", "", "class", "swatch c" + i);
            }
            page.shortened(entry.name(), Page.LONGEST_NAME);
            settings(entry);
            out.close();
            page.word(entry.learner());
            comparison.tasks().forEach(task -> writeCell(entry.byTask().get(task.name())));
            out.close().line();
        }
        out.close().close();
        page.soft("Mean over seeds ± their sample standard deviation; below it the interval of the mean with 95\u00a0%"
                + " confidence, by Student's t as in the report of the directory, from three seeds on.");
    }

    private void linked(String text, Out directory) {
        if (directory.page() == null) {
            out.text(text);
        } else {
            out.leaf("a", text, "href", directory.page());
        }
    }

    /** What differs from the learner's defaults, in each task where tasks differ. */
    private void settings(Entry entry) {
        var byText = entry.byTask().entrySet().stream()
                .collect(Collectors.groupingBy(
                        result -> result.getValue().configText(),
                        LinkedHashMap::new,
                        Collectors.mapping(Map.Entry::getKey, Collectors.joining(", "))));
        byText.forEach((text, tasks) -> out.leaf("small", byText.size() == 1 ? text : text + " (" + tasks + ")"));
    }

    private void writeCell(@Nullable Result result) {
        if (result == null) {
            page.number(Numbers.ABSENT);
            return;
        }
        var finals = Objects.requireNonNull(result.summaries().get(comparison.figure()))
                .finals();
        out.open("td", "class", "number");
        out.text(Numbers.spread(finals.mean(), finals.standardDeviation()));
        if (Double.isFinite(finals.interval().low())) {
            out.leaf(
                    "small",
                    Numbers.range(finals.interval().low(), finals.interval().high()));
        }
        var runs = result.runs().size();
        if (finals.count() < runs) {
            out.leaf("small", finals.count() + " of " + runs + " seeds evaluated", "class", "bad");
        } else {
            out.leaf("small", runs + (runs == 1 ? " seed" : " seeds"));
        }
        out.close();
    }

    private void writeOverall() {
        page.heading("Over all tasks");
        writeLeftOut();
        if (!comparison.isOneScale()) {
            page.soft(
                    "Raw returns are not averaged over tasks: their scales differ. Give evaluate.reference { min, max } where an"
                            + " environment has no published scores, and evaluate again; or compare by success (report.compare-by ="
                            + " success) where environments know it. How likely one result improves on another needs no common scale:"
                            + " see below.");
            return;
        }
        var first = comparison.ranked().get(0).overall();
        var shown = Double.isFinite(Objects.requireNonNull(first.get(Overall.INTERQUARTILE_MEAN))
                        .value())
                ? Overall.INTERQUARTILE_MEAN
                : Overall.MEAN;
        var what = (shown == Overall.MEAN ? "Mean" : "Interquartile mean") + " over all tasks and 95 % intervals";
        page.figure(new ForestPlot(what, comparison.figure().words(), rows(shown), List.of()));
        var columns = new ArrayList<>(List.of("result"));
        comparison.overall().forEach(overall -> columns.add("#" + overall.words()));
        columns.add("#runs");
        page.table(columns.toArray(String[]::new));
        for (var ranked : comparison.ranked()) {
            out.open("tr");
            page.name(ranked.entry().name());
            comparison
                    .overall()
                    .forEach(overall ->
                            valued(Objects.requireNonNull(ranked.overall().get(overall))));
            page.number(Numbers.whole(ranked.scores().all().count()));
            out.close().line();
        }
        page.endTable();
        page.soft(
                "IQM: the mean of the runs of all tasks without their lowest and highest quarter, from four runs on. Mean and"
                        + " median are of the means of tasks."
                        + (comparison.overall().contains(Overall.OPTIMALITY_GAP)
                                ? " Optimality gap: by how much runs miss " + Numbers.whole(Comparison.OPTIMUM)
                                        + " on average, where more counts as that; less is better."
                                : "")
                        + intervals());
    }

    private static String intervals() {
        return " Intervals are percentiles of " + Numbers.whole(Comparison.BOOTSTRAP.replicates())
                + " replicates of the stratified bootstrap, which draws the runs of every task anew: they tell what other seeds"
                + " might give in these tasks, not what other tasks might. With fewer than three runs in a task, or where nothing"
                + " varies, there is none; of few runs they are short: of three in each of five tasks, 85 in 100 hold the mean."
                + " Seeds without a score count in none of these figures.";
    }

    private void writeLeftOut() {
        var unranked = comparison.unranked();
        if (!unranked.isEmpty()) {
            page.soft("Not evaluated in every task, and so left out below: "
                    + unranked.stream().map(Entry::name).collect(Collectors.joining(", ")) + ".");
        }
    }

    private List<ForestPlot.Row> rows(Overall shown) {
        return IntStream.range(0, Math.min(MOST_ROWS, comparison.ranked().size()))
                .mapToObj(i -> {
                    var ranked = comparison.ranked().get(i);
                    return row(
                            ranked.entry().name(),
                            Objects.requireNonNull(ranked.overall().get(shown)),
                            i);
                })
                .toList();
    }

    private static ForestPlot.Row row(String name, Valued valued, int color) {
        return new ForestPlot.Row(
                name,
                Kind.ESTIMATE,
                valued.value(),
                valued.interval().low(),
                valued.interval().high(),
                color,
                List.of(),
                note(valued));
    }

    private static String note(Valued valued) {
        var range = Numbers.range(valued.interval().low(), valued.interval().high());
        return Numbers.plain(valued.value()) + (range.equals(Numbers.ABSENT) ? "" : " (" + range + ")");
    }

    private void valued(Valued valued) {
        out.open("td", "class", "number").text(Numbers.plain(valued.value()));
        var range = Numbers.range(valued.interval().low(), valued.interval().high());
        if (!range.equals(Numbers.ABSENT)) {
            out.leaf("small", range);
        }
        out.close();
    }

    private void writeProfiles() {
        if (!comparison.isOneScale()) {
            return;
        }
        page.heading("Performance profiles");
        var lines = IntStream.range(0, Math.min(MOST_LINES, comparison.ranked().size()))
                .mapToObj(i -> line(comparison.ranked().get(i), i))
                .toList();
        page.figure(new ProfileChart(
                "Share of runs above a score", comparison.figure().words(), lines));
        page.soft(
                "The mean over tasks of the share of runs that score more. A line above another everywhere is better whatever score"
                        + " is asked for; where lines cross, the one is better among good runs and the other among bad ones. Half of the"
                        + " runs lie to either side of where a line crosses 0.5. Bands hold 95\u00a0% of the replicates at each score."
                        + ofMany(MOST_LINES));
    }

    private String ofMany(int most) {
        var all = comparison.ranked().size();
        return all > most ? " Shown are the best " + most + " of " + all + " results; compare.json has all." : "";
    }

    private static ProfileChart.Line line(Ranked ranked, int color) {
        return new ProfileChart.Line(
                ranked.entry().name(),
                color,
                ranked.profile().stream()
                        .map(share -> new ProfileChart.Point(
                                share.threshold(),
                                share.share(),
                                share.band().low(),
                                share.band().high()))
                        .toList());
    }

    private void writeImprovements() {
        if (comparison.improvements().isEmpty()) {
            return;
        }
        page.heading("Probability of improvement");
        var colors = comparison.ranked().stream()
                .map(ranked -> ranked.entry().name())
                .toList();
        var rows = comparison.improvements().stream()
                .map(improvement -> row(
                        improvement.name() + " over " + improvement.over(),
                        improvement.probability(),
                        colors.indexOf(improvement.name()) % Style.COLORS))
                .toList();
        page.figure(new ForestPlot(
                "How likely one improves on the other, and 95 % intervals",
                "probability", rows, List.of(new Reference("neither is better", 0.5))));
        page.soft(
                "How likely a run of the one scores more than a run of the other in the same task, as the mean over tasks; equal"
                        + " scores count one half (the statistic of Mann and Whitney). It says how often, not by how much. Where the"
                        + " interval holds 0.5, more seeds would tell which is better."
                        + (comparison.ranked().size() > Comparison.PAIRED
                                ? " Compared are the best " + Comparison.PAIRED + " of "
                                        + comparison.ranked().size() + " results."
                                : "")
                        + (comparison.isOneScale() ? "" : intervals()));
    }

    private void writeProvenance() {
        page.heading("Provenance");
        page.table("task", "directory", "table", "#version", "#rows", "fingerprint", "published");
        for (var task : comparison.tasks()) {
            task.outs().forEach(directory -> directory.tables().forEach(table -> source(task, directory, table)));
        }
        page.endTable();
        out.open("dl");
        comparison.written().forEach((name, value) -> out.leaf("dt", name).leaf("dd", value));
        out.leaf("dt", "confidence").leaf("dd", Numbers.percent(StratifiedBootstrap.CONFIDENCE));
        out.close();
    }

    private void source(Task task, Out directory, Source table) {
        out.open("tr").leaf("td", task.name(), "class", "long");
        page.path(directory.place());
        page.word(table.table());
        page.number(Integer.toString(table.version()));
        page.number(Numbers.whole(table.rows()));
        out.open("td", "class", "long").leaf("code", table.fingerprint()).close();
        page.word(table.created());
        out.close().line();
    }

    /** A line for the terminal of each result, in ASCII alone, headings first. */
    public static List<String> lines(Comparison comparison) {
        var rows = new ArrayList<List<String>>();
        var head = new ArrayList<>(List.of("name", "learner"));
        comparison.tasks().forEach(task -> head.add(task.name()));
        comparison.overall().forEach(overall -> head.add(overall.words()));
        rows.add(head);
        for (var entry : comparison.entries()) {
            var row = new ArrayList<>(List.of(entry.name(), entry.learner()));
            for (var task : comparison.tasks()) {
                var result = entry.byTask().get(task.name());
                row.add(result == null ? "-" : cell(result, comparison.figure()));
            }
            var ranked = comparison.ranked().stream()
                    .filter(other -> other.entry().equals(entry))
                    .findFirst();
            for (var overall : comparison.overall()) {
                row.add(ranked.map(other -> Numbers.ascii(
                                note(Objects.requireNonNull(other.overall().get(overall)))))
                        .orElse("-"));
            }
            rows.add(row);
        }
        var lines = new ArrayList<>(ResultsTable.aligned(rows));
        comparison
                .improvements()
                .forEach(improvement -> lines.add(improvement.name() + " improves on " + improvement.over()
                        + " with a probability of " + Numbers.ascii(note(improvement.probability()))));
        return lines;
    }

    private static String cell(Result result, Figure figure) {
        var finals = Objects.requireNonNull(result.summaries().get(figure)).finals();
        return Numbers.ascii(Numbers.spread(finals.mean(), finals.standardDeviation()));
    }
}
