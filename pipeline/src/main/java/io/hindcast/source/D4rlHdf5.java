package io.hindcast.source;

import io.hindcast.config.UserException;
import io.hindcast.data.ActionSpace;
import io.hindcast.timeline.EpisodeRules.AfterTerminal;
import io.hindcast.timeline.EpisodeRules.EpisodePer;
import io.hindcast.timeline.Flag;
import io.hindcast.timeline.LoggedRow;
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
 *
 * <p>Some logs go on after a terminal row, AntMaze's, whose terminals say that the state is a goal. Their episodes are parts of
 * one logged trajectory, from one cut to the next; {@link Continuity} tells these logs from those that begin anew.
 */
final class D4rlHdf5 {
    private static final int ROWS_IN_PART = 50_000;
    /** Parts meet within a chunk, which both unpack; this keeps the waste small. */
    private static final int BANDS_IN_PART = 4;

    private D4rlHdf5() {}

    /**
     * Looks at the flags, and at the observations beside some of them.
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
                    + ": it has no 'timeouts', so it is not known where an episode was cut; set episode-length to the"
                    + " environment's step limit, or jump to what a step cannot bridge");
        }
        var after = rules.per() == EpisodePer.DONE ? after(file.name(), arrays, rules) : Continued.NO;
        var action = arrays.action;
        return new FilePlan(
                parts(input, arrays, rules, after.goesOn()),
                mapping,
                action == null ? null : new ActionSpace.Continuous(action.width(), -1, 1),
                after.notes());
    }

    /** Whether the log goes on after a terminal row, and what to say of it. */
    private record Continued(boolean goesOn, List<String> notes) {
        static final Continued NO = new Continued(false, List.of());
    }

    private static Continued after(String name, Arrays arrays, PlannedLogs.Rules rules) {
        if (rules.afterTerminal() != null) {
            return new Continued(rules.afterTerminal() == AfterTerminal.GOES_ON, List.of());
        }
        var flags = new Flags(arrays, rules);
        if (flags.terminals == 0) {
            return Continued.NO;
        }
        var verdict = arrays.truncated == null && rules.episodeLength() == null
                ? new Continuity.Verdict(false, "without timeouts it is not known where a trajectory ends")
                : flags.verdict();
        var note = verdict.goesOn()
                ? ": the log goes on after a terminal row (" + verdict.grounds()
                        + "), so the episodes between two cuts are kept as parts of one logged trajectory; if each starts in a new state,"
                        + " set after-terminal = resets"
                : ": after a terminal row a new trajectory begins (" + verdict.grounds()
                        + "); if the log goes on there, set after-terminal = goes-on";
        return new Continued(verdict.goesOn(), List.of(name + note));
    }

    /** Where the flags of a file are, and the steps of the state beside some of them. */
    private static final class Flags {
        private final Arrays arrays;
        private final Sample ordinary = new Sample();
        private final Sample terminal = new Sample();
        private final Sample cut = new Sample();
        private long terminals;
        private long runs;

        Flags(Arrays arrays, PlannedLogs.Rules rules) {
            this.arrays = arrays;
            var ends = new Ends(arrays, rules, 0, false);
            var before = Ends.GOES_ON;
            for (var row = 0L; row + 1 < arrays.rows; row++) {
                var end = ends.next(row);
                runs += before == Ends.TERMINATED && (end & Ends.TERMINATED) != 0 ? 1 : 0;
                before = end;
                switch (end) {
                    case Ends.GOES_ON -> ordinary.add(row);
                    case Ends.TERMINATED -> {
                        terminals++;
                        terminal.add(row);
                    }
                    default -> {
                        // After a terminal row a limit on steps counts from we do not know yet where.
                        if (rules.episodeLength() == null || terminals == 0) {
                            cut.add(row);
                        }
                    }
                }
            }
        }

        Continuity.Verdict verdict() {
            var next = arrays.nextObservation;
            if (next != null) {
                var follow = share(ordinary, next);
                var there = share(terminal, next);
                var atCuts = share(cut, next);
                // A file whose next observations are merely the next rows' would say so of cuts as well.
                if (follow > 0.5 && !(atCuts > 0.5)) {
                    return new Continuity.Verdict(
                            there > 0.5,
                            "the next observation is the next row's at " + Math.round(100 * there)
                                    + " % of terminal rows and " + Math.round(100 * follow) + " % of others");
                }
            }
            var continuity = new Continuity(arrays.rows, terminals, runs);
            addTo(continuity, Continuity.Kind.ORDINARY, ordinary);
            addTo(continuity, Continuity.Kind.TERMINAL, terminal);
            addTo(continuity, Continuity.Kind.CUT, cut);
            return continuity.verdict();
        }

        private void addTo(Continuity continuity, Continuity.Kind kind, Sample sample) {
            for (var row : sample.rows) {
                continuity.add(kind, arrays.observation.vector(row), arrays.observation.vector(row + 1));
            }
        }

        /** Of how many rows the next observation is the next row's observation; NaN if there are none. */
        private double share(Sample sample, Hdf5Column next) {
            var same = 0;
            for (var row : sample.rows) {
                same += java.util.Arrays.equals(next.vector(row), arrays.observation.vector(row + 1)) ? 1 : 0;
            }
            return (double) same / sample.rows.size();
        }
    }

    /** Rows spread evenly over all that were added, at least half as many as it holds at most. */
    private static final class Sample {
        private static final int MOST = 128;

        private final List<Long> rows = new ArrayList<>();
        private long added;
        private long stride = 1;

        void add(long row) {
            if (added++ % stride != 0) {
                return;
            }
            rows.add(row);
            if (rows.size() == MOST) {
                for (var i = 0; i < MOST / 2; i++) {
                    rows.set(i, rows.get(2 * i));
                }
                rows.subList(MOST / 2, MOST).clear();
                stride *= 2;
            }
        }
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
                        + "' as D4RL's files have; " + Hdf5Kinds.advice(root)
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

    private static List<FilePart> parts(InputFile input, Arrays arrays, PlannedLogs.Rules rules, boolean goesOn) {
        var parts = new ArrayList<FilePart>();
        var least = Math.max(ROWS_IN_PART, (long) BANDS_IN_PART * arrays.bandRows());
        var ends = new Ends(arrays, rules, 0, goesOn);
        var from = 0L;
        var trajectory = 0L;
        var next = 0L;
        for (var row = 0L; row < arrays.rows; row++) {
            var end = rules.per() == EpisodePer.DONE ? ends.next(row) : Ends.GOES_ON;
            if ((end & Ends.CUT) != 0) {
                next = row + 1;
            }
            var ended = switch (rules.per()) {
                // The task that reads what follows must know of jumps before.
                case DONE -> (goesOn && rules.jumps()) ? (end & Ends.CUT) != 0 : end != Ends.GOES_ON;
                case ROW, COLUMN, ROW_OF_STEPS -> true;
                case FILE -> false;
            };
            if (ended && row + 1 - from >= least) {
                parts.add(new FilePart(input, from, row + 1, from, goesOn ? trajectory : null));
                from = row + 1;
                trajectory = next;
            }
        }
        if (from < arrays.rows) {
            parts.add(new FilePart(input, from, arrays.rows, from, goesOn ? trajectory : null));
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
        final @Nullable Hdf5Column tieBreak;
        final @Nullable Hdf5Column logProbability;
        final @Nullable Hdf5Column probability;
        final @Nullable Hdf5Column actionMask;
        final @Nullable Hdf5Column timeDelta;
        final @Nullable Hdf5Column group;
        final long rows;
        private final List<Hdf5Values> all = new ArrayList<>();

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
            episode = add(Hdf5Column.of(file, root, columns.episodeIds()));
            step = add(Hdf5Column.of(file, root, columns.step()));
            time = add(Hdf5Column.of(file, root, columns.time()));
            tieBreak = add(Hdf5Column.of(file, root, columns.tieBreak()));
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
            return all.stream().mapToInt(Hdf5Values::bandRows).max().orElse(1);
        }
    }

    /** Reads the flags row by row, from an episode's first row, or a trajectory's where the log goes on after terminals. */
    private static final class Ends {
        static final int GOES_ON = 0;
        static final int TERMINATED = 1;
        static final int CUT = 2;
        static final int TERMINATED_AND_CUT = TERMINATED | CUT;

        private final Arrays arrays;
        private final @Nullable Integer episodeLength;
        private final boolean goesOn;
        private long first;
        /** The flags that the row looked at last does not tell of, as in {@link LoggedRow#unknown}. */
        private int unknown;

        Ends(Arrays arrays, PlannedLogs.Rules rules, long first, boolean goesOn) {
            this.arrays = arrays;
            this.goesOn = goesOn;
            episodeLength = rules.episodeLength();
            this.first = first;
        }

        int next(long row) {
            unknown = 0;
            var cut = isSet(Flag.TRUNCATED, arrays.truncated, row)
                    || (episodeLength != null && row + 1 - first >= episodeLength);
            var terminated =
                    isSet(Flag.TERMINATED, arrays.terminated, row) || (!cut && isSet(Flag.DONE, arrays.done, row));
            if (cut || (terminated && !goesOn)) {
                first = row + 1;
            }
            return (cut ? CUT : GOES_ON) | (terminated ? TERMINATED : GOES_ON);
        }

        private boolean isSet(Flag flag, @Nullable Hdf5Column column, long row) {
            var value = column == null ? Boolean.FALSE : column.flag(row);
            unknown |= value == null ? flag.bit() : 0;
            return value != null && value;
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
        private @Nullable Long trajectory;
        private float @Nullable [] ahead;

        Rows(FilePart part, Hdf5File file, ColumnMapping columns, PlannedLogs.Rules rules) {
            this.file = file;
            name = part.file().name();
            fixedGroup = ColumnMapping.FILE.equals(columns.group()) ? Format.D4RL_HDF5.stem(name) : null;
            arrays = new Arrays(file, columns);
            trajectory = part.trajectory();
            ends = new Ends(arrays, rules, trajectory == null ? part.from() : trajectory, trajectory != null);
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
                    row,
                    trajectory,
                    fine(),
                    ends.unknown,
                    null);
            row++;
            if (trajectory != null && (end & Ends.CUT) != 0) {
                trajectory = row;
            }
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
            var all = new ArrayList<String>();
            for (var array : column.arrays()) {
                var name = Hdf5Column.text(array, row);
                if (name == null) {
                    return null;
                }
                all.add(name);
            }
            return String.join("/", all);
        }

        private LoggedRow.@Nullable Fine fine() {
            var place = arrays.step != null ? arrays.step : arrays.time;
            var tie = arrays.tieBreak;
            return LoggedRow.Fine.of(
                    place == null ? 0 : place.rest(row),
                    tie == null ? 0 : tie.number(row),
                    tie == null ? 0 : tie.rest(row));
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
