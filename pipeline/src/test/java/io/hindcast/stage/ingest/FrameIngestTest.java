package io.hindcast.stage.ingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.typesafe.config.ConfigFactory;
import io.hindcast.config.Settings;
import io.hindcast.config.UserException;
import io.hindcast.data.Action;
import io.hindcast.data.Transition;
import io.hindcast.stage.StageContext;
import io.hindcast.stage.StageResult;
import io.hindcast.table.LocalSpark;
import io.hindcast.table.TableName;
import io.hindcast.table.TransitionRow;
import io.hindcast.table.Warehouse;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import org.apache.avro.Schema;
import org.apache.avro.file.DataFileWriter;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.generic.GenericRecordBuilder;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tables of several formats and layouts, each made by the test and read by the conf that is shipped for it. */
class FrameIngestTest {
    private static final String MAPPING = """
            dataset = walks
            action-space { type = continuous, dimension = 1 }
            columns { observation = o, action = a, reward = r, terminated = end, episode-id = e, step = t }
            """;

    private static final String REAGENT =
            " t(mdp_id, sequence_number, state_features, action, action_probability, reward, possible_actions)";

    private final SparkSession spark = LocalSpark.session();
    private final List<String> said = new ArrayList<>();

    @TempDir
    Path directory;

    private StageContext context;

    @BeforeEach
    void open() {
        context = new StageContext(
                spark, new Warehouse(spark, directory.resolve("out").toString()), said::add);
    }

    @Test
    void anOrcFileThatSparkSplitsKeepsTheNumbersOfItsRows() {
        spark.range(0, 20_000, 1, 1)
                .selectExpr(
                        "cast(id div 10 as string) e",
                        "id % 10 t",
                        "array(cast(rand(1) as float), cast(id as float)) o",
                        "array(0.5f) a",
                        "cast(id as double) r",
                        "id % 10 = 9 end")
                .write()
                .option("orc.stripe.size", "65536")
                .option("orc.compress", "none")
                .orc(input());
        spark.conf().set("spark.sql.files.maxPartitionBytes", "60000");
        try {
            ingest("format = orc\n" + MAPPING);
        } finally {
            spark.conf().unset("spark.sql.files.maxPartitionBytes");
        }

        assertThat(transitions()).hasSize(20_000);
        assertThat(transitions())
                .allSatisfy(transition -> assertThat(transition.sourceRow()).isEqualTo((long) transition.reward()));
    }

    @Test
    void avroIsReadWithItsDatesDecimalsAndNestedRecords() throws IOException {
        var schema = new Schema.Parser().parse("""
                {"type": "record", "name": "row", "fields": [
                  {"name": "id", "type": {"type": "bytes", "logicalType": "decimal", "precision": 20, "scale": 0}},
                  {"name": "at", "type": {"type": "long", "logicalType": "timestamp-millis"}},
                  {"name": "state", "type": {"type": "record", "name": "s", "fields": [
                    {"name": "grid", "type": {"type": "array", "items": {"type": "array", "items": "float"}}}]}},
                  {"name": "a", "type": "int"}, {"name": "r", "type": ["null", "double"]}]}
                """);
        var state = schema.getField("state").schema();
        Files.createDirectories(Path.of(input()));
        try (var writer = new DataFileWriter<>(new GenericDatumWriter<>(schema))) {
            writer.create(schema, new File(input(), "log.avro"));
            for (var i = 0; i < 2; i++) {
                writer.append(new GenericRecordBuilder(schema)
                        .set(
                                "id",
                                java.nio.ByteBuffer.wrap(
                                        new java.math.BigInteger("12345678901234567890").toByteArray()))
                        .set("at", 1_500L * i)
                        .set(
                                "state",
                                new GenericRecordBuilder(state)
                                        .set("grid", List.of(List.of(1f, 2f), List.of(3f, 4f + i)))
                                        .build())
                        .set("a", 0)
                        .set("r", 1.0)
                        .build());
            }
        }

        ingest("""
                format = avro
                dataset = walks
                action-space { type = discrete, count = 1 }
                columns { observation = state.grid, action-index = a, reward = r, episode-id = id, time = at }
                """);

        var only = transitions().get(0);
        assertThat(transitions()).hasSize(1);
        assertThat(only.episodeId()).isEqualTo("12345678901234567890");
        assertThat(only.observation()).containsExactly(1, 2, 3, 4);
        assertThat(only.nextObservation()).containsExactly(1, 2, 3, 5);
        assertThat(only.timeDelta()).isEqualTo(1.5);
    }

    @Test
    void filesInFoldersAreTracedByTheirFolders() {
        write("day=1", "'one' e, 0 t, array(1f) o, array(0f) a, 1d r, true end");
        write("day=2", "'two' e, 0 t, array(2f) o, array(0f) a, 2d r, true end");

        ingest("format = parquet\n" + MAPPING);

        assertThat(transitions())
                .extracting(Transition::sourceFile)
                .satisfiesExactly(
                        file -> assertThat(file).startsWith("day=1/part-"),
                        file -> assertThat(file).startsWith("day=2/part-"));
    }

    @Test
    void aColumnMayBeWiderInOneFileThanInAnother() {
        write("a", "1 e, 0 t, array(1f, 2f) o, array(0f) a, 1f r, true end");
        write("b", "10000000000 e, 0L t, array(1d, 2d) o, array(0f) a, 0.1d r, true end, 'more' note");

        ingest("format = parquet\n" + MAPPING);

        assertThat(transitions()).extracting(Transition::episodeId).containsExactly("1", "10000000000");
        assertThat(transitions()).extracting(Transition::reward).containsExactly(1.0, 0.1);
    }

    @Test
    void aColumnOfAnotherTypeOrNoneIsRefused() {
        write("a", "1 e, 0 t, array(1f, 2f) o, array(0f) a, 1f r, true end");
        write("b", "1 e, 1 t, array(1f, 2f) o, array(0f) a, '1' r, true end");

        assertThatThrownBy(() -> ingest("format = parquet\n" + MAPPING))
                .isInstanceOf(UserException.class)
                .hasMessageMatching(
                        "Cannot read column 'r' of b/part-.*parquet: it is of type string, and of type float in"
                                + " a/part-.*parquet; ingest them apart, or write one of them again");
        assertThatThrownBy(() -> ingest("format = parquet\n" + MAPPING.replace("reward = r", "reward = rr")))
                .isInstanceOf(UserException.class)
                .hasMessageMatching(
                        "Cannot use column 'rr' of a/part-.*: there is no such column; did you mean 'r'\\?");
    }

    @Test
    void namesWithDotsAndFieldsOfStructsAreColumns() {
        write(
                "a",
                "named_struct('x', array(1f), 'y', named_struct('z', 3)) s, array(5f) `s.w`, 'e' e, 0 t, array(0f) a,"
                        + " 1 r, true end");

        ingest("format = parquet\n" + MAPPING.replace("observation = o", "observation = [s.w, s.y.z, s.x]"));

        assertThat(transitions().get(0).observation()).containsExactly(5, 3, 1);
    }

    @Test
    void aColumnThatHoldsNoNumbersIsRefused() {
        write("a", "named_struct('x', array(1f)) o, 'e' e, 0 t, array(0f) a, 1 r, true end");

        assertThatThrownBy(() -> ingest("format = parquet\n" + MAPPING))
                .isInstanceOf(UserException.class)
                .hasMessageMatching(
                        "Cannot read column 'o' of a/part-.*: it is of type struct<x:array<float>>, which holds no"
                                + " numbers; map columns of numbers, and a field of a struct as column.field");
    }

    @Test
    void rllibRowsOfOneStepAreRead() {
        write(
                "",
                "7 eps_id, 0 t, array(0.1f, 0.2f) obs, 1 actions, 1d rewards, array(0.3f, 0.4f) new_obs,"
                        + " false terminateds, true truncateds, -0.5d action_logp");

        ingest(preset("rllib") + "\nformat = parquet, columns.behaviour-log-prob = action_logp");

        var only = transitions().get(0);
        assertThat(only.nextObservation()).containsExactly(0.3f, 0.4f);
        assertThat(only.action()).isEqualTo(new Action.Index(1));
        assertThat(only.truncated()).isTrue();
        assertThat(only.behaviourLogProb()).isEqualTo(-0.5);
    }

    @Test
    void rllibRowsWithoutANumberStandInTheOrderOfTheirFiles() {
        for (var i = 0; i < 3; i++) {
            write(
                    "cartpoleenv/run-00000" + i,
                    "'b' eps_id, null agent_id, array(" + i + "f) obs, 1 actions, double(" + i + ") rewards, array("
                            + (i + 1) + "f) new_obs, " + (i == 2) + " terminateds, false truncateds, 0 weights_seq_no");
        }

        ingest(preset("rllib"));

        assertThat(transitions()).extracting(Transition::reward).containsExactly(0.0, 1.0, 2.0);
        assertThat(transitions()).extracting(Transition::terminated).containsExactly(false, false, true);
    }

    @Test
    void trajectoriesOfImitationAreTakenApart() {
        write(
                "",
                "* from values "
                        + " (array(array(1f), array(2f), array(3f)), array(0L, 1L), array('{}', '{}'), true, array(0.5d, 1d)),"
                        + " (array(array(7f), array(8f)), array(1L), array('{}'), false, array(2d))"
                        + " t(obs, acts, infos, terminal, rews)");

        ingest(preset("imitation"));

        assertThat(transitions())
                .extracting(transition -> transition.episodeId().replaceAll("part-.*/", "") + " "
                        + transition.observation()[0]
                        + " " + transition.action() + " " + transition.reward() + " "
                        + transition.nextObservation()[0]
                        + " " + transition.terminated() + " " + transition.sourceRow())
                .containsExactly(
                        "000000 1.0 Index[index=0] 0.5 2.0 false 0",
                        "000000 2.0 Index[index=1] 1.0 3.0 true 1",
                        "000001 7.0 Index[index=1] 2.0 8.0 false 3");
    }

    @Test
    void fieldsOfAListOfStructsAreColumnsAndTheLastFlagMayStandWithoutAnObservation() {
        write(
                "",
                "'x' e, array(named_struct('o', array(1f), 'a', array(0f), 'r', 1f, 'end', false),"
                        + " named_struct('o', array(2f), 'a', array(0f), 'r', 2f, 'end', true)) steps,"
                        + " array(array(1f), array(2f), array(3f)) seen");
        var mapping = MAPPING.replace(
                "observation = o, action = a, reward = r, terminated = end, episode-id = e, step = t",
                "observation = seen, action = steps.a, reward = steps.r, terminated = steps.end, episode-id = e");

        assertThatThrownBy(() -> ingest("format = parquet\nrow-holds = steps\n" + mapping))
                .isInstanceOf(UserException.class)
                .hasMessageMatching(
                        "Cannot read column 'steps.a' of part-.*: row 0 holds 2 steps of it, and 3 of another"
                                + " column; if the observations are one more than the actions, set final-row = observation");

        ingest("format = parquet\nrow-holds = steps\nfinal-row = observation\n" + mapping);

        assertThat(transitions()).extracting(Transition::terminated).containsExactly(false, true);
        assertThat(transitions().get(1).nextObservation()).containsExactly(3);
    }

    @Test
    void rllibBatchesAreTakenApart() throws IOException {
        text("output.json", """
                {"type":"SampleBatch","eps_id":[1,1,2],"t":[0,1,0],"obs":[[0],[1],[5]],"new_obs":[[1],[2],[6]],"actions":[0,1,1],"rewards":[1,2,3],"dones":[false,true,false],"action_logp":[-0.5,-0.5,-1]}
                {"type":"SampleBatch","eps_id":[2],"t":[1],"obs":[[6]],"new_obs":[[7]],"actions":[0],"rewards":[4],"dones":[true],"action_logp":[-1]}
                """);

        ingest(
                preset("rllib")
                        + "\nformat = json, row-holds = steps, columns { terminated = null, truncated = null, done = dones, behaviour-log-prob = action_logp }");

        assertThat(transitions())
                .extracting(transition -> transition.episodeId() + " " + transition.step() + " " + transition.reward()
                        + " " + transition.terminated() + " " + transition.sourceRow())
                .containsExactly("1 0 1.0 false 0", "1 1 2.0 true 1", "2 0 3.0 false 2", "2 1 4.0 true 3");
    }

    @Test
    void columnsThatRllibPackedAreRefusedWithTheWayToWriteThem() throws IOException {
        text("output.json", """
                {"eps_id":[1],"t":[0],"obs":"BCJNGGhAXwAAAAAAAABrXwAAAIAFlVQ=","new_obs":"BCJNGGhA","actions":[0],"rewards":[1],"terminateds":[true],"truncateds":[false],"action_logp":[0]}
                """);

        assertThatThrownBy(() -> ingest(preset("rllib") + "\nformat = json, row-holds = steps"))
                .hasMessage(
                        "Cannot read column 'obs' of output.json: row 0 holds the text 'BCJNGGhAXwAAAAAAAABrXwAAAIA...',"
                                + " which RLlib packed; write the files again with output_compress_columns = []");
    }

    @Test
    void theLastRowOfAnRldsEpisodeOnlyTellsWhatWasSeenLast() {
        write(
                "",
                "* from values "
                        + " ('a', 0, array(0f), array(0f, 0f), 1d, false, false),"
                        + " ('a', 1, array(1f), array(0f, 0f), 2d, false, false),"
                        + " ('a', 2, array(2f), array(9f, 9f), double('nan'), true, true),"
                        + " ('b', 0, array(5f), array(0f, 0f), 3d, false, false),"
                        + " ('b', 1, array(6f), array(9f, 9f), double('nan'), true, false),"
                        + " ('c', 0, array(7f), array(0f, 0f), 4d, false, false),"
                        + " ('c', 1, array(8f), array(0f, 0f), 5d, false, false)"
                        + " t(episode_id, step, observation, action, reward, is_last, is_terminal)");

        ingest(preset("rlds"));

        assertThat(transitions())
                .extracting(transition -> transition.episodeId() + transition.step() + " " + transition.reward() + " "
                        + transition.nextObservation()[0] + " " + transition.terminated() + " "
                        + transition.truncated())
                .containsExactly(
                        "a0 1.0 1.0 false false",
                        "a1 2.0 2.0 true false",
                        "b0 3.0 6.0 false true",
                        "c0 4.0 8.0 false false");
    }

    @Test
    void reagentMapsActionsAndPossibleActionsAreRead() {
        write(
                "",
                "* from values "
                        + " ('m', 1, map(10L, 0.5d, 2L, 1d), 'left',"
                        + "   0.5d, 1d, array('left', 'right')),"
                        + " ('m', 2, map(2L, 3d), 'right', 0.25d, 2d, array('right'))" + REAGENT);

        ingest(preset("reagent"));

        var transitions = transitions();
        assertThat(transitions.get(0).observation()).containsExactly(1, 0.5f);
        assertThat(transitions.get(1).observation()).containsExactly(3, 0);
        assertThat(transitions)
                .extracting(Transition::action)
                .containsExactly(new Action.Index(0), new Action.Index(1));
        assertThat(transitions.get(0).actionMask()).containsExactly(true, true);
        assertThat(transitions.get(1).actionMask()).containsExactly(false, true);
        assertThat(transitions.get(1).terminated()).isTrue();
        assertThat(context.warehouse().require(TableName.TRANSITIONS).manifest().configuration())
                .containsEntry(
                        "categories", Map.of("action", List.of("left", "right"), "state_features", List.of("2", "10")));
    }

    @Test
    void anActionOrKeyThatADatasetDoesNotKnowIsQuarantinedWhenItIsAppended() {
        write(
                "first",
                "'m' mdp_id, 1 sequence_number, map(1, 1d) state_features, 'left' action, 0.5d action_probability,"
                        + " 1d reward, array('left', 'right') possible_actions");
        ingest(preset("reagent"));
        write(
                "second",
                "* from values "
                        + " ('n', 1, map(1, 1d), 'up', 0.5d,"
                        + "   1d, array('left')),"
                        + " ('o', 1, map(1, 1d), 'left', 0.5d, 1d, array('left', 'up')),"
                        + " ('p', 1, map(1, 1d, 7, 1d), 'left', 0.5d, 1d, array('left')),"
                        + " ('q', 1, map(1, 2d), 'right', 0.5d, 1d, array('right'))" + REAGENT);
        ingest(preset("reagent") + "\nappend = true, max-quarantine-fraction = 1");

        assertThat(transitions()).extracting(Transition::episodeId).containsExactly("m", "q");
        assertThat(said).contains("[ingest] quarantined rows by reason: 2 wrong-dimension, 1 unknown-action-index");
    }

    @Test
    void moreActionsThanTheActionSpaceHasAreRefused() {
        write(
                "",
                "'m' mdp_id, 1 sequence_number, map(1, 1d) state_features, 'a' action, 0.5d action_probability,"
                        + " 1d reward, array('a', 'b', 'c') possible_actions");

        assertThatThrownBy(() -> ingest(preset("reagent")))
                .hasMessage("Cannot use action-space with count = 2: category:action has 3 different values (a, b, c);"
                        + " give count = 3");
    }

    @Test
    void aLeRobotDatasetIsComparedWithItsDescription() throws IOException {
        for (var chunk = 0; chunk < 2; chunk++) {
            write(
                    "data/chunk-00" + chunk,
                    "inline(array(" + frame(chunk, 0, false) + ", " + frame(chunk, 1, chunk == 1) + "))");
        }
        write("meta/episodes/chunk-000", "0 episode_index, 2 length");
        Files.writeString(Path.of(input(), "meta/info.json"), """
                {"codebase_version": "v3.0", "total_episodes": 2, "total_frames": 5, "features": {
                  "observation.state": {"dtype": "float32", "shape": [3]}, "action": {"dtype": "float32", "shape": [2]}}}
                """);

        ingest(preset("lerobot") + "\nformat = parquet, action-space { dimension = 2 }");

        assertThat(transitions())
                .extracting(
                        transition -> transition.episodeId() + " " + transition.step() + " " + transition.terminated())
                .containsExactly("0 0 false", "1 0 false", "1 1 true");
        assertThat(transitions().get(0).sourceFile()).startsWith("data/chunk-000/part-");
        assertThat(said)
                .contains(
                        "[ingest] meta/info.json says total_frames = 5, but 4 rows were read",
                        "[ingest] meta/info.json says that [observation.state] have 3 entries, but an observation has 2")
                .noneMatch(line -> line.contains("total_episodes") || line.contains("[action]"));
    }

    private static String frame(int episode, int frame, boolean done) {
        return "named_struct('episode_index', " + episode + "L, 'frame_index', " + frame
                + "L, 'observation.state', array(1f, 2f), 'action', array(0.5f, 5f), 'next.reward', 1f, 'next.done', "
                + done
                + ")";
    }

    @Test
    void anySourceThatSparkKnowsIsReadAndKnownByItsRows() {
        spark.sql("select explode(sequence(0, 4)) t")
                .selectExpr("7 e", "t", "array(cast(t as float)) o", "array(0f) a", "1d r", "t = 4 end")
                .createOrReplaceTempView("walks_of_a_test");
        var source = "format = spark\n" + MAPPING + "spark { table = walks_of_a_test, options { password = secret } }";

        assertThat(ingest(source).summary()).startsWith("transitions v1: 5 transitions of 1 episodes from 5 rows");
        assertThat(ingest(source).upToDate()).isTrue();
        assertThat(transitions()).extracting(Transition::sourceFile).containsOnly("walks_of_a_test");
        assertThat(context.warehouse()
                        .require(TableName.TRANSITIONS)
                        .manifest()
                        .configuration()
                        .toString())
                .doesNotContain("secret");

        spark.sql("select * from walks_of_a_test where t > 0").createOrReplaceTempView("walks_of_a_test");
        assertThatThrownBy(() -> ingest(source))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("came from another input or configuration (input walks_of_a_test: ");
    }

    @Test
    void aSourceThatSparkDoesNotKnowIsNamedWithTheWayToAddIt() {
        assertThatThrownBy(() -> ingest("format = spark\n" + MAPPING + "spark.format = delta"))
                .isInstanceOf(UserException.class)
                .hasMessageStartingWith("Cannot read in: ")
                .hasMessageContaining("delta")
                .hasMessageEndingWith("(--spark spark.jars.packages=GROUP:NAME:VERSION)");
        assertThatThrownBy(() -> ingest("format = spark\nappend = true\n" + MAPPING + "spark.format = csv"))
                .hasMessageStartingWith("Cannot append with format = spark: ");
    }

    @Test
    void theMappingOfTablesIsReadAsItIsShipped() {
        write(
                "",
                "'e' episode, 0 step, array(1d) observation, array(0.5d, 1d) action, 1 reward, true terminated, false truncated");

        assertThat(ingest(preset("table")).summary()).startsWith("transitions v1: 1 transitions of 1 episodes");
    }

    /** A folder of the input with one Parquet file of one select. */
    private void write(String folder, String select) {
        spark.sql("select " + select)
                .coalesce(1)
                .write()
                .mode("append")
                .parquet(Path.of(input(), folder).toString());
    }

    private void text(String name, String lines) throws IOException {
        Files.createDirectories(Path.of(input()));
        Files.writeString(Path.of(input(), name), lines);
    }

    private String input() {
        return directory.resolve("in").toString();
    }

    private static String preset(String name) {
        return ConfigFactory.parseFile(
                        Path.of("../conf/ingest/" + name + ".conf").toFile())
                .getConfig("ingest")
                .root()
                .render();
    }

    private StageResult ingest(String hocon) {
        // A preset is rendered as an object; what follows it is merged over it.
        var parts = Arrays.stream(
                        hocon.startsWith("{") ? hocon.split("\n(?=format = |append = )") : new String[] {hocon})
                .map(ConfigFactory::parseString)
                .toList();
        var conf = ConfigFactory.parseString("input = \"" + input() + "\"");
        for (var i = parts.size() - 1; i >= 0; i--) {
            conf = conf.withFallback(parts.get(i));
        }
        return IngestStage.run(context, Settings.read(IngestConfig.class, conf, ""));
    }

    private List<Transition> transitions() {
        var warehouse = context.warehouse();
        return warehouse.read(warehouse.require(TableName.TRANSITIONS)).collectAsList().stream()
                .map(TransitionRow::transition)
                .sorted(Comparator.comparing(Transition::episodeId).thenComparing(Transition::step))
                .toList();
    }
}
