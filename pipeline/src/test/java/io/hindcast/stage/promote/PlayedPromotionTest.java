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
import io.hindcast.stage.StageContext;
import io.hindcast.stage.StageResult;
import io.hindcast.stage.collect.CollectStage;
import io.hindcast.stage.evaluate.EvaluateConfig;
import io.hindcast.stage.evaluate.EvaluateStage;
import io.hindcast.stage.train.TrainConfig;
import io.hindcast.stage.train.TrainStage;
import io.hindcast.table.LocalSpark;
import io.hindcast.table.Registry;
import io.hindcast.table.SparkOnDemand;
import io.hindcast.table.Warehouse;
import io.hindcast.track.MlflowConfig;
import java.nio.file.Path;
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
