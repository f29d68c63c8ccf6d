package io.hindcast.stage;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.typesafe.config.ConfigFactory;
import io.hindcast.collect.CollectConfig;
import io.hindcast.config.Settings;
import io.hindcast.config.Sha256;
import io.hindcast.env.EnvironmentSpec;
import io.hindcast.run.CheckpointStore;
import io.hindcast.stage.collect.CollectStage;
import io.hindcast.stage.curate.CurateConfig;
import io.hindcast.stage.curate.CurateStage;
import io.hindcast.stage.evaluate.EvaluateConfig;
import io.hindcast.stage.evaluate.EvaluateStage;
import io.hindcast.stage.report.ReportConfig;
import io.hindcast.stage.report.ReportStage;
import io.hindcast.stage.train.TrainConfig;
import io.hindcast.stage.train.TrainStage;
import io.hindcast.table.LocalSpark;
import io.hindcast.table.RunsTable;
import io.hindcast.table.TableName;
import io.hindcast.table.TableRows;
import io.hindcast.table.Warehouse;
import io.hindcast.track.MlflowConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import org.apache.commons.io.FileUtils;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A run's checkpoints are those that the table of runs promises, or the results say which are not. */
class PromisedCheckpointsTest {
    private static final EnvironmentSpec EASY = new EnvironmentSpec("pointmass-easy");
    private static final String TRAIN = """
            seeds = [1, 2], updates = 30, batch-size = 8, log-every = 10, checkpoint-every = 10
            runs.bc { learner = behaviour-cloning, settings { actor.hidden-layers = [8] } }
            """;

    /** Training takes longest: it is done once, and tests take copies. */
    @TempDir
    static Path trained;

    private static List<String> runs;

    @TempDir
    Path folder;

    private final List<String> said = new ArrayList<>();
    private Path out;

    @BeforeAll
    static void prepare() {
        var context = context(trained, new ArrayList<>());
        CollectStage.run(
                context, EASY, Settings.read(CollectConfig.class, ConfigFactory.parseString("episodes = 4"), ""));
        CurateStage.run(context, Settings.defaults(CurateConfig.class));
        train(context, TRAIN);
        var warehouse = context.warehouse();
        runs = RunsTable.ids(TableRows.of(warehouse, warehouse.require(TableName.RUNS)));
    }

    @BeforeEach
    void copy() throws IOException {
        out = folder.resolve("out");
        FileUtils.copyDirectory(trained.toFile(), out.toFile());
    }

    @Test
    void aFlippedByteInTheLastCheckpointIsNamedAndTrainMendsItAndTheResultsAreAsBefore() throws IOException {
        evaluate();
        var whole = report();
        var bytes = checkpoints();
        FileUtils.deleteDirectory(out.resolve("evaluations").toFile());
        flip(checkpoint(0, 30).resolve("state.safetensors"));

        var evaluated = evaluate();
        assertThat(evaluated.summary()).isEqualTo("evaluations v1: 14 episodes of 7 checkpoints");
        assertThat(evaluated.problems())
                .containsExactly("run " + runs.get(0) + " was not evaluated after 30 updates: Cannot read checkpoint "
                        + checkpoint(0, 30)
                        + ": state.safetensors is damaged (its SHA-256 is not the one that was written); run train again"
                        + " with the same configuration and --out " + out
                        + ", which writes it again, and then evaluate");
        // An earlier one does not stand for it.
        var gap = report();
        assertThat(gap.at("/results/0/final/per_seed/0").isNull()).isTrue();
        assertThat(gap.at("/results/0/final/per_seed/1")).isEqualTo(whole.at("/results/0/final/per_seed/1"));
        assertThat(gap.at("/results/0/gaps/0/updates").toString()).isEqualTo("[30]");
        assertThat(Files.readString(out.resolve("report/report.html"))).contains("1 run was not evaluated in full");
        // The same again is no work, and no less of a problem.
        assertThat(evaluate().upToDate()).isTrue();
        assertThat(evaluate().problems()).hasSize(1);

        var mended = train(context(out, said), TRAIN);
        assertThat(mended.summary()).isEqualTo("runs v2: 2 runs, 2 finished");
        assertThat(said)
                .contains("[train] Cannot read checkpoint " + checkpoint(0, 30)
                        + ": state.safetensors is damaged (its SHA-256 is not the one that was written); training goes on"
                        + " from the checkpoint before it");
        assertThat(checkpoints()).isEqualTo(bytes);
        assertThat(train(context(out, said), TRAIN).upToDate()).isTrue();
        assertThat(evaluate().problems()).isEmpty();
        assertThat(report().at("/results")).isEqualTo(withoutSpeed(whole.at("/results"), report().at("/results")));
    }

    @Test
    void whatIsMissingForeignOrOfAnotherUpdateIsAGapAndMended() throws IOException {
        var bytes = checkpoints();
        FileUtils.deleteDirectory(checkpoint(0, 20).toFile());
        FileUtils.deleteDirectory(checkpoint(0, 30).toFile());
        Files.delete(checkpoint(0, 10).resolve("state.safetensors"));
        replace(checkpoint(1, 30), checkpoint(1, 20));
        replace(checkpoint(1, 10), trained.resolve("checkpoints/" + CheckpointStore.location(runs.get(0), 10)));

        var evaluated = evaluate();
        assertThat(evaluated.summary()).isEqualTo("evaluations v1: 6 episodes of 3 checkpoints");
        assertThat(evaluated.problems()).hasSize(2);
        assertThat(evaluated.problems().get(0))
                .contains(" was not evaluated after 30 updates (and 2 more): ", ": it is not there; run train");
        assertThat(evaluated.problems().get(1))
                .contains(
                        " was not evaluated after 30 updates (and 1 more): ",
                        ": what is there is of run " + runs.get(1) + " after 20 updates; run train");

        assertThat(train(context(out, said), TRAIN).problems()).isEmpty();
        assertThat(said)
                .anyMatch(line -> line.contains("what is there is of run " + runs.get(0) + " after 10 updates"));
        assertThat(checkpoints()).isEqualTo(bytes);
        assertThat(evaluate().summary()).isEqualTo("evaluations v2: 16 episodes of 8 checkpoints");
    }

    @Test
    void aCheckpointOfAnotherRunIsPassedOverOnResume() throws IOException {
        var bytes = checkpoints();
        FileUtils.deleteDirectory(out.resolve("runs").toFile());
        FileUtils.deleteDirectory(out.resolve("metrics").toFile());
        replace(checkpoint(0, 30), checkpoint(1, 30));
        assertThat(train(context(out, said), TRAIN).problems()).isEmpty();
        assertThat(checkpoints()).isEqualTo(bytes);
    }

    @Test
    void withoutAnyCheckpointThereIsAReportAllTheSame() throws IOException {
        FileUtils.deleteDirectory(out.resolve("runs").toFile());
        FileUtils.deleteDirectory(out.resolve("metrics").toFile());
        FileUtils.deleteDirectory(out.resolve("checkpoints").toFile());
        // Where checkpoints are to be there is a file: every run fails.
        Files.writeString(out.resolve("checkpoints"), "in the way");
        assertThat(train(context(out, said), TRAIN).problems()).hasSize(2);

        var evaluated = evaluate();
        assertThat(evaluated.problems())
                .containsExactly("no run left a checkpoint that could be played; train says why");
        assertThat(report().at("/results/0/outcome").toString()).isEqualTo("[\"failed\",\"failed\"]");
        assertThat(evaluate().upToDate()).isTrue();
    }

    @Test
    void aRunThatLearnsFromNoDataIsMendedTooAndThenEvaluated() throws IOException {
        var none = context(folder.resolve("none"), said);
        var pendulum = new EnvironmentSpec("pendulum");
        var config = Settings.read(TrainConfig.class, ConfigFactory.parseString("""
                seeds = [1], batch-size = 8, log-every = 10, checkpoint-every = 5
                runs.awr {
                  learner = awr, subset = none, online { steps = 30, warm-up = 10, warm-up-actions = random }
                  settings { actor.hidden-layers = [8], value.hidden-layers = [8] }
                }
                """), "train");
        var mlflow = Settings.defaults(MlflowConfig.class);
        TrainStage.run(none, pendulum, mlflow, config);
        var run = RunsTable.ids(TableRows.of(none.warehouse(), none.warehouse().require(TableName.RUNS)))
                .get(0);
        var checkpoints = folder.resolve("none/checkpoints");
        for (var step : List.of(10L, 20L)) {
            var state = checkpoints.resolve(CheckpointStore.location(run, step)).resolve("state.safetensors");
            var whole = Files.readAllBytes(state);
            flip(state);
            var settings = ConfigFactory.parseString("episodes = 2");
            var evaluation = Settings.read(EvaluateConfig.class, settings, "evaluate");
            FileUtils.deleteDirectory(folder.resolve("none/evaluations").toFile());
            assertThat(EvaluateStage.run(none, pendulum, evaluation).problems()).hasSize(1);

            assertThat(TrainStage.run(none, pendulum, mlflow, config).problems())
                    .isEmpty();
            assertThat(state).hasBinaryContent(whole);
            assertThat(EvaluateStage.run(none, pendulum, evaluation).problems()).isEmpty();
        }
    }

    @Test
    void aStateThatIsRemovedBeforeRunsArePublishedIsMadeAnewWhereItIsToBeKept() throws IOException {
        var bytes = checkpoints();
        FileUtils.deleteDirectory(out.resolve("runs").toFile());
        FileUtils.deleteDirectory(out.resolve("metrics").toFile());
        Files.delete(checkpoint(0, 10).resolve("state.safetensors"));
        FileUtils.deleteDirectory(checkpoint(1, 20).toFile());

        assertThat(train(context(out, said), TRAIN).problems()).isEmpty();
        assertThat(checkpoints()).isEqualTo(bytes);
    }

    @Test
    void aStateThatWasThinnedIsNotMadeAnew() throws IOException {
        FileUtils.deleteDirectory(out.resolve("runs").toFile());
        FileUtils.deleteDirectory(out.resolve("metrics").toFile());
        var thinned = checkpoint(0, 10).resolve("state.safetensors");
        Files.delete(thinned);

        assertThat(train(context(out, said), TRAIN + "keep { last = 1, every = 100 }")
                        .problems())
                .isEmpty();
        assertThat(thinned).doesNotExist();
        assertThat(checkpoint(0, 30).resolve("state.safetensors")).exists();
    }

    private StageResult evaluate() {
        var config = Settings.read(EvaluateConfig.class, ConfigFactory.parseString("episodes = 2"), "evaluate");
        return EvaluateStage.run(context(out, said), EASY, config);
    }

    private JsonNode report() throws IOException {
        ReportStage.run(context(out, said), Settings.defaults(ReportConfig.class));
        return new ObjectMapper().readTree(out.resolve("report/results.json").toFile());
    }

    private static JsonNode withoutSpeed(JsonNode results, JsonNode as) {
        ((ObjectNode) results.get(0)).set("updates_per_second", as.at("/0/updates_per_second"));
        return results;
    }

    private Path checkpoint(int run, long step) {
        return out.resolve("checkpoints").resolve(CheckpointStore.location(runs.get(run), step));
    }

    private TreeMap<String, String> checkpoints() throws IOException {
        var hashes = new TreeMap<String, String>();
        try (var files = Files.walk(out.resolve("checkpoints"))) {
            for (var file : files.filter(Files::isRegularFile)
                    .filter(file -> !file.endsWith("timing.json"))
                    .toList()) {
                hashes.put(out.relativize(file).toString(), Sha256.of(Files.readAllBytes(file)));
            }
        }
        return hashes;
    }

    private static void replace(Path place, Path by) throws IOException {
        FileUtils.deleteDirectory(place.toFile());
        FileUtils.copyDirectory(by.toFile(), place.toFile());
    }

    private static void flip(Path file) throws IOException {
        var bytes = Files.readAllBytes(file);
        bytes[bytes.length - 1] ^= 1;
        Files.write(file, bytes);
    }

    private static StageResult train(StageContext context, String config) {
        return TrainStage.run(
                context,
                EASY,
                Settings.defaults(MlflowConfig.class),
                Settings.read(TrainConfig.class, ConfigFactory.parseString(config), "train"));
    }

    private static StageContext context(Path out, List<String> said) {
        return new StageContext(LocalSpark.session(), new Warehouse(LocalSpark.session(), out.toString()), said::add);
    }
}
