package io.hindcast.stage.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.typesafe.config.ConfigFactory;
import io.hindcast.Part;
import io.hindcast.PinnedPython;
import io.hindcast.config.Settings;
import io.hindcast.data.Action;
import io.hindcast.data.Transition;
import io.hindcast.stage.StageContext;
import io.hindcast.table.LocalSpark;
import io.hindcast.table.TableName;
import io.hindcast.table.TransitionRow;
import io.hindcast.table.Warehouse;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Logs that the libraries write today, read with the configurations that are shipped: every number is the one that the library
 * itself reads. Raise a version in {@code requirements-writers.txt} to see whether its next release still is.
 */
@Tag("slow") // its packages are large
class WritersTest {
    private static PinnedPython python;

    @TempDir
    Path folder;

    /** Without it nothing can be told, so nothing is skipped: the test fails. */
    @BeforeAll
    static void makePython() throws IOException, InterruptedException {
        Part.require(3);
        python = PinnedPython.of("writers");
    }

    @ParameterizedTest
    @CsvSource({
        "pyarrow, table.conf, ''",
        "polars, table.conf, ''",
        "duckdb, table.conf, ''",
        "minari, minari.conf, ''",
        "minari-arrow, minari.conf, ''",
        "minari-parquet, minari.conf, ''",
        "datasets, imitation.conf, format = arrow",
        "vowpal-wabbit, vowpal-wabbit.conf, ''"
    })
    void whatALibraryWritesIsReadAsTheLibraryReadsIt(String kind, String conf, String set)
            throws IOException, InterruptedException {
        python.script("write-logs.py", kind, folder);

        var file = Path.of("../conf/ingest").toAbsolutePath().resolve(conf);
        var config = ConfigFactory.parseString(set + "\ninput = \"" + folder.resolve("log") + "\"")
                .withFallback(ConfigFactory.parseFile(file.toFile()).getConfig("ingest"));
        var spark = LocalSpark.session();
        var warehouse = new Warehouse(spark, folder.resolve("out").toString());
        IngestStage.run(new StageContext(spark, warehouse, line -> {}), Settings.read(IngestConfig.class, config, ""));
        var episodes = warehouse.read(warehouse.require(TableName.TRANSITIONS)).collectAsList().stream()
                .map(TransitionRow::transition)
                .collect(Collectors.groupingBy(Transition::episodeId));

        assertThat(episodes.values().stream().map(WritersTest::inWords)).containsExactlyInAnyOrderElementsOf(truth());
    }

    private static String inWords(List<Transition> episode) {
        var steps = new ArrayList<>(episode);
        steps.sort(Comparator.comparingLong(Transition::step));
        var last = steps.get(steps.size() - 1);
        return steps.stream()
                        .map(step -> step(
                                floats(step.observation()),
                                step.action() instanceof Action.Vector vector
                                        ? floats(vector.values())
                                        : List.of((float) ((Action.Index) step.action()).index()),
                                (float) step.reward(),
                                floats(step.nextObservation())))
                        .collect(Collectors.joining("; "))
                + " terminated " + last.terminated() + " truncated " + last.truncated();
    }

    private List<String> truth() throws IOException {
        var episodes = new ArrayList<String>();
        for (var line : Files.readAllLines(folder.resolve("truth.jsonl"))) {
            var episode = new JsonMapper().readTree(line);
            var steps = new ArrayList<String>();
            for (var i = 0; i < episode.path("reward").size(); i++) {
                steps.add(step(
                        floats(episode.path("observation").path(i)),
                        floats(episode.path("action").path(i)),
                        (float) episode.path("reward").path(i).asDouble(),
                        floats(episode.path("next").path(i))));
            }
            episodes.add(String.join("; ", steps) + " terminated "
                    + episode.path("terminated").asBoolean() + " truncated "
                    + episode.path("truncated").asBoolean());
        }
        return episodes;
    }

    private static String step(List<Float> observation, List<Float> action, float reward, List<Float> next) {
        return observation + " " + action + " " + reward + " " + next;
    }

    private static List<Float> floats(float[] values) {
        var list = new ArrayList<Float>();
        for (var value : values) {
            list.add(value + 0f);
        }
        return list;
    }

    private static List<Float> floats(JsonNode values) {
        var list = new ArrayList<Float>();
        values.forEach(value -> list.add((float) value.asDouble() + 0f));
        return list;
    }
}
