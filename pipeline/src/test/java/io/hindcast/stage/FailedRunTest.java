package io.hindcast.stage;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.ConfigFactory;
import io.hindcast.config.Settings;
import io.hindcast.data.Action;
import io.hindcast.data.Transition;
import io.hindcast.run.Seeds;
import io.hindcast.stage.report.ReportConfig;
import io.hindcast.stage.report.ReportStage;
import io.hindcast.stage.train.TrainConfig;
import io.hindcast.stage.train.TrainStage;
import io.hindcast.table.DatasetWriter;
import io.hindcast.table.LocalSpark;
import io.hindcast.table.Request;
import io.hindcast.table.TableName;
import io.hindcast.table.Warehouse;
import io.hindcast.timeline.Assembled;
import io.hindcast.track.MlflowConfig;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.commons.codec.digest.DigestUtils;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.core.LoggerContext;
import org.apache.logging.log4j.core.appender.WriterAppender;
import org.apache.logging.log4j.core.layout.PatternLayout;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A run whose learner throws in update 7, beside one that finishes. */
class FailedRunTest {
    private static final int ROWS = 400;
    private static final String TRAIN = """
            seeds = [1, 2], updates = 8, batch-size = 1, log-every = 2, checkpoint-every = 4, export = never
            runs.q { learner = tabular-q }
            """;
    private static final String AT = "io\\.hindcast\\.learn\\.TabularQ\\.value\\(TabularQ\\.java:\\d+\\)";

    @TempDir
    Path out;

    private final List<String> said = Collections.synchronizedList(new ArrayList<>());
    private final List<String> traces = Collections.synchronizedList(new ArrayList<>());

    /** Row {@code drawn} has an action that there is not, for which the learner's table has no place. */
    @BeforeEach
    void publishData() {
        var drawn = row(1, 7);
        for (var update = 1; update <= 8; update++) {
            assertThat(update == 7 ? -1 : row(1, update)).isNotEqualTo(drawn);
            assertThat(row(2, update)).isNotEqualTo(drawn);
        }
        var episode = new ArrayList<Transition>();
        for (var step = 0; step < ROWS; step++) {
            episode.add(new Transition(
                    "e",
                    step,
                    new float[] {1},
                    new Action.Index(step == drawn ? 999 : 0),
                    1,
                    new float[] {1},
                    false,
                    step == ROWS - 1,
                    null,
                    null,
                    null,
                    null,
                    "x.csv",
                    step));
        }
        var spark = LocalSpark.session();
        try (var writer = new DatasetWriter(context().warehouse().begin(TableName.TRANSITIONS))) {
            var rows = JavaSparkContext.fromSparkContext(spark.sparkContext())
                    .parallelize(List.of(Assembled.of(episode)), 1);
            var configuration = Map.<String, Object>of("action-space", Map.of("type", "discrete", "count", 2));
            writer.publish(
                    writer.write(rows), new Request("ingest", configuration, List.of(), List.of()), Optional.empty());
        }
    }

    private static int row(long seed, long update) {
        return new Seeds(seed).generator("batch", update).nextInt(ROWS);
    }

    @Test
    void itIsFoundByClassAndLineInSparksLogInProgressAndInTheTraceAndKeepsItsStory() throws IOException {
        var log = new StringWriter();
        var result = logged(log, () -> train(context()));

        // A word of the message stands for a secret that the job was given.
        var problem =
                "run q, seed 1, failed: java.lang.ArrayIndexOutOfBoundsException: Index \\d+ out of *** for length"
                                .replace("***", "\\*\\*\\*")
                        + " \\d+ \\(at " + AT + "\\)";
        assertThat(result.problems()).singleElement().asString().matches(problem);
        assertThat(said)
                .filteredOn(line -> line.contains("failed"))
                .singleElement()
                .asString()
                .matches(
                        "\\[train] q on all, seed 1: failed after 6 updates: java\\.lang\\.ArrayIndexOutOfBoundsException"
                                + ".*\\(at " + AT
                                + "\\); .*/progress/failed/tabular-q-all-s1-[0-9a-f]{12}\\.txt has the whole"
                                + " trace");
        List<Path> files;
        try (var list = Files.list(out.resolve("progress/failed"))) {
            files = list.toList();
        }
        assertThat(files).hasSize(1);
        assertThat(traces).hasSize(1);
        assertThat(List.of(log.toString(), Files.readString(files.get(0)), traces.get(0)))
                .allSatisfy(text -> assertThat(text)
                        .containsPattern("\\n\\tat " + AT + "\\n")
                        .containsPattern(
                                "\\n\\tat io\\.hindcast\\.learn\\.TabularQ\\.update\\(TabularQ\\.java:\\d+\\)\\n")
                        .contains("failed after 6 updates", "java.lang.ArrayIndexOutOfBoundsException: Index ")
                        .doesNotContain("bounds for"));

        assertThat(runs())
                .extracting(row -> row.getAs("outcome") + " " + row.getAs("updates"))
                .containsExactly("failed 6", "finished 8");
        assertThat(runs().get(0).<String>getAs("failed_at")).matches(AT);
        assertThat(runs().get(0).<String>getAs("reason")).contains("out of *** for");
        assertThat(runs().get(1).<Object>getAs("failed_at")).isNull();
        assertThat(steps("critic/loss")).containsExactly("1 2", "1 4", "1 6", "2 2", "2 4", "2 6", "2 8");

        // The report says the same.
        assertThat(ReportStage.run(context(), Settings.defaults(ReportConfig.class))
                        .problems())
                .first()
                .asString()
                .matches("run tabular-q-all-s1-\\S+ failed after 6 updates: java.*\\(at " + AT + "\\)");
        assertThat(Files.readString(out.resolve("report/report.html")))
                .contains("failed after 6 updates: java.lang.ArrayIndexOutOfBoundsException")
                .containsPattern("\\(at " + AT + "\\)");

        // It is tried again from its last checkpoint.
        assertThat(train(context()).problems()).singleElement().asString().matches(problem);
        assertThat(said).anyMatch(line -> line.startsWith("[train] q on all, seed 1: starts after update 4"));
        assertThat(steps("critic/loss")).hasSize(7);
    }

    @Test
    void runsOfTheSchemaBeforeAreReadAndSayWhatTheyKnow() throws IOException {
        train(context());
        var version = context().warehouse().require(TableName.RUNS);
        var file = Path.of(version.path(), version.manifest().files().get(0).name());
        LocalSpark.session()
                .read()
                .parquet(file.toString())
                .drop("failed_at")
                .coalesce(1)
                .write()
                .parquet(out.resolve("old").toString());
        try (var parts = Files.newDirectoryStream(out.resolve("old"), "*.parquet")) {
            Files.copy(parts.iterator().next(), file, StandardCopyOption.REPLACE_EXISTING);
        }
        var manifest = Path.of(version.path(), "_manifest.json");
        Files.writeString(
                manifest,
                Files.readString(manifest)
                        .replace("\"schema_version\" : 3", "\"schema_version\" : 2")
                        .replaceFirst("\"bytes\" : \\d+", "\"bytes\" : " + Files.size(file))
                        .replaceFirst(",\n  \"sha256\" : \"[0-9a-f]{64}\"\n}\\z", "\n}")
                        .replaceAll(
                                "\"sha256\" : \"[0-9a-f]{64}\"",
                                "\"sha256\" : \"" + DigestUtils.sha256Hex(Files.readAllBytes(file)) + "\""));
        Files.deleteIfExists(manifest.resolveSibling("._manifest.json.crc"));
        Files.deleteIfExists(file.resolveSibling("." + file.getFileName() + ".crc"));

        assertThat(context().warehouse().require(TableName.RUNS).manifest().schemaVersion())
                .isEqualTo(2);
        assertThat(ReportStage.run(context(), Settings.defaults(ReportConfig.class))
                        .problems())
                .first()
                .asString()
                .matches("run tabular-q-all-s1-\\S+ failed after 6 updates: java.* for length \\d+");
    }

    private static StageResult logged(StringWriter log, java.util.function.Supplier<StageResult> work) {
        var layout = PatternLayout.newBuilder().withPattern("%m%n").build();
        var appender = WriterAppender.createAppender(layout, null, log, "of-a-failed-run", false, true);
        appender.start();
        var logging = (LoggerContext) LogManager.getContext(false);
        var root = logging.getConfiguration().getRootLogger();
        root.addAppender(appender, null, null);
        logging.updateLoggers();
        try {
            return work.get();
        } finally {
            root.removeAppender(appender.getName());
            logging.updateLoggers();
        }
    }

    private static StageResult train(StageContext context) {
        var config = Settings.read(TrainConfig.class, ConfigFactory.parseString(TRAIN), "train");
        return TrainStage.run(context, null, Settings.defaults(MlflowConfig.class), config);
    }

    private List<Row> runs() {
        var warehouse = context().warehouse();
        return warehouse.read(warehouse.require(TableName.RUNS)).orderBy("seed").collectAsList();
    }

    private List<String> steps(String metric) {
        var warehouse = context().warehouse();
        return warehouse
                .read(warehouse.require(TableName.METRICS))
                .where("name = '" + metric + "'")
                .selectExpr("substring(run_id, 16, 1) as seed", "step")
                .orderBy("seed", "step")
                .collectAsList()
                .stream()
                .map(row -> row.getString(0) + " " + row.getLong(1))
                .toList();
    }

    private StageContext context() {
        var spark = LocalSpark.session();
        return new StageContext(spark, new Warehouse(spark, out.toString()), new Progress() {
            @Override
            public void say(String line) {
                said.add(line);
            }

            @Override
            public void trace(String text) {
                traces.add(text);
            }

            @Override
            public String withoutSecrets(String text) {
                return text.replace("bounds", "***");
            }
        });
    }
}
