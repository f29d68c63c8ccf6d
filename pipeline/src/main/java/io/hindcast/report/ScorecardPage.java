package io.hindcast.report;

import io.hindcast.data.Findings;
import io.hindcast.report.chart.Histogram;
import io.hindcast.report.chart.Markup;
import io.hindcast.report.chart.Numbers;
import io.hindcast.report.chart.StateMap;
import io.hindcast.stats.BitHistogram;
import io.hindcast.stats.Check;
import io.hindcast.stats.DatasetStats;
import io.hindcast.stats.DatasetStats.Ending;
import io.hindcast.stats.Distribution;
import io.hindcast.stats.Drift;
import io.hindcast.stats.Scorecard;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** A description of a dataset, as a page and as lines for a console, in the same words. */
public final class ScorecardPage {
    private static final int BINS = 25;
    private static final int SPARK_BINS = 30;
    private static final double SPARK_WIDTH = 120;
    private static final double SPARK_HEIGHT = 24;
    private static final int FEW_CELLS = 10;
    private static final int MOST_ACTIONS = 60;
    private static final int MOST_SHIFTS = 20;
    private static final int MOST_INTERVALS = 80;

    private final Scorecard card;
    private final DatasetStats stats;
    private final Map<String, String> sameAs;
    private final Page page;

    private ScorecardPage(String title, Scorecard card) {
        this.card = card;
        this.stats = card.stats();
        this.sameAs = card.sameAs();
        this.page = new Page("Scorecard of " + title, introduction(stats));
    }

    /**
     * The page, in UTF-8.
     *
     * @param title the dataset
     * @param findings what was left out, unknown or guessed when the logs were read
     * @param provenance where everything comes from, as names and values
     */
    public static String html(String title, Scorecard card, Findings findings, Map<String, String> provenance) {
        return new ScorecardPage(title, card).write(findings, provenance);
    }

    /** The scorecard without pictures, a line each: facts, findings, then warnings. */
    public static List<String> inWords(Scorecard card, Findings findings) {
        var lines = new ArrayList<String>();
        lines.add(introduction(card.stats()));
        facts(card).forEach((name, fact) -> lines.add(name + ": " + fact));
        findings.lines().forEach(line -> lines.add("ingest: " + line));
        for (var warning : card.warnings()) {
            lines.add("warning (" + warning.check() + "): " + warning.text());
        }
        return lines;
    }

    private String write(Findings findings, Map<String, String> provenance) {
        writeWarnings();
        writeFacts();
        writeFindings(findings);
        writePictures();
        writeVector("observation", "Observation");
        writeVector("action", "Action");
        writeVector("step_difference", "Step difference");
        writeJumps();
        writeDrift();
        writeReading();
        page.heading("Provenance");
        writePairs(provenance);
        return page.html();
    }

    private static String introduction(DatasetStats stats) {
        var text = new StringBuilder();
        text.append(count(stats.transitions(), "transition")).append(" in ");
        text.append(count(stats.episodes(), "episode")).append("; observations of ");
        text.append(count(stats.vector("observation").size(), "number"));
        var actions = stats.vector("action");
        if (actions.isEmpty()) {
            var indices = stats.of("action_index");
            text.append(", actions numbered from ")
                    .append(Numbers.whole(indices.min()))
                    .append(" to ")
                    .append(Numbers.whole(indices.max()));
        } else {
            text.append(", actions of ").append(count(actions.size(), "number"));
        }
        return text.append('.').toString();
    }

    /** What went wrong comes first. */
    private void writeWarnings() {
        var warnings = card.warnings();
        var out = page.out();
        if (warnings.isEmpty()) {
            out.leaf("p", "All " + Check.values().length + " checks hold.").line();
            return;
        }
        out.open("section", "class", "problems");
        out.leaf("h2", count(warnings.size(), "warning") + ", " + Check.values().length + " checks");
        out.open("ul");
        for (var warning : warnings) {
            var isRequired = card.checks().require().contains(warning.check());
            out.open("li").leaf("strong", warning.check() + (isRequired ? " (required)" : ""));
            out.text(": " + warning.text()).close();
        }
        out.close().close().line();
    }

    private void writeFacts() {
        page.heading("At a glance");
        writePairs(facts(card));
    }

    private void writeFindings(Findings findings) {
        if (findings.equals(Findings.NONE)) {
            return;
        }
        page.heading("Left out, unknown or assumed when the logs were read");
        var out = page.out().open("ul");
        findings.lines().forEach(line -> out.leaf("li", line));
        out.close().line();
    }

    private void writePairs(Map<String, String> pairs) {
        var out = page.out().open("dl");
        pairs.forEach((name, value) -> out.leaf("dt", name).leaf("dd", value));
        out.close().line();
    }

    private static Map<String, String> facts(Scorecard card) {
        var stats = card.stats();
        var facts = new LinkedHashMap<String, String>();
        facts.put("episodes", endings(stats));
        if (card.trajectories() != null) {
            facts.put(
                    "logged trajectories", Numbers.whole(card.trajectories()) + ", which these episodes are parts of");
        }
        if (!card.isBandit() && stats.oneStep() > 0) {
            facts.put(
                    "single rows",
                    Numbers.whole(stats.oneStep()) + " of " + count(stats.episodes(), "episode") + " ("
                            + percent((double) stats.oneStep() / stats.episodes()) + ")");
        }
        if (stats.hasRewards()) {
            facts.put("return", summary(stats.of("episode_return")));
        }
        if (!card.isBandit()) {
            if (stats.hasRewards()) {
                facts.put(
                        "discounted return",
                        summary(stats.of("episode_discounted_return")) + " (discount "
                                + plain(stats.rules().discount()) + ")");
            }
            facts.put("episode length", summary(stats.of("episode_length")));
        }
        facts.put("reward", stats.hasRewards() ? reward(stats) : "no rewards were logged");
        var delta = stats.of("time_delta");
        if (delta.count() > 0) {
            facts.put("time between steps", summary(delta));
        }
        var logProbability = stats.of("behaviour_log_prob");
        if (logProbability.count() > 0) {
            facts.put("behaviour log-probability", summary(logProbability));
        }
        var propensity = stats.of("propensity");
        if (propensity.count() > 0) {
            facts.put("propensity", summary(propensity));
        }
        var effective = card.effectiveShare();
        if (effective != null) {
            var n = stats.of("inverse_propensity").count();
            facts.put(
                    "effective samples",
                    Numbers.whole(effective * n) + " of " + Numbers.whole(n) + " (" + percent(effective)
                            + ") when weighted by 1 / propensity");
        }
        var visits = stats.visits();
        if (visits != null && !card.isBandit()) {
            var cells = new ArrayList<String>();
            for (var i = 0; i < visits.dimensions(); i++) {
                cells.add(width(stats, i));
            }
            facts.put(
                    "coverage",
                    count(visits.visitedCells(), "cell") + " of " + String.join(" × ", cells)
                            + " visited, in the grid over observation " + dimensions(stats));
            facts.put(
                    "stitchability",
                    percent((double) visits.sharedStates() / visits.states())
                            + " of states lie in a cell that another "
                            + (card.trajectories() == null ? "episode" : "logged trajectory") + " visited too");
        }
        var drift = card.drift();
        if (drift != null) {
            var much = drift.shifts().stream()
                    .filter(shift -> shift.psi() > Drift.MUCH)
                    .count();
            var some = drift.shifts().stream()
                            .filter(shift -> shift.psi() > Drift.SOME)
                            .count()
                    - much;
            facts.put(
                    "drift",
                    drift.current() + " against " + drift.reference() + ": of "
                            + drift.shifts().size()
                            + " quantities " + much + " have changed a lot (index above 0.25), " + some
                            + " somewhat (above 0.1)");
        }
        return facts;
    }

    private static String dimensions(DatasetStats stats) {
        return stats.visitDimensions().stream().map(String::valueOf).collect(Collectors.joining(", "));
    }

    private static String endings(DatasetStats stats) {
        var parts = new ArrayList<String>();
        for (var ending : Ending.values()) {
            if (stats.episodes(ending) > 0) {
                parts.add(Numbers.whole(stats.episodes(ending)) + " "
                        + ending.name().toLowerCase(Locale.ROOT) + " ("
                        + percent((double) stats.episodes(ending) / stats.episodes()) + ")");
            }
        }
        return String.join(", ", parts);
    }

    private static String reward(DatasetStats stats) {
        var text = percent((double) stats.zeroRewards() / stats.transitions()) + " are 0; ";
        var values = stats.rewardValues();
        if (values == null) {
            return text + summary(stats.of("reward")) + "; more than " + DatasetStats.MOST_REWARD_VALUES
                    + " different values";
        }
        return text + "values: "
                + values.entrySet().stream()
                        .map(entry -> plain(entry.getKey()) + " (" + Numbers.whole(entry.getValue()) + " times)")
                        .collect(Collectors.joining(", "));
    }

    private static String summary(Distribution distribution) {
        return "mean " + number(distribution.mean()) + " ± " + number(distribution.standardDeviation())
                + ", median " + number(distribution.quantile(0.5)) + ", from "
                + number(distribution.min()) + " to " + number(distribution.max());
    }

    private void writePictures() {
        page.heading("Distributions");
        var out = page.out().open("div", "class", "grid").line();
        var map = map();
        if (map != null) {
            page.figure(map);
        }
        if (!card.isBandit()) {
            histogram("Episode returns", "episode return", "episodes", "episode_return");
            histogram("Episode lengths", "transitions", "episodes", "episode_length");
        }
        if (stats.rewardValues() == null) {
            histogram("Rewards", "reward", "transitions", "reward");
        }
        histogram("Actions", "action index", "transitions", "action_index");
        histogram("Propensities", "propensity", "transitions", "propensity");
        if (stats.of("propensity").count() == 0) {
            histogram("Behaviour log-probability", "log-probability", "transitions", "behaviour_log_prob");
        }
        histogram("Lengths of steps", "Euclidean length", "transitions", "step_length");
        histogram("Time between steps", "time", "transitions", "time_delta");
        out.close();
        if (map != null) {
            page.soft(mapInWords());
        }
    }

    private void histogram(String title, String xLabel, String yLabel, String name) {
        var distribution = stats.of(name);
        if (distribution.count() == 0 || distribution.isConstant()) {
            return; // nothing that the facts do not say
        }
        if (!Double.isFinite(distribution.max() - distribution.min())) {
            page.soft(title + ": not drawn, since some values are not finite, or too far apart.");
            return;
        }
        var isIndex = name.equals("action_index");
        var isWhole = isIndex || name.equals("episode_length");
        var range = distribution.max() - distribution.min();
        // A bin of an index or a length is not to fall between two of them.
        var about = isWhole ? (int) Math.max(1, Math.min(isIndex ? MOST_ACTIONS : BINS, range)) : BINS;
        var bins = isIndex && range < MOST_ACTIONS
                ? new Histogram.Bins(0, 1, (int) distribution.max() + 1)
                : Histogram.Bins.over(distribution.min(), distribution.max(), about);
        var counts = counts(distribution.histogram(), bins.low(), bins.edge(bins.count()), bins.count());
        var all = new Histogram.Layer("all " + Numbers.whole(distribution.count()), 0, counts);
        page.figure(new Histogram(title, xLabel, yLabel, bins, all, List.of()));
    }

    private static List<Long> counts(BitHistogram histogram, double low, double high, int bins) {
        var counts = new ArrayList<Long>();
        for (var count : histogram.binned(low, high, bins)) {
            counts.add(count);
        }
        return counts;
    }

    /** Where the bulk of the states are; far outliers would leave no room for it. */
    private @Nullable StateMap map() {
        var visits = stats.visits();
        if (visits == null || visits.dimensions() < 2) {
            return null;
        }
        var columns = span(0);
        var rows = span(1);
        var cells = new TreeMap<Long, StateMap.Cell>();
        for (var cell : visits.plane()) {
            if (columns.holds(cell.column()) && rows.holds(cell.row())) {
                var column = columns.place(cell.column());
                var row = rows.place(cell.row());
                cells.merge(
                        (long) column << 32 | row,
                        new StateMap.Cell(column, row, cell.visits()),
                        (a, b) -> new StateMap.Cell(column, row, a.visits() + b.visits()));
            }
        }
        if (cells.size() < FEW_CELLS) {
            return null; // a handful of categories is no picture
        }
        var density = new StateMap.Density(
                columns.low(),
                columns.high(),
                rows.low(),
                rows.high(),
                columns.size(),
                rows.size(),
                List.copyOf(cells.values()));
        var names = stats.visitDimensions();
        return new StateMap(
                "Visited states", "observation " + names.get(0), "observation " + names.get(1), density, null);
    }

    /**
     * The part of a dimension of the grid that the map shows.
     *
     * @param first its first interval, counted in intervals of the map
     * @param last its last one
     * @param shift how many intervals of the grid make one of the map, as a power of two
     * @param width how wide an interval of the map is
     */
    private record Span(long first, long last, int shift, double width) {
        boolean holds(long index) {
            return index >> shift >= first && index >> shift <= last;
        }

        int place(long index) {
            return (int) ((index >> shift) - first);
        }

        int size() {
            return (int) (last - first + 1);
        }

        double low() {
            return first * width;
        }

        double high() {
            return (last + 1) * width;
        }
    }

    private Span span(int dimension) {
        var width = Objects.requireNonNull(stats.visits()).width(dimension);
        var entry = stats.vector("observation").get(stats.visitDimensions().get(dimension));
        var quantiles = entry.quantiles(0.001, 0.999);
        var first = (long) Math.floor(quantiles[0] / width);
        var last = (long) Math.floor(quantiles[1] / width);
        var shift = 0;
        while ((last >> shift) - (first >> shift) >= MOST_INTERVALS) {
            shift++;
        }
        return new Span(first >> shift, last >> shift, shift, Math.scalb(width, shift));
    }

    /** How wide a cell is; the grid is finer than anything where values are few. */
    private static String width(DatasetStats stats, int dimension) {
        var width = Objects.requireNonNull(stats.visits()).width(dimension);
        var entry = stats.vector("observation").get(stats.visitDimensions().get(dimension));
        var isFine = Math.scalb(width, 20) <= Math.max(Math.abs(entry.min()), Math.abs(entry.max()));
        return isFine ? "a value" : plain(width);
    }

    private String mapInWords() {
        var names = stats.visitDimensions();
        return "The map shows observation " + names.get(0) + " and " + names.get(1) + " in cells of "
                + plain(span(0).width()) + " by " + plain(span(1).width())
                + ", from the 0.1 % to the 99.9 % quantile of each.";
    }

    private void writeVector(String name, String title) {
        var entries = stats.vector(name);
        if (entries.isEmpty() || entries.get(0).count() == 0) {
            return;
        }
        page.heading(title);
        var isBounded = name.equals("action") && stats.rules().isBounded();
        page.soft(
                switch (name) {
                    case "action" ->
                        isBounded && stats.rules().isUniform()
                                ? "One line an entry, within " + bounds(0) + "."
                                : "One line an entry.";
                    case "step_difference" ->
                        "The next observation minus the observation, of steps that do not terminate; one line an entry.";
                    default -> "One line an entry. Pictures run from the 0.1 % to the 99.9 % quantile.";
                });
        page.table("#entry", "distribution", "#mean", "#std", "#min", "#1 %", "#median", "#99 %", "#max", "notes");
        for (var i = 0; i < entries.size(); i++) {
            var entry = entries.get(i);
            var quantiles = entry.quantiles(0.01, 0.5, 0.99);
            page.out().open("tr");
            page.number(Integer.toString(i));
            writeSpark(entry);
            for (var number : new double[] {
                entry.mean(),
                entry.standardDeviation(),
                entry.min(),
                quantiles[0],
                quantiles[1],
                quantiles[2],
                entry.max()
            }) {
                page.number(number(number));
            }
            page.word(String.join("; ", notes(name, i, entry)));
            page.out().close().line();
        }
        page.endTable();
    }

    private List<String> notes(String name, int dimension, Distribution entry) {
        var notes = new ArrayList<String>();
        if (entry.isConstant()) {
            notes.add("constant");
        }
        var same = sameAs.get(name + " " + dimension);
        if (same != null) {
            notes.add("same as " + same);
        }
        if (name.equals("action") && stats.rules().isBounded()) {
            notes.add((stats.rules().isUniform() ? "" : "within " + bounds(dimension) + ": ")
                    + percent((double) stats.atLow(dimension) / stats.transitions()) + " at the lower bound, "
                    + percent((double) stats.atHigh(dimension) / stats.transitions()) + " at the upper");
        }
        if (name.equals("step_difference") && card.jumps().stream().anyMatch(jump -> jump.dimension() == dimension)) {
            notes.add("jumps");
        }
        var drift = card.drift();
        var psi = drift == null ? null : drift.psi(name, dimension);
        if (psi != null && psi > Drift.SOME) {
            notes.add("drift " + number(psi));
        }
        return notes;
    }

    private String bounds(int dimension) {
        return "[" + plain(stats.rules().low(dimension)) + ", "
                + plain(stats.rules().high(dimension)) + "]";
    }

    private void writeSpark(Distribution entry) {
        var ends = entry.quantiles(0.001, 0.999);
        if (ends[0] == ends[1]) { // all else is rare
            ends = new double[] {entry.min(), entry.max()};
        }
        var out = page.out().open("td", "class", "spark");
        if (ends[0] < ends[1]) {
            var counts = entry.histogram().binned(ends[0], ends[1], SPARK_BINS);
            var most = 1L;
            for (var count : counts) {
                most = Math.max(most, count);
            }
            var path = new StringBuilder();
            var width = SPARK_WIDTH / SPARK_BINS;
            for (var i = 0; i < counts.length; i++) {
                if (counts[i] > 0) {
                    var height = Math.max(1, SPARK_HEIGHT * counts[i] / most);
                    path.append('M')
                            .append(Markup.coordinate(i * width))
                            .append(' ')
                            .append(SPARK_HEIGHT);
                    path.append('v').append(Markup.coordinate(-height));
                    path.append('h').append(Markup.coordinate(width - 0.5));
                    path.append('V').append(SPARK_HEIGHT).append('z');
                }
            }
            out.open(
                    "svg",
                    "class",
                    "spark",
                    "viewBox",
                    "0 0 " + Markup.coordinate(SPARK_WIDTH) + " " + Markup.coordinate(SPARK_HEIGHT),
                    "role",
                    "img",
                    "aria-label",
                    "from " + number(ends[0]) + " to " + number(ends[1]));
            out.empty("path", "d", path).close();
        }
        out.close();
    }

    private void writeJumps() {
        var jumps = card.jumps();
        if (stats.of("step_length").count() == 0) {
            return;
        }
        page.heading("Longest steps");
        page.soft("Steps of an entry of the observation beyond "
                + plain(card.checks().jumpFactor())
                + " times the 99 % quantile of its steps, and the five longest steps by Euclidean length over all entries."
                + " (Not the 99.9 % quantile: one false step in an episode of 1,000 would hide behind itself.)");
        page.table("what", "#length", "#99 % of steps", "episode", "#step", "file", "#row");
        for (var jump : jumps) {
            for (var place : jump.largest()) {
                writePlace("observation " + jump.dimension() + ", a jump", place, jump.usual());
            }
        }
        for (var place : stats.longestSteps()) {
            writePlace("all entries", place, stats.of("step_length").quantile(0.99));
        }
        page.endTable();
    }

    private void writePlace(String what, DatasetStats.Place place, double usual) {
        page.out().open("tr");
        page.word(what);
        page.number(number(place.size()));
        page.number(number(usual));
        page.word(place.episodeId());
        page.number(Numbers.whole(place.step()));
        page.word(place.sourceFile());
        page.number(Numbers.whole(place.sourceRow()));
        page.out().close().line();
    }

    private void writeDrift() {
        var drift = card.drift();
        if (drift == null) {
            return;
        }
        page.heading("Drift");
        page.soft("How " + drift.current() + " is distributed, against " + drift.reference()
                + ": the quantities that differ most, by population stability index over bins that end at the reference's"
                + " deciles. Below 0.1 nothing much has changed, above 0.25 a lot has (Siddiqi 2006).");
        page.table("what", "#entry", "#index", "#mean before", "#mean now", "reading");
        for (var shift : drift.greatest().stream().limit(MOST_SHIFTS).toList()) {
            page.out().open("tr");
            page.word(shift.name());
            page.number(Integer.toString(shift.dimension()));
            page.number(number(shift.psi()));
            page.number(number(shift.meanBefore()));
            page.number(number(shift.meanNow()));
            page.word(shift.psi() > Drift.MUCH ? "a lot" : shift.psi() > Drift.SOME ? "somewhat" : "nothing much");
            page.out().close().line();
        }
        page.endTable();
    }

    private void writeReading() {
        page.heading("How to read this");
        page.soft(
                "Every row was counted; nothing is sampled. Counts are exact, and means and standard deviations (divided by"
                        + " the count) come from exact sums. Quantiles, and which bar of a picture a value is in, are exact"
                        + " to within 0.1 % of the value, towards zero; whole numbers below 2,048 are exact.");
        page.soft(
                "Coverage counts the visited cells of a grid. Unless its widths are given, an entry is cut into intervals as"
                        + " wide as the least power of two that leaves at most "
                        + "64 of them visited (16 in a grid over three entries, 8 over four). Stitchability is the share of states"
                        + " in a cell that more than one episode visited: only there can a policy change from one episode to"
                        + " another.");
        page.soft(
                "Effective samples are (sum w)² / sum w² for weights w = 1 / propensity (Kish 1965): as many equally weighted"
                        + " decisions would say as much about a policy that chooses uniformly.");
    }

    /** Three digits, also of the small. */
    private static String number(double value) {
        var size = Math.abs(value);
        return size >= 1e-4 && size < 0.01
                ? String.format(Locale.ROOT, "%.3g", value).replace('-', '−')
                : Numbers.plain(value);
    }

    /** A setting or a width, with the digits that it has and no more. */
    private static String plain(double value) {
        return value == Math.rint(value) && Math.abs(value) < 1e7
                ? Numbers.whole(value)
                : Double.toString(value).replace('-', '−');
    }

    private static String percent(double share) {
        // Rare is not never.
        return share > 0 && share < 0.0005
                ? "under 0.1 %"
                : share < 1 && share > 0.9995 ? "over 99.9 %" : Numbers.percent(share);
    }

    private static String count(long number, String what) {
        return Numbers.whole(number) + " " + what + (number == 1 ? "" : "s");
    }
}
