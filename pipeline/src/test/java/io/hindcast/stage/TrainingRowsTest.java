package io.hindcast.stage;

import static org.assertj.core.api.Assertions.assertThat;

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
import io.hindcast.source.Assembled;
import io.hindcast.table.DatasetWriter;
import io.hindcast.table.LocalSpark;
import io.hindcast.table.ReplayReader;
import io.hindcast.table.Request;
import io.hindcast.table.Warehouse;
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

        var data = rows.load(spec(), SPACES, new Configuration());

        assertThat(rows.count()).isEqualTo(6);
        var batch = new Batch(SPACES, 6);
        data.read(0, batch);
        // Rewards are multiplied by 2 first; then r + 0.5^time r', and never across an episode or a dataset.
        assertThat(batch.rewards())
                .containsExactly(2 + 4 * 0.25f, 4 + 8 * 0.5f, 8, 16 + 32 * 0.25f, 32 + 64 * 0.5f, 64);
        assertThat(batch.steps()).containsExactly(3, 4, 3, 3, 4, 3);
        assertThat(batch.terminated()).containsExactly(0, 1, 1, 0, 1, 1);
    }

    private static RunSpec spec() {
        var config = LearnerConfig.read("dqn", ConfigFactory.parseString("discount = 0.5"), "");
        return new RunSpec(
                "",
                "x",
                "",
                "dqn",
                Settings.toMap((Record) config),
                1,
                1,
                1,
                2,
                1,
                1,
                false,
                List.of(new Transformation.Reward(2, 0)),
                true);
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
        try (var writer = new DatasetWriter(new Warehouse(spark, out + "/" + name))) {
            var episodes = JavaSparkContext.fromSparkContext(spark.sparkContext())
                    .parallelize(List.of(Assembled.of(episode)), 1);
            var request = new Request("ingest", Map.of(), List.of(), List.of());
            var version = writer.publish(writer.write(episodes), request, Optional.empty());
            return new ReplayReader(version.files(), List.of(), "all", 3);
        }
    }
}
