package io.hindcast.stage.curate;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.ConfigFactory;
import io.hindcast.config.Settings;
import io.hindcast.data.ActionSpace;
import io.hindcast.stage.ActionSpaceConfig;
import io.hindcast.stage.SampleTransitions;
import io.hindcast.stage.StageContext;
import io.hindcast.table.DatasetWriter;
import io.hindcast.table.Input;
import io.hindcast.table.LocalSpark;
import io.hindcast.table.Manifest;
import io.hindcast.table.Request;
import io.hindcast.table.SparkOnDemand;
import io.hindcast.table.TableName;
import io.hindcast.table.TableRows;
import io.hindcast.table.Warehouse;
import io.hindcast.timeline.Assembled;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;
import org.apache.commons.io.FileUtils;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Episodes that are rows of this process, beside those that Spark holds. */
class EpisodesTest {
    /** U+FF5E, which Java has behind a face and UTF-8 before it. */
    private static final String WAVE = "\uff5e";

    private static final String FACE = "\ud83d\ude00";

    @TempDir
    Path folder;

    private final List<String> said = new ArrayList<>();

    private enum Parts {
        NONE,
        SOME
    }

    @ParameterizedTest
    @EnumSource
    void whatIsPublishedIsTheSameToTheByte(Parts parts) throws IOException {
        publish("other", random(7, 40, Parts.SOME));
        publish("out", random(3, 150, parts));
        runs("other", "high { top-percent = 40 }", Episodes.MOST_ROWS);
        said.clear();
        var others =
                "{ out = \"" + folder + "/other\" }, { out = \"" + folder + "/other\", subset = high, weight = 2 }";
        var subsets = List.of(
                "best { top-percent = 13 }",
                "of-groups { top-percent = 30, group-column = group }",
                "of-returns { top-percent = 50, group-column = episode_return }",
                "of-lengths { top-percent = 50, group-column = length }",
                "of-trajectories { top-percent = 50, group-column = trajectory }",
                "returns { steps = [{ return-range { min = 0, max = 1 } }] }",
                "lengths { steps = [{ length-range { min = 2, max = 3 } }] }",
                "ends { steps = [{ ending { keep = [terminated] } }] }",
                "groups { steps = [{ group { keep = [g, \"" + FACE + "\"] } }] }",
                "some { steps = [{ sample { fraction = 0.5, seed = 3 } }] }",
                "validation { steps = [{ split { part = validation, train = 0.4, validation = 0.3, test = 0.3 } }] }",
                "first { steps = [{ first-transitions { count = 101 } }, { top-percent { percent = 60, group-column = ending } }] }",
                "scaled { steps = [{ reward { scale = -0.3, shift = 0.7 } }, { normalise-returns {} }, { top-percent { percent"
                        + " = 20 } }, { standardise-observations {} }] }",
                "mixed { from = groups, steps = [{ mixture { others = [" + others
                        + "] } }, { standardise-observations {} }, { reward { scale = 3 } }] }");

        var bySpark = runs("out", String.join(", ", subsets), 0);
        var told = results();
        for (var table : List.of("subsets", "subset_steps")) {
            FileUtils.deleteDirectory(folder.resolve("out/" + table).toFile());
        }
        said.clear();

        assertThat(runs("out", String.join(", ", subsets), Episodes.MOST_ROWS)).isEqualTo(bySpark);
        assertThat(results()).isEqualTo(told).hasSizeGreaterThan(subsets.size());
    }

    /** What was said, but for how far it is where that takes long. */
    private List<String> results() {
        return said.stream().filter(line -> !line.endsWith(" done")).toList();
    }

    @ParameterizedTest
    @EnumSource
    void tiesAreDecidedByTheBytesOfIds(Parts parts) {
        var first = Assembled.of(SampleTransitions.episode("z", "g", 1, 1));
        publish("out", List.of(whole(FACE, "g", 1, 1), first, whole(WAVE, "g", 1, 1), whole(WAVE + "z", "g", 1, 1)));

        runs("out", "few { steps = [{ first-transitions { count = 2 } }] }", parts == Parts.NONE ? 0 : 4);

        // In UTF-8 they begin with the bytes 7a, ef and f0. Of first transitions shorter ids come first.
        assertThat(ids("all")).containsExactly("z", WAVE, WAVE + "z", FACE);
        assertThat(ids("few")).containsExactly("z", WAVE);
    }

    @Test
    void fewEpisodesNeedNoSpark() {
        publish("out", random(5, 30, Parts.SOME));
        publish("other", random(6, 10, Parts.NONE));
        var spark = SparkOnDemand.of(new SparkConf(false).setMaster("local[2]"), () -> {
            throw new AssertionError("Spark was started");
        });
        var context = new StageContext(spark, new Warehouse(spark, folder + "/out"), said::add);
        var config = config("few { steps = [{ top-percent { percent = 80 } }, { first-transitions { count = 20 } },"
                + " { standardise-observations {} }] }, mixed { steps = [{ mixture { others = [{ out = \"" + folder
                + "/other\" }] } }, { standardise-observations {} }] }");

        assertThat(CurateStage.run(context, config).upToDate()).isFalse();
        assertThat(CurateStage.run(context, config).upToDate()).isTrue();
    }

    private record Published(List<Manifest.DataFile> files, String fingerprint, String requestKey) {}

    /** What two tables hold, but for the names of files. */
    private List<Published> runs(String out, String subsets, long most) {
        var context = context(out);
        CurateStage.run(context, config(subsets), most);
        return Stream.of(TableName.SUBSETS, TableName.SUBSET_STEPS)
                .map(table -> context.warehouse().require(table).manifest())
                .map(manifest -> new Published(
                        manifest.files().stream()
                                .map(file -> new Manifest.DataFile("", file.bytes(), file.sha256()))
                                .toList(),
                        manifest.fingerprint(),
                        manifest.requestKey()))
                .toList();
    }

    private static CurateConfig config(String subsets) {
        return Settings.read(CurateConfig.class, ConfigFactory.parseString("subsets { " + subsets + " }"), "");
    }

    private List<String> ids(String subset) {
        var warehouse = context("out").warehouse();
        return TableRows.of(warehouse, warehouse.require(TableName.SUBSETS)).stream()
                .filter(row -> row.getString(0).equals(subset))
                .map(row -> row.getString(2))
                .toList();
    }

    /** Trajectories of few returns, so that there are ties, which add up to other last digits in another order. */
    private static List<Assembled> random(long seed, int trajectories, Parts parts) {
        var random = new Random(seed);
        var letters = List.of("a", "é", WAVE, FACE, "zz");
        var groups = new ArrayList<@Nullable String>(List.of("g", "h", FACE, WAVE));
        groups.add(null);
        var returns = List.of(0.0, -0.0, 0.1, 0.2, 0.3, 0.7, -1e-3, 1e9);
        var episodes = new ArrayList<Assembled>();
        for (var i = 0; i < trajectories; i++) {
            var id = letters.get(random.nextInt(letters.size())) + random.nextInt(3) + letters.get(i % 5) + i;
            var count = parts == Parts.NONE ? 1 : 1 + random.nextInt(3);
            for (var part = 1; part <= count; part++) {
                var length = 1 + random.nextInt(4);
                var group = groups.get(random.nextInt(groups.size()));
                var value = returns.get(random.nextInt(returns.size()));
                episodes.add(
                        part == 1
                                ? whole(id, group, length, value)
                                : new Assembled(
                                        id,
                                        whole(id + "/" + 5 * part, group, length, value)
                                                .transitions(),
                                        List.of(),
                                        length,
                                        0,
                                        false,
                                        Map.of()));
            }
        }
        Collections.shuffle(episodes, random);
        return episodes;
    }

    private static Assembled whole(String id, @Nullable String group, int length, double value) {
        return Assembled.of(SampleTransitions.episode(id, group, length, value));
    }

    private void publish(String out, List<Assembled> episodes) {
        try (var writer = new DatasetWriter(context(out).warehouse().begin(TableName.TRANSITIONS))) {
            var rows = JavaSparkContext.fromSparkContext(LocalSpark.session().sparkContext())
                    .parallelize(episodes, 3);
            var actions = new ActionSpace.Continuous(1, -1, 1).toMap();
            var request = new Request(
                    "ingest", Map.of(ActionSpaceConfig.KEY, actions), List.of(), List.of(new Input("a.csv", 1, "00")));
            writer.publish(writer.write(rows), request, Optional.empty());
        }
    }

    private StageContext context(String out) {
        var spark = LocalSpark.session();
        return new StageContext(spark, new Warehouse(spark, folder + "/" + out), said::add);
    }
}
