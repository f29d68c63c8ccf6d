package io.hindcast.stage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.typesafe.config.ConfigFactory;
import io.hindcast.config.Settings;
import io.hindcast.kernel.Nd4jKernels;
import io.hindcast.run.Checkpoint;
import io.hindcast.stage.ingest.IngestConfig;
import io.hindcast.stage.ingest.IngestStage;
import io.hindcast.stage.train.TrainConfig;
import io.hindcast.stage.train.TrainStage;
import io.hindcast.table.LocalSpark;
import io.hindcast.table.RunsTable;
import io.hindcast.table.TableName;
import io.hindcast.table.TableRows;
import io.hindcast.table.Warehouse;
import io.hindcast.track.MlflowConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** From a log that says which actions were possible to policies that keep to them. */
final class ActionMasksTest {
    /** The third action is never possible: whoever takes its value for one finds it better than rewards below 0. */
    private static final List<String> COLUMNS = List.of("can_0", "can_1", "can_2");

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
    void valuesAreOfWhatIsPossibleAndARunFromMaskedRowsIsAnotherRun() throws IOException {
        write();
        ingest("out", ", action-mask = " + COLUMNS);
        ingest("unmasked", "");

        var masked = train("out", "dqn", "critic.hidden-layers = [16], critic.learning-rate = 1e-2");
        var unmasked = train("unmasked", "dqn", "critic.hidden-layers = [16], critic.learning-rate = 1e-2");

        assertThat(masked.spec().actionMasks()).isTrue();
        assertThat(masked.spec().toJson()).contains("\"actionMasks\":true");
        assertThat(unmasked.spec().toJson()).doesNotContain("actionMasks");
        // Two steps of -1, or -2 and -1; the last is cut, and goes on from a state of which nothing is known.
        var values = values(masked, 0);
        assertThat(values[0]).isCloseTo(-1.99f, within(0.1f));
        assertThat(values[1]).isCloseTo(-2.99f, within(0.1f));
        assertThat(values(unmasked, 0)[0]).isGreaterThan(-1.9f);
        assertThat(said).noneMatch(line -> line.contains("mask"));
    }

    @Test
    void aRowInWhichNothingIsPossibleIsQuarantinedWithItsReason() throws IOException {
        Files.createDirectories(directory.resolve("in"));
        Files.writeString(
                directory.resolve("in/a.csv"),
                "episode,t,x,action,r,end,can_0,can_1,can_2\none,0,0,1,-1,1,1,1,0\ntwo,0,0,1,-1,1,0,0,0\n"
                        + "three,0,0,1,-1,1,1,0,0\n");
        ingest("out", ", action-mask = " + COLUMNS);
        assertThat(context.warehouse()
                        .read(context.warehouse().require(TableName.QUARANTINE))
                        .select("reason", "detail")
                        .orderBy("detail")
                        .collectAsList()
                        .toString())
                .isEqualTo(
                        "[[forbidden-action,action-mask allows no action], [forbidden-action,action-mask forbids the action"
                                + " taken]]");
    }

    private Checkpoint train(String out, String learner, String settings) {
        var config = """
                updates = 600, batch-size = 32, checkpoint-every = 600, seeds = [1]
                runs.run { learner = %s, settings { %s } }
                """.formatted(learner, settings);
        var result = TrainStage.run(
                context(out),
                null,
                Settings.defaults(MlflowConfig.class),
                Settings.read(TrainConfig.class, ConfigFactory.parseString(config), "train"));
        assertThat(result.problems()).isEmpty();
        var root = directory.resolve(out).toString();
        var warehouse = context(out).warehouse();
        var run = RunsTable.ids(TableRows.of(warehouse, warehouse.require(TableName.RUNS)))
                .get(0);
        return RunsTable.checkpoints(root, new Configuration()).read(run, 600);
    }

    /** What the policy's network says of every action where x is {@code x}. */
    private static float[] values(Checkpoint checkpoint, float x) {
        try (var kernels = new Nd4jKernels()) {
            var input = kernels.matrix(1, 1);
            input.write(new float[] {x}, 0);
            var pass = checkpoint.policy(checkpoint.spaces(), kernels).pass(input);
            pass.forward();
            return pass.output().clone();
        }
    }

    private StageContext context(String out) {
        return new StageContext(
                LocalSpark.session(),
                new Warehouse(LocalSpark.session(), directory.resolve(out).toString()),
                said::add);
    }

    private void ingest(String out, String more) {
        var config = ConfigFactory.parseMap(
                        Map.of("input", List.of(directory.resolve("in").toString())))
                .withFallback(ConfigFactory.parseString("""
                        format = csv, dataset = shop, max-quarantine-fraction = 1, action-space { type = discrete, count = 3 }
                        columns { observation = [x], action-index = action, reward = r, terminated = end, episode-id = episode, step = t%s }
                        """.formatted(more)));
        IngestStage.run(context(out), Settings.read(IngestConfig.class, config, "ingest"));
    }

    private void write() throws IOException {
        Files.createDirectories(directory.resolve("in"));
        var text = new StringBuilder("episode,t,x,action,r,end,can_0,can_1,can_2\n");
        for (var episode = 0; episode < 40; episode++) {
            for (var t = 0; t < 2; t++) {
                var action = (episode >> t) & 1;
                text.append(String.format("%d,%d,%d,%d,%d,%d,1,1,0%n", episode, t, t, action, -1 - action, t));
            }
        }
        Files.writeString(directory.resolve("in/a.csv"), text);
    }
}
