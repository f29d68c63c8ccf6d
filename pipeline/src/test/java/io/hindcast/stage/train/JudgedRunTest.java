package io.hindcast.stage.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.typesafe.config.ConfigFactory;
import io.hindcast.collect.CollectConfig;
import io.hindcast.config.Settings;
import io.hindcast.config.UserException;
import io.hindcast.env.EnvironmentSpec;
import io.hindcast.stage.StageContext;
import io.hindcast.stage.StageResult;
import io.hindcast.stage.collect.CollectStage;
import io.hindcast.stage.evaluate.EvaluateConfig;
import io.hindcast.stage.evaluate.EvaluateStage;
import io.hindcast.stage.report.ReportConfig;
import io.hindcast.stage.report.ReportStage;
import io.hindcast.table.LocalSpark;
import io.hindcast.table.TableName;
import io.hindcast.table.Warehouse;
import io.hindcast.track.MlflowConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.commons.io.FileUtils;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs that learn the values of a policy which another training left behind. */
class JudgedRunTest {
    private static final String FEW =
            "seeds = [1], updates = 20, batch-size = 8, log-every = 10, checkpoint-every = 10\n";
    private static final String CLONING =
            FEW + "runs.bc { learner = behaviour-cloning, settings.actor.hidden-layers = [8] }";

    @TempDir
    static Path policies;

    private static String run = "";

    @TempDir
    Path out;

    private final List<String> said = new ArrayList<>();

    @BeforeAll
    static void trainPolicies() {
        var context = context(policies, new ArrayList<>());
        var collect = Settings.read(CollectConfig.class, ConfigFactory.parseString("episodes = 4"), "");
        CollectStage.run(context, new EnvironmentSpec("pointmass-easy"), collect);
        train(context, CLONING);
        run = policies.resolve("checkpoints") + "/"
                + context.warehouse()
                        .read(context.warehouse().require(TableName.RUNS))
                        .first()
                        .<String>getAs("run_id");
    }

    @Test
    void aRunOfValuesIsTrainedLoggedAndRepeatedLikeAnyOtherAndPassedOverWhereThereIsNoPolicy() throws IOException {
        copyData();
        var judging = FEW + "evaluation.episodes = 1, runs.values { learner = fqe, judges { run = \"" + run
                + "\", actions = sampled }, settings.critic.hidden-layers = [8] }";
        var trained = train(context(), judging);
        assertThat(trained.problems()).isEmpty();
        assertThat(trained.summary()).isEqualTo("runs v1: 1 runs, 1 finished");
        assertThat(rows(TableName.METRICS, "step", "name"))
                .contains("[10,initial-value/mean]", "[20,initial-value/lag]", "[20,critic/loss]")
                .doesNotContain("[20,evaluation/return]");
        assertThat(rows(TableName.RUNS, "learner", "config"))
                .singleElement()
                .asString()
                .contains("\"judges\":{\"actions\":\"sampled\",\"epsilon\":0.0,\"run\":\"" + run + "\",\"step\":20}");
        assertThat(Files.exists(out.resolve("policies"))).isFalse();
        assertThat(train(context(), judging).upToDate()).isTrue();

        var evaluated = evaluate();
        assertThat(evaluated.summary()).isEqualTo("no run has a policy: nothing to play");
        assertThat(evaluated.problems()).isEmpty();
        assertThat(said).contains("[evaluate] 1 run has learned values only and no policy that could be played");
        var report = ReportStage.run(context(), Settings.defaults(ReportConfig.class));
        assertThat(report.problems()).isEmpty();
    }

    @Test
    void besideRunsOfPoliciesItIsLeftOutOfWhatIsPlayed() throws IOException {
        copyData();
        train(
                context(),
                CLONING + "\nruns.values { learner = fqe, judges { run = \"" + run
                        + "\", step = 10 }, settings.critic.hidden-layers = [8] }");
        var evaluated = evaluate();
        assertThat(evaluated.problems()).isEmpty();
        assertThat(evaluated.summary()).isEqualTo("evaluations v1: 6 episodes of 3 checkpoints");
        var report = ReportStage.run(context(), Settings.defaults(ReportConfig.class));
        assertThat(report.problems()).isEmpty();
        assertThat(Files.readString(out.resolve("report/report.html"))).contains("values", "fqe");
    }

    @Test
    void whatCannotBeJudgedIsRefusedInOneLine() throws IOException {
        copyData();
        refused("run = \"" + run + "x\"")
                .hasMessage("Cannot use run = " + run
                        + "x for judges of train.runs.values: it holds no checkpoint; name the"
                        + " directory of a run, OUT/checkpoints/RUN_ID");
        refused("run = \"" + run + "\", step = 15")
                .hasMessageStartingWith(
                        "Cannot use run = " + run + " for judges of train.runs.values: Cannot read checkpoint ")
                .hasMessageContaining("step-000000000015: it is not there");
        refused("run = \"a:b\"").hasMessageStartingWith("Cannot use run = a:b for judges of train.runs.values: ");
    }

    private org.assertj.core.api.AbstractThrowableAssert<?, ?> refused(String judges) {
        return assertThatThrownBy(
                        () -> train(context(), FEW + "runs.values { learner = fqe, judges { " + judges + " } }"))
                .isInstanceOf(UserException.class);
    }

    private void copyData() throws IOException {
        for (var table : List.of("transitions", "episodes")) {
            FileUtils.copyDirectory(
                    policies.resolve(table).toFile(), out.resolve(table).toFile());
        }
    }

    private StageResult evaluate() {
        var config = Settings.read(EvaluateConfig.class, ConfigFactory.parseString("episodes = 2"), "");
        return EvaluateStage.run(context(), new EnvironmentSpec("pointmass-easy"), config);
    }

    private static StageResult train(StageContext context, String config) {
        return TrainStage.run(
                context,
                new EnvironmentSpec("pointmass-easy"),
                Settings.defaults(MlflowConfig.class),
                Settings.read(TrainConfig.class, ConfigFactory.parseString(config), "train"));
    }

    private List<String> rows(TableName table, String first, String... others) {
        var warehouse = context().warehouse();
        return warehouse.read(warehouse.require(table)).select(first, others).collectAsList().stream()
                .map(row -> "[" + row.mkString(",") + "]")
                .toList();
    }

    private StageContext context() {
        return context(out, said);
    }

    private static StageContext context(Path root, List<String> said) {
        return new StageContext(LocalSpark.session(), new Warehouse(LocalSpark.session(), root.toString()), said::add);
    }
}
