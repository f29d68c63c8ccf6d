package io.hindcast.table;

import io.hindcast.data.Action;
import io.hindcast.data.RowLayout.Field;
import io.hindcast.data.Transition;
import io.hindcast.table.parquet.PartReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.apache.spark.sql.Row;
import org.jspecify.annotations.Nullable;

/** The table of logged steps. */
public final class TransitionsTable {
    private TransitionsTable() {}

    /**
     * How many numbers an observation has: as many as the first one.
     *
     * @throws IllegalArgumentException if the version holds no transitions
     */
    public static int observationSize(Warehouse warehouse, TableVersion version) {
        warehouse.requireReadable(version);
        for (var one : version.manifest().files()) {
            var file = warehouse.files(version, one::equals).get(0);
            try (var part = new PartReader(warehouse.hadoop(), file, List.of("observation"))) {
                if (part.next()) {
                    return part.column("observation").end(0);
                }
            } catch (IOException e) {
                throw new UncheckedIOException("Cannot read " + file, e);
            }
        }
        throw new IllegalArgumentException("Cannot tell the size of an observation: " + version + " holds none");
    }

    /** Which optional fields of training rows a version holds values of, of those that may be absent in any row. */
    public static Set<Field> logged(Warehouse warehouse, TableVersion version) {
        warehouse.requireReadable(version);
        for (var file : warehouse.files(version)) {
            try (var part = new PartReader(warehouse.hadoop(), file, List.of("action_mask"))) {
                while (part.next()) {
                    if (part.column("action_mask").absentRows() < part.rows()) {
                        return Set.of(Field.ACTION_MASK);
                    }
                }
            } catch (IOException e) {
                throw new UncheckedIOException("Cannot read " + file, e);
            }
        }
        return Set.of();
    }

    /** A transition as the values of a row, in the order of the schema. */
    static @Nullable Object[] values(Transition transition) {
        var action = transition.action();
        var ahead = transition.ahead();
        return new @Nullable Object[] {
            transition.episodeId(),
            transition.step(),
            transition.observation(),
            action instanceof Action.Vector vector ? vector.values() : null,
            action instanceof Action.Index index ? index.index() : null,
            transition.reward(),
            transition.nextObservation(),
            transition.terminated(),
            transition.truncated(),
            transition.behaviourLogProb(),
            transition.actionMask(),
            transition.timeDelta(),
            transition.group(),
            transition.sourceFile(),
            transition.sourceRow(),
            ahead == null ? null : ahead.returnToGo(),
            ahead == null ? null : ahead.nStepReturn(),
            ahead == null ? null : ahead.nStepDiscount(),
            ahead == null ? null : ahead.nStepObservation(),
            ahead == null ? null : ahead.nStepTerminated()
        };
    }

    /** A row of the table as a transition. */
    public static Transition transition(Row row) {
        var action = floats(row, 3);
        return new Transition(
                row.getString(0),
                row.getLong(1),
                Objects.requireNonNull(floats(row, 2)),
                action == null ? new Action.Index(row.getInt(4)) : new Action.Vector(action),
                row.getDouble(5),
                Objects.requireNonNull(floats(row, 6)),
                row.getBoolean(7),
                row.getBoolean(8),
                row.isNullAt(9) ? null : Double.valueOf(row.getDouble(9)),
                booleans(row, 10),
                row.isNullAt(11) ? null : Double.valueOf(row.getDouble(11)),
                row.getString(12),
                row.getString(13),
                row.getLong(14),
                row.isNullAt(15)
                        ? null
                        : new Transition.Ahead(
                                row.getDouble(15),
                                row.getDouble(16),
                                row.getDouble(17),
                                Objects.requireNonNull(floats(row, 18)),
                                row.getBoolean(19)));
    }

    private static float @Nullable [] floats(Row row, int column) {
        if (row.isNullAt(column)) {
            return null;
        }
        var values = row.<Float>getList(column);
        var floats = new float[values.size()];
        for (var i = 0; i < floats.length; i++) {
            floats[i] = values.get(i);
        }
        return floats;
    }

    private static boolean @Nullable [] booleans(Row row, int column) {
        if (row.isNullAt(column)) {
            return null;
        }
        var values = row.<Boolean>getList(column);
        var booleans = new boolean[values.size()];
        for (var i = 0; i < booleans.length; i++) {
            booleans[i] = values.get(i);
        }
        return booleans;
    }
}
