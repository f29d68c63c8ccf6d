package io.hindcast.timeline;

import io.hindcast.data.Action;
import io.hindcast.data.ActionSpace;
import io.hindcast.data.Transition;
import io.hindcast.timeline.EpisodeRules.ActionConvention;
import io.hindcast.timeline.EpisodeRules.EpisodePer;
import io.hindcast.timeline.EpisodeRules.EpisodeScope;
import io.hindcast.timeline.EpisodeRules.FinalRow;
import io.hindcast.timeline.EpisodeRules.OnBreak;
import io.hindcast.timeline.EpisodeRules.OutOfBounds;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Cuts rows, in the order of their episodes, into episodes, and turns each into transitions. Rows that repeat another are
 * dropped; one row that breaks the contract quarantines its whole episode, so that no transition bridges a hole. Holds one
 * episode at a time.
 */
public final class EpisodeAssembler implements Iterator<Assembled> {
    /** What rounding may bring a probability above 1, or its logarithm above 0. */
    private static final double ROUNDING = 1e-6;
    /** With so many rows of one place a row is compared, to find out whether it repeats one. */
    private static final int MOST_BESIDE = 64;

    private static final String MISSING = " is missing";
    private static final String TIES = "rows have the time of the row before them, and follow it as in their file";
    private static final String SPELLINGS =
            "episodes are spelt in more than one way (as 7 and 7.0 are), and were read as one each";
    private static final String CONTINUED =
            "episodes go on from one file in another, by their times; if their ids count per file set episode-scope ="
                    + " file, else episode-scope = input";
    private static final String MIXED =
            "episodes mix rows of several files, by their times; if their ids count per file set episode-scope = file,"
                    + " else episode-scope = input";

    private final EpisodeRules rules;
    private final Iterator<LoggedRow> rows;
    private final Predicate<String> known;
    private final Deque<Assembled> ready = new ArrayDeque<>();
    private @Nullable LoggedRow ahead;

    /** The row that began the logged trajectory in which the state jumped last, and the row that it jumped to. */
    private long moved = -1;

    private long start = -1;

    /**
     * @param rows the rows of an episode one after the other, in order; for {@link EpisodePer#FILE} and
     *     {@link EpisodePer#DONE} all of a file's rows, or a part of them that begins and ends with an episode
     * @param known the identifiers of episodes that the dataset has already
     */
    public EpisodeAssembler(EpisodeRules rules, Iterator<LoggedRow> rows, Predicate<String> known) {
        this.rules = rules;
        this.rows = rows;
        this.known = known;
        ahead = rows.hasNext() ? rows.next() : null;
    }

    @Override
    public boolean hasNext() {
        return !ready.isEmpty() || ahead != null;
    }

    @Override
    public Assembled next() {
        if (ready.isEmpty()) {
            assemble(group());
        }
        return ready.remove();
    }

    /** The rows that belong together, before holes are looked for. */
    private List<LoggedRow> group() {
        var row = ahead;
        if (row == null) {
            throw new NoSuchElementException();
        }
        var group = new ArrayList<LoggedRow>();
        while (row != null) {
            group.add(row);
            var next = rows.hasNext() ? rows.next() : null;
            ahead = next;
            row = next != null && together(row, next) ? next : null;
        }
        return group;
    }

    private boolean together(LoggedRow row, LoggedRow next) {
        return switch (rules.episodePer()) {
            case ROW -> false;
            case FILE -> row.file().equals(next.file());
            case DONE -> row.file().equals(next.file()) && !row.terminated() && !row.truncated();
            case COLUMN, ROW_OF_STEPS ->
                row.episode() != null
                        && next.episode() != null
                        && (row.episode().equals(next.episode())
                                || Spelling.plain(row.episode()).equals(Spelling.plain(next.episode())))
                        && (rules.scope() != EpisodeScope.FILE || row.file().equals(next.file()));
        };
    }

    /** A defect found in a row. */
    private record Fault(Reason reason, String detail) {}

    private void assemble(List<LoggedRow> group) {
        var rows = distinct(group);
        var duplicates = group.size() - rows.size();
        var name = rules.episodePer() == EpisodePer.COLUMN ? name(rows) : null;
        var counts = counts(rows);
        var from = 0;
        var segment = 0;
        var trajectory = trajectory(rows.get(0), name);
        for (var to = 1; to <= rows.size(); to++) {
            if (to == rows.size() || (rules.onBreak() == OnBreak.SPLIT && breaks(rows.get(to - 1), rows.get(to)))) {
                if (segment > 0 && rules.episodePer() == EpisodePer.DONE && jumps(rows.get(from - 1), rows.get(from))) {
                    moved = Objects.requireNonNullElse(rows.get(from).trajectory(), -1L);
                    start = rows.get(from).row();
                    trajectory = id(rows.get(from), name, segment);
                }
                ready.add(episode(rows.subList(from, to), name, segment++, trajectory, duplicates, counts));
                duplicates = 0;
                counts = Map.of();
                from = to;
            }
        }
    }

    /** The id of the logged trajectory that a group of rows begins in: of the first of its episodes. */
    private String trajectory(LoggedRow first, @Nullable String name) {
        var logged = first.trajectory();
        if (rules.episodePer() != EpisodePer.DONE || logged == null) {
            return id(first, name, 0);
        }
        // After a jump it is another one, whatever the flags say.
        return rowId(first, logged == moved ? start : logged);
    }

    /** Without the rows that repeat another of the same place. */
    private static List<LoggedRow> distinct(List<LoggedRow> group) {
        var distinct = new ArrayList<LoggedRow>(group.size());
        for (var row : group) {
            if (!repeatsOneOf(distinct, row)) {
                distinct.add(row);
            }
        }
        return distinct;
    }

    private static boolean repeatsOneOf(List<LoggedRow> rows, LoggedRow row) {
        for (var i = rows.size() - 1; i >= Math.max(0, rows.size() - MOST_BESIDE); i--) {
            var other = rows.get(i);
            if (!other.isBeside(row)) {
                return false;
            }
            if (other.repeats(row)) {
                return true;
            }
        }
        return false;
    }

    /** The episode's name: as all rows spell it, else in its one spelling. */
    private static @Nullable String name(List<LoggedRow> rows) {
        var first = rows.get(0).episode();
        if (first == null) {
            return null;
        }
        for (var row : rows) {
            if (!first.equals(row.episode())) {
                return Spelling.plain(first);
            }
        }
        return first;
    }

    /** What is unknown or guessed of the rows of one name. */
    private Map<String, Long> counts(List<LoggedRow> rows) {
        if (rows.size() == 1 && rows.get(0).unknown() == 0) {
            return Map.of();
        }
        var counts = new TreeMap<String, Long>();
        var spellings = false;
        var files = 1;
        var meetings = 0;
        var seen = Set.of(rows.get(0).file());
        for (var i = 0; i < rows.size(); i++) {
            var row = rows.get(i);
            if (row.unknown() != 0) {
                for (var flag : Flag.values()) {
                    if (row.isUnknown(flag)) {
                        counts.merge(flag.unknown(), 1L, Long::sum);
                    }
                }
            }
            if (i == 0) {
                continue;
            }
            var before = rows.get(i - 1);
            spellings |= !Objects.equals(row.episode(), before.episode());
            if (!row.file().equals(before.file())) {
                meetings++;
                if (!seen.contains(row.file())) {
                    seen = new HashSet<>(seen);
                    seen.add(row.file());
                    files++;
                }
            }
            if (isTie(before, row)) {
                counts.merge(TIES, 1L, Long::sum);
            }
        }
        if (rules.episodePer() == EpisodePer.COLUMN) {
            if (spellings) {
                counts.put(SPELLINGS, 1L);
            }
            if (files > 1 && rules.scope() == null && rows.get(0).time() != null) {
                counts.put(meetings >= files ? MIXED : CONTINUED, 1L);
            }
        }
        return counts;
    }

    /** Whether a row has the time of the row before it in the same file, whose order is that of the two. */
    private boolean isTie(LoggedRow before, LoggedRow row) {
        return row.time() != null
                && !row.time().isNaN()
                && row.isBeside(before)
                && row.file().equals(before.file())
                && rules.files().ordersRows();
    }

    /** Whether rows of one name follow each other only because their files do. */
    private boolean meets(LoggedRow before, LoggedRow row) {
        return rules.episodePer() == EpisodePer.COLUMN
                && rules.scope() == null
                && row.step() == null
                && row.time() == null
                && !row.file().equals(before.file());
    }

    /** Whether the dataset has the episode, under any spelling of its name. */
    private boolean isKnown(List<LoggedRow> episode, @Nullable String name, int segment) {
        var first = episode.get(0);
        if (name == null) {
            return known.test(id(first, null, segment));
        }
        var plain = Spelling.plain(name);
        return known.test(id(first, name, segment))
                || (!plain.equals(name) && known.test(id(first, plain, segment)))
                || (!Spelling.plain(plain + ".0").equals(plain + ".0") && known.test(id(first, plain + ".0", segment)));
    }

    private Assembled episode(
            List<LoggedRow> episode,
            @Nullable String name,
            int segment,
            String trajectory,
            int duplicates,
            Map<String, Long> counts) {
        var id = id(episode.get(0), name, segment);
        var again = isKnown(episode, name, segment)
                ? new Fault(
                        Reason.ALREADY_INGESTED, "the dataset has the episode already; it must come whole, and once")
                : null;
        var faults = new @Nullable Fault[episode.size()];
        var first = -1;
        for (var i = faults.length - 1; i >= 0; i--) {
            faults[i] = again != null ? again : fault(episode, i);
            first = faults[i] == null ? first : i;
        }
        var count = episode.size() + duplicates;
        var broken = segment > 0;
        if (first >= 0) {
            hint(episode, faults, first);
            return new Assembled(
                    null, List.of(), quarantined(episode, faults, first), count, duplicates, broken, counts);
        }
        var transitions = rules.actionConvention() == ActionConvention.LED_HERE
                ? fromLedHere(episode, id)
                : fromTakenHere(episode, id);
        return new Assembled(
                trajectory.equals(id) ? null : trajectory, transitions, List.of(), count, duplicates, broken, counts);
    }

    /** All rows, the first one with a fault before the others. */
    private static List<Quarantined> quarantined(List<LoggedRow> episode, @Nullable Fault[] faults, int first) {
        var fault = Objects.requireNonNull(faults[first]);
        var companion = new Fault(
                Reason.COMPANION,
                "row " + episode.get(first).row() + " of " + episode.get(first).file() + ": " + fault.detail());
        var all = new ArrayList<Quarantined>(episode.size());
        all.add(new Quarantined(episode.get(first), fault.reason(), fault.detail()));
        for (var i = 0; i < faults.length; i++) {
            if (i != first) {
                var own = Objects.requireNonNullElse(faults[i], companion);
                all.add(new Quarantined(episode.get(i), own.reason(), own.detail()));
            }
        }
        return all;
    }

    /** Where nothing but the last row lacks what a step has, it may be none: the fault says what to set then. */
    private void hint(List<LoggedRow> episode, @Nullable Fault[] faults, int first) {
        var last = faults.length - 1;
        var fault = faults[last];
        if (first == last
                && last > 0
                && fault != null
                && (fault.detail().startsWith("reward" + MISSING)
                        || fault.detail().startsWith("action"))
                && fault.detail().contains(MISSING)
                && rules.finalRow() != FinalRow.OBSERVATION
                && rules.actionConvention() == ActionConvention.TAKEN_HERE
                && observationFault("observation", episode.get(last).observation()) == null) {
            faults[last] = new Fault(
                    fault.reason(),
                    fault.detail() + " in an episode's last row alone; if that row is only what was seen last, set"
                            + " final-row = observation");
        }
    }

    private String id(LoggedRow first, @Nullable String name, int segment) {
        var stem = rules.files().stem(first.file());
        return switch (rules.episodePer()) {
            case ROW -> String.format("%s/%06d", stem, first.row());
            // The row, not a count: a task that reads a part of the file knows nothing of what comes before.
            case DONE -> rowId(first, first.row());
            case FILE -> stem + suffix(segment);
            case COLUMN, ROW_OF_STEPS ->
                (rules.scope() == EpisodeScope.FILE ? stem + "/" : "")
                        + Objects.requireNonNullElse(name, "")
                        + suffix(segment);
        };
    }

    private String rowId(LoggedRow any, long row) {
        return String.format("%s/%09d", rules.files().stem(any.file()), row);
    }

    private static String suffix(int segment) {
        return segment == 0 ? "" : "/" + (segment + 1);
    }

    /** Whether something is missing between two rows, or they cannot be one episode. */
    private boolean breaks(LoggedRow row, LoggedRow next) {
        return isGap(row, next) || row.terminated() || row.truncated() || meets(row, next) || jumps(row, next);
    }

    private boolean isGap(LoggedRow row, LoggedRow next) {
        if (row.step() != null && next.step() != null) {
            return next.since(row) > 1;
        }
        return row.time() != null && next.time() != null && next.since(row) > rules.maxGap();
    }

    /** A jump of the state, or a next observation that is not the next row's. */
    private boolean jumps(LoggedRow row, LoggedRow next) {
        var jump = rules.jump();
        return jump != null
                && row.observation().length == rules.observationSize()
                && next.observation().length == rules.observationSize()
                && (jump.between(row.observation(), next.observation())
                        || (row.nextObservation() != null
                                && row.nextObservation().length == rules.observationSize()
                                && jump.between(row.nextObservation(), next.observation())));
    }

    private List<Transition> fromTakenHere(List<LoggedRow> episode, String id) {
        var transitions = new ArrayList<Transition>(episode.size());
        var last = episode.size() - 1;
        for (var i = 0; i <= last; i++) {
            var row = episode.get(i);
            if (i == last && rules.finalRow() == FinalRow.OBSERVATION) {
                break;
            }
            var given = row.nextObservation();
            var next = given != null && (readsNext(episode, i) || (given.length > 0 && finite(given)))
                    ? given
                    : i < last && !row.terminated() ? episode.get(i + 1).observation() : null;
            var terminated = row.terminated()
                    || rules.episodePer() == EpisodePer.ROW
                    || (next == null && rules.finalRow() == FinalRow.TERMINATED && !row.truncated());
            var observation = row.observation();
            if (rules.finalRow() == FinalRow.OBSERVATION && i == last - 1) {
                var end = episode.get(last);
                transitions.add(transition(
                        id,
                        i,
                        observation,
                        row,
                        end.observation(),
                        end.terminated(),
                        end.truncated(),
                        timeDelta(episode, i)));
            } else if (next != null || terminated) {
                // Nothing reads what follows a terminated step.
                var seen = next != null ? next : observation;
                transitions.add(
                        transition(id, i, observation, row, seen, terminated, row.truncated(), timeDelta(episode, i)));
            } else if (row.truncated() && i > 0) {
                var before = episode.get(i - 1);
                transitions.set(
                        i - 1,
                        transition(
                                id,
                                i - 1,
                                before.observation(),
                                before,
                                observation,
                                false,
                                true,
                                timeDelta(episode, i - 1)));
            }
        }
        return transitions;
    }

    private List<Transition> fromLedHere(List<LoggedRow> episode, String id) {
        var transitions = new ArrayList<Transition>(episode.size());
        for (var i = 1; i < episode.size(); i++) {
            var row = episode.get(i);
            var ends = i == episode.size() - 1 && rules.finalRow() == FinalRow.TERMINATED && !row.truncated();
            transitions.add(transition(
                    id,
                    i - 1,
                    episode.get(i - 1).observation(),
                    row,
                    row.observation(),
                    row.terminated() || ends,
                    row.truncated(),
                    timeDelta(episode, i - 1)));
        }
        return transitions;
    }

    /** The time from row {@code i} to the next observation: as logged, else the difference of the rows' times. */
    private static @Nullable Double timeDelta(List<LoggedRow> episode, int i) {
        var row = episode.get(i);
        var logged = row.timeDelta();
        if (logged != null && logged.isNaN()) {
            return null; // of a terminated row
        }
        if (logged != null || row.time() == null || i + 1 == episode.size()) {
            return logged;
        }
        var next = episode.get(i + 1);
        return next.time() == null ? null : Double.valueOf(next.since(row));
    }

    private Transition transition(
            String id,
            int step,
            float[] observation,
            LoggedRow row,
            float[] next,
            boolean terminated,
            boolean truncated,
            @Nullable Double timeDelta) {
        var probability = row.probability();
        return new Transition(
                id,
                step,
                observation,
                action(row),
                row.reward(),
                next,
                terminated,
                truncated && !terminated,
                probability == null ? logProbability(row) : Double.valueOf(Math.log(Math.min(probability, 1))),
                row.actionMask(),
                timeDelta,
                row.group(),
                row.file(),
                row.row(),
                row.kept());
    }

    /** Of an index 0 where rounding brought it above. */
    private @Nullable Double logProbability(LoggedRow row) {
        var logProbability = row.logProbability();
        return logProbability != null && logProbability > 0 && rules.actionSpace() instanceof ActionSpace.Discrete
                ? Double.valueOf(0)
                : logProbability;
    }

    private Action action(LoggedRow row) {
        if (rules.actionSpace() instanceof ActionSpace.Discrete space) {
            return new Action.Index(index(row, space));
        }
        var values = Objects.requireNonNull(row.action());
        if (rules.actionSpace() instanceof ActionSpace.Continuous space && rules.outOfBounds() == OutOfBounds.CLIP) {
            values = values.clone();
            for (var i = 0; i < values.length; i++) {
                values[i] = (float) Math.min(Math.max(values[i], space.low(i)), space.high(i));
            }
        }
        return new Action.Vector(values);
    }

    /** The defect of row {@code i}, or null. */
    private @Nullable Fault fault(List<LoggedRow> episode, int i) {
        var row = episode.get(i);
        if (rules.episodePer() == EpisodePer.COLUMN && row.episode() == null) {
            return new Fault(Reason.ORPHAN_STEP, "episode-id is missing");
        }
        var fault = observationFault("observation", row.observation());
        if (fault == null && row.nextObservation() != null) {
            fault = nextObservationFault(episode, i);
        }
        for (var flag : rules.required()) {
            if (fault == null && row.isUnknown(flag)) {
                fault = new Fault(Reason.UNKNOWN_FLAG, flag.key() + " is missing, and required-flags names it");
            }
        }
        if (fault == null
                && !(rules.actionConvention() == ActionConvention.LED_HERE && i == 0)
                && !(rules.finalRow() == FinalRow.OBSERVATION && i == episode.size() - 1)) {
            fault = decisionFault(row);
        }
        return fault != null ? fault : orderFault(episode, i);
    }

    private @Nullable Fault observationFault(String name, float[] observation) {
        // Of a name or a key that is not known there is an entry too many.
        if (observation.length <= rules.observationSize() && !(observation.length > 0 && finite(observation))) {
            return new Fault(Reason.NOT_FINITE, name + MISSING + " or not finite");
        }
        return observation.length == rules.observationSize()
                ? null
                : new Fault(
                        Reason.WRONG_DIMENSION,
                        name + " has " + observation.length + " numbers, not " + rules.observationSize());
    }

    /** Nothing reads what follows a terminated step, or what the last row of {@link FinalRow#OBSERVATION} tells in its place. */
    private @Nullable Fault nextObservationFault(List<LoggedRow> episode, int i) {
        var next = Objects.requireNonNull(episode.get(i).nextObservation());
        var fault = observationFault("next-observation", next);
        if (fault == null || fault.reason() != Reason.NOT_FINITE) {
            return fault;
        }
        if (!readsNext(episode, i)) {
            return null;
        }
        return allMissing(next)
                ? new Fault(Reason.NOT_FINITE, "next-observation" + MISSING + " where the episode does not terminate")
                : fault;
    }

    /** Whether what row {@code i} tells of its next observation matters. */
    private boolean readsNext(List<LoggedRow> episode, int i) {
        var row = episode.get(i);
        var last = episode.size() - 1;
        return !row.terminated()
                && rules.episodePer() != EpisodePer.ROW
                && !(rules.finalRow() == FinalRow.OBSERVATION && i >= last - 1)
                && !(rules.finalRow() == FinalRow.TERMINATED && i == last && !row.truncated());
    }

    private static boolean allMissing(float[] values) {
        for (var value : values) {
            if (!Float.isNaN(value)) {
                return false;
            }
        }
        return true;
    }

    private @Nullable Fault decisionFault(LoggedRow row) {
        if (!Double.isFinite(row.reward())) {
            return new Fault(Reason.NOT_FINITE, "reward" + MISSING + " or not finite");
        }
        if (row.probability() != null && !(row.probability() > 0 && row.probability() <= 1 + ROUNDING)) {
            return new Fault(Reason.PROPENSITY_OUT_OF_RANGE, "propensity" + MISSING + " or outside (0, 1]");
        }
        if (row.logProbability() != null && !Double.isFinite(row.logProbability())) {
            return new Fault(Reason.NOT_FINITE, "behaviour-log-prob" + MISSING + " or not finite");
        }
        if (row.logProbability() != null
                && row.logProbability() > ROUNDING
                && rules.actionSpace() instanceof ActionSpace.Discrete) {
            return new Fault(
                    Reason.PROPENSITY_OUT_OF_RANGE,
                    "behaviour-log-prob is above 0, so its probability is above 1; if the column holds probabilities,"
                            + " map it as columns.propensity");
        }
        // Nothing is discounted by what follows a terminated step.
        var needsDelta = !row.terminated() && rules.episodePer() != EpisodePer.ROW;
        if (row.timeDelta() != null
                && !(row.timeDelta() > 0 && Double.isFinite(row.timeDelta()))
                && (needsDelta || !row.timeDelta().isNaN())) {
            return new Fault(Reason.BAD_TIME_DELTA, "time-delta is missing or not above 0");
        }
        return rules.actionSpace() instanceof ActionSpace.Continuous space
                ? vectorFault(row.action(), space)
                : indexFault(row, (ActionSpace.Discrete) rules.actionSpace());
    }

    /** The action's index; -1 if what was logged is none. */
    private static int index(LoggedRow row, ActionSpace.Discrete space) {
        if (row.action() != null) {
            return space.read(row.action());
        }
        var number = row.actionIndex();
        var index = number == null ? -1 : number - (space.isVector() ? 0 : space.start(0));
        return index >= 0 && index < space.count() && index == Math.rint(index) ? (int) index : -1;
    }

    /** What is wrong with an action that is none. */
    private static Fault noIndex(LoggedRow row, ActionSpace.Discrete space) {
        var written = row.action();
        if (written == null) {
            var index = row.actionIndex();
            if (index == null || index.isNaN()) {
                return new Fault(Reason.UNKNOWN_ACTION_INDEX, "action-index" + MISSING);
            }
            var first = space.isVector() ? 0 : space.start(0);
            // The one beyond the last: where actions are numbered from 1, or are names that are numbers.
            var hint = first == 0 && index == space.count()
                    ? "; if the log numbers its actions from 1, give columns.action-index = \"category:NAME\", which numbers them from the start"
                    : "";
            return new Fault(
                    Reason.UNKNOWN_ACTION_INDEX,
                    "action-index is not one of " + first + " to " + (first + space.count() - 1) + hint);
        }
        if (written.length != space.entries()) {
            return new Fault(
                    Reason.WRONG_DIMENSION, "action has " + written.length + " numbers, not " + space.entries());
        }
        if (!finite(written)) {
            return new Fault(Reason.NOT_FINITE, "action is missing or not finite");
        }
        return new Fault(
                Reason.UNKNOWN_ACTION_INDEX,
                space.factors().isEmpty()
                        ? "action is not a 1 among zeros"
                        : "an entry of the action is not a whole number within its factor: factors = " + space.factors()
                                + (space.start().isEmpty() ? "" : ", start = " + space.start()));
    }

    private @Nullable Fault vectorFault(float @Nullable [] action, ActionSpace.Continuous space) {
        if (action == null || (action.length <= space.dimension() && !(action.length > 0 && finite(action)))) {
            return new Fault(Reason.NOT_FINITE, "action" + MISSING + " or not finite");
        }
        if (action.length != space.dimension()) {
            return new Fault(
                    Reason.WRONG_DIMENSION, "action has " + action.length + " numbers, not " + space.dimension());
        }
        for (var i = 0; i < action.length; i++) {
            if (rules.outOfBounds() == OutOfBounds.QUARANTINE && !space.contains(i, action[i])) {
                return new Fault(
                        Reason.ACTION_OUT_OF_BOUNDS,
                        (space.isUniform() ? "action" : "entry " + i + " of the action") + " is outside ["
                                + space.low(i) + ", " + space.high(i) + "]");
            }
        }
        return null;
    }

    private @Nullable Fault indexFault(LoggedRow row, ActionSpace.Discrete space) {
        var count = space.count();
        var index = index(row, space);
        if (index < 0) {
            return noIndex(row, space);
        }
        var mask = row.actionMask();
        if (mask != null && mask.length != count) {
            return new Fault(Reason.WRONG_DIMENSION, "action-mask has " + mask.length + " entries, not " + count);
        }
        if (mask == null || mask[index]) {
            return null;
        }
        var isNothingPossible = IntStream.range(0, count).noneMatch(k -> mask[k]);
        return new Fault(
                Reason.FORBIDDEN_ACTION,
                isNothingPossible ? "action-mask allows no action" : "action-mask forbids the action taken");
    }

    private @Nullable Fault orderFault(List<LoggedRow> episode, int i) {
        var row = episode.get(i);
        if (!Double.isFinite(row.order())) {
            return new Fault(Reason.ORPHAN_STEP, row.step() != null ? "step is missing" : "time is missing");
        }
        if (!Double.isFinite(row.exact().tie())) {
            return new Fault(Reason.ORPHAN_STEP, "tie-break is missing");
        }
        if (i == 0) {
            return null;
        }
        var before = episode.get(i - 1);
        if (row.isBeside(before) && !isTie(before, row)) {
            return new Fault(
                    Reason.CONTRADICTORY_DUPLICATE,
                    (row.step() != null ? "step " : "time ") + plain(row) + " appears twice, with different values"
                            + inTwoFiles(before, row));
        }
        if (row.step() != null && before.step() != null && row.since(before) != 1) {
            return new Fault(Reason.BROKEN_ORDER, "step " + plain(row) + " does not follow " + plain(before));
        }
        if (meets(before, row)) {
            return new Fault(
                    Reason.BROKEN_ORDER,
                    "the episode-id is in two files, and neither step nor time orders their rows; if it counts per file set"
                            + " episode-scope = file, if episodes go on in the next file episode-scope = input");
        }
        if (before.terminated() || before.truncated()) {
            return new Fault(Reason.BROKEN_ORDER, "the episode goes on after its end" + inTwoFiles(before, row));
        }
        if (isGap(before, row)) {
            return new Fault(Reason.BROKEN_ORDER, "the time since the row before is above max-gap");
        }
        if (jumps(before, row)) {
            return new Fault(Reason.BROKEN_ORDER, "the state jumps");
        }
        return Objects.equals(row.group(), before.group())
                ? null
                : new Fault(Reason.CHANGING_GROUP, "group changes in the episode");
    }

    /** What to say of two rows that cannot be one episode's. */
    private String inTwoFiles(LoggedRow before, LoggedRow row) {
        return rules.episodePer() == EpisodePer.COLUMN
                        && rules.scope() != EpisodeScope.FILE
                        && !before.file().equals(row.file())
                ? ", in two files; if episode-id counts per file set episode-scope = file"
                : "";
    }

    /** Its step or time, without the ".0" of a whole number. */
    private static String plain(LoggedRow row) {
        var value = row.order();
        var rest = row.exact().rest();
        if (rest != 0) {
            return new BigDecimal(value)
                    .add(new BigDecimal(rest))
                    .setScale(9, RoundingMode.HALF_EVEN)
                    .stripTrailingZeros()
                    .toPlainString();
        }
        return value == Math.rint(value) && Math.abs(value) < 1e15
                ? String.valueOf((long) value)
                : String.valueOf(value);
    }

    private static boolean finite(float[] values) {
        for (var value : values) {
            if (!Float.isFinite(value)) {
                return false;
            }
        }
        return true;
    }
}
