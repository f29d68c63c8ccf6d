package io.hindcast.report.chart;

import static java.lang.Double.NaN;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.hindcast.env.FloorPlan;
import io.hindcast.report.chart.ForestPlot.Kind;
import io.hindcast.report.chart.ForestPlot.Row;
import io.hindcast.report.chart.LineChart.Point;
import io.hindcast.report.chart.LineChart.Series;
import io.hindcast.report.chart.LineChart.Size;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ChartTest {
    @Test
    void ticksAreRoundNumbers() {
        assertThat(labels(Axis.linear(-150, -20, 5, 0, 1))).containsExactly("−150", "−100", "−50");
        assertThat(labels(Axis.linear(0, 20_000, 4, 0, 1))).containsExactly("0", "5k", "10k", "15k", "20k");
        assertThat(labels(Axis.linear(0, 0.3, 3, 0, 1))).containsExactly("0", "0.1", "0.2", "0.3");
        assertThat(labels(Axis.linear(0, 1_500_000, 3, 0, 1))).containsExactly("0", "0.5M", "1M", "1.5M");
        assertThat(labels(Axis.logarithmic(0.5, 2_000, 5, 0, 1))).containsExactly("1", "10", "100", "1000");
    }

    @Test
    void anAxisPutsItsEndsAtItsPixels() {
        var up = Axis.linear(-10, 10, 4, 200, 100);
        assertThat(up.at(-10)).isEqualTo(200);
        assertThat(up.at(5)).isEqualTo(125);
        var decades = Axis.logarithmic(1, 100, 4, 0, 50);
        assertThat(decades.at(10)).isEqualTo(25);
    }

    @Test
    void aPointTellsItsMeanItsSpreadAndItsSeeds() {
        var svg = lines(new Point(0, -150, Double.NaN, 1), new Point(5_000, -21.34, 1.25, 3));
        assertThat(svg)
                .contains("<title>iql on all\nat 5,000: −21.3 ± 1.3 (3 seeds)</title>")
                .contains("<title>iql on all\nat 0: −150.0 (1 seed)</title>")
                .contains("class=\"band c0\"");
    }

    @Test
    void oneSeedHasNoBand() {
        assertThat(lines(new Point(0, 1, Double.NaN, 1), new Point(1, 2, Double.NaN, 1)))
                .contains("class=\"line\"")
                .doesNotContain("class=\"band");
    }

    @Test
    void aMeanThatIsNoNumberLeavesAGap() {
        var svg = lines(
                new Point(0, 1, Double.NaN, 1),
                new Point(1, Double.NaN, Double.NaN, 1),
                new Point(2, 3, Double.NaN, 1));
        assertThat(svg.split("class=\"line\"", -1)).hasSize(3);
        assertThat(svg).doesNotContain("NaN");
    }

    @Test
    void aCurveHasNoMorePointsThanCanBeToldApart() {
        // Of 2,500 points, groups of 3: 0, 1 and 2 become 1.
        var svg = lines(IntStream.range(0, 2500)
                .mapToObj(i -> new Point(i, i, Double.NaN, 1))
                .toArray(Point[]::new));
        assertThat(svg.split("<circle", -1)).hasSize(1 + 834);
        assertThat(svg).contains("at 2: 1", "at 2,499: 2,499 (1 seed)").doesNotContain("at 1: ");
        var all = lines(IntStream.range(0, 1000)
                .mapToObj(i -> new Point(i, i, Double.NaN, 1))
                .toArray(Point[]::new));
        assertThat(all.split("<circle", -1)).hasSize(1 + 1000);
    }

    @Test
    void ofVeryManyPointsSomeHaveATooltip() {
        var points = IntStream.range(0, 1000)
                .mapToObj(i -> new Point(i, i, Double.NaN, 1))
                .toList();
        var series = IntStream.range(0, 12)
                .mapToObj(i -> new Series("iql", i, points))
                .toList();
        var svg = new LineChart("t", "x", "y", Size.SMALL, series, List.of(), List.of()).svg();
        // Every second point, and the last of each line.
        assertThat(svg.split("<circle", -1)).hasSize(1 + 12 * 501);
    }

    @Test
    void aLossThatFallsByFourPowersOfTenGetsALogarithmicAxis() {
        assertThat(lines(new Point(0, 9_000, Double.NaN, 1), new Point(1, 0.4, Double.NaN, 1)))
                .contains("(log scale)");
        assertThat(lines(new Point(0, 9_000, Double.NaN, 1), new Point(1, -0.4, Double.NaN, 1)))
                .doesNotContain("(log scale)");
    }

    @Test
    void anAxisIsLinearWhereASeedOrALevelIsNotAboveZero() {
        var rises = List.of(new Point(0, 0.5, Double.NaN, 1), new Point(1, 600, Double.NaN, 1));
        for (var level : new double[] {-20, 0}) {
            var levels = List.of(new Reference("mean logged episode", level));
            var svg = new LineChart("t", "x", "y", Size.WIDE, List.of(new Series("iql", 0, rises)), levels, List.of())
                    .svg();
            assertThat(svg).doesNotContain("NaN").doesNotContain("(log scale)").contains(">600</text>");
        }
        assertThat(lines(new Point(0, 9_000, 1, 3, 8_000, 10_000), new Point(1, 0.4, 1, 3, -0.2, 1)))
                .doesNotContain("(log scale)");
        var seed = new LineChart.Single(7, List.of(new Point(0, -1, NaN, 1), new Point(1, 9, NaN, 1)));
        var svg = new LineChart(
                        "t",
                        "x",
                        "y",
                        Size.WIDE,
                        List.of(new Series("iql", 0, rises, List.of(seed))),
                        List.of(),
                        List.of())
                .svg();
        assertThat(svg).doesNotContain("(log scale)");
    }

    @Test
    void onALogarithmicAxisABandIsFromTheLeastToTheMostOfAnySeed() {
        // Mean 10,000 and a standard deviation of more: a band of that would fall to the floor.
        var svg = lines(
                new Point(0, 1, 0.1, 3, 1, 1),
                new Point(1, 10_000, 15_000, 3, 100, 29_000),
                new Point(2, 1, 0.1, 3, 1, 1));
        var band = coordinates(svg, "band c0");
        // Forth over the most, back over the least: the level of 100 is half of the way from 1 to 10,000.
        assertThat(svg).contains("(log scale)");
        assertThat(band[9]).isCloseTo((band[1] + band[3]) / 2, within(0.1));
        assertThat(lines(new Point(0, 1, 0.1, 3), new Point(1, 10_000, 15_000, 3)))
                .contains("(log scale)")
                .doesNotContain("class=\"band");
    }

    @Test
    void aSeedBeyondTheBandIsWithinTheAxis() {
        var svg = lines(new Point(0, 0, 1, 9, -1, 30), new Point(1, 0, 1, 9, -1, 1));
        assertThat(svg).contains(">30</text>");
    }

    @Test
    void singleSeedsAreThereAndHidden() {
        var seed = new LineChart.Single(7, List.of(new Point(0, 1, NaN, 1), new Point(1, 2, NaN, 1)));
        var series = new Series("iql", 0, List.of(new Point(0, 1, NaN, 1)), List.of(seed, seed));
        var svg = new LineChart("t", "x", "y", Size.SMALL, List.of(series), List.of(), List.of()).svg();
        assertThat(svg.split("class=\"single\"", -1)).hasSize(3);
        assertThat(svg).contains("<title>iql, seed 7</title>");
        assertThat(Style.pictures()).contains("svg .singles { display: none; }");
    }

    @Test
    void manySingleSeedsHaveFewPointsEach() {
        var points =
                IntStream.range(0, 1000).mapToObj(i -> new Point(i, i, NaN, 1)).toList();
        var singles = IntStream.range(0, 30)
                .mapToObj(seed -> new LineChart.Single(seed, points))
                .toList();
        var svg = new LineChart(
                        "t", "x", "y", Size.SMALL, List.of(new Series("iql", 0, points, singles)), List.of(), List.of())
                .svg();
        // 3,000 points in all are 100 of each.
        assertThat(coordinates(svg, "single")).hasSize(200);
    }

    @Test
    void levelsToCompareWithAreInTheLegendWithTheirValue() {
        var points = List.of(new Point(0, -150, Double.NaN, 1));
        var levels = List.of(new Reference("best logged episode", -46), new Reference("mean logged episode", -103.4));
        var svg =
                new LineChart("t", "x", "y", Size.WIDE, List.of(new Series("iql", 0, points)), levels, List.of()).svg();
        assertThat(svg).contains(">best logged episode −46.0</text>", ">mean logged episode −103.4</text>");
        // Once in the legend, once across the plot.
        assertThat(svg.split("class=\"reference r1\"", -1)).hasSize(3);
    }

    @Test
    void namesCannotBecomeMarkup() {
        var chart = new LineChart(
                "<b>\"&",
                "x",
                "y",
                Size.WIDE,
                List.of(new Series("</svg><script>", 0, List.of(new Point(0, 1, Double.NaN, 1)))),
                List.of(new Reference("<i>", 2)),
                List.of(new LineChart.Boundary("<u>", 0)));
        assertThat(chart.svg())
                .doesNotContain("<b>", "<script>", "<i>", "<u>")
                .contains("&lt;b&gt;&quot;&amp;")
                .contains("&lt;/svg&gt;&lt;script&gt;");
    }

    @Test
    void nothingFiniteIsAChartOfAxes() {
        assertThat(lines(new Point(0, Double.NaN, Double.NaN, 1)))
                .startsWith("<svg")
                .doesNotContain("NaN");
        assertThat(lines(new Point(0, -Double.MAX_VALUE, Double.NaN, 1), new Point(1, Double.MAX_VALUE, Double.NaN, 1)))
                .startsWith("<svg")
                .doesNotContain("NaN", "Infinity");
    }

    @Test
    void numbersWhoseNextIsThemselvesHaveAnEndOfTicks() {
        assertThat(lines(new Point(0, 1e16, Double.NaN, 1), new Point(1, 1e16 + 2, Double.NaN, 1)))
                .startsWith("<svg");
    }

    @Test
    void binsHoldEveryValueAtRoundEdges() {
        // A step of at least 104 / 20 = 5.2 is 10: from -150 to -40.
        assertThat(Histogram.Bins.over(-150, -46, 20)).isEqualTo(new Histogram.Bins(-150, 10, 11));
        assertThat(Histogram.Bins.over(7, 7, 20)).isEqualTo(new Histogram.Bins(7, 1, 1));
        // The best value is at an edge: it opens a bin of its own.
        assertThat(Histogram.Bins.over(0, 4, 4)).isEqualTo(new Histogram.Bins(0, 1, 5));
    }

    @Test
    void aBarTellsItsBinAndItsCount() {
        var bins = new Histogram.Bins(0, 10, 2);
        var svg = new Histogram(
                        "Episode returns",
                        "return",
                        "episodes",
                        bins,
                        new Histogram.Layer("all", 0, List.of(3L, 0L)),
                        List.of(new Histogram.Layer("top-10", 1, List.of(1L, 0L))))
                .svg();
        assertThat(svg)
                .contains("<title>all\n0.0 to 10.0: 3</title>")
                .contains("<title>top-10\n0.0 to 10.0: 1</title>");
        assertThat(svg.split("<title>", -1)).hasSize(3);
    }

    @Test
    void wallsStandWhereTheMazeHasThem() {
        var goal = new FloorPlan.Point(1.5, 1.5);
        var floor = new FloorPlan(
                List.of(".#", ".."),
                1,
                new FloorPlan.Point(0, 0),
                new FloorPlan.Point(0.5, 0.5),
                new FloorPlan.Goal(goal, goal, 0.5),
                new FloorPlan.Entry(0, 1),
                new FloorPlan.Entry(1, 1));
        var density = new StateMap.Density(0, 2, 0, 2, 2, 2, List.of(new StateMap.Cell(0, 0, 4)));
        var svg = new StateMap("Visited states", "x", "y", density, floor).svg();
        // The wall (0, 1) is above the visited cell (0, 0): the one ends where the other begins, at the same x.
        var wall = path(svg, "wall");
        var visits = path(svg, "visits v4");
        assertThat(wall[0]).isEqualTo(visits[0]);
        assertThat(wall[1]).isEqualTo(visits[3]);
        assertThat(svg).contains("start at (0.500, 0.500)").contains("goal at (1.50, 1.50)");
    }

    @Test
    void theMostVisitedCellIsTheDarkest() {
        var cells = List.of(new StateMap.Cell(0, 0, 1), new StateMap.Cell(1, 1, 1_000));
        var svg = new StateMap("Visited states", "x", "y", new StateMap.Density(0, 1, 0, 1, 2, 2, cells), null).svg();
        assertThat(svg).containsPattern("<path class=\"visits v0\"[^>]*><title>1–3 visits a cell");
        assertThat(svg).containsPattern("<path class=\"visits v4\"[^>]*><title>252–1,000 visits a cell");
    }

    @Test
    void wallsOfAnAntMazeAreFourMetresWideAndItsGoalIsARegion() {
        var floor = FloorPlan.of("antmaze-umaze").orElseThrow();
        var density = new StateMap.Density(-6, 14, -6, 14, 5, 5, List.of(new StateMap.Cell(1, 2, 4)));
        var svg = new StateMap("Visited states", "x", "y", density, floor).svg();
        // The first wall is the corner's cell, the only cell visited stands one to the right and two above.
        var wall = path(svg, "wall");
        var visits = path(svg, "visits v4");
        assertThat(visits[0]).isEqualTo(wall[2]);
        assertThat(wall[1] - visits[1]).isCloseTo(2 * (wall[1] - wall[3]), within(0.2));
        // 1.5 m and 0.5 m on either side, where a cell is 4 m.
        var region = java.util.regex.Pattern.compile("goal-region\"[^>]* width=\"([0-9.]+)\"")
                .matcher(svg);
        assertThat(region.find()).isTrue();
        assertThat(Double.parseDouble(region.group(1))).isCloseTo((wall[2] - wall[0]) * 2.5 / 4, within(0.2));
    }

    @Test
    void aPathIsDrawnWhereItWent() {
        var floor = FloorPlan.of("pointmass-medium").orElseThrow();
        var walk = new PathMap.Walk(4, 7, null, List.of(0f, 0f, 6f, 6f));
        var svg = new PathMap("iql", floor, List.of(walk)).svg();
        // From the lower left corner of the walls to the upper right one.
        assertThat(svg).contains("<title>seed 4, episode 7</title>", ">1 episodes</text>");
        var wall = path(svg, "wall"); // that of cell (0, 2)
        var side = wall[2] - wall[0];
        var line = java.util.regex.Pattern.compile("class=\"t3\" d=\"M([0-9.]+) ([0-9.]+) ([0-9.]+) ([0-9.]+) \"")
                .matcher(svg);
        assertThat(line.find()).isTrue();
        assertThat(Double.parseDouble(line.group(1))).isCloseTo(wall[0], within(0.2));
        assertThat(Double.parseDouble(line.group(3))).isCloseTo(wall[0] + 6 * side, within(0.7));
    }

    @Test
    void aPathGrowsStrongerFromItsStartToItsEnd() {
        var floor = FloorPlan.of("pointmass-medium").orElseThrow();
        var points = List.of(0f, 0f, 1f, 0f, 2f, 0f, 3f, 0f, 4f, 0f);
        var svg = new PathMap("iql", floor, List.of(new PathMap.Walk(1, 0, true, points))).svg();
        // Five points: each of four pieces begins where the one before ends.
        var ends = IntStream.range(0, 4)
                .mapToObj(piece -> coordinates(svg, "t" + piece))
                .toList();
        for (var piece = 1; piece < 4; piece++) {
            assertThat(ends.get(piece)[0]).isEqualTo(ends.get(piece - 1)[2]);
        }
        assertThat(svg).contains("class=\"end\" cx=\"" + Markup.coordinate(ends.get(3)[2]));
    }

    @Test
    void ofManyPathsTheFirstOfEverySeedAreDrawnAndFailuresLieAbove() {
        var floor = FloorPlan.of("pointmass-medium").orElseThrow();
        var walks = IntStream.range(0, 30)
                .mapToObj(i -> new PathMap.Walk(i / 10, i % 10, i / 10 != 1, List.of(0f, 0f, 6f, 6f)))
                .toList();
        var svg = new PathMap("iql", floor, walks).svg();
        assertThat(svg).contains(">20 succeeded</text>", ">10 did not succeed</text>");
        // Of 10, four of one seed and three of the others.
        assertThat(svg.split("<title>seed 0", -1)).hasSize(1 + 4);
        assertThat(svg.split("<title>seed 1", -1)).hasSize(1 + 3);
        assertThat(svg.indexOf("<title>seed 1")).isGreaterThan(svg.lastIndexOf("<title>seed 2"));
    }

    @Test
    void aSweepFromZeroOverDecadesHasZeroAtItsLeftEndAndATickAtEveryDecade() {
        var axis = Axis.logarithmicFromZero(0.01, 10, 5, 0, 300);
        assertThat(labels(axis)).containsExactly("0", "0.1", "1", "10");
        assertThat(axis.at(0)).isEqualTo(0);
        assertThat(axis.at(0.1)).isCloseTo(100, within(1e-9));
        assertThat(axis.at(10)).isEqualTo(300);
    }

    @Test
    void aSweepOverLessThanTwoDecadesHasALinearAxis() {
        assertThat(sweep(0.5, 0.7, 0.9)).doesNotContain("log scale");
        assertThat(sweep(0.01, 0.1, 1)).contains("alpha (log scale)");
        assertThat(sweep(-1, 0.01, 10)).doesNotContain("log scale");
        assertThat(sweep(0, 1, 10)).doesNotContain("log scale");
    }

    @Test
    void aPointOfASweepHasABarOfItsSpreadUnlessItIsOneSeed() {
        var svg = sweep(0.5, 0.7, 0.9);
        assertThat(svg).contains("<title>alpha 0.500: −20.0 ± 2.0 (3 seeds)</title>");
        assertThat(svg.split("class=\"bar\"", -1)).hasSize(1 + 3 * 3);
        var one = new SweepChart("t", "alpha", "y", 0, List.of(new Point(1, 2, Double.NaN, 1)), List.of()).svg();
        assertThat(one).doesNotContain("class=\"bar\"").contains("(1 seed)");
    }

    @Test
    void anUprightLineStandsWhereSomethingElseBeginsAndNotBeyondTheData() {
        var points = List.of(new Point(0, 1, Double.NaN, 1), new Point(100, 2, Double.NaN, 1));
        assertThat(bounded(points, 50)).contains("<title>online from here: 50</title>");
        assertThat(bounded(points, 101)).doesNotContain("online from here");
    }

    @Test
    void aForestPlotHasARowForEachEstimateWithItsIntervalAndItsNote() {
        var svg = forest(
                row("iql", Kind.ESTIMATE, 20, 10, 30, List.of()),
                row("uniform", Kind.BASELINE, 10, NaN, NaN, List.of()));
        assertThat(svg)
                .contains("aria-label=\"Returns: iql is 20.0; uniform is 10.0\"")
                .containsOnlyOnce(">iql</text>")
                .containsOnlyOnce(">is 10.0</text>")
                .contains("<g class=\"estimate c0\"><title>iql: is 20.0</title>");
        // The interval's line and its two ends, of the first row alone; a dot of the one and a diamond of the other.
        assertThat(svg.split("class=\"bar\"", -1)).hasSize(1 + 3);
        assertThat(svg).containsPattern("<circle class=\"dot\"").containsPattern("<path class=\"dot\"");
        // The first row is above the second, the interval as far to either side of its value.
        var bar = numbers(svg, "<line class=\"bar\" x1=\"([0-9.]+)\" y1=\"([0-9.]+)\" x2=\"([0-9.]+)\"");
        var dot = numbers(svg, "<circle class=\"dot\" cx=\"([0-9.]+)\" cy=\"([0-9.]+)\"");
        assertThat(dot[0]).isCloseTo((bar[0] + bar[2]) / 2, within(0.2));
        assertThat(dot[1]).isEqualTo(bar[1]);
        assertThat(numbers(svg, "<path class=\"dot\" d=\"M[0-9.]+ ([0-9.]+)")[0])
                .isGreaterThan(bar[1]);
    }

    @Test
    void whatCannotBeReliedUponDecidesNothingOfWhatIsSeen() {
        var alone = forest(row("iql", Kind.ESTIMATE, 20, 10, 30, List.of()));
        var beside = forest(
                row("iql", Kind.ESTIMATE, 20, 10, 30, List.of()),
                new Row("old", Kind.REFUSED, 9e9, -9e9, 9e12, 0, List.of(), "refused"));
        var dot = "<circle class=\"dot\" cx=\"([0-9.]+)\"";
        assertThat(numbers(beside, dot)).isEqualTo(numbers(alone, dot));
        assertThat(beside).contains("class=\"refused c0\"");
    }

    @Test
    void theSeedsThatAMeanIsMadeOfAreDotsAroundItsLine() {
        var svg = forest(row("iql", Kind.ESTIMATE, 20, 10, 30, List.of(18.0, 22.0)));
        var left = numbers(svg, "<circle class=\"part\" cx=\"([0-9.]+)\"")[0];
        var mean = numbers(svg, "<line class=\"mean\" x1=\"([0-9.]+)\"")[0];
        var bar = numbers(svg, "<line class=\"bar\" x1=\"([0-9.]+)\"")[0];
        // A fifth of the way from the mean to the end of the interval.
        assertThat(mean - left).isCloseTo((mean - bar) / 5, within(0.2));
        assertThat(svg.split("class=\"part\"", -1)).hasSize(3);
    }

    @Test
    void estimatesOverManyPowersOfTenHaveALogarithmicAxisEvenBesideOneBelowZero() {
        var rows = List.of(
                row("a", Kind.ESTIMATE, 2, NaN, NaN, List.of()),
                row("b", Kind.ESTIMATE, 20_000, NaN, NaN, List.of()),
                row("c", Kind.REFUSED, -5, NaN, NaN, List.of()));
        assertThat(forest(rows.toArray(Row[]::new)))
                .contains("return (log scale)")
                .doesNotContain("NaN");
        assertThat(forest(rows.get(0), rows.get(2))).doesNotContain("log scale");
    }

    @Test
    void aLevelBeyondTheRowsIsSeenToo() {
        var rows = List.of(row("a", Kind.ESTIMATE, 2, 1, 3, List.of()));
        var svg = new ForestPlot("Returns", "return", rows, List.of(new Reference("logged", 9))).svg();
        assertThat(svg).contains(">logged 9.00</text>").containsPattern("<line class=\"reference r0\" x1=\"800.8\"");
    }

    private static Row row(String name, Kind kind, double value, double low, double high, List<Double> parts) {
        return new Row(name, kind, value, low, high, 0, parts, "is " + Numbers.plain(value));
    }

    private static String forest(Row... rows) {
        return new ForestPlot("Returns", "return", List.of(rows), List.of()).svg();
    }

    private static double[] numbers(String svg, String pattern) {
        var matcher = java.util.regex.Pattern.compile(pattern).matcher(svg);
        assertThat(matcher.find()).isTrue();
        return IntStream.rangeClosed(1, matcher.groupCount())
                .mapToDouble(i -> Double.parseDouble(matcher.group(i)))
                .toArray();
    }

    private static String bounded(List<Point> points, double x) {
        return new LineChart(
                        "t",
                        "x",
                        "y",
                        Size.WIDE,
                        List.of(new Series("iql", 0, points)),
                        List.of(),
                        List.of(new LineChart.Boundary("online from here", x)))
                .svg();
    }

    private static String sweep(double... settings) {
        var points = java.util.Arrays.stream(settings)
                .mapToObj(setting -> new Point(setting, -20, 2, 3))
                .toList();
        return new SweepChart("Final return", "alpha", "mean return", 0, points, List.of()).svg();
    }

    @Test
    void theNewestPlacesAreTheDarkestAndWallsHaveNoNovelty() {
        // From 1 to 32 in five levels, each twice the one before; the upper left quarter is a wall.
        var goal = new FloorPlan.Point(1.5, 1.5);
        var floor = new FloorPlan(
                List.of(".#", ".."),
                1,
                new FloorPlan.Point(0, 0),
                new FloorPlan.Point(0.5, 0.5),
                new FloorPlan.Goal(goal, goal, 0.5),
                new FloorPlan.Entry(0, 1),
                new FloorPlan.Entry(1, 1));
        var svg = new NoveltyMap("Novelty", "x", "y", 2, 2, List.of(1.0, 1000.0, 3.0, 32.0), floor).svg();
        assertThat(svg).containsPattern("<path class=\"novelty v0\"[^>]*><title>error 1.00–2.00");
        assertThat(svg).containsPattern("<path class=\"novelty v1\"[^>]*><title>error 2.00–4.00");
        assertThat(svg).containsPattern("<path class=\"novelty v4\"[^>]*><title>error 16.0–32.0");
        assertThat(svg).doesNotContain("1,000");
        // The wall (0, 1) is above the place (0, 0), the newest (1, 1) to the right of the wall.
        assertThat(path(svg, "wall")[1]).isEqualTo(path(svg, "novelty v0")[3]);
        assertThat(path(svg, "novelty v4")[0]).isEqualTo(path(svg, "wall")[2]);
    }

    /** Left, bottom, right, top of the first box of the path with that class. */
    private static double[] path(String svg, String style) {
        var matcher = java.util.regex.Pattern.compile(
                        "<path class=\"" + style + "\" d=\"M([0-9.]+) ([0-9.]+)H([0-9.]+)V([0-9.]+)")
                .matcher(svg);
        assertThat(matcher.find()).isTrue();
        var box = new double[4];
        for (var i = 0; i < 4; i++) {
            box[i] = Double.parseDouble(matcher.group(i + 1));
        }
        return box;
    }

    private static List<String> labels(Axis axis) {
        return axis.ticks().stream().map(axis::label).toList();
    }

    /** The coordinates of the first path of a style, x and y in turn. */
    private static double[] coordinates(String svg, String style) {
        var path = java.util.regex.Pattern.compile("class=\"" + style + "\" d=\"M([^\"]*?) ?Z?\"")
                .matcher(svg);
        assertThat(path.find()).isTrue();
        return java.util.Arrays.stream(path.group(1).split(" "))
                .mapToDouble(Double::parseDouble)
                .toArray();
    }

    private static String lines(Point... points) {
        return new LineChart(
                        "Evaluation return",
                        "updates",
                        "mean return",
                        Size.WIDE,
                        List.of(new Series("iql on all", 0, List.of(points))),
                        List.of(),
                        List.of())
                .svg();
    }
}
