package io.hindcast.stage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.typesafe.config.ConfigFactory;
import io.hindcast.config.Settings;
import io.hindcast.data.Action;
import io.hindcast.data.ActionSpace;
import io.hindcast.data.Batch;
import io.hindcast.data.Spaces;
import io.hindcast.data.Transformation;
import io.hindcast.data.Transition;
import io.hindcast.learn.LearnerConfig;
import io.hindcast.run.RunSpec;
import io.hindcast.table.DatasetWriter;
import io.hindcast.table.LocalSpark;
import io.hindcast.table.ReplayReader;
import io.hindcast.table.Request;
import io.hindcast.table.TableName;
import io.hindcast.table.Warehouse;
import io.hindcast.timeline.Assembled;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.api.java.JavaSparkContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TrainingRowsTest {
    private static final Spaces SPACES = new Spaces(1, new ActionSpace.Discrete(2));

    @TempDir
    Path out;

    @Test
    void rowsOfTwoDatasetsAreFoldedByTheTimesThatWereLogged() {
        // Rewards 1, 2 and 4 and times 2, 1 and 3; in the other dataset 8, 16, 32 and the same times.
        var rows = new TrainingRows(List.of(dataset("a", 1), dataset("b", 8)), List.of(1.0, 1.0));

        var data = rows.load(spec(0.5, 2), SPACES, new Configuration(), null);

        assertThat(rows.count()).isEqualTo(6);
        var batch = new Batch(SPACES, 6);
        data.read(0, batch);
        // Rewards are multiplied by 2 first; then r + 0.5^time r', and never across an episode or a dataset.
        assertThat(batch.rewards())
                .containsExactly(2 + 4 * 0.25f, 4 + 8 * 0.5f, 8, 16 + 32 * 0.25f, 32 + 64 * 0.5f, 64);
        assertThat(batch.steps()).containsExactly(3, 4, 3, 3, 4, 3);
        assertThat(batch.stopsBootstrap()).containsExactly(0, 1, 1, 0, 1, 1);
    }

    @Test
    void runsThatLearnFromTheSameRowsShareThem() {
        var rows = new TrainingRows(List.of(dataset("a", 1)), List.of(1.0));
        var before = SharedRows.copies();
        try (var first = lease(rows, 0.5, 1, 1);
                var sameRows = lease(rows, 0.4, 1, 1);
                var ofTwoSteps = lease(rows, 0.4, 2, 1)) {
            // One step is the same row whatever the discount; two steps are not.
            assertThat(sameRows.rows()).isSameAs(first.rows());
            assertThat(ofTwoSteps.rows()).isNotSameAs(first.rows());
            assertThat(SharedRows.copies()).isEqualTo(before + 2);
        }
        try (var fromFile = lease(rows, 0.3, 2, 0);
                var fromHeap = lease(rows, 0.5, 1, 1)) {
            assertThat(fromFile.rows().size()).isEqualTo(fromHeap.rows().size()).isEqualTo(3);
        }
    }

    @Test
    void rowsThatCannotBeLoadedFailForEveryoneAndAreForgotten() {
        var rows = new TrainingRows(
                List.of(new ReplayReader(List.of(out + "/none.parquet"), List.of(), "all", 3)), List.of(1.0));
        var before = SharedRows.copies();
        for (var i = 0; i < 2; i++) {
            assertThatThrownBy(() -> lease(rows, 0.5, 1, 1)).hasMessageContaining("Cannot read transitions");
        }
        assertThat(SharedRows.copies()).isEqualTo(before);
    }

    private static SharedRows.Lease lease(TrainingRows rows, double discount, int steps, double heapShare) {
        return SharedRows.lease(rows, spec(discount, steps), SPACES, new Configuration(), heapShare);
    }

    private static RunSpec spec(double discount, int steps) {
        var config = LearnerConfig.read("dqn", ConfigFactory.parseString("discount = " + discount), "");
        return new RunSpec(
                "",
                "x",
                "",
                "dqn",
                Settings.toMap((Record) config),
                1,
                1,
                1,
                steps,
                1,
                1,
                false,
                List.of(new Transformation.Reward(2, 0)),
                true,
                null);
    }

    private ReplayReader dataset(String name, int first) {
        var spark = LocalSpark.session();
        var episode = new ArrayList<Transition>();
        var times = new double[] {2, 1, 3};
        for (var step = 0; step < 3; step++) {
            episode.add(new Transition(
                    name,
                    step,
                    new float[] {step},
                    new Action.Index(0),
                    first << step,
                    new float[] {step + 1},
                    step == 2,
                    false,
                    null,
                    null,
                    times[step],
                    null,
                    "x.csv",
                    step));
        }
        var warehouse = new Warehouse(spark, out + "/" + name);
        try (var writer = new DatasetWriter(warehouse.begin(TableName.TRANSITIONS))) {
            var episodes = JavaSparkContext.fromSparkContext(spark.sparkContext())
                    .parallelize(List.of(Assembled.of(episode)), 1);
            var request = new Request("ingest", Map.of(), List.of(), List.of());
            var version = writer.publish(writer.write(episodes), request, Optional.empty());
            return new ReplayReader(warehouse.files(version), List.of(), "all", 3);
        }
    }
}
