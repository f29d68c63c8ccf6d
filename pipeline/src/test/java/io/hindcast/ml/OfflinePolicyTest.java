package io.hindcast.ml;

import static org.apache.spark.sql.functions.expr;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hindcast.config.UserException;
import io.hindcast.table.LocalSpark;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.apache.commons.io.FileUtils;
import org.apache.spark.ml.Pipeline;
import org.apache.spark.ml.PipelineModel;
import org.apache.spark.ml.PipelineStage;
import org.apache.spark.ml.feature.SQLTransformer;
import org.apache.spark.ml.feature.VectorAssembler;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Policies that learn from frames, and decide in frames. */
class OfflinePolicyTest {
    private static final String SMALL = "{\"actor\": {\"hidden-layers\": [8], \"learning-rate\": 0.01}}";

    private final SparkSession spark = LocalSpark.session();

    @TempDir
    Path folder;

    /** Who is old is shown a cat, the others a dog; old ones click. */
    private Dataset<Row> log() {
        return spark.range(0, 200, 1, 3)
                .selectExpr(
                        "id AS visitor",
                        "CAST(id % 10 AS DOUBLE) / 10 AS age",
                        "IF(id % 3 = 0, 'DE', 'FR') AS country",
                        "IF(id % 10 > 4, 'cat', 'dog') AS arm",
                        "id % 10 > 4 AS click",
                        "0.5 AS p");
    }

    private OfflinePolicy clone(String out) {
        return new OfflinePolicy()
                .setObservationCols("age", "category:country")
                .setActionIndexCol("category:arm")
                .setActionSpace("{\"type\": \"discrete\", \"count\": 2}")
                .setRewardCol("click")
                .setPropensityCol("p")
                .setLearner("behaviour-cloning")
                .setSettings(SMALL)
                .setUpdates(300)
                .setBatchSize(32)
                .setOut(folder.resolve(out).toString());
    }

    @Test
    void itLearnsFromAFrameAndDecidesInTheRowsOfAnother() {
        var model = clone("out").fit(log());
        var decided = model.transform(log().drop("arm", "click", "p"));

        assertThat(decided.columns())
                .containsExactly(
                        "visitor",
                        "age",
                        "country",
                        "action_index",
                        "propensity",
                        "log_propensity",
                        "probabilities",
                        "policy",
                        "policy_version",
                        "policy_sha256",
                        "seed");
        assertThat(decided.where("action_index != IF(age > 0.45, 0, 1)").count())
                .as("as the log shows: cat is 0, dog is 1")
                .isZero();
        assertThat(model.transformSchema(log().drop("arm").schema()).fieldNames())
                .startsWith("visitor")
                .endsWith("seed");
        assertThat(decided.select("policy").first().getString(0)).isEqualTo("policy-1");
    }

    @Test
    void whatWasLoggedIsWeighedWhereItIsThere() {
        var model = clone("out").setActions("sampled").fit(log());

        var told = model.transform(log()).where("arm = 'cat'").first();
        assertThat(Math.exp(told.<Double>getAs("log_prob")))
                .isEqualTo(
                        told.<Double>getList(told.fieldIndex("probabilities")).get(0));
    }

    @Test
    void aSavedModelNeedsNothingElseAndDecidesAlike() throws IOException {
        var model = clone("out")
                .setActions("sampled")
                .setEpsilon(0.2)
                .setDecisionSeed(7)
                .fit(log());
        var before = rows(model.transform(log()));
        model.write().overwrite().save(folder.resolve("model").toString());
        FileUtils.deleteDirectory(folder.resolve("out").toFile());

        var read = OfflinePolicyModel.load(folder.resolve("model").toString());
        assertThat(read.uid()).isEqualTo(model.uid());
        assertThat(rows(read.transform(log().repartition(5)))).isEqualTo(before);
        assertThat(rows(read.setDecisionSeed(8).transform(log()))).isNotEqualTo(before);
    }

    private static List<Row> rows(Dataset<Row> decided) {
        return decided.select("visitor", "action_index", "propensity")
                .orderBy("visitor")
                .collectAsList();
    }

    @Test
    void itStandsInAPipelineBehindVectorsThatAreMadeThere() throws IOException {
        var both = log().withColumn("old", expr("CAST(age > 0.45 AS INT)"));
        var pipeline = new Pipeline().setStages(new PipelineStage[] {
            new VectorAssembler().setInputCols(new String[] {"age", "old"}).setOutputCol("features"),
            clone("out").setObservationCols("features"),
            new SQLTransformer().setStatement("SELECT *, propensity > 0.5 AS sure FROM __THIS__")
        });
        var path = folder.resolve("pipeline").toString();
        pipeline.fit(both).save(path);

        var decided = PipelineModel.load(path).transform(both);
        assertThat(decided.columns())
                .contains("features", "action_index", "sure")
                .doesNotContain("features_array");
        assertThat(decided.where("action_index != 1 - old").count()).isZero();
    }

    @Test
    void itTakesParamsAsSparkMlGivesThem() {
        var policy = clone("out");
        var other = policy.copy(new ParamMap().put(policy.updates(), 1L).put(policy.subsetPercent(), 50.0));

        assertThat(other.getOrDefault(other.updates())).isEqualTo(1L);
        assertThat(other.uid()).isEqualTo(policy.uid());
        assertThat(policy.explainParams()).contains("subsetPercent: learn from this percentage of the episodes");
        assertThat(other.fit(log()).getRun()).contains("/out/offlinePolicyModel_");
    }

    @Test
    void anEstimatorIsReadAsItWasSaved() throws IOException {
        var path = folder.resolve("estimator").toString();
        clone("out").save(path);

        var read = OfflinePolicy.load(path);
        assertThat(read.getOrDefault(read.observationCols())).containsExactly("age", "category:country");
        assertThat(read.fit(log()).transform(log()).count()).isEqualTo(200);
    }

    @Test
    void twoAtOnceDoNotMeet() {
        var young = log().where("age <= 0.45");
        var old = log().where("age > 0.45");
        var one = CompletableFuture.supplyAsync(() -> clone("out").fit(young));
        var other = CompletableFuture.supplyAsync(() -> clone("out").fit(old));

        // Each saw one arm only, which got the number 0.
        assertThat(one.join()
                        .transform(log().drop("arm"))
                        .where("action_index != 0")
                        .count())
                .isZero();
        assertThat(other.join().getRun()).isNotEqualTo(one.join().getRun());
        assertThat(spark.catalog().listTables().collectAsList()).isEmpty();
    }

    @Test
    void whatLacksIsToldInOneLine() {
        assertThatThrownBy(() -> new OfflinePolicy().fit(log()))
                .isInstanceOf(UserException.class)
                .hasMessage("Cannot fit without a place for checkpoints: set out, a folder that all executors reach");
        assertThatThrownBy(() -> clone("out").setObservationCols("size").fit(log()))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("size")
                .message()
                .hasLineCount(1);
        assertThatThrownBy(() -> clone("out").setLearner("ppo").fit(log()))
                .isInstanceOf(UserException.class)
                .hasMessageStartingWith("Cannot use learner 'ppo'");
        assertThatThrownBy(() -> clone("out").setSettings("{").fit(log()))
                .isInstanceOf(UserException.class)
                .hasMessageStartingWith("Cannot read settings = {: ");
        var model = clone("out").fit(log());
        assertThatThrownBy(() -> model.transform(log().withColumn("age", expr("IF(visitor = 3, NULL, age)")))
                        .count())
                .hasStackTraceContaining(
                        "Cannot decide in a row of the frame: not-finite: observation is missing or not"
                                + " finite; mend it, or leave such rows out (handleInvalid = skip)");
        assertThat(model.setHandleInvalid("skip")
                        .transform(log().withColumn("age", expr("IF(visitor = 3, NULL, age)")))
                        .count())
                .isEqualTo(199);
        assertThatThrownBy(() -> model.setActions("likely").transform(log()))
                .isInstanceOf(UserException.class)
                .hasMessageStartingWith("Cannot use value 'likely' of actions: ");
    }
}
