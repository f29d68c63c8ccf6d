package io.hindcast.stage.predict;

import io.hindcast.data.ActionSpace;
import io.hindcast.score.Decisions;
import io.hindcast.source.Column;
import io.hindcast.source.ColumnMapping;
import io.hindcast.source.MappedVector;
import io.hindcast.stage.FrameValue;
import io.hindcast.timeline.Reason;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.apache.spark.TaskContext;
import org.apache.spark.sql.catalyst.InternalRow;
import org.jspecify.annotations.Nullable;

/** Reads states out of Spark's own rows, and says what is wrong with them. For one thread. */
final class StateReader {
    private final StateLayout layout;
    private final int size;
    private final Part observation;
    private final @Nullable Part mask;
    private final @Nullable Part action;
    private final @Nullable Column actionIndex;
    private final FrameValue[] values;
    private final boolean[] isTaken;
    private final @Nullable Object[] taken;
    private long row;

    /** What is wrong with a row. */
    record Fault(Reason reason, String detail) {}

    /** A reader of rows of such a layout. */
    StateReader(StateLayout layout) {
        this.layout = layout;
        var task = TaskContext.get();
        row = task == null ? 0 : (long) task.partitionId() << 33; // as Spark's monotonically_increasing_id
        size = layout.spaces().observationSize();
        var columns = layout.columns();
        values = new FrameValue[layout.mapped().size()];
        for (var i = 0; i < values.length; i++) {
            var found = layout.found().get(i);
            values[i] = FrameValue.of(
                    found.type(), found.leaves(), "column '" + layout.mapped().get(i) + "' of " + layout.source());
        }
        isTaken = new boolean[values.length];
        taken = new @Nullable Object[values.length];
        observation = new Part(columns.observation());
        mask = columns.actionMask().isEmpty() ? null : new Part(columns.actionMask());
        action = columns.action().isEmpty() ? null : new Part(columns.action());
        actionIndex = columns.actionIndex() == null ? null : column(columns.actionIndex());
    }

    private Column column(String given) {
        var bare = ColumnMapping.bare(given);
        isTaken[layout.mapped().indexOf(bare)] = true;
        return new Column(
                layout.source(), given, layout.mapped(), layout.known().getOrDefault(bare, List.of()), Double.NaN);
    }

    /** Columns laid side by side: copied as they lie if all of them are plain numbers, else mapped as those of a log. */
    private final class Part {
        private final PlainNumbers.Reader[] plain;
        private final int[] places;
        private final @Nullable MappedVector vector;

        Part(List<String> given) {
            var names = ColumnMapping.expand(given);
            plain = names.stream()
                    .filter(name -> ColumnMapping.bare(name).equals(name))
                    .flatMap(
                            name -> PlainNumbers.of(layout.found().get(at(name)).type()).stream())
                    .toArray(PlainNumbers.Reader[]::new);
            places = names.stream()
                    .mapToInt(name -> layout.places().get(at(name)))
                    .toArray();
            if (plain.length == names.size()) {
                vector = null;
                return;
            }
            names.forEach(name -> isTaken[at(name)] = true);
            vector = new MappedVector(
                    layout.source(),
                    given,
                    layout.mapped(),
                    layout.known(),
                    Objects.requireNonNullElse(layout.columns().missingKey(), Double.NaN));
        }

        private int at(String name) {
            return layout.mapped().indexOf(ColumnMapping.bare(name));
        }

        /** Writes its numbers, as many as there is room for, and says how many there are. */
        int read(InternalRow from, float[] to, int start, int end) {
            if (vector != null) {
                var numbers = Objects.requireNonNull(vector.of(row, taken));
                System.arraycopy(numbers, 0, to, start, Math.min(numbers.length, end - start));
                return numbers.length;
            }
            var count = 0;
            for (var i = 0; i < plain.length; i++) {
                count += plain[i].read(from, places[i], to, Math.min(start + count, end), end);
            }
            return count;
        }
    }

    /**
     * Reads the state in a row.
     *
     * @param decisions gets it at {@code at}; of no meaning there if something is wrong
     * @return null if nothing is
     * @throws io.hindcast.config.UserException if a value that must be a number is something else
     */
    @Nullable Fault read(InternalRow from, Decisions decisions, int at) {
        for (var i = 0; i < values.length; i++) {
            if (isTaken[i]) {
                taken[i] = FrameValue.read(values[i], from, layout.places().get(i));
            }
        }
        var fault = observationFault(from, decisions.observations(), at);
        if (fault == null) {
            fault = layout.spaces().actions() instanceof ActionSpace.Discrete space
                    ? discreteFault(from, space, decisions, at)
                    : vectorFault(from, (ActionSpace.Continuous) layout.spaces().actions(), decisions, at);
        }
        row++;
        return fault;
    }

    private @Nullable Fault observationFault(InternalRow from, float[] observations, int at) {
        var start = at * size;
        var count = observation.read(from, observations, start, start + size);
        var there = Math.min(count, size);
        var isFinite = true;
        var isMissing = true;
        for (var i = start; i < start + there; i++) {
            isFinite &= Float.isFinite(observations[i]);
            isMissing &= Float.isNaN(observations[i]);
        }
        if (count != size && !(isMissing && count < size)) {
            return new Fault(Reason.WRONG_DIMENSION, "observation has " + count + " numbers, not " + size);
        }
        return isFinite && count == size ? null : new Fault(Reason.NOT_FINITE, "observation is missing or not finite");
    }

    private @Nullable Fault discreteFault(InternalRow from, ActionSpace.Discrete space, Decisions decisions, int at) {
        var count = space.count();
        var possible = decisions.possible();
        if (mask != null) {
            var flags = new float[count];
            var entries = mask.read(from, flags, 0, count);
            var some = false;
            for (var a = 0; a < count; a++) {
                if (entries != count || Float.isNaN(flags[a])) {
                    return new Fault(
                            Reason.WRONG_DIMENSION,
                            "action-mask has "
                                    + (entries == count
                                            ? "no value for an action"
                                            : entries + " entries, not " + count));
                }
                possible[at * count + a] = flags[a] != 0;
                some |= flags[a] != 0;
            }
            if (!some) {
                return new Fault(Reason.FORBIDDEN_ACTION, "action-mask allows no action");
            }
        }
        var index = -1;
        if (action != null) {
            var numbers = numbers(action, from, space.entries());
            index = isMissing(numbers) ? -1 : space.read(numbers);
            if (index < 0 && !isMissing(numbers)) {
                return new Fault(Reason.UNKNOWN_ACTION_INDEX, "action is none of " + space);
            }
        } else if (actionIndex != null) {
            var number = actionIndex.number(row, taken) - (space.isVector() ? 0 : space.start(0));
            if (!Double.isNaN(number) && !(number >= 0 && number < count && number == Math.rint(number))) {
                var first = space.isVector() ? 0 : space.start(0);
                return new Fault(
                        Reason.UNKNOWN_ACTION_INDEX,
                        "action-index is not one of " + first + " to " + (first + count - 1));
            }
            index = Double.isNaN(number) ? -1 : (int) number;
        }
        decisions.loggedIndices()[at] = index;
        return index < 0 || possible[at * count + index]
                ? null
                : new Fault(Reason.FORBIDDEN_ACTION, "action-mask forbids the action taken");
    }

    private @Nullable Fault vectorFault(InternalRow from, ActionSpace.Continuous space, Decisions decisions, int at) {
        var dimension = space.dimension();
        if (action == null) {
            return null;
        }
        var numbers = numbers(action, from, dimension);
        var isNone = isMissing(numbers);
        if (numbers.length != dimension && !isNone) {
            return new Fault(Reason.WRONG_DIMENSION, "action has " + numbers.length + " numbers, not " + dimension);
        }
        for (var j = 0; j < dimension; j++) {
            if (!isNone && !Float.isFinite(numbers[j])) {
                return new Fault(Reason.NOT_FINITE, "action is missing or not finite");
            }
            if (!isNone && !space.contains(j, numbers[j])) {
                return new Fault(
                        Reason.ACTION_OUT_OF_BOUNDS,
                        (space.isUniform() ? "action" : "entry " + j + " of the action") + " is outside ["
                                + space.low(j) + ", " + space.high(j) + "]");
            }
            decisions.loggedActions()[at * dimension + j] = isNone ? Float.NaN : space.toUnit(j, numbers[j]);
        }
        return null;
    }

    /** What was done; an array as long as what is there. */
    private static float[] numbers(Part action, InternalRow from, int expected) {
        var numbers = new float[expected];
        var count = action.read(from, numbers, 0, expected);
        return count == expected ? numbers : Arrays.copyOf(numbers, count);
    }

    /** Whether nothing is there: then no action was logged, which is no fault. */
    private static boolean isMissing(float[] numbers) {
        for (var number : numbers) {
            if (!Float.isNaN(number)) {
                return false;
            }
        }
        return true;
    }
}
