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
        assertThat(json.at("/tasks/1/out").asText()).isEqualTo(folder + "/b c");
        assertThat(json.at("/tasks/1/tables/1/table").asText()).isEqualTo("evaluations");
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
        publish("same", "pointmass-easy", 20.0);
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
                "Cannot compare %s/a with %1$s/same: both are of one task, pointmass-easy; leave one out, or"
                        + " give their datasets different names (ingest.dataset)",
                "a",
                "same");
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

    /** A run for each score, which may be null, with one episode that succeeded. */
    private void publish(String out, String environment, @Nullable Double... scores) {
        var request = new Request("test", Map.of("environment", environment), List.of(), List.of());
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
                                    "iql-" + seed, 100L, 0, -7.0, 20, true, false, true, scores[seed], null
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
}
