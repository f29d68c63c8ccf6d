package io.hindcast.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hindcast.config.UserException;
import io.hindcast.data.ActionSpace;
import io.hindcast.timeline.EpisodeRules.EpisodePer;
import io.hindcast.timeline.LoggedRow;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;

class RllibEpisodesTest {
    private static final Configuration HADOOP = new Configuration();
    private static final PlannedLogs.Rules RULES =
            new PlannedLogs.Rules(Format.RLLIB_EPISODES, EpisodePer.COLUMN, null, false);

    @Test
    void partsOfAnEpisodeGoOnWhereTheyBeginWithoutTheStepsBeforeThem() {
        var rows = rows("goal.parquet");

        assertThat(rows).extracting(LoggedRow::episode).containsExactly("a", "a", "a", "a", "a", "b");
        assertThat(rows).extracting(LoggedRow::step).containsExactly(3.0, 4.0, 0.0, 1.0, 2.0, 0.0);
        assertThat(rows).extracting(LoggedRow::reward).containsExactly(3.0, 4.0, 0.0, 1.0, 2.0, 0.0);
        assertThat(rows).extracting(LoggedRow::terminated).containsExactly(false, true, false, false, false, false);
        assertThat(rows).extracting(LoggedRow::truncated).containsExactly(false, false, false, false, false, true);
    }

    @Test
    void dictionariesAreSideBySideInTheOrderOfTheirKeysWithTheNextObservationBeside() {
        var fourth = rows("goal.parquet").get(0);

        assertThat(fourth.observation()).containsExactly(3, 6, 0.75f);
        assertThat(fourth.nextObservation()).containsExactly(4, 8, 1);
        assertThat(fourth.action()).containsExactly(0.3f, -0.3f);
        assertThat(fourth.logProbability()).isEqualTo(-3.5);
    }

    @Test
    void boundsComeFromTheActionSpaceEachEntryWithItsOwn() {
        assertThat(plan("goal.parquet").actions())
                .isEqualTo(new ActionSpace.Continuous(List.of(-1.0, -2.0), List.of(1.0, 2.0)));
    }

    @Test
    void anEpisodeOfWholeArraysIsReadLikeOneOfSteps() {
        var rows = rows("goal-arrays.parquet");

        assertThat(rows).hasSize(2);
        assertThat(rows.get(1).observation()).containsExactly(1, 2, 0.25f);
        assertThat(rows.get(1).nextObservation()).containsExactly(2, 4, 0.5f);
        assertThat(rows.get(1).action()).containsExactly(0.1f, -0.1f);
        assertThat(rows.get(1).terminated()).isTrue();
    }

    @Test
    void actionsThatBeginWithOneAreNumberedFromZero() {
        assertThat(plan("discrete.parquet").actions()).isEqualTo(new ActionSpace.Discrete(2));
        assertThat(rows("discrete.parquet")).extracting(LoggedRow::actionIndex).containsExactly(0.0, 1.0, 0.0);
        assertThat(rows("discrete.parquet").get(1).observation()).containsExactly(1);
    }

    @Test
    void whatIsNoEpisodeIsRefusedWithItsPlace() {
        assertThatThrownBy(() -> rows("no-episode.parquet"))
                .isInstanceOf(UserException.class)
                .hasMessage(
                        "Cannot read item 0 of no-episode.parquet: it is no MessagePack as RLlib writes its episodes (it"
                                + " ends within a value); copy the file again, or check format");
    }

    /** The bytes of the first item of a file. */
    static byte[] item(String name) {
        try (var items = new ParquetBytes(input(Fixtures.path("rllib/" + name)), RllibEpisodes.ITEM, HADOOP)) {
            return Objects.requireNonNull(items.next());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** All values of an item. */
    static void readItem(byte[] bytes) {
        var item = new RllibEpisodes.Item("demo.parquet", 0, bytes, new NumpyItems("demo.parquet"));
        RllibEpisodes.actions("demo.parquet", item.state);
        for (var step = 0; step < item.steps(); step++) {
            for (var column : item.columns) {
                assertThat(column).isNotNull();
                item.value(column, step);
            }
        }
    }

    private static FilePlan plan(String name) {
        return PlannedLogs.plan(input(Fixtures.path("rllib/" + name)), null, RULES, HADOOP);
    }

    private static List<LoggedRow> rows(String name) {
        return rows(Fixtures.path("rllib/" + name));
    }

    static List<LoggedRow> rows(Path path) {
        var plan = PlannedLogs.plan(input(path), null, RULES, HADOOP);
        var all = new ArrayList<LoggedRow>();
        for (var part : plan.parts()) {
            try (var rows = PlannedLogs.rows(part, plan.columns(), RULES, HADOOP)) {
                rows.forEachRemaining(all::add);
            }
        }
        return all;
    }

    private static InputFile input(Path path) {
        return new InputFile(
                path.getFileName().toString(), path.toString(), path.toFile().length());
    }
}
