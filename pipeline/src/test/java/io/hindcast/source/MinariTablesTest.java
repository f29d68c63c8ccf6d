package io.hindcast.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hindcast.config.UserException;
import io.hindcast.data.ActionSpace;
import io.hindcast.timeline.EpisodeRules.EpisodePer;
import io.hindcast.timeline.LoggedRow;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MinariTablesTest {
    private static final Configuration HADOOP = new Configuration();
    private static final PlannedLogs.Rules RULES = new PlannedLogs.Rules(Format.MINARI, EpisodePer.COLUMN, null, false);

    @TempDir
    Path folder;

    @ParameterizedTest
    @ValueSource(strings = {"arrow", "parquet"})
    void aFolderAnEpisodeIsFoundByTheNameOfItsDataset(String storage) {
        var found = FoundFiles.find(
                HADOOP, List.of(Fixtures.path("minari-tables/" + storage).toString()), Format.MINARI, List.of(), "");

        assertThat(found.notes()).isEmpty();
        assertThat(found.files())
                .extracting(InputFile::name)
                .containsExactly(storage + "/data/0/part-0." + storage, storage + "/data/1/part-0." + storage);
    }

    @ParameterizedTest
    @ValueSource(strings = {"arrow", "parquet"})
    void theLastRowIsOnlyWhatWasSeenLast(String storage) {
        var rows = rows(Fixtures.path("minari-tables/" + storage + "/data/1/part-0." + storage));

        assertThat(rows).extracting(LoggedRow::reward).containsExactly(1.0, 2.0, 3.0);
        assertThat(rows).extracting(LoggedRow::truncated).containsExactly(false, false, true);
        assertThat(rows).extracting(LoggedRow::terminated).containsOnly(false);
        assertThat(rows).extracting(LoggedRow::episode).containsOnly(storage + "/episode_1");
        assertThat(rows.get(2).observation()).containsExactly(2, -2, 1);
        assertThat(rows.get(2).nextObservation()).containsExactly(3, -3, 1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"arrow", "parquet"})
    void actionsThatBeginWithOneAreNumberedFromZero(String storage) {
        var file = Fixtures.path("minari-tables/" + storage + "/data/0/part-0." + storage);

        assertThat(PlannedLogs.plan(input(file), null, RULES, HADOOP).actions()).isEqualTo(new ActionSpace.Discrete(2));
        assertThat(rows(file)).extracting(LoggedRow::actionIndex).containsExactly(0.0, 1.0);
        assertThat(rows(file)).extracting(LoggedRow::terminated).containsExactly(false, true);
    }

    @ParameterizedTest
    @ValueSource(strings = {"arrow", "parquet"})
    void whatIsOneOfSeveralIsSpreadAsInHdf5(String storage) {
        var file = Fixtures.path("minari-tables/discrete-" + storage + "/data/0/part-0." + storage);
        var plan = PlannedLogs.plan(input(file), null, RULES, HADOOP);

        assertThat(plan.columns().observation())
                .containsExactly("one-hot:observations/cards{3,2}", "one-hot:observations/room{4 from 1}");
        assertThat(plan.actions()).isEqualTo(ActionSpace.Discrete.ofFactors(List.of(3, 2), List.of(0, 0)));
        var rows = rows(file);
        assertThat(rows.get(0).observation()).containsExactly(0, 0, 1, 1, 0, 0, 0, 0, 1);
        assertThat(rows.get(0).nextObservation()).containsExactly(1, 0, 0, 0, 1, 1, 0, 0, 0);
        assertThat(rows.get(1).nextObservation()).containsExactly(0, 1, 0, 0, 1, 0, 0, 1, 0);
        assertThat(rows).extracting(LoggedRow::terminated).containsExactly(false, true);
    }

    @Test
    void anEpisodeWithAnotherNumberOfStepsThanItsMetadataCountsIsRefused() throws IOException {
        var from = Fixtures.path("minari-tables/arrow/data");
        var episode = folder.resolve("demo/data/0");
        Files.createDirectories(episode);
        Files.copy(from.resolve("metadata.json"), folder.resolve("demo/data/metadata.json"));
        Files.copy(from.resolve("0/metadata.json"), episode.resolve("metadata.json"));
        Files.copy(from.resolve("1/part-0.arrow"), episode.resolve("part-0.arrow"));

        assertThatThrownBy(() -> rows(episode.resolve("part-0.arrow")))
                .isInstanceOf(UserException.class)
                .hasMessage(
                        "Cannot read demo/data/0/part-0.arrow: it has 3 steps, and metadata.json beside it counts 2;"
                                + " copy both again");
    }

    /** The rows of episode 0 of a data set of which one file holds {@code bytes} instead. */
    static List<LoggedRow> rows(String dataset, String broken, byte[] bytes) {
        var part = "data/0/part-0." + (dataset.endsWith("arrow") ? "arrow" : "parquet");
        return rows(Fixtures.temporary(dataset, broken, bytes).resolve(part));
    }

    private static List<LoggedRow> rows(Path file) {
        var plan = PlannedLogs.plan(input(file), null, RULES, HADOOP);
        var all = new ArrayList<LoggedRow>();
        for (var part : plan.parts()) {
            try (var rows = PlannedLogs.rows(part, plan.columns(), RULES, HADOOP)) {
                rows.forEachRemaining(all::add);
            }
        }
        return all;
    }

    private static InputFile input(Path file) {
        return new InputFile(
                MinariTables.name(new org.apache.hadoop.fs.Path(file.toString())),
                file.toString(),
                file.toFile().length());
    }
}
