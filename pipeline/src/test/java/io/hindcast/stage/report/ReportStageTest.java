package io.hindcast.stage.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.hindcast.config.Settings;
import io.hindcast.config.UserException;
import io.hindcast.report.Figure;
import io.hindcast.report.Published;
import io.hindcast.score.RandomPolicy;
import io.hindcast.stage.StageContext;
import io.hindcast.table.LocalSpark;
import io.hindcast.table.Request;
import io.hindcast.table.SparkOnDemand;
import io.hindcast.table.TableName;
import io.hindcast.table.Warehouse;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.apache.commons.io.FileUtils;
import org.apache.spark.SparkConf;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReportStageTest {
    private static final ReportConfig CONFIG = Settings.defaults(ReportConfig.class);

    @TempDir
    static Path published;

    @TempDir
    Path out;

    private final List<String> said = new ArrayList<>();
    private StageContext context;

    /** Publishing takes longest: it is done once, and tests take copies. */
    @BeforeAll
    static void publish() {
        publishDataset();
        publishRuns();
    }

    @BeforeEach
    void open() {
        var spark = LocalSpark.session();
        context = new StageContext(spark, new Warehouse(spark, out.toString()), said::add);
    }

    @Test
    void aReportNeedsNoSpark() throws IOException {
        haveDataset();
        haveRuns();
        var spark = SparkOnDemand.of(new SparkConf(false).setMaster("local[2]"), () -> {
            throw new AssertionError("Spark was started");
        });
        var without = new StageContext(spark, new Warehouse(spark, out.toString()), said::add);

        assertThat(ReportStage.run(without, CONFIG).upToDate()).isFalse();
        assertThat(ReportStage.run(without, CONFIG).upToDate()).isTrue();
    }

    @Test
    void theReportHoldsTheResultsAndTheDataset() throws IOException {
        haveDataset();
        haveRuns();

        var result = ReportStage.run(context, CONFIG);

        assertThat(result.upToDate()).isFalse();
        assertThat(result.summary()).isEqualTo("report written to " + out + "/report/report.html");
        assertThat(result.problems()).containsExactly("run iql-2 diverged after 60 updates: value/loss is NaN");
        assertThat(said)
                .containsExactly(
                        "[report] name       subset  learner  seeds  final return    last three       best return   "
                                + "  success %      updates  updates/s  outcome",
                        "[report] behaviour  -       -        -      -35.5           -                -             "
                                + "  -              -        -          -",
                        "[report] iql        all     iql      2      -67.5 +/- 74.2  -101.3 +/- 26.5  -67.5 +/- 74.2"
                                + "  50.0 +/- 70.7  100      175        1 diverged, 1 finished",
                        "[report] " + out + "/report/report.html");
        var results =
                new ObjectMapper().readTree(out.resolve("report/results.json").toFile());
        // Seed 1 ends at (-10 - 20) / 2, seed 2 at -120.
        assertThat(results.at("/results/0/final/per_seed").toString()).isEqualTo("[-15.0,-120.0]");
        assertThat(results.at("/results/0/config/expectile").asDouble()).isEqualTo(0.99);
        assertThat(results.at("/results/0/outcome").toString()).isEqualTo("[\"finished\",\"diverged\"]");
        assertThat(results.at("/results/0/success/final/per_seed").toString()).isEqualTo("[100.0,0.0]");
        assertThat(results.at("/results/0/last_five/min").asDouble()).isEqualTo(-150);
        // Of the checkpoints of seed 1, -150 and -15.
        assertThat(results.at("/results/0/last_three/per_seed").toString()).isEqualTo("[-82.5,-120.0]");
        // The logged returns are -60 and -11.
        assertThat(results.at("/baselines").size()).isEqualTo(1);
        assertThat(results.at("/baselines/0/name").asText()).isEqualTo("behaviour");
        assertThat(results.at("/baselines/0/mean").asDouble()).isEqualTo(-35.5);
        assertThat(results.at("/baselines/0/std").asDouble()).isCloseTo(49 / Math.sqrt(2), within(1e-9));
        assertThat(results.at("/maze/walls/0").asText()).isEqualTo("..#...");
        assertThat(results.at("/provenance/dataset_fingerprint").asText()).matches("[0-9a-f]{32}");
        assertThat(Files.readString(out.resolve("report/report.html")))
                .contains("1 of 2 runs did not finish")
                .contains("<title>goal at (1.50, 5.50)</title>")
                .contains("<title>2 visits a cell</title>")
                .contains("<title>seed 1, episode 0: succeeded</title>")
                .contains("<title>seed 2, episode 0: did not succeed</title>")
                .contains("Endings: 1 terminated, 1 truncated.")
                .contains("<title>top-10 (1 of 2)\n−12.0 to −10.0: 1</title>");
    }

    @Test
    void threeSeedsHaveTheIntervalOfTheEpisodesThatTheyShareBesideUniformlyRandomActions() throws IOException {
        publish(
                out,
                TableName.RUNS,
                List.of(
                        run("iql-1", 1, "finished", null, 100, 150),
                        run("iql-2", 2, "finished", null, 100, 150),
                        run("iql-3", 3, "finished", null, 100, 150)));
        var evaluations = new ArrayList<Row>();
        for (var seed = 1; seed <= 3; seed++) {
            for (var episode = 0; episode < 3; episode++) {
                evaluations.add(evaluation("iql-" + seed, 50, episode, -140));
                evaluations.add(evaluation("iql-" + seed, 100, episode, -20 + seed + 2 * episode));
            }
        }
        publish(
                out,
                TableName.EVALUATIONS,
                evaluations,
                Map.of("environment", "pointmass-medium", "episodes", 3, "seed", 1000));

        ReportStage.run(context, CONFIG);

        var results =
                new ObjectMapper().readTree(out.resolve("report/results.json").toFile());
        // Means -17, -16, -15; the deviations -2, 0, 2 of the episodes are those of all seeds.
        assertThat(results.at("/results/0/final/interval/1").asDouble())
                .isCloseTo(-16 + 4.302653 * Math.sqrt((1 + 4) / 3.0), within(1e-6));
        assertThat(results.at("/results/0/best/interval").isMissingNode()).isTrue();
        assertThat(results.at("/results/0/success/final/interval").toString()).isEqualTo("[null,null]");
        assertThat(results.at("/baselines/0/name").asText()).isEqualTo("uniform");
        assertThat(results.at("/baselines/0/mean").asDouble())
                .isEqualTo(Arrays.stream(RandomPolicy.returns("pointmass-medium", 3, 1000))
                        .average()
                        .orElseThrow());
        assertThat(Files.readString(out.resolve("report/report.html")))
                .contains(
                        "<p>iql has the highest final return, −16.0 (−21.6 to −10.4). Its interval lies above all others.");
    }

    @Test
    void datasetTablesAloneGiveAReportToo() throws IOException {
        haveDataset();

        ReportStage.run(context, CONFIG);

        assertThat(said).containsExactly("[report] " + out + "/report/report.html");
        assertThat(Files.readString(out.resolve("report/report.html"))).contains("Nothing has been trained on it yet");
        assertThat(Files.readString(out.resolve("report/results.json"))).contains("\"results\" : [ ]");
    }

    @Test
    void theSameTablesAgainAreNoWork() throws IOException {
        haveDataset();
        ReportStage.run(context, CONFIG);
        var before = Files.readString(out.resolve("report/_manifest.json"));

        var again = ReportStage.run(context, CONFIG);

        assertThat(again.upToDate()).isTrue();
        assertThat(again.summary())
                .isEqualTo(out + "/report/report.html is there already, from the same tables and configuration:"
                        + " nothing to do");
        assertThat(Files.readString(out.resolve("report/_manifest.json"))).isEqualTo(before);
    }

    @Test
    void newRunsReplaceTheWholeReport() throws IOException {
        haveDataset();
        ReportStage.run(context, CONFIG);
        haveRuns();

        assertThat(ReportStage.run(context, CONFIG).upToDate()).isFalse();

        assertThat(Files.readString(out.resolve("report/report.html"))).contains("<h2>Results</h2>");
        assertThat(entries(out)).noneMatch(name -> name.startsWith(".tmp"));
    }

    @Test
    void aDamagedReportIsWrittenAgain() throws IOException {
        haveDataset();
        ReportStage.run(context, CONFIG);
        var page = Files.readString(out.resolve("report/report.html"));
        Files.writeString(out.resolve("report/report.html"), page.substring(0, 100));

        assertThat(ReportStage.run(context, CONFIG).upToDate()).isFalse();

        assertThat(Files.readString(out.resolve("report/report.html"))).endsWith("</html>\n");
    }

    @Test
    void aChangedReportOfTheSameLengthIsWrittenAgain() throws IOException {
        haveDataset();
        ReportStage.run(context, CONFIG);
        var file = out.resolve("report/report.html");
        var page = Files.readString(file);
        var changed = page.replace("transitions", "transitionz");
        Files.writeString(file, changed);

        assertThat(ReportStage.run(context, CONFIG).upToDate()).isFalse();

        assertThat(Files.readString(file)).doesNotContain("transitionz");
    }

    @Test
    void somebodyElsesDirectoryIsLeftAlone() throws IOException {
        haveDataset();
        Files.createDirectory(out.resolve("report"));
        Files.writeString(out.resolve("report/thesis.tex"), "years of work");

        assertThatThrownBy(() -> ReportStage.run(context, CONFIG))
                .isInstanceOf(UserException.class)
                .hasMessage("Cannot write " + out + "/report: what is there was not written by hindcast (it has no"
                        + " _manifest.json); move it away or choose another --out");

        assertThat(entries(out.resolve("report"))).containsExactly("thesis.tex");
    }

    @Test
    void anEmptyOutputDirectoryIsAnError() {
        assertThatThrownBy(() -> ReportStage.run(context, CONFIG))
                .isInstanceOf(UserException.class)
                .hasMessage("Cannot report on " + out
                        + ": no table is published there; run ingest or collect with --out " + out + " first");
    }

    @Test
    void anUnknownEnvironmentIsAnErrorAndNothingIsWritten() throws IOException {
        haveDataset();
        assertThatThrownBy(() -> ReportStage.run(context, config("pointmass-medum", Map.of())))
                .isInstanceOf(UserException.class)
                .hasMessage("Cannot use environment 'pointmass-medum': there is no such environment; did you mean"
                        + " 'pointmass-medium'?");
        assertThat(out.resolve("report")).doesNotExist();
    }

    @Test
    void theReportLeadsToWhatIsThereAndIsMadeAgainWhenMorePagesAre() throws IOException {
        haveDataset();
        haveRuns();
        Files.createDirectories(out.resolve("policies/iql-1"));
        Files.createDirectories(out.resolve("checkpoints/iql-2"));
        ReportStage.run(context, CONFIG);
        assertThat(Files.readString(out.resolve("report/report.html")))
                .contains(
                        "<a href=\"../policies/iql-1/\">policy</a>",
                        "<a href=\"../checkpoints/iql-2/\">checkpoints</a>")
                .doesNotContain("policies/iql-2", "scorecard", "judge.html");

        Files.createDirectories(out.resolve("judge"));
        Files.writeString(out.resolve("judge/judge.html"), "");
        assertThat(ReportStage.run(context, CONFIG).upToDate()).isFalse();
        assertThat(Files.readString(out.resolve("report/report.html")))
                .contains("<a href=\"../judge/judge.html\">what the log alone says of policies</a>");
        assertThat(ReportStage.run(context, CONFIG).upToDate()).isTrue();
    }

    @Test
    void whatIsPublishedOfARunThatThereIsNotIsSaid() throws IOException {
        haveDataset();
        haveRuns();
        var published = Map.of(
                "iqll", new Published(-13.4, null, null, Figure.RETURN),
                "iql", new Published(null, null, -70.0, Figure.RETURN));
        ReportStage.run(context, config(null, published));
        assertThat(said)
                .contains("[report] Cannot use run 'iqll' in report.published: there is no such run; did you mean"
                        + " 'iql'?")
                .anyMatch(line -> line.contains("  reached  "));
    }

    @Test
    void whereARunBeganToActIsMarked() throws IOException {
        haveDataset();
        haveRuns();
        ReportStage.run(context, CONFIG);

        assertThat(new ObjectMapper()
                        .readTree(out.resolve("report/results.json").toFile())
                        .at("/results/0/online_from")
                        .asLong())
                .isEqualTo(40);
        assertThat(Files.readString(out.resolve("report/report.html"))).contains("<title>online from here: 40</title>");
    }

    /** Before environments' answers were checked, a table could hold what is no number. */
    @Test
    void ofOldTablesThatHoldNaNWhatIsANumberIsDrawn() throws IOException {
        var nan = Float.NaN;
        publish(
                out,
                TableName.TRANSITIONS,
                List.of(
                        transition("a", 0, nan, 0.1f),
                        transition("a", 1, 0.1f, 0.1f),
                        transition("b", 0, Float.POSITIVE_INFINITY, 0.5f),
                        transition("c", 0, 0.1f, 0.1f)));
        publish(
                out,
                TableName.EPISODES,
                List.of(
                        RowFactory.create("a", null, 2L, Double.NaN, "truncated", "collect:pointmass-medium", null),
                        RowFactory.create(
                                "b", null, 1L, Double.NEGATIVE_INFINITY, "open", "collect:pointmass-medium", null),
                        RowFactory.create("c", null, 1L, -11.0, "terminated", "collect:pointmass-medium", null)));
        publish(
                out,
                TableName.DATASET_STATS,
                List.of(
                        statistic("episode_return", Double.NaN, Double.NEGATIVE_INFINITY),
                        statistic("episode_length", 1.3, 1.0)));
        publish(
                out,
                TableName.RUNS,
                List.of(run("iql-1", 1, "finished", null, 100, 150), run("iql-2", 2, "finished", null, 100, 200)));
        publish(
                out,
                TableName.METRICS,
                List.of(
                        RowFactory.create("iql-1", 10L, "value/loss", Double.NaN),
                        RowFactory.create("iql-1", 20L, "value/loss", Double.POSITIVE_INFINITY),
                        RowFactory.create("iql-2", 10L, "value/loss", Double.NaN)));
        publish(
                out,
                TableName.EVALUATIONS,
                List.of(
                        evaluation("iql-1", 100, 0, Double.NaN),
                        evaluation("iql-1", 100, 1, -20),
                        evaluation("iql-2", 50, 0, -30),
                        evaluation("iql-2", 100, 0, -10)));

        ReportStage.run(context, CONFIG);

        var json = Files.readString(out.resolve("report/results.json"));
        assertThat(json).doesNotContain("NaN", "Infinity");
        var result = new ObjectMapper().readTree(json).at("/results/0");
        // Of the two returns of the first run one is no number: it has no mean, and the other run has its own.
        assertThat(result.at("/final/per_seed").toString()).isEqualTo("[null,-10.0]");
        assertThat(result.at("/final/mean").asDouble()).isEqualTo(-10);
        assertThat(result.at("/last_five/min").asDouble()).isEqualTo(-30);
        try (var files = Files.list(out.resolve("report"))) {
            for (var file : files.filter(path -> path.toString().matches(".*\\.(svg|html)"))
                    .toList()) {
                assertThat(Files.readString(file))
                        .as(file.toString())
                        .doesNotContainPattern(" (?:d|x|y|x1|x2|y1|y2|cx|cy|r|width|height|points|transform)=\"[^\"]*"
                                + "(?:NaN|Infinity)");
            }
        }
        assertThat(Files.readString(out.resolve("report/report.html")))
                .contains("<title>2 visits a cell</title>")
                .contains("Endings: 1 open, 1 terminated, 1 truncated.");
    }

    private static ReportConfig config(@Nullable String environment, Map<String, Published> published) {
        return new ReportConfig("t", environment, published, List.of(), null);
    }

    private static Row statistic(String name, double mean, double min) {
        return RowFactory.create(name, 0, 3L, mean, mean, min, min, min, min, mean, 2.0, 2.0, 2.0, 2.0, null, null);
    }

    private void haveDataset() throws IOException {
        have("transitions", "episodes", "subsets");
    }

    private void haveRuns() throws IOException {
        have("runs", "metrics", "evaluations");
    }

    private void have(String... tables) throws IOException {
        for (var table : tables) {
            FileUtils.copyDirectory(
                    published.resolve(table).toFile(), out.resolve(table).toFile());
        }
    }

    private static void publishDataset() {
        publish(
                TableName.TRANSITIONS,
                List.of(
                        transition("a", 0, 0.1f, 0.1f),
                        transition("a", 1, 0.1f, 0.1f),
                        transition("b", 0, 0.9f, 0.5f)));
        publish(
                TableName.EPISODES,
                List.of(
                        RowFactory.create("a", null, 2L, -60.0, "truncated", "collect:pointmass-medium", null),
                        RowFactory.create("b", null, 1L, -11.0, "terminated", "collect:pointmass-medium", null)));
        publish(
                TableName.SUBSETS,
                List.of(
                        RowFactory.create("all", 0, "b", -11.0, 1L, null),
                        RowFactory.create("all", 1, "a", -60.0, 2L, null),
                        RowFactory.create("top-10", 0, "b", -11.0, 1L, null)));
    }

    private static void publishRuns() {
        publish(
                TableName.RUNS,
                List.of(
                        run("iql-1", 1, "finished", null, 100, 150),
                        run("iql-2", 2, "diverged", "value/loss is NaN", 60, 200)));
        publish(
                TableName.METRICS,
                List.of(
                        RowFactory.create("iql-1", 10L, "value/loss", 3.0),
                        RowFactory.create("iql-1", 20L, "value/loss", 2.0),
                        RowFactory.create("iql-2", 10L, "value/loss", Double.NaN)));
        publish(
                TableName.EVALUATIONS,
                List.of(
                        evaluation("iql-1", 0, 0, -150),
                        evaluation("iql-1", 100, 0, -10),
                        evaluation("iql-1", 100, 1, -20),
                        evaluation("iql-2", 50, 0, -120)));
    }

    private static void publish(TableName table, List<Row> rows) {
        publish(published, table, rows);
    }

    private static void publish(Path out, TableName table, List<Row> rows) {
        publish(out, table, rows, Map.of("environment", "pointmass-medium"));
    }

    private static void publish(Path out, TableName table, List<Row> rows, Map<String, Object> configuration) {
        var request = new Request("test", configuration, List.of(), List.of());
        var spark = LocalSpark.session();
        new Warehouse(spark, out.toString())
                .publish(
                        table,
                        request,
                        spark.createDataFrame(rows, table.schema()).coalesce(1));
    }

    private static Row transition(String episode, long step, float x, float y) {
        return RowFactory.create(
                episode,
                step,
                new float[] {x, y},
                null,
                1,
                -1.0,
                new float[] {x, y},
                false,
                false,
                null,
                null,
                null,
                null,
                "collect:pointmass-medium",
                step,
                null);
    }

    private static Row run(String id, long seed, String outcome, String reason, long updates, double speed) {
        return RowFactory.create(
                id,
                "iql",
                "all",
                "iql",
                "{\"expectile\": 0.99}",
                "{\"expectile\": 0.99, \"discount\": 0.95, \"online\": {\"offline-updates\": 40}}",
                seed,
                outcome,
                reason,
                updates,
                updates / speed,
                speed,
                3L,
                "checkpoints/" + id,
                null,
                "f",
                null,
                null);
    }

    /** Of a run that succeeds when it needs less than 100 steps; the first episode leaves its path. */
    private static Row evaluation(String run, long step, int episode, double value) {
        var path = episode == 0 && step > 0 ? new float[] {0.5f, 0.5f, 1.5f, 5.5f} : null;
        return RowFactory.create(run, step, episode, value, 20, true, false, value > -100, null, path, null);
    }

    private static List<String> entries(Path directory) throws IOException {
        try (var files = Files.list(directory)) {
            return files.map(file -> file.getFileName().toString()).toList();
        }
    }
}
