package io.hindcast.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hindcast.report.Links.Link;
import io.hindcast.report.ReportData.Baseline;
import io.hindcast.report.chart.Markup;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.stream.IntStream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;
import org.w3c.dom.Element;

class ReportPageTest {
    @Test
    void whatTheLogAloneSaidStandsBesideWhatWasPlayed() {
        var told = List.of(
                new Agreement.Told("a after 10 updates", Agreement.key("a", 10L), 4, true),
                new Agreement.Told("uniform", Agreement.key(null, null), 3, true),
                new Agreement.Told("b after 10 updates", Agreement.key("b", 10L), 2, false));
        var played = Agreement.played(
                Map.of("a", Map.of(10L, new double[] {6, 8}), "b", Map.of(10L, new double[] {7.5, 8.5})));
        var judged = new ReportData.Judged("dm", Agreement.of(told, played).orElseThrow());

        assertThat(ReportPage.html(Reports.of(judged)))
                .contains(
                        "By the log alone",
                        "Of 2 policies that were played the log can tell of 1",
                        "Rank correlation \u22121.00",
                        "To take the first of the ranking costs 100 %",
                        "estimated by the log (dm)");
    }

    @Test
    void everyElementIsClosedAndAllTextEscaped() throws Exception {
        var page = parse(ReportPage.html(SampleReport.data()));
        assertThat(page.getElementsByTagName("script").getLength()).isOne();
        assertThat(page.getElementsByTagName("li").item(0).getTextContent())
                .isEqualTo(
                        "awac-with-a-name-that-nobody-would-choose-but-somebody-will, all, seed 2 diverged after 1,312"
                                + " updates: critic/loss is NaN at update 1,312 <script>alert('x')</script>");
    }

    @Test
    void thePageAsksForNothingFromOutside() {
        assertThat(ReportPage.html(SampleReport.data()))
                .doesNotContain("http", "src=", "href=", "url(", "@import", "<link", "fetch", "import(", "eval(");
    }

    @Test
    void thePageLeadsToWhatIsThere() throws Exception {
        var runs = of("a", 0, 1);
        var links = new Links(
                List.of(new Link("the scorecard of the data", "../stats/scorecard.html")),
                Map.of(
                        "a1",
                        List.of(new Link("policy", "../policies/a1/"), new Link("checkpoints", "../checkpoints/a1/"))));
        var page = ReportPage.html(Reports.of(Result.of(runs), links));
        assertThat(page)
                .contains("Beside this page: <a href=\"../stats/scorecard.html\">the scorecard of the data</a>.")
                .contains("<a href=\"../policies/a1/\">policy</a> · <a href=\"../checkpoints/a1/\">checkpoints</a>")
                .doesNotContain("policies/a0");
        // Folded, a row a run: name, subset, seed, outcome, updates, final return, id.
        var rows = parse(page).getElementsByTagName("details").item(0).getTextContent();
        assertThat(rows)
                .startsWith("Every run, and what it left")
                .contains("aall0finished", "a0", "a1policy · checkpoints");
    }

    @Test
    void aLongNameIsShownWithoutItsMiddleWhichIsTold() {
        var name = "a-name-of-which-" + "the-middle-".repeat(6) + "is-long";
        var page = page(List.of(of(name, 0, 1)));
        assertThat(page)
                .containsPattern(
                        "<span title=\"" + name + "\">a-name-of-which-the-mid[a-z-]*…[a-z-]*middle-is-long</span>")
                // In pictures too.
                .containsPattern("middle-is-long<title>" + name + "</title></text>");
    }

    @Test
    void onAPhoneTablesAndPicturesScrollInThemselves() {
        assertThat(Page.style())
                .containsPattern("\\.scroll \\{[^}]*overflow-x: auto")
                .containsPattern("figure \\{[^}]*overflow-x: auto")
                .containsPattern("(?s)@media \\(max-width: 600px\\).*position: sticky");
        assertThat(ReportPage.html(SampleReport.data())).contains("content=\"width=device-width, initial-scale=1\"");
    }

    @Test
    void whatTheScriptLooksForIsThereAndHiddenWithoutIt() {
        var page = ReportPage.html(SampleReport.data());
        // At the learning curves and at the losses.
        assertThat(page.split("<div class=\"controls\" hidden=\"hidden\"></div>", -1))
                .hasSize(3);
        assertThat(page).contains("class=\"series curve c0\"", "class=\"single\"", "querySelectorAll('svg')");
        assertThat(page(List.of())).doesNotContain("<script");
    }

    @Test
    void aScriptThatReadsOtherwiseAsXmlIsRefused() {
        assertThatThrownBy(() -> new Markup().script("if (a < b) { }"))
                .hasMessage("Cannot write a script: it has an & or a <");
    }

    @Test
    void aRowSaysHowItsSeedsEnded() throws Exception {
        var texts = texts();
        assertThat(texts)
                .anyMatch(
                        text -> text.matches(
                                "iql highest finalexpectile 0.9, temperature 0.1alliql−.*3 finished20,000 updates1,102/s"
                                        + "|iql highest finaltemperature 0.1, expectile 0.9alliql−.*3 finished20,000 updates1,102/s"))
                .anyMatch(text -> text.startsWith("awac-with") && text.endsWith("diverged1,312 updates"));
        assertThat(texts).filteredOn(text -> text.contains("highest final")).hasSize(1);
    }

    @Test
    void rowsFallByFinalReturnAndBaselinesStandAmongThem() throws Exception {
        assertThat(texts())
                .filteredOn(text -> text.matches("(iql|bc|behaviour|uniform|awac-with).*"))
                .extracting(text -> text.replaceAll("(?s)(iql|bc|behaviour|uniform|awac-with).*", "$1"))
                // Once as a learner's row; the made-up returns of bc on the best tenth are better than those on all.
                .containsExactly("iql", "bc", "bc", "behaviour", "uniform", "awac-with");
    }

    @Test
    void theWinnersMarkHasTheColourOfNoRow() {
        assertThat(Page.style())
                .containsPattern("tr\\.best td:first-child \\{ box-shadow: inset 4px 0 var\\(--ink\\)")
                .containsPattern("\\.badge \\{[^}]* background: var\\(--ink\\); color: var\\(--ground\\)");
    }

    @Test
    void thePageSaysWhichIsBestAsFarAsItIsKnown() {
        // Half widths: 4.303 times the error of 1 / sqrt(3), and as much again by the episodes' 2 / sqrt(3).
        assertThat(page(List.of(of("a", 0, 1, 2), of("b", -20, -19, -18))))
                .contains(
                        "<p>a has the highest final return, 3.00 (−2.55 to 8.55). Its interval lies above all others.</p>");
        assertThat(page(List.of(of("a", 0, 1, 2), of("b", -5, -4, -3))))
                .contains("Its interval overlaps with that of b: more seeds or episodes would tell which is best.</p>");
        assertThat(page(List.of(of("a", 0, 1), of("b", -20, -19))))
                .contains(
                        "<p>a has the highest final return, 2.50. It has no interval: whether other seeds would put another"
                                + " one first is not known.</p>");
    }

    @Test
    void aBaselineThatReturnedMoreIsSaidFirst() {
        assertThat(page(List.of(of("a", 0, 1, 2)), Baseline.of("behaviour", "the logged episodes", 7, 1, 20)))
                .contains("Without any training behaviour returned more.</p>");
        assertThat(page(List.of(of("a", 0, 1, 2)), Baseline.of("behaviour", "the logged episodes", 2, 8, 20)))
                .contains("Its interval overlaps with that of behaviour:");
    }

    private static String page(List<List<TrainedRun>> runs, Baseline... baselines) {
        var results = Result.of(runs.stream().flatMap(List::stream).toList());
        return ReportPage.html(Reports.of(results, Map.of(), baselines));
    }

    /** A run for each seed, with episodes 0, 2 and 4 above these returns: means that are 2 above. */
    private static List<TrainedRun> of(String name, double... returns) {
        return IntStream.range(0, returns.length)
                .mapToObj(seed -> new TrainedRun(
                        name + seed,
                        name,
                        "all",
                        "iql",
                        Map.of(),
                        Map.of(),
                        seed,
                        "finished",
                        null,
                        10,
                        1,
                        OptionalLong.empty(),
                        List.of(new TrainedRun.Evaluation(
                                10,
                                returns[seed] + 2,
                                3,
                                Double.NaN,
                                Double.NaN,
                                IntStream.range(0, 3)
                                        .mapToObj(i ->
                                                new TrainedRun.Played(i, returns[seed] + 2 * i, Double.NaN, Double.NaN))
                                        .toList())),
                        Map.of(),
                        List.of(),
                        List.of()))
                .toList();
    }

    @Test
    void ofManyResultsEveryOneIsARowAndTheBestAreDrawn() throws Exception {
        var report = SampleReport.many(200);
        var html = ReportPage.html(report);
        var page = parse(html);
        assertThat(rows(page)).filteredOn(row -> row.startsWith("cql-alpha-")).hasSize(200);
        assertThat(html)
                .contains("mean of all 200 results")
                .contains(
                        "Of more than 30 results a chart has a line for the mean of all their runs, and for the 7 results"
                                + " with the highest mean final return. The tables evaluations and metrics have all.")
                .contains(
                        "Drawn are the 30 of 200 results with the highest mean final return; the table evaluations has"
                                + " every path.")
                .contains(
                        "Settings are those of the 30 of 200 results with the highest mean final return; the table runs"
                                + " has all (resolved_config).");
        assertThat(ReportPage.pictures(report).keySet())
                .filteredOn(name -> name.startsWith("paths-"))
                .hasSize(30);
        // A row and a point of the sweep are all that another result adds.
        var more = ReportPage.html(SampleReport.many(400));
        assertThat((more.length() - html.length()) / 200.0).isLessThan(1500);
    }

    @Test
    void ofFewResultsEveryOneIsDrawn() {
        var html = ReportPage.html(SampleReport.many(30));
        assertThat(html).doesNotContain("mean of all", "with the highest mean final return");
        assertThat(ReportPage.pictures(SampleReport.many(30)).keySet())
                .filteredOn(name -> name.startsWith("paths-"))
                .hasSize(30);
    }

    @Test
    void ofVeryManyProblemsTheFirstAreNamed() {
        var runs = new ArrayList<TrainedRun>();
        for (var seed = 1; seed <= 150; seed++) {
            runs.add(new TrainedRun(
                    "iql-" + seed,
                    "iql",
                    "all",
                    "iql",
                    Map.of(),
                    Map.of(),
                    seed,
                    "failed",
                    "no room",
                    0,
                    Double.NaN,
                    OptionalLong.empty(),
                    List.of(),
                    Map.of(),
                    List.of(),
                    List.of()));
        }
        var html = ReportPage.html(Reports.of(Result.of(runs)));
        assertThat(html)
                .contains("150 of 150 runs did not finish", "<li>50 more are in the table runs</li>")
                .doesNotContain("seed 101<");
    }

    @Test
    void aReportBeforeTrainingShowsTheDatasetAlone() {
        var page = ReportPage.html(Reports.with(SampleReport.data(), List.of(), List.of()));
        assertThat(page)
                .contains("Nothing has been trained on it yet")
                .contains("8,184 logged transitions of pointmass-medium in 79 episodes")
                .contains("<h2>Dataset</h2>")
                .doesNotContain("<h2>Results</h2>", "<h2>Learning curves</h2>", "did not finish");
    }

    @Test
    void withoutAnyTableNothingIsMadeUp() {
        var page = ReportPage.html(Reports.of(List.of()));
        var body = page.substring(page.indexOf("<body>"));
        assertThat(body).doesNotContain("<table", "<svg").doesNotContainPattern(">[^<]*[0-9][^<]*</(p|td|dd)>");
    }

    @Test
    void manyRowsAreDrawnSubsetBySubset() {
        var runs = new java.util.ArrayList<TrainedRun>();
        for (var i = 0; i < 10; i++) {
            runs.add(new TrainedRun(
                    "r" + i,
                    "entry" + i,
                    i < 5 ? "all" : "top-10",
                    "iql",
                    Map.of(),
                    Map.of(),
                    1,
                    "finished",
                    null,
                    10,
                    1,
                    OptionalLong.empty(),
                    List.of(new TrainedRun.Evaluation(10, i, 1)),
                    Map.of(),
                    List.of(),
                    List.of()));
        }
        assertThat(ReportPage.html(Reports.of(Result.of(runs))))
                .contains("Evaluation return on all")
                .contains("Evaluation return on top-10");
    }

    @Test
    void aFigureToCompareWithStandsBesideTheRowWithItsSourceAndWhetherTheTargetIsReached() throws Exception {
        var rows = texts();
        assertThat(rows)
                .anyMatch(text ->
                        text.startsWith("iql") && text.contains("Kostrikov et al. 2021, table 9target −25.0: reached"))
                .anyMatch(text -> text.startsWith("bc") && text.contains("–success in %target 95.0: reached"));
    }

    @Test
    void whereARunGoesOnOnlineIsMarkedInEveryChartOfItsResult() {
        var page = ReportPage.html(SampleReport.data());
        // Return, success, and three metrics of awac.
        assertThat(page.split("<title>online from here: 10,000</title>", -1)).hasSize(2 + 3 + 1);
    }

    @Test
    void aSweepIsAPictureOfItsFinalReturnsWithTheValuesOfTheDataBesideIt() {
        assertThat(ReportPage.html(SampleReport.data()))
                .contains("aria-label=\"Final return of cql on all\"")
                .contains("aria-label=\"Mean Q(s,a) of the data, cql on all\"")
                .contains("alpha (log scale)");
    }

    @Test
    void everyResultHasAPictureOfItsPathsColouredByTheirSuccess() {
        var page = ReportPage.html(SampleReport.data());
        assertThat(page)
                .contains("aria-label=\"bc on top-10\"")
                .contains("<title>seed 1, episode 1: did not succeed</title>")
                .contains("<title>seed 2, episode 1: succeeded</title>")
                .contains(">5 succeeded</text>", ">1 did not succeed</text>");
    }

    @Test
    void aPictureIsAlsoAFileThatNeedsNothingElse() throws Exception {
        var pictures = ReportPage.pictures(SampleReport.data());
        assertThat(pictures)
                .containsKeys(
                        "paths-iql.svg",
                        "paths-bc_on_top-10.svg",
                        "sweep-cql-all-alpha.svg",
                        "sweep-cql-all-alpha-q-data_mean.svg");
        var svg = parse(pictures.get("paths-bc_on_top-10.svg")).getDocumentElement();
        assertThat(svg.getAttribute("xmlns")).isEqualTo("http://www.w3.org/2000/svg");
        assertThat(svg.getElementsByTagName("style").getLength()).isEqualTo(1);
        assertThat(svg.getTextContent()).contains("1 did not succeed");
    }

    @Test
    void aPictureThatIsAFileSaysItsColoursWithoutVariables() {
        assertThat(ReportPage.pictures(SampleReport.data()).values())
                .allSatisfy(picture -> assertThat(picture)
                        .contains(".c0 { color: #0069a8; }", "class=\"ground\"")
                        .doesNotContain("var(", "@media"));
    }

    private static List<String> texts() throws Exception {
        return rows(parse(ReportPage.html(SampleReport.data())));
    }

    /** The texts of rows, but for those of single runs. */
    private static List<String> rows(Document page) {
        var rows = page.getElementsByTagName("tr");
        return IntStream.range(0, rows.getLength())
                .mapToObj(i -> (Element) rows.item(i))
                .filter(row -> !row.getAttribute("class").equals("run"))
                .map(Element::getTextContent)
                .toList();
    }

    private static Document parse(String html) throws Exception {
        var xml = html.replace("<!DOCTYPE html>", "");
        return DocumentBuilderFactory.newDefaultInstance()
                .newDocumentBuilder()
                .parse(new ByteArrayInputStream(xml.getBytes(StandardCharsets.UTF_8)));
    }
}
