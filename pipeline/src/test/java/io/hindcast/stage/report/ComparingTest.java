package io.hindcast.stage.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.hindcast.config.Address;
import io.hindcast.config.Settings;
import io.hindcast.config.UserException;
import io.hindcast.report.Figure;
import io.hindcast.stage.StageContext;
import io.hindcast.table.Request;
import io.hindcast.table.SparkOnDemand;
import io.hindcast.table.TableName;
import io.hindcast.table.Warehouse;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.spark.SparkConf;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ComparingTest {
    /** Nothing here needs a Spark. */
    private static final SparkOnDemand SPARK = SparkOnDemand.of(new SparkConf(false).setMaster("local[2]"), () -> {
        throw new AssertionError("Spark was started");
    });

    @TempDir
    Path folder;

    private final List<String> said = new ArrayList<>();

    @Test
    void outputsStandBesideEachOther() throws IOException {
        publish("a", "pointmass-easy", 10.0, 20.0);
        publish("b c", "pointmass-hard", 40.0, 50.0);
        Files.createDirectories(folder.resolve("b c/report"));
        Files.writeString(folder.resolve("b c/report/report.html"), "");

        var result = ReportStage.run(context(), config(null, "a", "b c"));

        var page = folder.resolve("out/compare/compare.html");
        assertThat(result.summary()).isEqualTo("comparison written to " + page);
        assertThat(said)
                .containsExactly(
                        "[report] name  learner  pointmass-easy  pointmass-hard  IQM   mean  median  optimality gap",
                        "[report] iql   iql      15.0 +/- 7.1    45.0 +/- 7.1    30.0  30.0  30.0    70.0",
                        "[report] " + page);
        // What is not there is not linked.
        assertThat(Files.readString(page))
                .contains("<th class=\"number task\">pointmass-easy</th>")
                .contains("<a href=\"../../b%20c/report/report.html\">pointmass-hard</a>");
        var json = new ObjectMapper()
                .readTree(folder.resolve("out/compare/compare.json").toFile());
        assertThat(json.at("/figure").asText()).isEqualTo("score");
        assertThat(json.at("/tasks/1/outs/0/out").asText()).isEqualTo(folder + "/b c");
        assertThat(json.at("/tasks/1/outs/0/tables/1/table").asText()).isEqualTo("evaluations");
        assertThat(ReportStage.run(context(), config(null, "a", "b c")).upToDate())
                .isTrue();
        publish("a", "pointmass-easy", 10.0, 30.0);
        assertThat(ReportStage.run(context(), config(null, "a", "b c")).upToDate())
                .isFalse();
    }

    @Test
    void aReportThatWasWrittenSinceIsLinked() throws IOException {
        publish("a", "pointmass-easy", 10.0);
        ReportStage.run(context(), config(null, "a"));
        Files.createDirectories(folder.resolve("a/report"));
        Files.writeString(folder.resolve("a/report/report.html"), "");

        assertThat(ReportStage.run(context(), config(null, "a")).upToDate()).isFalse();
        assertThat(Files.readString(folder.resolve("out/compare/compare.html")))
                .contains("<a href=\"../../a/report/report.html\">pointmass-easy</a>");
        assertThat(ReportStage.run(context(), config(null, "a")).upToDate()).isTrue();
    }

    @Test
    void theDatasetIsAPartOfTheTask() throws IOException {
        publish("a", "pointmass-easy", 10.0);
        publish("b", "pointmass-easy", 20.0);
        publishDataset("a", "narrow");
        publishDataset("b", "wide");
        ReportStage.run(context(), config(null, "a", "b"));
        assertThat(said.get(0)).contains("narrow in pointmass-easy  wide in pointmass-easy");
    }

    @Test
    void directoriesOfOneEnvironmentAndTheSameDataAreOneTask() throws IOException {
        publish("old", "pointmass-easy", 10.0);
        publish("new", "pointmass-easy", 20.0);
        publishDataset("old", "narrow");
        publishDataset("new", "narrow");
        ReportStage.run(context(), config(null, "old", "new"));
        assertThat(said.get(0)).startsWith("[report] name       learner  narrow in pointmass-easy  IQM");
        assertThat(said.get(1)).startsWith("[report] iql (new)  iql      20.0 ");
        assertThat(said.get(2)).startsWith("[report] iql (old)  iql      10.0 ");
    }

    @Test
    void otherDataOrSettingsOfTheEnvironmentAreAnotherTaskToldApartByItsDirectory() throws IOException {
        publish("data/random", "cartpole", 10.0);
        publish("data/mixed", "cartpole", 20.0);
        publishLogged("data/random", 1);
        publishLogged("data/mixed", 2);
        ReportStage.run(context(), config(null, "data/random", "data/mixed"));
        assertThat(said.get(0)).contains("cartpole (random)  cartpole (mixed)  IQM");
        assertThat(said.get(1)).contains("10.0               20.0              -");

        publishEvaluations("easy", evaluated("gymnasium:X-v0", null), 10.0);
        publishEvaluations(
                "hard", with(evaluated("gymnasium:X-v0", null), "gymnasium", Map.of("kwargs", Map.of("k", 1))), 20.0);
        said.clear();
        ReportStage.run(context(), config(null, "easy", "hard"));
        assertThat(said.get(0)).contains("gymnasium:X-v0 (easy)  gymnasium:X-v0 (hard)");
    }

    @Test
    void scoresOfOneTaskReferToTheSameReturns() throws IOException {
        publishEvaluations("old", evaluated("cartpole", Map.of("min", 0, "max", 500)), 10.0);
        publishEvaluations("new", evaluated("cartpole", Map.of("min", 20, "max", 500)), 20.0);
        assertRefused(
                null,
                "Cannot compare %s/old with %1$s/new by score: both are of cartpole, and their scores refer to other"
                        + " returns (min = 0, max = 500 and min = 20, max = 500); give both the same evaluate.reference and"
                        + " evaluate again, or compare by return (report.compare-by)",
                "old",
                "new");
        ReportStage.run(context(), config(Figure.RETURN, "old", "new"));
        assertThat(said.get(1)).contains("-7.00");
    }

    @Test
    void whatIsAskedForIsCompared() throws IOException {
        publish("a", "pointmass-easy", 10.0);
        publish("b", "pointmass-hard", new Double[] {null});
        ReportStage.run(context(), config(Figure.SUCCESS, "a", "b"));
        assertThat(said.get(0)).contains("optimality gap");
        assertThat(said.get(1)).startsWith("[report] iql   iql      100.0").contains("100.0");
    }

    @Test
    void whatCannotBeComparedIsRefusedWithItsDirectory() throws IOException {
        publish("a", "pointmass-easy", 10.0);
        publish("unplayed", "pointmass-hard", 20.0, 30.0);
        warehouse("unplayed").publish(TableName.EVALUATIONS, evaluated("pointmass-hard", null), List.of());
        publish("unscored", "pointmass-hard", new Double[] {null});
        Files.createDirectories(folder.resolve("empty"));
        Files.writeString(folder.resolve("file"), "");

        assertRefused(
                null,
                "Cannot compare %s/no: there is no such directory; check the paths of --compare" + " (report.compare)",
                "a",
                "no");
        assertRefused(
                null,
                "Cannot compare %s/file: there is no such directory; check the paths of --compare"
                        + " (report.compare)",
                "a",
                "file");
        assertRefused(
                null,
                "Cannot read runs in %s/empty: no version is published there; run train with --out"
                        + " %1$s/empty first",
                "a",
                "empty");
        assertRefused(null, "Cannot compare %s/a/. with itself: it is named twice; name it once", "a", "a/.");
        assertRefused(
                null,
                "Cannot compare %s/unplayed: no episode was played with any of its runs (2 finished); leave it out, or train"
                        + " and evaluate there again",
                "a",
                "unplayed");
        assertRefused(
                null,
                "Cannot compare %s/a with %1$s/unscored: the first has normalised scores and the other returns"
                        + " alone; give evaluate.reference { min, max } and evaluate again, or compare by another figure"
                        + " (report.compare-by)",
                "unscored",
                "a");
        assertRefused(
                Figure.SCORE,
                "Cannot compare %s/unscored by score: its evaluations have none; give"
                        + " evaluate.reference { min, max } and evaluate again, or compare by return (report.compare-by)",
                "a",
                "unscored");
        assertThat(folder.resolve("out")).doesNotExist();
    }

    private void assertRefused(@Nullable Figure by, String message, String... outs) {
        assertThatThrownBy(() -> ReportStage.run(context(), config(by, outs)))
                .isInstanceOf(UserException.class)
                .hasMessage(String.format(message, folder));
    }

    private StageContext context() {
        return new StageContext(SPARK, warehouse("out"), said::add);
    }

    private Warehouse warehouse(String out) {
        return new Warehouse(SPARK, folder + "/" + out);
    }

    private ReportConfig config(@Nullable Figure by, String... outs) {
        var defaults = Settings.defaults(ReportConfig.class);
        return new ReportConfig(
                defaults.title(),
                null,
                Map.of(),
                Stream.of(outs).map(out -> new Address(folder + "/" + out)).toList(),
                by);
    }

    private static Request evaluated(String environment, @Nullable Object reference) {
        var configuration = new LinkedHashMap<String, Object>();
        configuration.put("environment", environment);
        if (reference != null) {
            configuration.put("reference", reference);
        }
        return new Request("test", configuration, List.of(), List.of());
    }

    private static Request with(Request request, String key, Object value) {
        var configuration = new LinkedHashMap<>(request.configuration());
        configuration.put(key, value);
        return new Request("test", configuration, List.of(), List.of());
    }

    private void publish(String out, String environment, @Nullable Double... scores) {
        publishEvaluations(out, evaluated(environment, null), scores);
    }

    /** A run for each score, which may be null, with one episode that succeeded. */
    private void publishEvaluations(String out, Request request, @Nullable Double... scores) {
        warehouse(out)
                .publish(
                        TableName.RUNS,
                        request,
                        IntStream.range(0, scores.length)
                                .mapToObj(seed -> new @Nullable Object[] {
                                    "iql-" + seed,
                                    "iql",
                                    "all",
                                    "iql",
                                    "{}",
                                    "{}",
                                    (long) seed,
                                    "finished",
                                    null,
                                    100L,
                                    1.0,
                                    100.0,
                                    3L,
                                    "checkpoints/iql-" + seed + "/step-100",
                                    null,
                                    "f",
                                    "[100]",
                                    null
                                })
                                .toList());
        warehouse(out)
                .publish(
                        TableName.EVALUATIONS,
                        request,
                        IntStream.range(0, scores.length)
                                .mapToObj(seed -> new @Nullable Object[] {
                                    "iql-" + seed, 100L, 0, -7.0, 20, true, false, true, scores[seed], null, null
                                })
                                .toList());
    }

    private void publishDataset(String out, String name) {
        warehouse(out)
                .publish(
                        TableName.TRANSITIONS,
                        new Request("test", Map.of("dataset", name), List.of(), List.of()),
                        List.of());
    }

    /** One transition of a dataset without a name, which earned {@code reward}. */
    private void publishLogged(String out, double reward) {
        var row = new @Nullable Object[] {
            "0",
            0L,
            new float[] {0},
            null,
            1,
            reward,
            new float[] {1},
            true,
            false,
            null,
            null,
            null,
            null,
            "f",
            0L,
            null
        };
        warehouse(out)
                .publish(
                        TableName.TRANSITIONS,
                        new Request("test", Map.of(), List.of(), List.of()),
                        List.<@Nullable Object[]>of(row));
    }
}
