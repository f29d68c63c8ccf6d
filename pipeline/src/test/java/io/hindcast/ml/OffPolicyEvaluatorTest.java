package io.hindcast.ml;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.hindcast.config.UserException;
import io.hindcast.table.LocalSpark;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.ml.tuning.CrossValidator;
import org.apache.spark.ml.tuning.ParamGridBuilder;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What policies are worth by what another one logged. */
class OffPolicyEvaluatorTest {
    private final SparkSession spark = LocalSpark.session();

    @TempDir
    Path folder;

    private OffPolicyEvaluator evaluator() {
        return new OffPolicyEvaluator()
                .setRewardCol("click")
                .setPropensityCol("p")
                .setOut(folder.resolve("judged").toString());
    }

    /** Arm 0 pays 1, arm 1 nothing; each was shown half of the time. */
    private Dataset<Row> log() {
        return spark.range(0, 400, 1, 3)
                .selectExpr(
                        "id AS visitor",
                        "CAST(id % 7 AS DOUBLE) / 7 AS age",
                        "CAST(id % 2 AS INT) AS arm",
                        "1 - id % 2 AS click",
                        "0.5D AS p");
    }

    @Test
    void theEstimateIsThatOfJudge() {
        // It shows arm 0 with 0.9: weights 1.8 and 0.2, of 200 rows each.
        var told = log().selectExpr("*", "ln(IF(arm = 0, 0.9, 0.1)) AS log_prob");

        assertThat(evaluator().evaluate(told)).isCloseTo(0.9, within(1e-9));
        assertThat(evaluator().setEstimator("is").evaluate(told)).isCloseTo(0.9, within(1e-9));
        assertThat(evaluator().setMetric("lower").evaluate(told)).isBetween(0.85, 0.9);
        assertThat(evaluator().isLargerBetter()).isTrue();
    }

    @Test
    void theEstimateOfASoundLogMayBeReliedOn() throws IOException {
        evaluator().evaluate(log().selectExpr("*", "ln(IF(arm = 0, 0.9, 0.1)) AS log_prob"));

        try (var judgements = Files.list(folder.resolve("judged"))) {
            var estimates = spark.read()
                    .format("hindcast")
                    .option("table", "estimates")
                    .load(judgements.findFirst().orElseThrow().toString());
            assertThat(estimates
                            .where("policy = 'policy'")
                            .select("usable", "reason")
                            .collectAsList())
                    .containsExactly(RowFactory.create(true, null));
        }
    }

    @Test
    void rowsOfAnEpisodeAreWeighedTogether() {
        // Two steps each: the second pays where both were 0, as one of four episodes is. Weights of its steps: 1.8 and
        // 3.24.
        var told = spark.range(0, 400, 1, 2)
                .selectExpr(
                        "id DIV 2 AS episode",
                        "id % 2 AS step",
                        "id % 2 = 1 AS ended",
                        "IF(id % 2 = 1 AND (id DIV 2) % 4 = 0, 1, 0) AS click",
                        "0.5D AS p",
                        "ln(IF(IF(id % 2 = 0, (id DIV 2) % 2, (id DIV 4) % 2) = 0, 0.9, 0.1)) AS log_prob");

        assertThat(evaluator()
                        .setEpisodeCol("episode")
                        .setStepCol("step")
                        .setTerminatedCol("ended")
                        .setEstimator("pdis")
                        .evaluate(told))
                .isCloseTo(3.24 / 4, within(1e-9));
    }

    @Test
    void aCrossValidatorTakesTheBetterOfTwoPolicies() {
        var policy = new OfflinePolicy()
                .setObservationCols("age")
                .setActionIndexCol("arm")
                .setActionSpace("{\"type\": \"discrete\", \"count\": 2}")
                .setRewardCol("click")
                .setPropensityCol("p")
                .setActions("sampled")
                .setLearner("behaviour-cloning")
                .setSettings("{\"actor\": {\"hidden-layers\": [8], \"learning-rate\": 0.05}}")
                .setUpdates(100)
                .setBatchSize(32)
                .setOut(folder.resolve("out").toString());
        var grid = new ParamGridBuilder()
                .addGrid(policy.subsetPercent(), new double[] {100, 50})
                .build();

        var validated = new CrossValidator()
                .setEstimator(policy)
                .setEvaluator(evaluator())
                .setEstimatorParamMaps(grid)
                .setNumFolds(2)
                .setSeed(1)
                .fit(log());

        // Half of the rows, those that paid, are all of arm 0.
        assertThat(validated.avgMetrics()[0]).isCloseTo(0.5, within(0.1));
        assertThat(validated.avgMetrics()[1]).isGreaterThan(0.9);
        assertThat(((OfflinePolicyModel) validated.bestModel())
                        .transform(log())
                        .where("action_index = 0")
                        .count())
                .isGreaterThan(380);
    }

    @Test
    void whatLacksIsToldInOneLine() {
        assertThatThrownBy(() -> new OffPolicyEvaluator().evaluate(log()))
                .isInstanceOf(UserException.class)
                .hasMessage("Cannot evaluate without out: set it");
        assertThatThrownBy(() -> evaluator().evaluate(log()))
                .isInstanceOf(UserException.class)
                .hasMessageStartingWith("Cannot evaluate: the frame has no column 'log_prob'; ");
        assertThatThrownBy(() ->
                        evaluator().copy(new ParamMap()).setMetric("upper").evaluate(log()))
                .isInstanceOf(UserException.class)
                .hasMessageStartingWith("Cannot use value 'upper' of metric");
    }
}
