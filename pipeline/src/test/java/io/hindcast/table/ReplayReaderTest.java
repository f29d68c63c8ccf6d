package io.hindcast.table;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hindcast.data.ActionSpace;
import io.hindcast.data.Batch;
import io.hindcast.data.Fold;
import io.hindcast.data.ReplayBuffer;
import io.hindcast.data.ReplayBuffer.TerminalFlag;
import io.hindcast.data.Spaces;
import io.hindcast.table.parquet.PartWriter;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.NavigableMap;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ReplayReaderTest {
    private static final Configuration HADOOP = new Configuration();
    private static final Spaces SPACES = new Spaces(2, new ActionSpace.Continuous(1, -2, 2));

    @TempDir
    Path directory;

    @Test
    void anEpisodeOverTwoPagesAndTwoFilesIsOneEpisode() throws IOException {
        var first = transitions("a.parquet", IntStream.range(0, 5000).toArray());
        var second = transitions("b.parquet", IntStream.range(5000, 6000).toArray());
        var buffer = new ReplayReader(List.of(first, second), List.of(), "all", 6000)
                .read(HADOOP, SPACES, TerminalFlag.KEEPS_BOOTSTRAP);
        // Folded over all steps, the first transition sums up every reward of its episode: 3000 steps that earn 1.
        buffer.foldSteps(6000, 0.5);
        var rows = rows(buffer);
        assertThat(rows.get(0f)).containsExactly(2, 3000, 0, 3000);
        assertThat(rows.get(2999f)).containsExactly(1, 3000, 0, 1);
        assertThat(rows.get(3000f)).containsExactly(2, 6000, 0, 3000);
    }

    @Test
    void onlyTheEpisodesOfTheSubsetAreLoadedAndActionsAreScaledToOne() throws IOException {
        var file = transitions("a.parquet", IntStream.range(0, 9000).toArray());
        var subsets = part(
                TableName.SUBSETS, "s.parquet", List.<Object[]>of(new Object[] {"best", 1, "episode 1", 1.0, 3000L, null
                }));
        var buffer = new ReplayReader(List.of(file), List.of(subsets), "best", 3000)
                .read(HADOOP, SPACES, TerminalFlag.STOPS_BOOTSTRAP);
        var rows = rows(buffer);
        assertThat(rows.firstKey()).isEqualTo(3000);
        assertThat(rows.lastKey()).isEqualTo(5999);
        assertThat(rows.get(5999f)).containsExactly(1, 6000, 1, 1);
        var batch = new Batch(SPACES, 1);
        buffer.sample(new SplittableRandom(1), batch);
        assertThat(batch.actions()).containsExactly(0.5f);
    }

    @Test
    void ofACutEpisodeTheFirstTransitionsAreLoadedAndTheLastOfThemIsTruncated() throws IOException {
        // 4096 rows are a page: one cut is within a page, one at its end, one at the end of a file.
        var first = transitions("a.parquet", IntStream.range(0, 5000).toArray());
        var second = transitions("b.parquet", IntStream.range(5000, 9000).toArray());
        for (var cut : List.of(700L, 4096L - 3000, 5000L - 3000)) {
            var rows = new Object[] {"some", 1, "episode 1", 1.0, cut, null};
            var subsets = part(TableName.SUBSETS, "s" + cut + ".parquet", List.<Object[]>of(rows));
            var reader = new ReplayReader(List.of(first, second), List.of(subsets), "some", cut.intValue());

            var loaded = rows(reader.read(HADOOP, SPACES, TerminalFlag.STOPS_BOOTSTRAP));
            assertThat(loaded.firstKey()).isEqualTo(3000);
            assertThat(loaded.lastKey()).isEqualTo(3000 + cut - 1);
            assertThat(loaded.get(3000f + cut - 1)).containsExactly(1, 3000 + cut, 1, 1);
            assertThat(loaded.get(3000f + cut - 2)).containsExactly(1, 3000 + cut - 1, 0, 1);
            var kept = rows(reader.read(HADOOP, SPACES, TerminalFlag.KEEPS_BOOTSTRAP));
            assertThat(kept.get(3000f + cut - 1)).containsExactly(1, 3000 + cut, 0, 1);
        }
    }

    @Test
    void aVectorOfAnotherLengthIsRefused() throws IOException {
        var file = transitions("a.parquet", 0);
        var three = new Spaces(3, SPACES.actions());
        var reader = new ReplayReader(List.of(file), List.of(), "all", 1);
        assertThatThrownBy(() -> reader.read(HADOOP, three, TerminalFlag.KEEPS_BOOTSTRAP))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("Cannot train: column observation has a row whose length is not 3");
    }

    @Test
    void anAbsentActionIsRefused() throws IOException {
        var file = transitions("a.parquet", 0);
        var discrete = new Spaces(2, new ActionSpace.Discrete(2));
        var reader = new ReplayReader(List.of(file), List.of(), "all", 1);
        assertThatThrownBy(() -> reader.read(HADOOP, discrete, TerminalFlag.KEEPS_BOOTSTRAP))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("Cannot train: column action_index has an absent value");
    }

    @Test
    void theEpisodesOfAFoldArePassedOver() throws IOException {
        var file = transitions("a.parquet", IntStream.range(0, 12000).toArray());
        var rows = new TreeMap<Float, float[]>();
        for (var k = 0; k < 2; k++) {
            var fold = new Fold(k, 2);
            var others = (int) IntStream.range(0, 4)
                    .filter(i -> !fold.holds("episode " + i))
                    .count();
            var buffer = new ReplayReader(List.of(file), List.of(), "all", 3000 * others, Set.of(), fold)
                    .read(HADOOP, SPACES, TerminalFlag.KEEPS_BOOTSTRAP);
            var read = rows(buffer);
            assertThat(read.keySet()).allMatch(number -> !fold.holds("episode " + (int) (number / 3000)));
            assertThat(read).hasSize(3000 * others);
            rows.putAll(read);
        }
        // What one passes over the other reads.
        assertThat(rows).hasSize(12000);
    }

    /** Transitions of an episode of 3000 steps each, numbered through; each earns 1, and the last of an episode is truncated. */
    private String transitions(String name, int... numbers) throws IOException {
        return part(
                TableName.TRANSITIONS,
                name,
                IntStream.of(numbers)
                        .mapToObj(i -> new Object[] {
                            "episode " + i / 3000,
                            (long) i % 3000,
                            new float[] {i, 0},
                            new float[] {1},
                            null,
                            1.0,
                            new float[] {i + 1, 0},
                            false,
                            i % 3000 == 2999,
                            null,
                            null,
                            null,
                            null,
                            "f",
                            (long) i,
                            null
                        })
                        .toList());
    }

    private String part(TableName table, String name, List<Object[]> rows) throws IOException {
        try (var writer = new PartWriter(table.schema(), directory.toString(), name, HADOOP)) {
            for (var row : rows) {
                writer.write(row);
            }
            writer.finish();
        }
        return directory.resolve(name).toString();
    }

    /** Reward, next observation, terminated and steps by observation. */
    private static NavigableMap<Float, float[]> rows(ReplayBuffer buffer) {
        var rows = new TreeMap<Float, float[]>();
        var random = new SplittableRandom(1);
        var batch = new Batch(SPACES, 1000);
        while (rows.size() < buffer.size()) {
            buffer.sample(random, batch);
            for (var b = 0; b < batch.size(); b++) {
                rows.put(batch.observations()[2 * b], new float[] {
                    batch.rewards()[b], batch.nextObservations()[2 * b], batch.stopsBootstrap()[b], batch.steps()[b]
                });
            }
        }
        return rows;
    }
}
