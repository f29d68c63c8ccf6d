package io.hindcast.stage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.typesafe.config.ConfigFactory;
import io.hindcast.config.Settings;
import io.hindcast.config.UserException;
import io.hindcast.data.ActionSpace;
import io.hindcast.stage.ingest.IngestConfig;
import io.hindcast.stage.ingest.IngestStage;
import io.hindcast.stage.stats.StatsConfig;
import io.hindcast.stage.stats.StatsStage;
import io.hindcast.stage.train.TrainConfig;
import io.hindcast.stage.train.TrainStage;
import io.hindcast.table.LocalSpark;
import io.hindcast.table.TableName;
import io.hindcast.table.Warehouse;
import io.hindcast.track.MlflowConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.commons.io.FileUtils;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Bounds of actions, and actions of several numbers, from a log to a run. */
final class ActionsOfLogsTest {
    private static final String HEATING = """
            episode,t,x,setpoint,fan,r,end
            one,0,0,18.5,0,1,0
            one,1,1,25.5,1,2,1
            two,0,5,20,0.5,1,0
            two,1,6,21,0.25,1,1
            """;

    private static final String MAPPING = """
            format = csv, dataset = heating
            columns { observation = [x], action = [setpoint, fan], reward = r, terminated = end, episode-id = episode, step = t }
            """;

    private final List<String> said = new ArrayList<>();

    @TempDir
    Path directory;

    private StageContext context;

    @BeforeEach
    void open() {
        context = new StageContext(
                LocalSpark.session(),
                new Warehouse(LocalSpark.session(), directory.resolve("out").toString()),
                said::add);
    }

    @Test
    void boundsOfTheDataStandInTheManifestAsNumbers() throws IOException {
        write("a.csv", HEATING);
        ingest("action-space { type = continuous, dimension = 2, low = data, high = data }");
        assertThat(said)
                .contains("[ingest] bounds of actions, as the data have them: low = [18.5, 0.0], high = [25.5, 1.0]");
        assertThat(actions()).isEqualTo(new ActionSpace.Continuous(List.of(18.5, 0.0), List.of(25.5, 1.0)));
        assertThat(ingest("action-space { type = continuous, dimension = 2, low = data, high = data }")
                        .upToDate())
                .isTrue();
        assertThat(train().problems()).isEmpty();
    }

    @Test
    void rowsThatAreNoDecisionBoundNothing() throws IOException {
        write("a.csv", HEATING + "three,0,0,1e9,0.5,,1\nfour,0,0,1e9,nan,1,1\n");
        ingest(
                "action-space { type = continuous, dimension = 2, low = data, high = data }, max-quarantine-fraction = 1");
        assertThat(actions()).isEqualTo(new ActionSpace.Continuous(List.of(18.5, 0.0), List.of(25.5, 1.0)));
    }

    @Test
    void whatIsAppendedKeepsTheBoundsOfTheFirstData() throws IOException {
        write("a.csv", HEATING);
        var space = "action-space { type = continuous, dimension = 2, low = data, high = data }";
        ingest(space);
        write("b.csv", "episode,t,x,setpoint,fan,r,end\nthree,0,0,19,0.5,1,1\nfour,0,0,30,0.5,1,1\n");
        var result = ingest(space + ", append = true, max-quarantine-fraction = 1");
        assertThat(result.summary()).contains("quarantined 1 rows of 1 episodes");
        assertThat(actions()).isEqualTo(new ActionSpace.Continuous(List.of(18.5, 0.0), List.of(25.5, 1.0)));
    }

    @Test
    void anEntryThatNeverChangesGetsSomeRoom() throws IOException {
        write("a.csv", "episode,t,x,setpoint,fan,r,end\na,0,0,20,0,1,0\na,1,0,20,1,1,1\n");
        ingest("action-space { type = continuous, dimension = 2, low = data, high = data }");
        assertThat(actions())
                .isEqualTo(new ActionSpace.Continuous(List.of((double) 19.98f, 0.0), List.of((double) 20.02f, 1.0)));
    }

    @Test
    void boundsThatStandForNoneAreNotTrainedWith() throws IOException {
        write("a.csv", HEATING);
        ingest("action-space { type = continuous, dimension = 2, low = -3.4e38, high = 3.4e38 }");
        assertThatThrownBy(this::train)
                .isInstanceOf(UserException.class)
                .hasMessage("Cannot train with these bounds of actions: entry 0 is within [-3.4E38, 3.4E38], its data"
                        + " within [18.5, 25.5]; entry 1 is within [-3.4E38, 3.4E38], its data within [0.0, 1.0]. A"
                        + " policy's actions are spread over all of that range. Ingest the log again into another --out"
                        + " with its true bounds, or with those of the data: --set action-space.low=[18.5,0.0] --set"
                        + " action-space.high=[25.5,1.0] (or =data for both)");
    }

    @Test
    void boundsOfWhichTheDataFillNextToNothingAreNotTrainedWith() throws IOException {
        write("a.csv", HEATING);
        ingest("action-space { type = continuous, dimension = 2, low = 0, high = [30, 1100] }");
        assertThatThrownBy(this::train)
                .isInstanceOf(UserException.class)
                .hasMessageContaining("entry 1 is within [0.0, 1100.0], its data within [0.0, 1.0]. ")
                .hasMessageNotContaining("entry 0");
    }

    @Test
    void anActionOutsideItsEntrysBoundsIsQuarantinedOrClipped() throws IOException {
        write("a.csv", HEATING);
        var space = "action-space { type = continuous, dimension = 2, low = [18, 0], high = [25, 1] }";
        assertThat(ingest(space + ", max-quarantine-fraction = 1").summary()).contains("quarantined 2 rows");
        assertThat(context.warehouse()
                        .read(context.warehouse().require(TableName.QUARANTINE))
                        .select("detail")
                        .collectAsList()
                        .toString())
                .contains("entry 0 of the action is outside [18.0, 25.0]");
    }

    @Test
    void actionsOfSeveralNumbersBecomeOneIndex() throws IOException {
        write("a.csv", """
                episode,t,x,setpoint,fan,r,end
                one,0,0,2,1,1,0
                one,1,1,0,1,2,1
                two,0,5,3,0,1,1
                """);
        var result = ingest("action-space { type = discrete, factors = [3, 2] }, max-quarantine-fraction = 1");
        assertThat(result.summary()).contains("2 transitions of 1 episodes").contains("quarantined 1 rows");
        assertThat(indices()).containsExactly(5, 1);
        assertThat(actions()).isEqualTo(ActionSpace.Discrete.ofFactors(List.of(3, 2), List.of()));
    }

    @Test
    void aOneAmongZerosBecomesItsPlace() throws IOException {
        write("a.csv", """
                episode,t,x,setpoint,fan,r,end
                one,0,0,0,1,1,0
                one,1,1,1,0,2,1
                two,0,5,1,1,1,1
                """);
        var result = ingest("action-space { type = discrete, count = 2, one-hot = true }, max-quarantine-fraction = 1");
        assertThat(result.summary()).contains("quarantined 1 rows");
        assertThat(indices()).containsExactly(1, 0);
    }

    @Test
    void anIndexMayStartAboveZero() throws IOException {
        write("a.csv", "episode,t,x,action,r,end\none,0,0,3,1,0\none,1,1,1,2,1\ntwo,0,5,0,1,1\n");
        var mapping = MAPPING.replace("action = [setpoint, fan]", "action-index = action");
        ingest(mapping, "action-space { type = discrete, count = 3, start = 1 }, max-quarantine-fraction = 1");
        assertThat(indices()).containsExactly(2, 0);
        assertThat(context.warehouse()
                        .read(context.warehouse().require(TableName.QUARANTINE))
                        .select("detail")
                        .collectAsList()
                        .toString())
                .isEqualTo("[[action-index is not one of 1 to 3]]");
    }

    @Test
    void theSameRowsWithOtherBoundsAreAnotherDataset() throws IOException {
        write("a.csv", HEATING);
        ingest("action-space { type = continuous, dimension = 2, low = [18, 0], high = [26, 1] }");
        train();
        StatsStage.run(context, Settings.defaults(StatsConfig.class));
        var page = directory.resolve("out/stats/scorecard.html");
        var before = Files.readString(page);
        assertThat(train().upToDate()).isTrue();

        remove("transitions", "episodes", "quarantine");
        ingest("action-space { type = continuous, dimension = 2, low = [18, -0.5], high = [30, 1] }");
        var refused = ".*Cannot go on from run behaviour-cloning-all-s1-\\w+ in \\S+: it learned from"
                + " Continuous\\[dimension=2, low=\\[18.0, 0.0], high=\\[26.0, 1.0]], and the data there now have"
                + " Continuous\\[dimension=2, low=\\[18.0, -0.5], high=\\[30.0, 1.0]]; choose another --out, or remove"
                + " \\S+/runs, \\S+/metrics and \\S+/checkpoints, and train again";
        assertThatThrownBy(this::train).isInstanceOf(UserException.class).hasMessageMatching(refused);
        remove("runs", "metrics");
        assertThatThrownBy(this::train).isInstanceOf(UserException.class).hasMessageMatching(refused);
        remove("checkpoints");
        assertThat(train().problems()).isEmpty();
        assertThat(train().upToDate()).isTrue();

        // Nothing is at a bound of setpoint or at fan's low one any more.
        assertThat(StatsStage.run(context, Settings.defaults(StatsConfig.class)).summary())
                .startsWith("dataset_stats v2: ");
        assertThat(Files.readString(page)).isNotEqualTo(before);
        assertThat(StatsStage.run(context, Settings.defaults(StatsConfig.class)).upToDate())
                .isTrue();
    }

    @Test
    void anExportedPolicyKnowsWhatTheLogCallsItsActionsAndEntries() throws IOException {
        write("a.csv", """
                episode,t,x,city,action,r,end
                one,0,0,Rome,wait,1,0
                one,1,1,Aachen,left,2,0
                one,2,5,Rome,right,1,1
                """);
        var mapping = MAPPING.replace("[x]", "[x, \"category:city\"]")
                .replace("action = [setpoint, fan]", "action-index = \"category:action\"");
        ingest(mapping, "action-space { type = discrete, count = 3 }");
        assertThat(train().problems()).isEmpty();
        var policy = policy();
        assertThat(policy.get("action_names").toString()).isEqualTo("[\"left\",\"right\",\"wait\"]");
        assertThat(policy.get("observation_names").toString()).isEqualTo("[\"x\",\"city=Aachen\",\"city=Rome\"]");
        assertThat(policy.has("action_entry_names")).isFalse();
    }

    @Test
    void anExportedPolicyNamesTheEntriesOfItsActions() throws IOException {
        write("a.csv", HEATING);
        ingest("action-space { type = continuous, dimension = 2, low = data, high = data }");
        train();
        assertThat(policy().get("action_entry_names").toString()).isEqualTo("[\"setpoint\",\"fan\"]");
        assertThat(policy().get("observation_names").toString()).isEqualTo("[\"x\"]");
        assertThat(policy().has("action_names")).isFalse();
    }

    private JsonNode policy() throws IOException {
        try (var runs = Files.list(directory.resolve("out/policies"))) {
            return new ObjectMapper()
                    .readTree(runs.findFirst()
                            .orElseThrow()
                            .resolve("policy.json")
                            .toFile());
        }
    }

    private void remove(String... tables) {
        for (var table : tables) {
            FileUtils.deleteQuietly(directory.resolve("out").resolve(table).toFile());
        }
    }

    private List<Integer> indices() {
        return context
                .warehouse()
                .read(context.warehouse().require(TableName.TRANSITIONS))
                .orderBy("episode_id", "step")
                .select("action_index")
                .collectAsList()
                .stream()
                .map(row -> row.getInt(0))
                .toList();
    }

    private ActionSpace actions() {
        return ActionSpaceConfig.ofManifest(
                context.warehouse().require(TableName.TRANSITIONS).manifest().configuration());
    }

    private StageResult train() {
        var config = """
                updates = 2, batch-size = 2, checkpoint-every = 2, seeds = [1]
                runs.bc { learner = behaviour-cloning, settings.actor.hidden-layers = [4] }
                """;
        return TrainStage.run(
                context,
                null,
                Settings.defaults(MlflowConfig.class),
                Settings.read(TrainConfig.class, ConfigFactory.parseString(config), "train"));
    }

    private StageResult ingest(String actionSpace) {
        return ingest(MAPPING, actionSpace);
    }

    private StageResult ingest(String mapping, String actionSpace) {
        var config = ConfigFactory.parseMap(
                        Map.of("input", List.of(directory.resolve("in").toString())))
                .withFallback(ConfigFactory.parseString(mapping + actionSpace));
        return IngestStage.run(context, Settings.read(IngestConfig.class, config, "ingest"));
    }

    private void write(String name, String text) throws IOException {
        Files.createDirectories(directory.resolve("in"));
        Files.writeString(directory.resolve("in").resolve(name), text);
    }
}
