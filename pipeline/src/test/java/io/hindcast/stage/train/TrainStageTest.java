package io.hindcast.stage.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.typesafe.config.ConfigFactory;
import io.hindcast.collect.CollectConfig;
import io.hindcast.config.Settings;
import io.hindcast.config.Sha256;
import io.hindcast.config.UserException;
import io.hindcast.data.Spaces;
import io.hindcast.data.Transformation;
import io.hindcast.env.EnvironmentSpec;
import io.hindcast.env.Environments;
import io.hindcast.export.PolicyNames;
import io.hindcast.kernel.Kernels;
import io.hindcast.kernel.Nd4jKernels;
import io.hindcast.kernel.PlainKernels;
import io.hindcast.net.Policy;
import io.hindcast.net.ScaledPolicy;
import io.hindcast.run.RewardBonus;
import io.hindcast.stage.StageContext;
import io.hindcast.stage.StageResult;
import io.hindcast.stage.collect.CollectStage;
import io.hindcast.stage.curate.CurateConfig;
import io.hindcast.stage.curate.CurateStage;
import io.hindcast.stage.evaluate.EvaluateConfig;
import io.hindcast.stage.evaluate.EvaluateStage;
import io.hindcast.stage.ingest.IngestConfig;
import io.hindcast.stage.ingest.IngestStage;
import io.hindcast.table.LocalSpark;
import io.hindcast.table.RunsTable;
import io.hindcast.table.TableName;
import io.hindcast.table.Warehouse;
import io.hindcast.track.MlflowConfig;
import io.hindcast.track.MlflowFake;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.commons.io.FileUtils;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TrainStageTest {
    private static final String RUNS = """
            seeds = [1, 2], updates = 20, batch-size = 8, log-every = 10, checkpoint-every = 10
            runs {
              bc { learner = behaviour-cloning, settings { actor.hidden-layers = [8] } }
              filtered { learner = behaviour-cloning, subset = best, settings { actor.hidden-layers = [8] } }
            }
            """;

    /** Collecting takes long: it is done once, and tests take copies. */
    @TempDir
    static Path collected;

    @TempDir
    Path out;

    private final List<String> said = new ArrayList<>();

    @BeforeAll
    static void collect() {
        var context = new StageContext(
                LocalSpark.session(), new Warehouse(LocalSpark.session(), collected.toString()), line -> {});
        var collect = Settings.read(CollectConfig.class, ConfigFactory.parseString("episodes = 4"), "");
        CollectStage.run(context, new EnvironmentSpec("pointmass-easy"), collect);
        var curate = Settings.read(CurateConfig.class, ConfigFactory.parseString("subsets.best.top-percent = 50"), "");
        CurateStage.run(context, curate);
    }

    @BeforeEach
    void copy() throws IOException {
        FileUtils.copyDirectory(collected.toFile(), out.toFile());
    }

    @Test
    void everyRunIsTrainedLoggedAndPlayed() {
        var trained = train(RUNS);
        assertThat(trained.problems()).isEmpty();
        assertThat(trained.summary()).isEqualTo("runs v1: 4 runs, 4 finished");
        var runs = rows(TableName.RUNS, "name", "subset", "seed", "outcome", "updates", "transitions");
        assertThat(runs)
                .hasSize(4)
                .anySatisfy(run -> assertThat(run).startsWith("[bc,all,1,finished,20,"))
                .anySatisfy(run -> assertThat(run).startsWith("[filtered,best,2,finished,20,"));
        assertThat(rows(TableName.METRICS, "step", "name"))
                .hasSize(4 * 2 * 5)
                .contains("[10,policy/loss]", "[20,policy/gradient-norm]", "[20,log-probability/mean]");

        var evaluated = evaluate("pointmass-easy");
        assertThat(evaluated.summary()).isEqualTo("evaluations v1: 24 episodes of 12 checkpoints");
        assertThat(rows(TableName.EVALUATIONS, "step", "episode")).contains("[0,0]", "[10,1]", "[20,1]");
        assertThat(evaluate("pointmass-easy").upToDate()).isTrue();
    }

    @Test
    void theSameRunsAreNotTrainedAgainAndOthersAreRefused() {
        train(RUNS);
        assertThat(train(RUNS).upToDate()).isTrue();
        assertThatThrownBy(() -> train(RUNS + "updates = 30"))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("updates: 20 -> 30");
        assertThatThrownBy(() -> train(RUNS + "precision = bfloat16"))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("precision: none -> bfloat16");
    }

    @Test
    void mlflowIsSentWhatItMissedByTheSameCommandAndNothingTwice() throws IOException {
        try (var server = new MlflowFake()) {
            server.failing = 503;
            assertThat(train(RUNS, server.uri()).problems()).isEmpty();
            said.clear();
            assertThat(train(RUNS, server.uri()).upToDate()).isTrue();
            assertThat(said)
                    .singleElement()
                    .asString()
                    .startsWith("[track] warning: MLflow at " + server.uri() + " does not accept what was sent: ")
                    .endsWith("; the same command tells it again");

            server.failing = 0;
            assertThat(train(RUNS, server.uri()).upToDate()).isTrue();
            assertThat(server.outputs()).hasSize(1);
            assertThat(server.runs()).hasSize(4).allSatisfy(run -> {
                assertThat(run.at("/info/status").asText()).isEqualTo("FINISHED");
                assertThat(run.at("/data/metrics")).hasSize(2 * 5);
                assertThat(run.at("/data/params")).isNotEmpty();
                assertThat(run.at("/inputs/dataset_inputs")).hasSize(1);
                assertThat(server.files(run)).containsKeys("settings/run.json", "policy/policy.json");
            });
            var sent = server.changes();
            assertThat(train(RUNS, server.uri()).upToDate()).isTrue();
            assertThat(server.changes()).isEqualTo(sent);
        }
    }

    @Test
    void trainingThatIsDoneStaysSoWhateverHindersMlflowFromBeingTold() throws IOException {
        try (var server = new MlflowFake()) {
            server.failing = 503;
            train(RUNS, server.uri());
            server.failing = 0;
            for (var file : FileUtils.listFiles(out.resolve("metrics").toFile(), new String[] {"parquet"}, true)) {
                Files.write(file.toPath(), new byte[(int) file.length()]); // damaged
            }
            said.clear();

            assertThat(train(RUNS, server.uri()).upToDate()).isTrue();
            assertThat(said).singleElement().asString().startsWith("[track] MLflow was not told again: ");
        }
    }

    @Test
    void whatMlflowHasOfTrainingIsNotSentAgain() throws IOException {
        try (var server = new MlflowFake()) {
            train(RUNS, server.uri());
            var sent = server.changes();
            assertThat(train(RUNS, server.uri()).upToDate()).isTrue();

            assertThat(server.runs()).hasSize(4);
            assertThat(server.changes()).isEqualTo(sent);
        }
    }

    @Test
    void aPrecisionThatIsNotMultipliedHereIsRefusedBeforeAnythingIsTrained() {
        System.setProperty("hindcast.blas", "nd4j");
        try {
            assertThatThrownBy(() -> train(RUNS + "precision = bfloat16"))
                    .isInstanceOf(UserException.class)
                    .hasMessage(
                            "Cannot multiply with precision = bfloat16: ND4J's OPENBLAS finds neither AVX512_BF16 nor AMX"
                                    + " here; use precision = float32");
        } finally {
            System.clearProperty("hindcast.blas");
        }
        assertThat(out.resolve("checkpoints")).doesNotExist();
    }

    @Test
    void aRunOfBfloat16IsAnotherRunWhoseCheckpointsSayIt() throws IOException {
        try (var kernels = new Nd4jKernels()) {
            assumeTrue(kernels.roundsBy().isPresent(), "this processor does not multiply bfloat16");
        }
        var trained = train(RUNS + "precision = bfloat16");
        assertThat(trained.problems()).isEmpty();
        assertThat(said)
                .anyMatch(line -> line.matches(".*products by oneDNN [0-9.]+ of bfloat16 by (AMX|AVX512_BF16)"));
        try (var runs = Files.list(out.resolve("checkpoints"))) {
            for (var run : runs.toList()) {
                assertThat(run.resolve("step-000000000020/checkpoint.json"))
                        .content()
                        .containsPattern("\"precision\" ?: ?\"BFLOAT16\"");
            }
        }
    }

    @Test
    void policiesThatAreMissingOrDamagedAreMadeAnewWithTheSameBytes() throws IOException {
        train(RUNS);
        var policies = out.resolve("policies");
        List<Path> runs;
        try (var list = Files.list(policies)) {
            runs = list.filter(Files::isDirectory).sorted().toList();
        }
        assertThat(runs).hasSize(4);
        var whole = hashes(policies);
        Files.delete(runs.get(0).resolve("policy.onnx"));
        var damaged = runs.get(1).resolve("policy.onnx");
        var bytes = Files.readAllBytes(damaged);
        bytes[bytes.length / 2] ^= 1;
        Files.write(damaged, bytes);
        FileUtils.deleteDirectory(runs.get(2).toFile());
        said.clear();

        assertThat(train(RUNS).upToDate()).isTrue();

        assertThat(said)
                .contains("[train] 3 policies are missing or damaged in " + policies + ", making them again")
                .noneMatch(line -> line.contains("warning"));
        assertThat(hashes(policies)).isEqualTo(whole);
        said.clear();
        train(RUNS);
        assertThat(said).noneMatch(line -> line.contains("making"));

        // Where nobody wants them nobody misses them.
        FileUtils.deleteDirectory(policies.toFile());
        train(RUNS + "export = never");
        assertThat(policies).doesNotExist();
    }

    @Test
    void aPolicyThatCannotBeExportedIsSpokenOfOnce() throws IOException {
        train(RUNS);
        var policies = out.resolve("policies");
        var store = RunsTable.checkpoints(out.toString(), new Configuration());
        String run;
        try (var list = Files.list(policies)) {
            run = list.sorted().findFirst().orElseThrow().getFileName().toString();
        }
        FileUtils.deleteDirectory(policies.resolve(run).toFile());
        var checkpoint = store.latest(run).orElseThrow();
        checkpoint.tensors().values().forEach(tensor -> Arrays.fill(tensor.values(), 1e35f));
        for (var told : List.of(true, false)) {
            var problem = PolicyExports.write(
                    out.toString(), new Configuration(), checkpoint, checkpoint.spaces(), PolicyNames.NONE);
            assertThat(problem.isPresent()).isEqualTo(told);
            problem.ifPresent(text -> assertThat(text).startsWith("Cannot export the policy of " + run));
        }
        said.clear();

        assertThat(train(RUNS).upToDate()).isTrue();

        assertThat(said).noneMatch(line -> line.contains("polic"));
        assertThat(policies.resolve(run)).isDirectoryContaining("glob:**/refused.json");
    }

    private static Map<String, String> hashes(Path folder) throws IOException {
        var hashes = new TreeMap<String, String>();
        try (var files = Files.walk(folder)) {
            for (var file : files.filter(Files::isRegularFile).toList()) {
                if (!file.getFileName().toString().endsWith(".crc")) {
                    hashes.put(folder.relativize(file).toString(), Sha256.of(Files.readAllBytes(file)));
                }
            }
        }
        return hashes;
    }

    @Test
    void whatDoesNotChangeTheRunsMayChangeAndAMappedFileTrainsAsTheHeapDoes() {
        var stopped = train(RUNS + "max-runtime = 1ms");
        assertThat(stopped.problems())
                .hasSize(4)
                .allSatisfy(
                        problem -> assertThat(problem).matches("run .*, stopped: max-runtime is over at update \\d+"));

        var mapped = train(RUNS + "heap-share-for-data = 0, evaluation.episodes = 2, keep.every = 2");
        assertThat(mapped.problems()).isEmpty();
        assertThat(rows(TableName.METRICS, "step", "name"))
                .filteredOn(row -> row.endsWith(",evaluation/return]"))
                .hasSize(4 * 2); // those at update 0 were written before
        assertThat(said).anyMatch(line -> line.matches(".*20 of 20 updates, .*, return \\S+ at update 10"));
        var ofFile = rows(TableName.RUNS, "run_id", "checkpoint_fingerprint");

        for (var made : List.of("runs", "metrics", "checkpoints")) {
            assertThat(FileUtils.deleteQuietly(out.resolve(made).toFile())).isTrue();
        }
        assertThat(train(RUNS).problems()).isEmpty();
        assertThat(rows(TableName.RUNS, "run_id", "checkpoint_fingerprint")).isEqualTo(ofFile);
    }

    @Test
    void aRunOfAPresetIsTrainedWithItsSettingsAndWhatTheEntryChanges() {
        var runs = """
                seeds = [1], log-every = 10, checkpoint-every = 10
                runs.dqn { preset = cs285-hw5-pointmass-easy-dqn, updates = 20, n-step = 3, settings { discount = 0.9 } }
                """;
        assertThat(train(runs).summary()).isEqualTo("runs v1: 1 runs, 1 finished");
        assertThat(rows(TableName.RUNS, "name", "learner", "updates")).containsExactly("[dqn,dqn,20]");
        assertThat(rows(TableName.RUNS, "resolved_config").toString())
                .contains("\"discount\":0.9", "\"target-period\":300", "\"activation\":\"tanh\"");
        assertThat(train(runs).upToDate()).isTrue();
    }

    @Test
    void aRunIsFineTunedByWhatItDoesAfterItsUpdatesOnTheDataset() {
        var runs = """
                seeds = [1], updates = 20, batch-size = 8, log-every = 10, checkpoint-every = 10
                runs.cql {
                  learner = cql-discrete, settings { critic.hidden-layers = [8] }
                  online { steps = 15, epsilon = 0.3 }
                }
                """;
        assertThat(train(runs).summary()).isEqualTo("runs v1: 1 runs, 1 finished");
        assertThat(rows(TableName.RUNS, "name", "subset", "updates")).containsExactly("[cql,all,35]");
        assertThat(rows(TableName.RUNS, "resolved_config").toString())
                .contains("\"offline-updates\":20", "\"epsilon\":0.3");
        assertThat(rows(TableName.METRICS, "step", "name", "value"))
                .contains("[30,online/steps,10.0]", "[35,online/steps,15.0]")
                .noneMatch(row -> row.startsWith("[20,online"));
        assertThat(train(runs).upToDate()).isTrue();
        assertThat(evaluate("pointmass-easy").summary()).isEqualTo("evaluations v1: 10 episodes of 5 checkpoints");
    }

    @Test
    void aRunThatOnlyActsNeedsNoDataset() {
        var none =
                new StageContext(LocalSpark.session(), new Warehouse(LocalSpark.session(), out + "/none"), said::add);
        var runs = config("""
                seeds = [1], batch-size = 8, log-every = 10, checkpoint-every = 10
                runs.awr {
                  learner = awr, subset = none, online { steps = 30, warm-up = 10, warm-up-actions = random }
                  settings { actor.hidden-layers = [8], value.hidden-layers = [8] }
                }
                """);
        var mlflow = Settings.defaults(MlflowConfig.class);
        var trained = TrainStage.run(none, new EnvironmentSpec("pendulum"), mlflow, runs);
        assertThat(trained.problems()).isEmpty();
        assertThat(none.warehouse()
                        .read(none.warehouse().require(TableName.RUNS))
                        .collectAsList())
                .singleElement()
                .satisfies(run -> assertThat(run.<Long>getAs("updates")).isEqualTo(20));
        assertThatThrownBy(() -> TrainStage.run(none, null, mlflow, runs))
                .isInstanceOf(UserException.class)
                .hasMessageStartingWith("Cannot act in training: no environment is named");
    }

    @Test
    void aRunDoesNotActInAnotherWorldThanItsDatasetIsFrom() {
        assertThatThrownBy(() -> TrainStage.run(
                        context(),
                        new EnvironmentSpec("cartpole"),
                        Settings.defaults(MlflowConfig.class),
                        config(RUNS + "runs.bc.online.steps = 10")))
                .isInstanceOf(UserException.class)
                .hasMessage(
                        "Cannot act in cartpole: it has observations of size 4 and Discrete[count=2], the transitions"
                                + " have 2 and Discrete[count=5]; name the environment the data come from");
        assertThatThrownBy(() -> config("runs.bc { learner = behaviour-cloning, subset = none }"))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("Cannot train on subset = none: the run does not act either");
    }

    @Test
    void aDivergingRunIsARowAndTheOthersFinish() {
        var result = train(RUNS + "runs.wild { learner = behaviour-cloning, settings { actor { hidden-layers = [8],"
                + " learning-rate = 1e30 } } }");
        assertThat(result.summary()).isEqualTo("runs v1: 6 runs, 4 finished");
        assertThat(result.problems())
                .hasSize(2)
                .allSatisfy(problem -> assertThat(problem)
                        .matches("run wild, seed [12], diverged: policy/loss = \\S+ in update \\d+"));
        assertThat(rows(TableName.RUNS, "name", "outcome")).contains("[wild,diverged]", "[bc,finished]");
    }

    @Test
    void aPolicyThatLearnedFromStandardisedObservationsIsShownThemAsTheyAre() {
        var steps = "[{ reward { scale = 10 } }, { standardise-observations {} }]";
        curateAnew("subsets { best.top-percent = 50, scaled { from = best, steps = " + steps + " } }");
        var trained = train(RUNS + "runs.scaled = ${runs.filtered} { subset = scaled }");
        assertThat(trained.summary()).isEqualTo("runs v1: 6 runs, 6 finished");

        var store = RunsTable.checkpoints(out.toString(), new Configuration());
        var checkpoint = store.latest(runId("scaled")).orElseThrow();
        assertThat(checkpoint.spec().transformations()).hasSize(2).startsWith(new Transformation.Reward(10, 0));
        var scaler = Transformation.scaler(checkpoint.spec().transformations()).orElseThrow();
        assertThat(store.latest(runId("filtered")).orElseThrow().spec().transformations())
                .isEmpty();
        var observation = new float[] {5, 7};
        try (var kernels = new PlainKernels()) {
            var spaces = new Spaces(2, Environments.named("pointmass-easy").actionSpace());
            var policy = checkpoint.policy(spaces, kernels);
            assertThat(policy).isInstanceOf(ScaledPolicy.class);
            var scaled = observation.clone();
            scaler.scale(scaled, 0, 2, 1);
            assertThat(output(policy, observation, kernels))
                    .isEqualTo(output(((ScaledPolicy) policy).inner(), scaled, kernels))
                    .isNotEqualTo(output(((ScaledPolicy) policy).inner(), observation, kernels));
        }
        assertThat(evaluate("pointmass-easy").summary()).isEqualTo("evaluations v1: 36 episodes of 18 checkpoints");
    }

    private static float[] output(Policy policy, float[] observation, Kernels kernels) {
        var input = kernels.matrix(observation.length, 1);
        input.write(observation, 0);
        var pass = policy.pass(input);
        pass.forward();
        return pass.output().clone();
    }

    private String runId(String name) {
        var warehouse = context().warehouse();
        return warehouse
                .read(warehouse.require(TableName.RUNS))
                .where("name = '" + name + "' and seed = 1")
                .first()
                .getString(0);
    }

    private void curateAnew(String config) {
        assertThat(FileUtils.deleteQuietly(out.resolve("subsets").toFile())).isTrue();
        CurateStage.run(context(), Settings.read(CurateConfig.class, ConfigFactory.parseString(config), ""));
    }

    @Test
    void aBonusHoldsAPolicyToTheOneThatCollected() throws IOException {
        train(RUNS);
        var run = out + "/checkpoints/" + runId("bc");
        FileUtils.deleteQuietly(out.resolve("runs").toFile());
        FileUtils.deleteQuietly(out.resolve("metrics").toFile());
        var bonusOfRun = "subsets.best { top-percent = 50, steps = [{ behaviour-bonus { run = \"" + run
                + "\", weight = 2, limit = 50 } }] }";
        var state = Path.of(run, "step-000000000020", "state.safetensors");
        var whole = Files.readAllBytes(state);
        var flipped = whole.clone();
        flipped[whole.length - 1] ^= 1;
        Files.write(state, flipped);
        assertThatThrownBy(() -> curateAnew(bonusOfRun))
                .isInstanceOf(UserException.class)
                .hasMessage("Cannot use run = " + run + " for behaviour-bonus in subset best: Cannot read checkpoint "
                        + state.getParent()
                        + ": state.safetensors is damaged (its SHA-256 is not the one that was"
                        + " written); train that run again, with the same configuration and --out");
        Files.write(state, whole);
        CurateStage.run(context(), Settings.read(CurateConfig.class, ConfigFactory.parseString(bonusOfRun), ""));
        assertThat(train(RUNS).problems()).isEmpty();

        var store = RunsTable.checkpoints(out.toString(), new Configuration());
        var bonus = (Transformation.Bonus) store.latest(runId("filtered"))
                .orElseThrow()
                .spec()
                .transformations()
                .get(0);
        assertThat(bonus.step()).isEqualTo(20);
        assertThat(bonus.divergence()).isEqualTo("kl");
        assertThat(RewardBonus.checkpoint(bonus, new Configuration()).spec().name())
                .isEqualTo("bc");
    }

    @Test
    void aMixtureLearnsFromBothDatasetsAndIsAnotherRunWithOtherWeights() {
        var other =
                new StageContext(LocalSpark.session(), new Warehouse(LocalSpark.session(), out + "/other"), said::add);
        var collect = Settings.read(CollectConfig.class, ConfigFactory.parseString("episodes = 2, seed = 9"), "");
        CollectStage.run(other, new EnvironmentSpec("pointmass-easy"), collect);
        curateAnew(mixture(3));
        assertThat(train(RUNS).problems()).isEmpty();

        var all = rowsOf(context());
        var others = rowsOf(other);
        assertThat(rows(TableName.RUNS, "name", "seed", "transitions"))
                .contains("[bc,1," + all + "]", "[filtered,1," + (all + others) + "]");
        assertThat(rows(TableName.SUBSET_STEPS, "subset", "step", "episodes", "transitions"))
                .contains("[best,mixture,6," + (all + others) + "]");
        var first = runId("filtered");
        var manifest = context().warehouse().require(TableName.SUBSETS).manifest();
        assertThat(manifest.configuration().get("datasets").toString())
                .contains("out=" + out + "/other", "rows=" + others, "fingerprint=");

        FileUtils.deleteQuietly(out.resolve("runs").toFile());
        FileUtils.deleteQuietly(out.resolve("metrics").toFile());
        curateAnew(mixture(4));
        train(RUNS);
        assertThat(runId("filtered")).isNotEqualTo(first);
    }

    @Test
    void aDatasetOfAnotherProblemIsNotMixed() {
        var other =
                new StageContext(LocalSpark.session(), new Warehouse(LocalSpark.session(), out + "/other"), said::add);
        var collect =
                Settings.read(CollectConfig.class, ConfigFactory.parseString("episodes = 1, behaviour = random"), "");
        CollectStage.run(other, new EnvironmentSpec("cartpole"), collect);
        assertThatThrownBy(() -> curateAnew(mixture(1)))
                .isInstanceOf(UserException.class)
                .hasMessage("Cannot mix with subset all of " + out
                        + "/other: it has observations of 4 and Discrete[count=2], this dataset of 2 and Discrete[count=5];"
                        + " only datasets with the same can be mixed");
    }

    private String mixture(int weight) {
        return "subsets.best.steps = [{ mixture { others = [{ out = \"" + out + "/other\", weight = " + weight
                + " }] } }]";
    }

    private static long rowsOf(StageContext context) {
        return context.warehouse().require(TableName.TRANSITIONS).manifest().rows();
    }

    @Test
    void aBonusNeedsAFinishedRun() {
        assertThatThrownBy(() -> curateAnew(
                        "subsets.x.steps = [{ behaviour-bonus { run = \"" + out + "/checkpoints/bc\", weight = 1 } }]"))
                .isInstanceOf(UserException.class)
                .hasMessage("Cannot use run = " + out + "/checkpoints/bc for behaviour-bonus in subset x: it holds no"
                        + " checkpoint; name the directory of a run, OUT/checkpoints/RUN_ID");
    }

    @Test
    void timesThatWereNotLoggedAreRefused() {
        assertThatThrownBy(() -> train(RUNS + "time-delta = discount"))
                .isInstanceOf(UserException.class)
                .hasMessageMatching(
                        "Cannot train with time-delta = discount: \\d+ transitions that do not terminate have no"
                                + " time_delta; ingest the log with columns.time or columns.time-delta, or use time-delta ="
                                + " ignore");
    }

    @Test
    void whereTheBootstrapStopsNoTimeIsNeeded() throws IOException {
        var log = new StringBuilder("e,t,x,a,r,end\n");
        for (var e = 0; e < 4; e++) {
            // Times are irregular, and two rows have one time.
            var x = 0;
            for (var t : List.of(0, 3, 3, 10)) {
                log.append("%d,%d,%d,%d,1,%d\n".formatted(e, t, x++, e % 2, t == 10 ? 1 : 0));
            }
        }
        Files.writeString(out.resolve("log.csv"), log);
        var times = new StageContext(
                LocalSpark.session(),
                new Warehouse(LocalSpark.session(), out.resolve("times").toString()),
                said::add);
        IngestStage.run(
                times,
                Settings.read(
                        IngestConfig.class,
                        ConfigFactory.parseString("input = \"" + out.resolve("log.csv") + "\"")
                                .withFallback(ConfigFactory.parseString("""
                                        format = csv, dataset = stays, action-space { type = discrete, count = 2 }
                                        columns {
                                          observation = x, action-index = a, reward = r, terminated = end
                                          episode-id = e, time = t
                                        }
                                        """)),
                        ""));
        assertThat(times.warehouse()
                        .read(times.warehouse().require(TableName.TRANSITIONS))
                        .where("episode_id = '0'")
                        .orderBy("step")
                        .collectAsList())
                .extracting(row -> String.valueOf(row.<Object>getAs("time_delta")))
                .containsExactly("3.0", "0.0", "7.0", "null");

        for (var nStep : List.of(1, 2)) {
            var result =
                    TrainStage.run(times, null, Settings.defaults(MlflowConfig.class), config("""
                            seeds = [1], updates = 10, batch-size = 8, log-every = 10, checkpoint-every = 10
                            time-delta = discount
                            runs.q { learner = dqn, n-step = %d, settings { critic.hidden-layers = [8] } }
                            """.formatted(nStep)));
            assertThat(result.problems()).isEmpty();
            FileUtils.deleteQuietly(out.resolve("times/runs").toFile());
        }
    }

    @Test
    void anUnknownSubsetIsRefused() {
        assertThatThrownBy(() -> train(RUNS + "runs.bc.subset = bset"))
                .isInstanceOf(UserException.class)
                .hasMessage(
                        "Cannot use subset 'bset' (in train.runs.bc): there is no such subset; did you mean 'best'?");
    }

    @Test
    void theSameRunUnderTwoNamesIsRefused() {
        assertThatThrownBy(() -> train(RUNS + "runs.twin = ${runs.bc}"))
                .isInstanceOf(UserException.class)
                .hasMessageStartingWith("Cannot train both bc and twin");
    }

    @Test
    void anUnknownLearnerOrSettingIsRefused() {
        assertThatThrownBy(() -> train(RUNS + "runs.bc.settings.log-std-min = 3"))
                .hasMessageContaining("Cannot use log-std-min = 3.0: it is above log-std-max = 2.0");
        assertThatThrownBy(() -> train(RUNS + "runs.bc.learner = iqll")).hasMessageContaining("did you mean 'iql'?");
        assertThatThrownBy(() -> train(RUNS + "runs.bc.settings.actor.learning-rat = 1"))
                .hasMessageContaining("did you mean 'learning-rate'?");
    }

    @Test
    void nothingIsTrainedWithoutTransitions() {
        assertThatThrownBy(() -> TrainStage.run(
                        new StageContext(
                                LocalSpark.session(), new Warehouse(LocalSpark.session(), out + "/none"), said::add),
                        new EnvironmentSpec("pointmass-easy"),
                        Settings.defaults(MlflowConfig.class),
                        config(RUNS)))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("no version is published there; run ingest or collect");
    }

    private StageResult train(String config, String server) {
        var mlflow = Settings.read(
                MlflowConfig.class, ConfigFactory.parseString("tracking-uri = \"" + server + "\""), "mlflow");
        return TrainStage.run(context(), null, mlflow, config(config));
    }

    private StageResult train(String config) {
        return TrainStage.run(
                context(),
                new EnvironmentSpec("pointmass-easy"),
                Settings.defaults(MlflowConfig.class),
                config(config));
    }

    private StageResult evaluate(String environment) {
        var config = Settings.read(EvaluateConfig.class, ConfigFactory.parseString("episodes = 2"), "");
        return EvaluateStage.run(context(), new EnvironmentSpec(environment), config);
    }

    private static TrainConfig config(String config) {
        return Settings.read(
                TrainConfig.class, ConfigFactory.parseString(config).resolve(), "train");
    }

    private List<String> rows(TableName table, String first, String... others) {
        var warehouse = context().warehouse();
        return warehouse.read(warehouse.require(table)).select(first, others).collectAsList().stream()
                .map(row -> "[" + row.mkString(",") + "]")
                .toList();
    }

    private StageContext context() {
        return new StageContext(LocalSpark.session(), new Warehouse(LocalSpark.session(), out.toString()), said::add);
    }
}
