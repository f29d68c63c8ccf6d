package io.hindcast.table;

import io.hindcast.data.Action;
import io.hindcast.data.Transition;
import java.util.Objects;
import org.apache.spark.sql.Row;
import org.jspecify.annotations.Nullable;

/** The table of transitions as Spark reads it. */
public final class TransitionRow {
    private TransitionRow() {}

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
                row.getString(15));
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
