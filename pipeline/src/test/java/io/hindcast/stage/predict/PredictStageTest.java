package io.hindcast.stage.predict;

import static org.apache.spark.sql.functions.array;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.expr;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.map;
import static org.apache.spark.sql.functions.struct;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.typesafe.config.ConfigFactory;
import io.hindcast.collect.CollectConfig;
import io.hindcast.config.Settings;
import io.hindcast.config.UserException;
import io.hindcast.env.EnvironmentSpec;
import io.hindcast.env.GymnasiumConfig;
import io.hindcast.stage.StageContext;
import io.hindcast.stage.StageResult;
import io.hindcast.stage.collect.CollectStage;
import io.hindcast.stage.ingest.IngestConfig;
import io.hindcast.stage.ingest.IngestStage;
import io.hindcast.stage.judge.JudgeConfig;
import io.hindcast.stage.judge.JudgeStage;
import io.hindcast.stage.train.TrainConfig;
import io.hindcast.stage.train.TrainStage;
import io.hindcast.table.LocalSpark;
import io.hindcast.table.TableName;
import io.hindcast.table.Warehouse;
import io.hindcast.track.MlflowConfig;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Policies that learned from a log of a shop, and decide for its next visitors. */
class PredictStageTest {
    private static final String VISITOR =
            "columns { observation = [\"x_{1..2}\", \"category:country\"], action-index = \"category:arm\"";

    private static final String UNNAMED = "names { policy = \"\", policy-version = \"\", policy-sha256 = \"\" }";

    private static final String FEW =
            "seeds = [1], updates = 20, batch-size = 8, log-every = 10, checkpoint-every = 20\n";

    @TempDir
    static Path shop;

    private static StageContext shopContext;

    private final List<String> said = new ArrayList<>();

    @TempDir
    Path folder;

    @BeforeAll
    static void aShopLogsAndLearns() {
        shopContext = context(shop.resolve("out"), new ArrayList<>());
        write(
                visitors(200)
                        .withColumn("arm", expr("IF(visitor % 2 = 0, 'cat', 'dog')"))
                        .withColumn("click", expr("visitor % 3 = 0"))
                        .withColumn("p", lit(0.5)),
                shop.resolve("log"),
                2);
        ingest(
                shopContext,
                "input = [\"" + shop.resolve("log") + "\"], format = parquet, dataset = shop, episode-per = row\n"
                        + "action-space { type = discrete, count = 2 }\n" + VISITOR
                        + ", reward = click, propensity = p }");
        train(
                shopContext,
                FEW + "runs { bc { learner = behaviour-cloning, settings.actor.hidden-layers = [8] },"
                        + " iql { learner = iql, settings { actor.hidden-layers = [8], critic.hidden-layers = [8],"
                        + " value.hidden-layers = [8] } } }");
    }

    private StageContext context;

    @BeforeEach
    void saysWhatItDoes() {
        context = new StageContext(LocalSpark.session(), shopContext.warehouse(), said::add);
    }

    @Test
    void whatItWritesJoinedWithWhatCameOfItIsTheNextLogAndJudgesItsPolicyByWeightsOfOne() {
        write(visitors(300), folder.resolve("next"), 3);
        var result = predict(context, input("next") + "run = bc-1, actions = sampled, epsilon = 0.2");
        assertThat(result.summary())
                .matches("predictions v\\d+: 300 rows of part-00000.*parquet and 2 more by bc-1; quarantined 0 of 300");
        var predictions = predictions(context);
        var rewards = visitors(300)
                .select(col("visitor"), expr("CAST(visitor % 5 = 0 AS INT)").as("click"));
        write(predictions.join(rewards, "visitor"), folder.resolve("log"), 2);

        var next = context(folder.resolve("out"), said);
        ingest(
                next,
                "input = [\"" + folder.resolve("log") + "\"], format = parquet, dataset = shop, episode-per = row\n"
                        + "action-space { type = discrete, count = 2 }\n"
                        + "columns { observation = [\"x_{1..2}\", \"category:country\"], action-index = action_index,"
                        + " reward = click, propensity = propensity }");
        var run = runOfClone();
        JudgeStage.run(
                next,
                Settings.read(
                        JudgeConfig.class,
                        ConfigFactory.parseString("replicates = 0, estimators = [is], policies.bc { run = \"" + run
                                + "\", actions = sampled, epsilon = 0.2 }"),
                        "judge"));
        var estimates = next.warehouse()
                .read(next.warehouse().require(TableName.ESTIMATES))
                .where("policy = 'bc'")
                .first();
        assertThat(estimates
                        .<Float>getList(estimates.fieldIndex("mean_weights"))
                        .get(0))
                .isCloseTo(1, within(1e-6f));
        assertThat(estimates.<Double>getAs("value"))
                .isCloseTo(estimates.<Double>getAs("logged_value"), within(1e-6))
                .isCloseTo(0.2, within(1e-6));
        assertThat(estimates.<Double>getAs("effective_sample_size")).isCloseTo(300, within(1e-2));
    }

    @Test
    void howTheTableIsCutAndOrderedChangesNoByteAndTheSameIsNotDoneTwice() {
        var settings = "run = iql-1, actions = sampled, epsilon = 0.1, seed = 3";
        var prints = new ArrayList<String>();
        for (var parts : List.of(1, 4)) {
            write(visitors(200).orderBy(expr("hash(visitor, " + parts + ")")), folder.resolve("p" + parts), parts);
            predict(context, input("p" + parts) + settings);
            prints.add(context.warehouse()
                    .require(TableName.PREDICTIONS)
                    .manifest()
                    .fingerprint());
        }
        assertThat(prints.get(1)).isEqualTo(prints.get(0));
        assertThat(predict(context, input("p4") + settings).upToDate()).isTrue();
        predict(context, input("p4") + settings + "\nseed = 4");
        assertThat(context.warehouse().require(TableName.PREDICTIONS).manifest().fingerprint())
                .isNotEqualTo(prints.get(0));
    }

    @Test
    void rowsOfOneKeyMeetTheSameChanceAndOthersDoNot() {
        // Alike but for their number.
        write(
                LocalSpark.session()
                        .range(400)
                        .selectExpr(
                                "id AS visitor",
                                "CAST(id % 100 AS INT) AS team",
                                "0.5 AS x_1",
                                "0.25 AS x_2",
                                "'DE' AS country"),
                folder.resolve("alike"),
                2);
        predict(context, input("alike") + "run = bc-1, actions = sampled, key = [team]");
        var arms = predictions(context)
                .groupBy("team")
                .agg(
                        expr("count(DISTINCT action_index)").as("arms"),
                        expr("min(action_index)").as("arm"))
                .collectAsList();
        assertThat(arms).allMatch(row -> row.getAs("arms").equals(1L));
        assertThat(arms).extracting(row -> row.<Integer>getAs("arm")).contains(0, 1);

        predict(context, input("alike") + "run = bc-1, actions = sampled");
        assertThat(predictions(context)
                                .where("team = 7")
                                .select("action_index")
                                .distinct()
                                .count()
                        + predictions(context)
                                .where("team = 8")
                                .select("action_index")
                                .distinct()
                                .count()
                        + predictions(context)
                                .where("team = 9")
                                .select("action_index")
                                .distinct()
                                .count())
                .as("with the whole row as its key")
                .isGreaterThan(3);
    }

    @Test
    void allColumnsArePassedThroughAndOursStandBehindThemUnderTheirNames() {
        write(
                visitors(20)
                        .withColumn("arm", expr("IF(visitor = 3, NULL, 'dog')"))
                        .withColumn("tags", map(lit("k"), col("x_1")))
                        .withColumn("some.where", struct(col("visitor"), array(lit("a"), lit((String) null))))
                        .withColumn("price", expr("CAST(1.25 AS DECIMAL(20, 2))"))
                        .withColumn("day", expr("DATE'2026-11-01'"))
                        .withColumn("bytes", expr("CAST('ab' AS BINARY)")),
                folder.resolve("wide"),
                2);
        predict(
                context,
                input("wide") + "run = iql-1, epsilon = 0.5, policy = shop, policy-version = v7, names { seed = \"\","
                        + " action-index = arm_index }");
        var version = context.warehouse().require(TableName.PREDICTIONS);
        assertThat(version.schema().fieldNames())
                .containsExactly(
                        "visitor",
                        "x_1",
                        "x_2",
                        "country",
                        "arm",
                        "tags",
                        "some.where",
                        "price",
                        "day",
                        "bytes",
                        "arm_index",
                        "propensity",
                        "log_propensity",
                        "log_prob",
                        "probabilities",
                        "q",
                        "v",
                        "policy",
                        "policy_version",
                        "policy_sha256");
        var given = LocalSpark.session()
                .read()
                .parquet(folder.resolve("wide").toString())
                .orderBy("visitor")
                .collectAsList();
        var rows = predictions(context).orderBy("visitor").collectAsList();
        for (var i = 0; i < 20; i++) {
            for (var c = 0; c < 9; c++) {
                assertThat(rows.get(i).get(c)).isEqualTo(given.get(i).get(c));
            }
            var row = rows.get(i);
            var probabilities = row.<Double>getList(row.fieldIndex("probabilities"));
            var arm = row.<Integer>getAs("arm_index");
            // The likeliest action, or with one half one of two.
            assertThat(probabilities).containsExactlyInAnyOrder(0.75, 0.25);
            assertThat(row.<Double>getAs("propensity")).isEqualTo(probabilities.get(arm), within(1e-15));
            assertThat(row.<Double>getAs("log_propensity")).isEqualTo(Math.log(probabilities.get(arm)));
            if (i == 3) {
                assertThat(row.isNullAt(row.fieldIndex("log_prob"))).isTrue();
            } else {
                assertThat(row.<Double>getAs("log_prob")).isEqualTo(Math.log(probabilities.get(1)));
            }
            assertThat(row.<Float>getAs("q")).isFinite();
            assertThat(row.<Float>getAs("v")).isFinite();
            assertThat(row.<String>getAs("policy") + row.<String>getAs("policy_version"))
                    .isEqualTo("shopv7");
            assertThat(row.<String>getAs("policy_sha256")).hasSize(64);
        }
    }

    @Test
    void rowsInWhichNothingCanBeDecidedAreQuarantinedWithTheReasonAndTooManyOfThemEndIt() {
        write(
                visitors(20)
                        .withColumn("x_1", expr("CASE visitor WHEN 1 THEN NULL WHEN 2 THEN double('NaN') ELSE x_1 END"))
                        .withColumn("country", expr("IF(visitor = 3, 'XX', country)"))
                        .withColumn(
                                "can",
                                expr("CASE visitor WHEN 4 THEN array(false, false) WHEN 5 THEN array(true)"
                                        + " WHEN 6 THEN array(true, false) ELSE array(true, true) END"))
                        .withColumn("did", expr("CASE visitor WHEN 6 THEN 1 WHEN 7 THEN 2 ELSE 0 END")),
                folder.resolve("bad"),
                2);
        var settings = input("bad") + "run = bc-1, columns { observation = [\"x_{1..2}\", \"category:country\"],"
                + " action-mask = [can], action-index = did }\n";
        assertThatThrownBy(() -> predict(context, settings))
                .isInstanceOf(UserException.class)
                .hasMessageContaining(": 7 of 20 rows are of no use, above max-quarantine-fraction = 0.1 (")
                .hasMessageEndingWith("); mend the table or the mapping of columns, or allow more");
        var result = predict(context, settings + "max-quarantine-fraction = 0.5");
        assertThat(result.summary()).contains(": 13 rows of ").endsWith("; quarantined 7 of 20");
        assertThat(said)
                .contains(
                        "[predict] quarantined rows by reason: 3 not-finite, 1 wrong-dimension, 1 unknown-action-index,"
                                + " 2 forbidden-action");
        assertThat(predictions(context, "prediction_quarantine").stream()
                        .map(row -> row.getAs("visitor") + " " + row.getAs("quarantine_reason") + ": "
                                + row.getAs("quarantine_detail"))
                        .sorted())
                .containsExactly(
                        "1 not-finite: observation is missing or not finite",
                        "2 not-finite: observation is missing or not finite",
                        "3 not-finite: observation is missing or not finite",
                        "4 forbidden-action: action-mask allows no action",
                        "5 wrong-dimension: action-mask has 1 entries, not 2",
                        "6 forbidden-action: action-mask forbids the action taken",
                        "7 unknown-action-index: action-index is not one of 0 to 1");
        assertThat(predictions(context).count()).isEqualTo(13);
    }

    @Test
    void whatCannotBeDoneIsSaidInALine() {
        write(visitors(10).withColumn("propensity", lit(1)), folder.resolve("taken"), 1);
        assertThatThrownBy(() -> predict(context, input("taken") + "run = bc-1"))
                .isInstanceOf(UserException.class)
                .hasMessageMatching(
                        "Cannot add a column 'propensity' to the rows of part-00000.*: there is one of that name;"
                                + " call it otherwise, or leave it out with an empty name \\(predict.names\\)");
        write(visitors(10), folder.resolve("ok"), 1);
        assertThatThrownBy(() -> predict(context, input("ok") + "run = bc-1, columns { observation = [x_1] }"))
                .isInstanceOf(UserException.class)
                .hasMessageContaining(
                        "the policy learned from observations of 5 numbers and the actions Discrete[count=2],"
                                + " and in all rows wrong-dimension: observation has 1 numbers, not 5");
        assertThatThrownBy(() -> predict(context, input("ok") + "run = bc-1, key = [visitr]"))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("visitr")
                .hasMessageContaining("visitor");
        assertThatThrownBy(() -> predict(context, input("ok") + "run = nobody"))
                .isInstanceOf(UserException.class)
                .hasMessageStartingWith("Cannot use run = nobody for predict: ");
        assertThatThrownBy(() -> predict(context, "format = csv, run = bc-1, input = [a.csv]"))
                .isInstanceOf(UserException.class)
                .hasMessageStartingWith(
                        "Cannot predict for format = csv: Spark reads the rows, with all their columns;");
        assertThatThrownBy(() -> predict(context, input("ok")))
                .isInstanceOf(UserException.class)
                .hasMessage(
                        "Cannot predict: none of predict.run, predict.onnx and predict.champion says whose policy acts; give one"
                                + " of them, for example --set run=NAME-SEED");
        var elsewhere = context(folder.resolve("elsewhere"), said);
        var run = "run = \"" + runOfClone() + "\"";
        assertThatThrownBy(() -> predict(elsewhere, input("ok") + run))
                .isInstanceOf(UserException.class)
                .hasMessage("Cannot predict: the transitions in " + folder.resolve("elsewhere") + " are not there; give"
                        + " predict.columns { observation = [...] }, as the policy learned from");
        assertThatThrownBy(() -> predict(
                        elsewhere, input("ok") + run + ", columns.observation = [x_1, x_2, \"category:country\"]"))
                .isInstanceOf(UserException.class)
                .hasMessage(
                        "Cannot use category:country in predict.columns: its names, and their order, are those of the"
                                + " log that the policy learned from, and no such column was ingested into "
                                + folder.resolve("elsewhere")
                                + "; predict with the --out that the policy was trained in");
        assertThatThrownBy(() -> predict(elsewhere, input("ok") + "onnx = policy.onnx"))
                .isInstanceOf(UserException.class)
                .hasMessageStartingWith("Cannot use predict.onnx = policy.onnx: there are no transitions in ");
        visitors(5)
                .withColumn("since", expr("INTERVAL 3 MONTHS"))
                .withColumn("void", lit(null))
                .createOrReplaceTempView("odd");
        assertThatThrownBy(() -> predict(context, "format = spark, spark { table = odd }, run = bc-1"))
                .isInstanceOf(UserException.class)
                .hasMessage(
                        "Cannot pass column 'void' of odd through: it is of type void, which Parquet files have not;"
                                + " leave it out of the table, or give it another type");
    }

    @Test
    void itTakesWhatSparkReadsAndAnExportedPolicyDecidesAsItsRun() {
        visitors(50).createOrReplaceTempView("visitors_of_today");
        write(visitors(50), folder.resolve("files"), 1);
        predict(context, input("files") + "run = bc-1, actions = sampled, " + UNNAMED);
        var byRun = context.warehouse().require(TableName.PREDICTIONS).manifest();
        write(visitors(50).withColumn("nested", struct(col("x_1").as("a"))), folder.resolve("nested"), 1);
        predict(
                context,
                "format = spark, spark { table = visitors_of_today }, actions = sampled, onnx = \""
                        + runOfClone().replace("/checkpoints/", "/policies/")
                        + "/policy.onnx\", " + UNNAMED);
        var byFile = context.warehouse().require(TableName.PREDICTIONS).manifest();
        assertThat(byFile.version()).isEqualTo(byRun.version() + 1);
        assertThat(byFile.fingerprint()).isEqualTo(byRun.fingerprint());

        // A column that folders tell, and another format.
        visitors(50)
                .write()
                .partitionBy("country")
                .parquet(folder.resolve("folders").toString());
        visitors(50).write().orc(folder.resolve("orc").toString());
        for (var other : List.of(input("folders"), input("orc") + "format = orc\n")) {
            predict(context, other + "run = bc-1, actions = sampled, " + UNNAMED);
            assertThat(context.warehouse()
                            .require(TableName.PREDICTIONS)
                            .manifest()
                            .fingerprint())
                    .isEqualTo(byRun.fingerprint());
        }

        predict(
                context,
                input("nested") + "run = bc-1, columns { observation = [nested.a, x_2, \"category:country\"] }");
        assertThat(predictions(context).columns()).contains("nested", "action_index");
    }

    @ParameterizedTest
    @CsvSource({"'', parquet, 12", "'', orc, 12", "'', parquet, 2026-11-30", "/*, parquet, 12", "/zone=007, parquet, 12"
    })
    void whatFoldersTellIsTheSameTextThatIngestTakes(String place, String format, String last) {
        visitors(30)
                .withColumn("zero", lit(0))
                .withColumn(
                        "zone",
                        expr("element_at(array('007', '7', null, '" + last + "'), CAST(visitor % 4 AS INT) + 1)"))
                .write()
                .partitionBy("zone")
                .format(format)
                .save(folder.resolve("zones").toString());
        var input = "input = [\"" + folder.resolve("zones") + place + "\"], format = " + format + "\n";
        predict(context, input + "run = bc-1, key = [zone]");
        assertThat(predictions(context).schema().apply("zone").dataType().typeName())
                .isEqualTo("string");
        var zones = predictions(context)
                .select("zone")
                .distinct()
                .as(Encoders.STRING())
                .collectAsList();

        var ingested = context(folder.resolve("out"), said);
        ingest(
                ingested,
                input + "dataset = shop, episode-per = row, action-space { type = discrete, count = 1 }\n"
                        + "columns { observation = [x_1], action-index = zero, reward = x_2, keep = [zone] }");
        var kept = ingested.warehouse()
                .read(ingested.warehouse().require(TableName.TRANSITIONS))
                .selectExpr("get_json_object(kept, '$.zone')")
                .distinct();
        assertThat(kept.as(Encoders.STRING()).collectAsList()).containsExactlyInAnyOrderElementsOf(zones);
        if (place.equals("/zone=007")) {
            assertThat(zones).containsExactly("007");
        } else {
            assertThat(zones).containsExactlyInAnyOrder("007", "7", null, last);
        }
    }

    @Test
    void aColumnOfAFileGoesBeforeOneThatItsFolderTells() {
        write(visitors(3), folder.resolve("told/country=XX"), 1);
        predict(context, input("told") + "run = bc-1");
        assertThat(predictions(context).select("country").as(Encoders.STRING()).collectAsList())
                .containsExactlyInAnyOrder("AT", "CH", "DE");
    }

    @Test
    void vectorsComeWithTheirDensity() {
        var rides = context(folder.resolve("rides"), said);
        CollectStage.run(
                rides,
                new EnvironmentSpec("pendulum", Settings.defaults(GymnasiumConfig.class)),
                Settings.read(CollectConfig.class, ConfigFactory.parseString("steps = 300, seed = 1"), "collect"));
        train(rides, FEW + "runs.bc { learner = behaviour-cloning, settings.actor.hidden-layers = [8] }");
        var log = rides.warehouse().require(TableName.TRANSITIONS).path();
        var settings = "input = [\"" + log + "\"], run = bc-1, names { action = torque }\n"
                + "columns { observation = [observation], action = [action] }\n";
        predict(rides, settings + "actions = sampled");
        for (var row : predictions(rides).collectAsList()) {
            var mean = row.<Double>getList(row.fieldIndex("mean")).get(0);
            var deviation = row.<Double>getList(row.fieldIndex("deviation")).get(0);
            var torque = row.<Float>getList(row.fieldIndex("torque")).get(0);
            // Torques are from -2 to 2: a density in their units is half of one within [-1, 1].
            if (Math.abs(torque) < 1.99) {
                var z = (torque / 2 - mean) / deviation;
                assertThat(row.<Double>getAs("log_propensity"))
                        .isCloseTo(
                                -z * z / 2 - Math.log(deviation * Math.sqrt(2 * Math.PI)) - Math.log(2), within(1e-4));
            }
            assertThat(row.<Double>getAs("log_prob")).isFinite();
        }
        var byRun = predictions(rides).select("torque", "mean", "deviation").collectAsList();
        var run = rides.warehouse()
                .read(rides.warehouse().require(TableName.RUNS))
                .first()
                .<String>getAs("run_id");
        predict(
                rides,
                settings.replace(
                                "run = bc-1",
                                "onnx = \"" + folder.resolve("rides/policies/" + run + "/policy.onnx") + "\"")
                        + "actions = sampled");
        assertThat(predictions(rides).select("torque", "mean", "deviation").collectAsList())
                .isEqualTo(byRun);
        predict(rides, settings);
        assertThat(predictions(rides)
                        .where("propensity IS NOT NULL OR log_prob IS NOT NULL")
                        .count())
                .isZero();
    }

    /** Visitors with two numbers and one of three countries. */
    private static Dataset<Row> visitors(long count) {
        return LocalSpark.session()
                .range(count)
                .selectExpr(
                        "id AS visitor",
                        "sin(id) AS x_1",
                        "CAST(cos(id) AS FLOAT) AS x_2",
                        "element_at(array('AT', 'CH', 'DE'), CAST(id % 3 AS INT) + 1) AS country");
    }

    private static void write(Dataset<Row> frame, Path folder, int parts) {
        frame.repartition(parts).write().parquet(folder.toString());
    }

    /** Where the checkpoints of the run bc-1 are. */
    private static String runOfClone() {
        return shopContext.warehouse().root() + "/checkpoints/"
                + predictions(shopContext, "runs").stream()
                        .filter(row -> row.getAs("name").equals("bc"))
                        .findFirst()
                        .orElseThrow()
                        .getAs("run_id");
    }

    private String input(String name) {
        return "input = [\"" + folder.resolve(name) + "\"]\n";
    }

    private static StageContext context(Path out, List<String> said) {
        SparkSession spark = LocalSpark.session();
        return new StageContext(spark, new Warehouse(spark, out.toString()), said::add);
    }

    private static StageResult predict(StageContext context, String settings) {
        return PredictStage.run(
                context, Settings.read(PredictConfig.class, ConfigFactory.parseString(settings), "predict"));
    }

    private static void ingest(StageContext context, String settings) {
        IngestStage.run(context, Settings.read(IngestConfig.class, ConfigFactory.parseString(settings), "ingest"));
    }

    private static void train(StageContext context, String settings) {
        TrainStage.run(
                context,
                null,
                Settings.defaults(MlflowConfig.class),
                Settings.read(TrainConfig.class, ConfigFactory.parseString(settings), "train"));
    }

    private static Dataset<Row> predictions(StageContext context) {
        return context.warehouse().read(context.warehouse().require(TableName.PREDICTIONS));
    }

    private static List<Row> predictions(StageContext context, String table) {
        var warehouse = context.warehouse();
        return warehouse
                .read(warehouse.require(TableName.valueOf(table.toUpperCase(Locale.ROOT))))
                .collectAsList();
    }
}
