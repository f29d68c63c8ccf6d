package io.hindcast.source;

import io.hindcast.config.UserException;
import io.hindcast.data.ActionSpace;
import io.hindcast.source.EpisodeRules.EpisodePer;
import java.util.ArrayList;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * D4RL's flat HDF5 files: {@code observations}, {@code actions}, {@code rewards}, {@code terminals}, {@code timeouts} and perhaps
 * {@code next_observations}, one row a step in the order of time.
 *
 * <p>A row with a terminal or a timeout ends its episode; what follows is another one. Without {@code next_observations} a row's
 * next observation is the row after it, also of a terminal row. A timeout row then has none, since the next row is another
 * episode's first: it is left out, whatever its terminal says (a label that looks at the next row looks across the end), and the
 * row before it is truncated. The rows after the last flag are an open episode, and its last row is left out too. With
 * {@code next_observations} no row is left out, a timeout row is truncated, and a terminal one terminated.
 */
final class D4rlHdf5 {
    private static final int ROWS_IN_PART = 50_000;
    /** Parts meet within a chunk, which both unpack; this keeps the waste small. */
    private static final int BANDS_IN_PART = 4;

    private D4rlHdf5() {}

    /**
     * Looks at the flags only.
     *
     * @param columns null for those of the format
     * @throws UserException if arrays are missing or of different lengths, or nothing tells where episodes end
     */
    static FilePlan plan(InputFile input, Hdf5File file, @Nullable ColumnMapping columns, PlannedLogs.Rules rules) {
        var mapping = columns == null ? columns(file) : columns;
        var arrays = new Arrays(file, mapping);
        if (rules.per() == EpisodePer.DONE
                && mapping.truncated() == null
                && mapping.done() == null
                && rules.episodeLength() == null
                && !rules.jumps()) {
            throw new UserException("Cannot read " + file.name()
                    + ": it has no 'timeouts', so nothing tells where an episode was cut; set episode-length to the"
                    + " environment's step limit, or jump to what a step cannot bridge");
        }
        var action = arrays.action;
        return new FilePlan(
                parts(input, arrays, rules),
                mapping,
                action == null ? null : new ActionSpace.Continuous(action.width(), -1, 1),
                List.of());
    }

    /** The rows of a part. */
    static LoggedRows rows(FilePart part, Hdf5File file, ColumnMapping columns, PlannedLogs.Rules rules) {
        return new Rows(part, file, columns, rules);
    }

    private static ColumnMapping columns(Hdf5File file) {
        var root = file.root();
        for (var name : List.of("observations", "actions", "rewards", "terminals")) {
            if (!root.names().contains(name)) {
                throw new UserException("Cannot read " + file.name() + ": it has no array '" + name
                        + "' as D4RL's files have; check format, or map its arrays with columns"
                        + (name.equals("rewards") ? ", where reward = null says that none were logged" : ""));
            }
        }
        var actions = root.dataset("actions");
        var discrete = actions.isWhole() && actions.columns() == 1;
        return ColumnMapping.of(
                List.of("observations"),
                discrete ? List.of() : List.of("actions"),
                discrete ? "actions" : null,
                "rewards",
                root.names().contains("next_observations") ? List.of("next_observations") : List.of(),
                "terminals",
                root.names().contains("timeouts") ? "timeouts" : null);
    }

    private static List<FilePart> parts(InputFile input, Arrays arrays, PlannedLogs.Rules rules) {
        var parts = new ArrayList<FilePart>();
        var least = Math.max(ROWS_IN_PART, (long) BANDS_IN_PART * arrays.bandRows());
        var ends = new Ends(arrays, rules, 0);
        var from = 0L;
        for (var row = 0L; row < arrays.rows; row++) {
            var ended = switch (rules.per()) {
                case DONE -> ends.next(row) != Ends.GOES_ON;
                case ROW, COLUMN, ROW_OF_STEPS -> true;
                case FILE -> false;
            };
            if (ended && row + 1 - from >= least) {
                parts.add(new FilePart(input, from, row + 1, from));
                from = row + 1;
            }
        }
        if (from < arrays.rows) {
            parts.add(new FilePart(input, from, arrays.rows, from));
        }
        return parts;
    }

    /** The arrays of one file. */
    private static final class Arrays {
        final Hdf5Column observation;
        final @Nullable Hdf5Column action;
        final @Nullable Hdf5Column actionIndex;
        final @Nullable Hdf5Column reward;
        final double rewardOfEveryRow;
        final @Nullable Hdf5Column nextObservation;
        final @Nullable Hdf5Column terminated;
        final @Nullable Hdf5Column truncated;
        final @Nullable Hdf5Column done;
        final @Nullable Hdf5Column episode;
        final @Nullable Hdf5Column step;
        final @Nullable Hdf5Column time;
        final @Nullable Hdf5Column logProbability;
        final @Nullable Hdf5Column probability;
        final @Nullable Hdf5Column actionMask;
        final @Nullable Hdf5Column timeDelta;
        final @Nullable Hdf5Column group;
        final long rows;
        private final List<Hdf5Dataset> all = new ArrayList<>();

        Arrays(Hdf5File file, ColumnMapping columns) {
            var root = file.root();
            observation = Objects.requireNonNull(add(Hdf5Column.of(file, root, columns.observation())));
            action = add(Hdf5Column.of(file, root, columns.action()));
            actionIndex = add(Hdf5Column.of(file, root, columns.actionIndex()));
            reward = add(Hdf5Column.of(file, root, columns.rewardColumn()));
            rewardOfEveryRow = columns.rewardOfEveryRow();
            columns.requireRewardIsNoColumn(List.copyOf(root.names()), file.name());
            nextObservation = add(Hdf5Column.of(file, root, columns.nextObservation()));
            terminated = add(Hdf5Column.of(file, root, columns.terminated()));
            truncated = add(Hdf5Column.of(file, root, columns.truncated()));
            done = add(Hdf5Column.of(file, root, columns.done()));
            episode = add(Hdf5Column.of(file, root, columns.episodeId()));
            step = add(Hdf5Column.of(file, root, columns.step()));
            time = add(Hdf5Column.of(file, root, columns.time()));
            logProbability = add(Hdf5Column.of(file, root, columns.behaviourLogProb()));
            probability = add(Hdf5Column.of(file, root, columns.propensity()));
            actionMask = add(Hdf5Column.of(file, root, columns.actionMask()));
            timeDelta = add(Hdf5Column.of(file, root, columns.timeDelta()));
            group = ColumnMapping.FILE.equals(columns.group()) ? null : add(Hdf5Column.of(file, root, columns.group()));
            Hdf5Dataset.requireFit(file, all);
            rows = all.get(0).rows();
            for (var array : all) {
                if (array.rows() != rows) {
                    throw new UserException("Cannot read " + file.name() + ": array '" + array.path() + "' has "
                            + array.rows() + " rows, array '" + all.get(0).path() + "' has " + rows
                            + "; give arrays of one length");
                }
            }
        }

        private @Nullable Hdf5Column add(@Nullable Hdf5Column column) {
            if (column != null) {
                all.addAll(column.arrays());
            }
            return column;
        }

        int bandRows() {
            return all.stream().mapToInt(Hdf5Dataset::bandRows).max().orElse(1);
        }
    }

    /** Reads the flags row by row, from an episode's first row. */
    private static final class Ends {
        static final int GOES_ON = 0;
        static final int TERMINATED = 1;
        static final int CUT = 2;
        static final int TERMINATED_AND_CUT = TERMINATED | CUT;

        private final Arrays arrays;
        private final @Nullable Integer episodeLength;
        private long first;

        Ends(Arrays arrays, PlannedLogs.Rules rules, long first) {
            this.arrays = arrays;
            episodeLength = rules.episodeLength();
            this.first = first;
        }

        int next(long row) {
            var cut = isSet(arrays.truncated, row) || (episodeLength != null && row + 1 - first >= episodeLength);
            var terminated = isSet(arrays.terminated, row) || (!cut && isSet(arrays.done, row));
            if (cut || terminated) {
                first = row + 1;
            }
            return (cut ? CUT : GOES_ON) | (terminated ? TERMINATED : GOES_ON);
        }

        private static boolean isSet(@Nullable Hdf5Column flag, long row) {
            return flag != null && flag.flag(row);
        }
    }

    private static final class Rows implements LoggedRows {
        private final Hdf5File file;
        private final String name;
        private final @Nullable String fixedGroup;
        private final Arrays arrays;
        private final Ends ends;
        private final long to;
        private long row;
        private float @Nullable [] ahead;

        Rows(FilePart part, Hdf5File file, ColumnMapping columns, PlannedLogs.Rules rules) {
            this.file = file;
            name = part.file().name();
            fixedGroup = ColumnMapping.FILE.equals(columns.group()) ? Format.D4RL_HDF5.stem(name) : null;
            arrays = new Arrays(file, columns);
            ends = new Ends(arrays, rules, part.from());
            row = part.from();
            to = part.to();
        }

        @Override
        public boolean hasNext() {
            return row < to;
        }

        @Override
        public LoggedRow next() {
            if (row >= to) {
                throw new NoSuchElementException();
            }
            var end = ends.next(row);
            var observation = ahead != null ? ahead : arrays.observation.vector(row);
            ahead = null;
            var logged = new LoggedRow(
                    text(arrays.episode),
                    number(arrays.step),
                    number(arrays.time),
                    observation,
                    arrays.action == null ? null : arrays.action.vector(row),
                    number(arrays.actionIndex),
                    arrays.reward == null ? arrays.rewardOfEveryRow : arrays.reward.number(row),
                    nextObservation(end),
                    end == Ends.TERMINATED || (end == Ends.TERMINATED_AND_CUT && arrays.nextObservation != null),
                    (end & Ends.CUT) != 0,
                    number(arrays.probability),
                    number(arrays.logProbability),
                    mask(),
                    number(arrays.timeDelta),
                    fixedGroup != null ? fixedGroup : text(arrays.group),
                    name,
                    row);
            row++;
            return logged;
        }

        private float @Nullable [] nextObservation(int end) {
            if (arrays.nextObservation != null) {
                return arrays.nextObservation.vector(row);
            }
            if (end != Ends.TERMINATED || row + 1 == arrays.rows) {
                return null; // the assembler knows the next row of the episode
            }
            ahead = arrays.observation.vector(row + 1);
            return ahead;
        }

        private @Nullable Double number(@Nullable Hdf5Column column) {
            return column == null ? null : Double.valueOf(column.number(row));
        }

        private @Nullable String text(@Nullable Hdf5Column column) {
            if (column == null) {
                return null;
            }
            var value = column.number(row);
            return value == Math.rint(value) ? String.valueOf((long) value) : String.valueOf(value);
        }

        private boolean @Nullable [] mask() {
            if (arrays.actionMask == null) {
                return null;
            }
            var numbers = arrays.actionMask.vector(row);
            var mask = new boolean[numbers.length];
            for (var i = 0; i < mask.length; i++) {
                mask[i] = numbers[i] != 0;
            }
            return mask;
        }

        @Override
        public void close() {
            file.close();
        }
    }
}
