package io.hindcast.table;

import com.fasterxml.jackson.core.type.TypeReference;
import io.hindcast.config.Json;
import io.hindcast.data.ActionSpace;
import io.hindcast.data.Batch;
import io.hindcast.data.Fold;
import io.hindcast.data.LoggedSteps;
import io.hindcast.data.RowLayout;
import io.hindcast.data.RowLayout.Field;
import io.hindcast.data.Spaces;
import io.hindcast.run.RunSpec;
import io.hindcast.table.parquet.PartColumn;
import io.hindcast.table.parquet.PartReader;
import java.io.IOException;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.apache.hadoop.conf.Configuration;
import org.jspecify.annotations.Nullable;

/**
 * Reads the steps of some files of a version of {@code transitions} without Spark, so that a task can do it by itself. Episodes are
 * whole: none lies in two files.
 *
 * @param files Parquet files of {@code transitions}
 * @param share which share of each file: of the episodes, those that begin in its part of the file
 * @param subsets those of {@code subsets}; none if there are none
 * @param subset which subset; of an episode that it cuts the first steps are read, and the last of these ends it as a time limit would
 * @param spaces of the transitions
 * @param logged which optional fields the files hold values of, of those that may be absent
 * @param durations what a step's time is
 * @param groups columns of text that episodes are grouped by: of transitions, or among those that steps keep
 * @param kept further columns that steps keep
 * @param told other subsets: of each step is told in which of them its episode is
 * @param folds behind these it is told of which folds its episode is not; 64 of both together at most
 */
public record StepReader(
        List<String> files,
        Share share,
        List<String> subsets,
        String subset,
        Spaces spaces,
        Set<Field> logged,
        ReplayReader.Durations durations,
        List<String> groups,
        List<String> kept,
        List<String> told,
        List<Fold> folds)
        implements Serializable {
    /**
     * One of several equal parts of a file, cut where groups of rows begin.
     *
     * @param number from 0
     * @param of how many there are
     */
    public record Share(int number, int of) implements Serializable {
        /** A whole file. */
        public static final Share WHOLE = new Share(0, 1);

        /** All of so many. */
        public static List<Share> all(int of) {
            return IntStream.range(0, of)
                    .mapToObj(number -> new Share(number, of))
                    .toList();
        }

        private int from(int groups) {
            return (int) ((long) groups * number / of);
        }

        private int to(int groups) {
            return (int) ((long) groups * (number + 1) / of);
        }
    }

    private static final String MASK = "action_mask";
    private static final String NONE = "";
    private static final String KEPT = "kept";

    /** Columns of transitions that episodes can be grouped by; all others are kept ones. */
    public static final List<String> GROUPING = List.of("group", "source_file");

    /** Reads them, some thousand at a time. */
    public void read(Configuration hadoop, Consumer<LoggedSteps> consumer) {
        try {
            var lengths = lengths(hadoop, subset);
            var within = new ArrayList<SubsetEpisodes>();
            for (var name : told) {
                within.add(lengths(hadoop, name));
            }
            for (var file : files) {
                read(hadoop, file, lengths, within, consumer);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot read transitions of subset " + subset, e);
        }
    }

    /** How many steps of each episode are in a subset; all has all steps of all episodes, and is not listed. */
    private SubsetEpisodes lengths(Configuration hadoop, String name) throws IOException {
        return name.equals(RunSpec.ALL) ? new SubsetEpisodes() : SubsetEpisodes.of(hadoop, subsets, name);
    }

    private static boolean isIn(String name, SubsetEpisodes episodes, String episode, long step) {
        return name.equals(RunSpec.ALL) || step < episodes.length(episode);
    }

    private void read(
            Configuration hadoop,
            String file,
            SubsetEpisodes lengths,
            List<SubsetEpisodes> within,
            Consumer<LoggedSteps> consumer)
            throws IOException {
        var hasMasks = logged.contains(Field.ACTION_MASK);
        var names = new ArrayList<>(List.of(
                "episode_id",
                "step",
                "observation",
                spaces.actions() instanceof ActionSpace.Continuous ? "action" : "action_index",
                "reward",
                "next_observation",
                "terminated",
                "behaviour_log_prob",
                "time_delta"));
        groups.stream().filter(GROUPING::contains).distinct().forEach(names::add);
        if (!kept.isEmpty() || !GROUPING.containsAll(groups)) {
            names.add(KEPT);
        }
        if (hasMasks) {
            names.add(MASK);
        }
        var layout = hasMasks ? RowLayout.of(spaces).with(Set.of(Field.ACTION_MASK)) : RowLayout.of(spaces);
        try (var part = new PartReader(hadoop, file, names)) {
            var from = share.from(part.groups());
            var to = share.to(part.groups());
            part.skipTo(from);
            var hasBegun = from == 0;
            var isOver = false;
            while (!isOver && part.next()) {
                // An episode that begins in this share may go on in the next one, which leaves it out.
                var isBeyond = part.group() >= to;
                var start = start(part);
                var first = hasBegun ? 0 : isBeyond ? part.rows() : start;
                var end = isBeyond ? start : part.rows();
                hasBegun |= first < part.rows();
                isOver = isBeyond && (end < part.rows() || !hasBegun);
                var rows = wanted(part, first, end, lengths);
                if (rows.length > 0) {
                    var steps = steps(part, layout, rows);
                    tell(steps, within);
                    consumer.accept(steps);
                }
            }
        }
    }

    private void tell(LoggedSteps steps, List<SubsetEpisodes> lengths) {
        for (var i = 0; i < steps.rows() && told.size() + folds.size() > 0; i++) {
            var episode = steps.episodes()[i];
            if (i > 0 && episode.equals(steps.episodes()[i - 1])) {
                steps.within()[i] = steps.within()[i - 1];
                continue;
            }
            for (var k = 0; k < told.size(); k++) {
                steps.within()[i] |= isIn(told.get(k), lengths.get(k), episode, 0) ? 1L << k : 0;
            }
            for (var k = 0; k < folds.size(); k++) {
                steps.within()[i] |= folds.get(k).holds(episode) ? 0 : 1L << (told.size() + k);
            }
        }
    }

    /** The first row where an episode begins; as many as there are rows if none does. */
    private static int start(PartReader part) {
        var steps = part.column("step").longs();
        var row = 0;
        while (row < part.rows() && steps[row] != 0) {
            row++;
        }
        return row;
    }

    private int[] wanted(PartReader part, int first, int end, SubsetEpisodes lengths) {
        var ids = part.column("episode_id").texts();
        var steps = part.column("step").longs();
        var rows = new int[part.rows()];
        var count = 0;
        for (var row = first; row < end; row++) {
            if (isIn(subset, lengths, Objects.requireNonNull(ids[row]), steps[row])) {
                rows[count++] = row;
            }
        }
        return Arrays.copyOf(rows, count);
    }

    private LoggedSteps steps(PartReader part, RowLayout layout, int[] rows) throws IOException {
        var batch = new Batch(layout, rows.length);
        var steps = new LoggedSteps(
                batch,
                new String[rows.length],
                new long[rows.length],
                new double[rows.length],
                new double[rows.length],
                new double[rows.length],
                new boolean[rows.length],
                new ArrayList<>(),
                new HashMap<>(),
                new long[rows.length]);
        kept.forEach(name -> steps.kept().put(name, new String[rows.length]));
        var ids = part.column("episode_id");
        var numbers = part.column("step").longs();
        var rewards = part.column("reward").doubles();
        var logs = part.column("behaviour_log_prob");
        var times = part.column("time_delta");
        var terminated = part.column("terminated").flags();
        var observations = part.column("observation");
        var nextObservations = part.column("next_observation");
        var texts = new Texts(part);
        for (var i = 0; i < rows.length; i++) {
            var row = rows[i];
            steps.episodes()[i] = text(ids, row);
            steps.steps()[i] = numbers[row];
            steps.rewards()[i] = rewards[row];
            steps.logProbabilities()[i] = number(logs, row, Double.NaN);
            steps.durations()[i] = durations == ReplayReader.Durations.STEPS ? 1 : number(times, row, 1);
            steps.terminated()[i] = terminated[row];
            copy(observations, row, batch.observations(), i);
            copy(nextObservations, row, batch.nextObservations(), i);
            texts.at(row);
            steps.groups().add(groups.stream().map(texts::of).toList());
            for (var column : steps.kept().entrySet()) {
                column.getValue()[i] = texts.kept.get(column.getKey());
            }
        }
        writeActions(part, rows, batch);
        if (layout.has(Field.ACTION_MASK)) {
            writeMasks(part.column(MASK), rows, batch);
        }
        return steps;
    }

    /** The texts of a row, where columns of transitions and those that are kept have one. */
    private static final class Texts {
        private static final TypeReference<Map<String, String>> KEPT_TEXTS = new TypeReference<>() {};

        private final PartReader part;
        private final @Nullable PartColumn column;
        private int row;
        private String last = NONE;
        private Map<String, String> kept = Map.of();

        Texts(PartReader part) {
            this.part = part;
            column = part.columns().stream()
                    .filter(one -> one.name().equals(KEPT))
                    .findFirst()
                    .orElse(null);
        }

        void at(int row) throws IOException {
            this.row = row;
            var text = column == null ? NONE : text(column, row);
            // Most of them are as those of the row before.
            if (!text.equals(last)) {
                kept = text.isEmpty() ? Map.of() : Json.MAPPER.readValue(text, KEPT_TEXTS);
                last = text;
            }
        }

        String of(String group) {
            return GROUPING.contains(group) ? text(part.column(group), row) : kept.getOrDefault(group, NONE);
        }
    }

    private void writeActions(PartReader part, int[] rows, Batch batch) {
        if (spaces.actions() instanceof ActionSpace.Continuous space) {
            var action = part.column("action");
            for (var i = 0; i < rows.length; i++) {
                requireLength(action, rows[i], space.dimension());
                for (var j = 0; j < space.dimension(); j++) {
                    batch.actions()[i * space.dimension() + j] =
                            space.toUnit(j, action.floats()[action.start(rows[i]) + j]);
                }
            }
        } else {
            var indices = part.column("action_index").integers();
            for (var i = 0; i < rows.length; i++) {
                batch.actionIndices()[i] = indices[rows[i]];
            }
        }
    }

    private static void writeMasks(PartColumn masks, int[] rows, Batch batch) {
        for (var i = 0; i < rows.length; i++) {
            if (!masks.isAbsent(rows[i])) {
                var flags = Arrays.copyOfRange(masks.flags(), masks.start(rows[i]), masks.end(rows[i]));
                batch.setPossible(Field.ACTION_MASK, i, flags);
            }
        }
    }

    private void copy(PartColumn column, int row, float[] to, int i) {
        var size = spaces.observationSize();
        requireLength(column, row, size);
        System.arraycopy(column.floats(), column.start(row), to, i * size, size);
    }

    private static void requireLength(PartColumn column, int row, int length) {
        if (column.end(row) - column.start(row) != length) {
            throw new IllegalStateException(
                    "Cannot judge: column " + column.name() + " has a row whose length is not " + length);
        }
    }

    private static String text(PartColumn column, int row) {
        return column.isAbsent(row) ? NONE : Objects.requireNonNull(column.texts()[row]);
    }

    private static double number(PartColumn column, int row, double otherwise) {
        return column.isAbsent(row) ? otherwise : column.doubles()[row];
    }
}
