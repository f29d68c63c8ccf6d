package io.hindcast.table;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hindcast.config.UserException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tables read by Spark's own reader and its SQL. */
class HindcastSourceTest {
    private final SparkSession spark = LocalSpark.session();

    @TempDir
    Path out;

    @BeforeEach
    void publish() {
        publish(1);
        publish(2);
    }

    private void publish(int seed) {
        PassedTables.publish(
                new Warehouse(spark, out.toString()),
                TableName.PREDICTIONS,
                new Request("predict", Map.of("seed", seed), List.of(), List.of()),
                spark.range(0, 4, 1, 1).selectExpr("id", "id * " + seed + " reward", "map('k', id) kept"));
    }

    private Dataset<Row> load(String... options) {
        var reader = spark.read().format("hindcast");
        for (var i = 0; i < options.length; i += 2) {
            reader.option(options[i], options[i + 1]);
        }
        return reader.load(out.toString());
    }

    @Test
    void theNewestVersionIsReadOrTheOneThatIsNamed() {
        assertThat(load("table", "predictions")
                        .selectExpr("sum(reward)")
                        .first()
                        .getLong(0))
                .isEqualTo(12);
        assertThat(load("table", "predictions", "version", "1")
                        .selectExpr("sum(reward)")
                        .first()
                        .getLong(0))
                .isEqualTo(6);
        assertThat(load("TABLE", "predictions", "version", "v2").columns()).containsExactly("id", "reward", "kept");
    }

    @Test
    void onlyWhatAQueryTakesIsReadAndFiltersReachTheFiles() {
        var plan = load("table", "predictions")
                .where("id > 1")
                .select("reward")
                .queryExecution()
                .executedPlan()
                .toString();

        assertThat(plan).contains("ReadSchema: struct<id:bigint,reward:bigint>").contains("GreaterThan(id,1)");
    }

    @Test
    void sqlReadsItToo() {
        spark.sql("CREATE OR REPLACE TEMPORARY VIEW predicted USING hindcast OPTIONS (table 'predictions', path '" + out
                + "')");

        assertThat(spark.sql("SELECT max(reward) FROM predicted").first().getLong(0))
                .isEqualTo(6);
        spark.catalog().dropTempView("predicted");
    }

    @Test
    void whatIsNotThereIsToldInOneLine() {
        assertThatThrownBy(() -> load("table", "prediction"))
                .isInstanceOf(UserException.class)
                .hasMessage("Cannot use table 'prediction': there is no such table; did you mean 'predictions'?");
        assertThatThrownBy(() -> load("table", "runs"))
                .isInstanceOf(UserException.class)
                .hasMessageStartingWith("Cannot read runs in " + out + ": ");
        assertThatThrownBy(() -> load("table", "predictions", "version", "3"))
                .isInstanceOf(UserException.class)
                .hasMessage("Cannot read version 3 of predictions in " + out
                        + ": there is no such version; the last one is 2");
        assertThatThrownBy(this::load)
                .isInstanceOf(UserException.class)
                .hasMessageStartingWith(
                        "Cannot read a table: the option table is not given; it is one of transitions,");
        assertThatThrownBy(() ->
                        spark.read().format("hindcast").option("table", "runs").load())
                .isInstanceOf(UserException.class)
                .hasMessageStartingWith("Cannot read a table: no output directory is given");
    }
}
