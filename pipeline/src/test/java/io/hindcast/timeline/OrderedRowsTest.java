package io.hindcast.timeline;

import static org.assertj.core.api.Assertions.assertThat;

import io.hindcast.timeline.EpisodeRules.EpisodePer;
import io.hindcast.timeline.EpisodeRules.EpisodeScope;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OrderedRowsTest {
    private static final RowOrder BY_COLUMN = new RowOrder(EpisodePer.COLUMN, null);

    private final List<Path> spilled = new ArrayList<>();

    @TempDir
    Path folder;

    @Test
    void rowsComeByEpisodeThenStepThenFileThenRow() {
        var rows = List.of(
                row("b", 1.0, "x", 0),
                row("a", 2.0, "x", 1),
                row("a", -1.0, "x", 2),
                row("a", 2.0, "w", 7),
                row(null, 0.0, "x", 3),
                row("ä", 0.0, "x", 4),
                row("a", Double.NaN, "x", 5),
                row("a", -0.0, "x", 6),
                row("a", 0.0, "x", 5),
                row("a", 0.0, "x", 11));

        assertThat(places(ordered(rows, BY_COLUMN, Long.MAX_VALUE)))
                .containsExactly("x3", "x2", "x5", "x6", "x11", "w7", "x1", "x5", "x0", "x4");
    }

    @Test
    void whereEpisodesAreOfOneFileTheFileComesBeforeTheStep() {
        var rows = List.of(row("a", 1.0, "y", 0), row("a", 2.0, "x", 0), row("a", 0.0, "y", 1), row("a", 1.0, "x", 1));

        assertThat(places(ordered(rows, new RowOrder(EpisodePer.COLUMN, EpisodeScope.FILE), Long.MAX_VALUE)))
                .containsExactly("x1", "x0", "y1", "y0");
    }

    @Test
    void rowsOfFilesComeInTheOrderOfTheFile() {
        var rows = List.of(
                row("b", 5.0, "y", 1L << 40), row("a", 9.0, "x", 1), row("a", 9.0, "y", 3), row("c", 0.0, "x", 0));

        var ordered = ordered(rows, new RowOrder(EpisodePer.DONE, null), Long.MAX_VALUE);

        assertThat(places(ordered)).containsExactly("x0", "x1", "y3", "y" + (1L << 40));
        assertThat(ordered.get(0).episode()).isEqualTo("c");
    }

    @Test
    void timesAreToldApartByWhatADoubleLeavesOutAndByTheirTies() {
        var rows = List.of(
                timed(new LoggedRow.Fine(0, 2, 0), 0),
                timed(new LoggedRow.Fine(1e-9, 1, 0), 1),
                timed(null, 2),
                timed(new LoggedRow.Fine(-1e-9, 5, 0), 3),
                timed(new LoggedRow.Fine(0, 2, -1), 4));

        assertThat(places(ordered(rows, BY_COLUMN, Long.MAX_VALUE))).containsExactly("x3", "x2", "x4", "x0", "x1");
    }

    @Test
    void anEpisodeKeepsTheSpellingsOfItsRows() {
        var ordered = ordered(
                List.of(row("7", 1.0, "x", 0), row("7.0", 0.0, "x", 1), row("7", 2.0, "x", 2)),
                BY_COLUMN,
                Long.MAX_VALUE);

        assertThat(ordered).extracting(LoggedRow::episode).containsExactly("7.0", "7", "7");
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 20_000, 200_000})
    void withLittleMemoryTheSameRowsComeFromDisk(long memory) {
        var rows = many();
        var expected = ordered(rows, BY_COLUMN, Long.MAX_VALUE);
        assertThat(spilled).isEmpty();

        var fromDisk = ordered(rows, BY_COLUMN, memory);

        assertThat(spilled).isNotEmpty();
        assertThat(places(fromDisk)).isEqualTo(places(expected)).hasSize(rows.size());
        assertThat(fromDisk).allMatch(row -> row.reward() == row.row() && row.observation()[0] == row.row());
    }

    @Test
    void allRowsOfAKeyGoToOneTargetAndNoRowIsLost() {
        var blocks = new RowBlocks(many().iterator(), BY_COLUMN, Arrays::hashCode, 3);
        var places = new HashSet<String>();
        var targets = new HashSet<String>();
        var rows = 0;
        while (blocks.hasNext()) {
            var block = blocks.next();
            var here = new OrderedRows(List.of(block.bytes()).iterator(), BY_COLUMN, new Space(Long.MAX_VALUE));
            while (here.hasNext()) {
                var row = here.next();
                rows++;
                places.add(row.file() + row.row());
                targets.add(row.episode() + " " + block.target());
            }
        }
        assertThat(rows).isEqualTo(many().size());
        assertThat(places).hasSize(rows);
        assertThat(targets).hasSize(21);
    }

    @Test
    void aBlockIsNoLargerThanAQuarterOfAMegabyteUnlessOneRowIs() {
        var rows = new ArrayList<LoggedRow>();
        for (var i = 0; i < 2_000; i++) {
            rows.add(row("e" + i % 3, (double) i, "x", i, i == 1_000 ? 1 << 18 : 200));
        }
        var sizes = new ArrayList<Integer>();
        var bytes = new ArrayList<byte[]>();
        new RowBlocks(rows.iterator(), BY_COLUMN, Arrays::hashCode, 2).forEachRemaining(block -> {
            sizes.add(block.bytes().length);
            bytes.add(block.bytes());
        });

        assertThat(sizes).filteredOn(size -> size > 1 << 20).hasSize(1);
        assertThat(sizes).filteredOn(size -> size <= (1 << 18) + 100).hasSize(sizes.size() - 1);
        assertThat(sizes).hasSizeGreaterThan(6).hasSizeLessThan(12);
        var ordered = new ArrayList<LoggedRow>();
        new OrderedRows(bytes.iterator(), BY_COLUMN, new Space(Long.MAX_VALUE)).forEachRemaining(ordered::add);
        assertThat(ordered).hasSize(2_000).allMatch(row -> row.observation()[0] == row.row());
    }

    /** 5,000 rows of 20 episodes and of none, in two files, in any order. */
    private static List<LoggedRow> many() {
        var rows = new ArrayList<LoggedRow>();
        for (var i = 0; i < 5_000; i++) {
            rows.add(row(i % 21 == 0 ? null : "episode-" + i % 21, (double) (i / 63), i % 2 == 0 ? "x" : "y", i));
        }
        Collections.shuffle(rows, new Random(1));
        return rows;
    }

    private List<LoggedRow> ordered(List<LoggedRow> rows, RowOrder order, long memory) {
        // A task each hundred rows.
        var blocks = new ArrayList<byte[]>();
        for (var from = 0; from < rows.size(); from += 100) {
            var part = rows.subList(from, Math.min(from + 100, rows.size()));
            new RowBlocks(part.iterator(), order, Arrays::hashCode, 1)
                    .forEachRemaining(block -> blocks.add(block.bytes()));
        }
        var ordered = new ArrayList<LoggedRow>();
        new OrderedRows(blocks.iterator(), order, new Space(memory)).forEachRemaining(ordered::add);
        return ordered;
    }

    private static List<String> places(List<LoggedRow> rows) {
        return rows.stream().map(row -> row.file() + row.row()).toList();
    }

    private static LoggedRow row(String episode, double step, String file, long row) {
        return row(episode, step, null, null, file, row);
    }

    private static LoggedRow row(String episode, double step, String file, long row, int numbers) {
        var observation = new float[numbers];
        observation[0] = row;
        return row(episode, step, null, null, file, row, observation);
    }

    private static LoggedRow timed(LoggedRow.Fine fine, long row) {
        return row("a", null, 1e9, fine, "x", row);
    }

    private static LoggedRow row(String episode, Double step, Double time, LoggedRow.Fine fine, String file, long row) {
        return row(episode, step, time, fine, file, row, new float[] {row});
    }

    private static LoggedRow row(
            String episode, Double step, Double time, LoggedRow.Fine fine, String file, long row, float[] observation) {
        return new LoggedRow(
                episode,
                step,
                time,
                observation,
                null,
                1.0,
                row,
                null,
                false,
                false,
                null,
                null,
                null,
                null,
                null,
                file,
                row,
                null,
                fine,
                0,
                null);
    }

    /** Memory of so many bytes, and files in the test's folder. */
    private final class Space implements Workspace {
        private final long memory;
        private long used;

        Space(long memory) {
            this.memory = memory;
        }

        @Override
        public boolean grants(long bytes) {
            if (used + bytes > memory) {
                return false;
            }
            used += bytes;
            return true;
        }

        @Override
        public void release() {
            used = 0;
        }

        @Override
        public Scratch scratch() {
            var file = folder.resolve("run-" + spilled.size());
            spilled.add(file);
            return new Scratch() {
                @Override
                public OutputStream write() throws IOException {
                    return Files.newOutputStream(file);
                }

                @Override
                public InputStream read() throws IOException {
                    return Files.newInputStream(file);
                }
            };
        }
    }
}
