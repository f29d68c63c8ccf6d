package io.hindcast.stage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.typesafe.config.ConfigFactory;
import io.hindcast.config.Settings;
import io.hindcast.config.UserException;
import io.hindcast.data.Transition;
import io.hindcast.stage.curate.CurateConfig;
import io.hindcast.stage.curate.CurateStage;
import io.hindcast.stage.ingest.IngestConfig;
import io.hindcast.stage.ingest.IngestStage;
import io.hindcast.stage.report.ReportConfig;
import io.hindcast.stage.report.ReportStage;
import io.hindcast.stage.stats.StatsConfig;
import io.hindcast.stage.stats.StatsStage;
import io.hindcast.stage.train.TrainConfig;
import io.hindcast.stage.train.TrainStage;
import io.hindcast.table.LocalSpark;
import io.hindcast.table.TableName;
import io.hindcast.table.TransitionRow;
import io.hindcast.table.Warehouse;
import io.hindcast.track.MlflowConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Logs without a column of rewards: demonstrations. */
class NoRewardsTest {
    private static final String LOG = """
            episode,t,x,7,a,end
            one,0,0,5,0.1,0
            one,1,1,5,0.2,0
            one,2,2,5,0.3,1
            two,0,5,6,0.4,0
            two,1,6,6,0.5,1
            """;

    private final SparkSession spark = LocalSpark.session();
    private final List<String> said = new ArrayList<>();

    @TempDir
    Path directory;

    private StageContext context;

    @BeforeEach
    void open() throws IOException {
        context = new StageContext(
                spark, new Warehouse(spark, directory.resolve("out").toString()), said::add);
        Files.createDirectory(directory.resolve("in"));
        Files.writeString(directory.resolve("in/walks.csv"), LOG);
    }

    @Test
    void withoutRewardsEveryTransitionHoldsZeroAndTheManifestSaysSo() throws IOException {
        ingest("null");

        assertThat(transitions()).extracting(Transition::reward).containsExactly(0.0, 0.0, 0.0, 0.0, 0.0);
        var manifest = context.warehouse().require(TableName.TRANSITIONS).manifest();
        assertThat(manifest.configuration().get("columns"))
                .isInstanceOfSatisfying(
                        Map.class, columns -> assertThat(columns).containsEntry("reward", null));
        assertThat(ingest("null").upToDate()).isTrue();
    }

    @Test
    void aConstantRewardIsThatOfEveryRow() {
        ingest("-1");

        assertThat(transitions()).extracting(Transition::reward).containsExactly(-1.0, -1.0, -1.0, -1.0, -1.0);
        assertThat(LoggedRewards.areIn(context.warehouse().require(TableName.TRANSITIONS)))
                .isTrue();
    }

    @Test
    void aColumnWhoseNameIsANumberIsReadInQuotes() {
        assertThatThrownBy(() -> ingest("7"))
                .isInstanceOf(UserException.class)
                .hasMessage("Cannot use columns.reward = 7: a number is the reward of every row, but walks.csv has a"
                        + " column of that name; write \"7\" in quotes to read it");

        ingest("\"7\"");

        assertThat(transitions()).extracting(Transition::reward).containsExactly(5.0, 5.0, 5.0, 6.0, 6.0);
    }

    @Test
    void aMappingThatForgetsTheRewardIsToldThatNullIsPossible() {
        assertThatThrownBy(() -> Settings.read(
                        IngestConfig.class, ConfigFactory.parseString(MAPPING.replace("reward = %s,", "")), "ingest"))
                .isInstanceOf(UserException.class)
                .hasMessage(
                        "Cannot read the configuration: key ingest.columns.reward is missing (column of the reward; a"
                                + " number: the reward of every row; null: no rewards were logged); add it to the conf file or"
                                + " give --set ingest.columns.reward=…");
    }

    @Test
    void moreOfTheSameIsAppended() throws IOException {
        ingest("null");
        Files.writeString(
                directory.resolve("in/more.csv"), LOG.replace("one", "three").replace("two", "four"));

        var result = ingest("null", "append = true");

        assertThat(result.summary()).startsWith("transitions v2, transitions v1 and 5 transitions of 2 episodes");
        assertThat(LoggedRewards.areIn(context.warehouse().require(TableName.TRANSITIONS)))
                .isFalse();
        Files.writeString(
                directory.resolve("in/most.csv"), LOG.replace("one", "five").replace("two", "six"));
        assertThatThrownBy(() -> ingest("0", "append = true"))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("columns.reward: null -> 0");
    }

    @Test
    void stepsThatGoByRewardsAreRefused() {
        ingest("null");

        for (var step : List.of(
                "top-percent { percent = 10 }",
                "return-range { min = 0 }",
                "normalise-returns { range = 1000 }",
                "reward { shift = 1 }",
                "behaviour-bonus { run = x, weight = 1 }")) {
            var name = step.substring(0, step.indexOf(' '));
            assertThatThrownBy(() -> curate("some { steps = [{ " + step + " }] }"))
                    .isInstanceOf(UserException.class)
                    .hasMessage("Cannot do " + name + " in subset some: no rewards were logged (columns.reward = null);"
                            + " leave the step out, or ingest into another --out with columns.reward = the column of the"
                            + " rewards, or a number for all");
        }
    }

    @Test
    void whatNeedsNoRewardsIsDoneWithoutAWordOnReturns() {
        ingest("null");

        curate("long { steps = [{ length-range { min = 3 } }] }");
        StatsStage.run(context, Settings.defaults(StatsConfig.class));
        ReportStage.run(context, Settings.defaults(ReportConfig.class));

        assertThat(said)
                .contains(
                        "[curate] long: length-range 3 kept 1 of 2 episodes, 3 transitions",
                        "[stats] reward: no rewards were logged")
                .noneMatch(line -> line.contains("mean return") || line.contains("[stats] return"));
        var warehouse = context.warehouse();
        assertThat(warehouse
                        .read(warehouse.require(TableName.DATASET_STATS))
                        .where("name in ('reward', 'episode_return', 'episode_discounted_return')")
                        .count())
                .isZero();
        assertThat(read("out/stats/scorecard.html"))
                .contains("no rewards were logged")
                .doesNotContain("Episode returns");
        assertThat(read("out/report/report.html"))
                .contains("No rewards were logged (columns.reward = null)")
                .doesNotContain("Episode returns");
    }

    @Test
    void onlyBehaviourCloningIsTrained() {
        ingest("null");

        var runs = """
                runs.%1$s { learner = %1$s, settings { %2$s } }
                updates = 5, batch-size = 2, seeds = [1]
                """;
        assertThatThrownBy(() -> train(runs.formatted("awac", "")))
                .isInstanceOf(UserException.class)
                .hasMessage(
                        "Cannot train awac on subset all (train.runs.awac): no rewards were logged (columns.reward ="
                                + " null); train behaviour-cloning, which needs none, or ingest into another --out with"
                                + " columns.reward = the column of the rewards, or a number for all");

        assertThat(train(runs.formatted("behaviour-cloning", "actor.hidden-layers = [4]"))
                        .problems())
                .isEmpty();
    }

    private static final String MAPPING = """
            format = csv, dataset = walks, input = x
            action-space { type = continuous, dimension = 1 }
            columns { observation = [x], action = a, reward = %s, terminated = end, episode-id = episode, step = t }
            """;

    private StageResult ingest(String reward, String... more) {
        var conf = ConfigFactory.parseString(String.join("\n", more))
                .withFallback(ConfigFactory.parseString("input = \"" + directory.resolve("in") + "\""))
                .withFallback(ConfigFactory.parseString(MAPPING.formatted(reward)));
        return IngestStage.run(context, Settings.read(IngestConfig.class, conf, ""));
    }

    private StageResult curate(String subsets) {
        var conf = ConfigFactory.parseString("subsets { " + subsets + " }");
        return CurateStage.run(context, Settings.read(CurateConfig.class, conf, ""));
    }

    private StageResult train(String runs) {
        return TrainStage.run(
                context,
                null,
                Settings.defaults(MlflowConfig.class),
                Settings.read(TrainConfig.class, ConfigFactory.parseString(runs).resolve(), "train"));
    }

    private String read(String file) {
        try {
            return Files.readString(directory.resolve(file));
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private List<Transition> transitions() {
        var warehouse = context.warehouse();
        return warehouse.read(warehouse.require(TableName.TRANSITIONS)).collectAsList().stream()
                .map(TransitionRow::transition)
                .sorted(Comparator.comparing(Transition::episodeId).thenComparing(Transition::step))
                .toList();
    }
}
