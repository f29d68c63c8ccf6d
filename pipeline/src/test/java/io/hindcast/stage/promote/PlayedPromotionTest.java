package io.hindcast.stage.promote;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.ConfigFactory;
import io.hindcast.collect.CollectConfig;
import io.hindcast.config.Address;
import io.hindcast.config.Settings;
import io.hindcast.env.EnvironmentSpec;
import io.hindcast.env.GymnasiumConfig;
import io.hindcast.promote.PolicyVersion;
import io.hindcast.promote.RegistryConfig;
import io.hindcast.run.Checkpoint;
import io.hindcast.run.CheckpointStore;
import io.hindcast.stage.StageContext;
import io.hindcast.stage.StageResult;
import io.hindcast.stage.collect.CollectStage;
import io.hindcast.stage.evaluate.EvaluateConfig;
import io.hindcast.stage.evaluate.EvaluateStage;
import io.hindcast.stage.train.TrainConfig;
import io.hindcast.stage.train.TrainStage;
import io.hindcast.table.LocalSpark;
import io.hindcast.table.Registry;
import io.hindcast.table.RunsTable;
import io.hindcast.table.SparkOnDemand;
import io.hindcast.table.TableName;
import io.hindcast.table.TableRows;
import io.hindcast.table.Warehouse;
import io.hindcast.track.MlflowConfig;
import java.nio.file.Path;
import java.util.TreeMap;
import org.apache.commons.io.FileUtils;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Where policies can be played, what they earned may decide. */
class PlayedPromotionTest {
    private static final EnvironmentSpec WORLD =
            new EnvironmentSpec("gridworld-1", Settings.defaults(GymnasiumConfig.class));

    private static final String CLONE =
            "batch-size = 64, updates = 20, runs.bc { learner = behaviour-cloning, settings.actor.hidden-layers = [8] }";
    private static final String GOOD = "batch-size = 1, runs.q { learner = tabular-q, subset = none,"
            + " online { steps = 5000, epsilon = 0.4, epsilon-final = 0.02, capacity = 1 } }";

    @TempDir
    Path directory;

    @Test
    void theEpisodesThatPoliciesPlayDecideAndTheChampionPlaysTheSameOnes() {
        var one = trained("one", 1, GOOD);
        evaluate(one);
        var first = promote(one, "by = evaluations, candidates = [q-1]");
        assertThat(first.summary())
                .startsWith("promoted: q-1 earns more than what was logged: by played ")
                .endsWith("; champion of cart: v1");

        var two = trained("two", 2, CLONE);
        evaluate(two, null);
        assertThat(promote(two, "by = evaluations").problems())
                .singleElement()
                .asString()
                .startsWith("refused: the champion, v1 (q-1), has no episodes in evaluations v1; give evaluate the"
                        + " registry");
        evaluate(two);
        assertThat(promote(two, "by = evaluations").summary())
                .startsWith("kept: bc-1 is not sure to earn 0.000 more than the champion, v1 (q-1): by played -");
        assertThat(evaluate(two).upToDate()).as("nobody plays again").isTrue();
        var promotion = registry().state().promotions().get(2);
        assertThat(promotion.by()).isEqualTo("evaluations");
        assertThat(promotion.candidates())
                .singleElement()
                .satisfies(weighed -> assertThat(
                                weighed.candidate().evidence().get(0).episodes())
                        .isEqualTo(30));
        assertThat(registry().state().champion()).map(PolicyVersion::number).hasValue(1);
    }

    @Test
    void aCheckpointThatWasReplacedSinceItPlayedIsNotPromoted() {
        var one = trained("one", 1, GOOD);
        evaluate(one);
        var warehouse = one.warehouse();
        var played = TableRows.of(warehouse, warehouse.require(TableName.EVALUATIONS))
                .get(0);
        var run = played.<String>getAs("run_id");
        var step = played.<Long>getAs("step");
        var store = RunsTable.checkpoints(warehouse.root(), warehouse.hadoop());
        assertThat(played.<String>getAs("checkpoint_state")).isEqualTo(store.fingerprint(run, step));

        var old = store.read(run, step);
        var tensors = new TreeMap<>(old.tensors());
        tensors.replaceAll((name, tensor) ->
                new Checkpoint.Tensor(tensor.shape(), new float[tensor.values().length], tensor.from()));
        FileUtils.deleteQuietly(directory
                .resolve("one/checkpoints/" + CheckpointStore.location(run, step))
                .toFile());
        store.write(new Checkpoint(
                old.spec(),
                old.spaces(),
                step,
                tensors,
                old.counters(),
                old.metrics(),
                old.seconds(),
                old.experience()));

        assertThat(promote(one, "by = evaluations").problems())
                .containsExactly("refused: q-1: its checkpoint is another one than was played; remove "
                        + warehouse.root() + "/evaluations and run evaluate again");
        assertThat(registry().state().versions()).isEmpty();

        FileUtils.deleteQuietly(directory.resolve("one/evaluations").toFile());
        evaluate(one);
        assertThat(promote(one, "by = evaluations").summary()).startsWith("kept: q-1 is not sure to earn");
    }

    private StageContext trained(String name, long seed, String runs) {
        var spark = LocalSpark.session();
        var context = new StageContext(
                spark, new Warehouse(spark, directory.resolve(name).toString()), line -> {});
        CollectStage.run(
                context,
                WORLD,
                Settings.read(
                        CollectConfig.class,
                        ConfigFactory.parseString("behaviour = random, episodes = 150, seed = " + seed),
                        "collect"));
        TrainStage.run(
                context,
                WORLD,
                Settings.defaults(MlflowConfig.class),
                Settings.read(
                        TrainConfig.class,
                        ConfigFactory.parseString("seeds = [1], log-every = 1000, checkpoint-every = 1000, " + runs),
                        "train"));
        return context;
    }

    private static StageResult evaluate(StageContext context, @Nullable RegistryConfig registry) {
        return EvaluateStage.run(
                context,
                WORLD,
                registry,
                Settings.read(
                        EvaluateConfig.class,
                        ConfigFactory.parseString("episodes = 30, checkpoints = last"),
                        "evaluate"));
    }

    private StageResult evaluate(StageContext context) {
        return evaluate(context, config());
    }

    private StageResult promote(StageContext context, String settings) {
        return PromoteStage.run(
                context,
                config(),
                Settings.defaults(MlflowConfig.class),
                Settings.read(PromoteConfig.class, ConfigFactory.parseString(settings), "promote"));
    }

    private RegistryConfig config() {
        return new RegistryConfig(new Address(directory.resolve("registry").toString()), "cart");
    }

    private Registry registry() {
        return new Registry(SparkOnDemand.of(LocalSpark.session()), config());
    }
}
