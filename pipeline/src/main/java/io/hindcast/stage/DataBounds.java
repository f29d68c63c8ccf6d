package io.hindcast.stage;

import io.hindcast.config.UserException;
import io.hindcast.data.ActionSpace;
import io.hindcast.table.TableVersion;
import io.hindcast.timeline.LoggedRow;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;

/** The range that each entry of an action has in the data. */
public final class DataBounds {
    /** Beyond it a bound stands for having none: writers put the greatest float, or the like. */
    private static final double NO_BOUND = 1e30;
    /** Data that fill less of the range between the bounds say that these are not theirs. */
    private static final double LEAST_FILL = 1e-3;
    /** Half the width that an entry gets that is the same in all rows, times its size if that is above 1. */
    private static final double CONSTANT = 1e-3;

    private DataBounds() {}

    /** Least and greatest values by entry. */
    @SuppressWarnings("ArrayRecordComponent") // a carrier, never compared
    private record Range(float[] least, float[] greatest) implements Serializable {
        static Range none(int dimension) {
            var range = new Range(new float[dimension], new float[dimension]);
            Arrays.fill(range.least, Float.POSITIVE_INFINITY);
            Arrays.fill(range.greatest, Float.NEGATIVE_INFINITY);
            return range;
        }

        Range with(float[] action) {
            for (var i = 0; i < least.length && action.length == least.length; i++) {
                if (Float.isFinite(action[i])) {
                    least[i] = Math.min(least[i], action[i]);
                    greatest[i] = Math.max(greatest[i], action[i]);
                }
            }
            return this;
        }

        Range with(Range other) {
            return with(other.least).with(other.greatest);
        }
    }

    /**
     * The actions with their bounds, of which those that are {@code data} are looked for in the rows, or are those of the version
     * that is appended to.
     *
     * @param dataset its name
     * @throws UserException if no row has an action
     */
    public static ActionSpaceConfig found(
            ActionSpaceConfig actions,
            String dataset,
            JavaRDD<LoggedRow> rows,
            Optional<TableVersion> base,
            Consumer<String> notes) {
        if (actions.dimension() == null || !actions.isOfData()) {
            return actions;
        }
        var before = base.map(
                version -> ActionSpaceConfig.ofManifest(version.manifest().configuration()));
        if (before.isPresent() && before.get() instanceof ActionSpace.Continuous space) {
            return actions.within(space);
        }
        // What cannot be a decision is quarantined later: its numbers bound nothing.
        var range = rows.filter(row -> row.action() != null && Double.isFinite(row.reward()) && isFinite(row.action()))
                .aggregate(
                        Range.none(actions.dimension()),
                        (found, row) -> found.with(Objects.requireNonNull(row.action())),
                        Range::with);
        for (var i = 0; i < actions.dimension(); i++) {
            if (range.least()[i] > range.greatest()[i]) {
                throw new UserException("Cannot use action-space with low = data or high = data: no row of "
                        + dataset + " has an action of " + actions.dimension()
                        + " numbers with a finite entry " + i + "; check columns.action and dimension");
            }
        }
        var known = actions.within(bounds(doubles(range.least()), doubles(range.greatest())));
        notes.accept("bounds of actions, as the data have them: low = " + known.low() + ", high = " + known.high());
        return known;
    }

    private static boolean isFinite(float[] values) {
        for (var value : values) {
            if (!Float.isFinite(value)) {
                return false;
            }
        }
        return true;
    }

    /**
     * Makes sure that the bounds are those of the actions in the data: a policy's actions are spread over what lies between them.
     *
     * @throws UserException if an entry has a bound that stands for none, or its data lie in a small part of the range
     */
    public static void require(ActionSpace actions, Dataset<Row> transitions) {
        if (!(actions instanceof ActionSpace.Continuous space)) {
            return;
        }
        var least = new double[space.dimension()];
        var greatest = new double[space.dimension()];
        var row = transitions
                .agg(functions.count("*"), ends(space.dimension()).toArray(org.apache.spark.sql.Column[]::new))
                .first();
        var wrong = new ArrayList<String>();
        for (var i = 0; i < space.dimension(); i++) {
            if (row.isNullAt(1 + 2 * i)) {
                return;
            }
            least[i] = row.getFloat(1 + 2 * i);
            greatest[i] = row.getFloat(2 + 2 * i);
            if (isNone(space, i, least[i], greatest[i])) {
                wrong.add("entry " + i + " is within [" + space.low(i) + ", " + space.high(i) + "], its data within ["
                        + (float) least[i] + ", " + (float) greatest[i] + "]");
            }
        }
        if (wrong.isEmpty()) {
            return;
        }
        var data = bounds(least, greatest);
        throw new UserException("Cannot train with these bounds of actions: "
                + String.join("; ", wrong.subList(0, Math.min(3, wrong.size())))
                + (wrong.size() > 3 ? "; and " + (wrong.size() - 3) + " more" : "")
                + ". A policy's actions are spread over all of that range. Ingest the log again into another --out with"
                + " its true bounds, or with those of the data: --set action-space.low=" + line(data.lows())
                + " --set action-space.high=" + line(data.highs()) + " (or =data for both)");
    }

    private static List<org.apache.spark.sql.Column> ends(int dimension) {
        var ends = new ArrayList<org.apache.spark.sql.Column>();
        for (var i = 0; i < dimension; i++) {
            var entry = functions.col("action").getItem(i);
            ends.add(functions.min(entry));
            ends.add(functions.max(entry));
        }
        return ends;
    }

    private static boolean isNone(ActionSpace.Continuous space, int i, double least, double greatest) {
        return Math.abs(space.low(i)) >= NO_BOUND
                || Math.abs(space.high(i)) >= NO_BOUND
                || (greatest > least && greatest - least < LEAST_FILL * (space.high(i) - space.low(i)));
    }

    private static String line(List<Double> bounds) {
        return bounds.size() == 1
                ? Float.toString(bounds.get(0).floatValue())
                : bounds.stream()
                        .map(bound -> Float.toString(bound.floatValue()))
                        .toList()
                        .toString()
                        .replace(" ", "");
    }

    /** Bounds that hold the data; an entry that never changes gets some room. */
    private static ActionSpace.Continuous bounds(double[] least, double[] greatest) {
        var low = new ArrayList<Double>();
        var high = new ArrayList<Double>();
        for (var i = 0; i < least.length; i++) {
            var room = least[i] < greatest[i] ? 0 : CONSTANT * Math.max(1, Math.abs(least[i]));
            low.add((double) (float) (least[i] - room));
            high.add((double) (float) (greatest[i] + room));
        }
        return new ActionSpace.Continuous(low, high);
    }

    private static double[] doubles(float[] values) {
        var doubles = new double[values.length];
        Arrays.setAll(doubles, i -> values[i]);
        return doubles;
    }
}
