package io.hindcast.stage.predict;

import io.hindcast.score.Decisions;
import io.hindcast.stage.predict.PredictConfig.Names;
import io.hindcast.stage.predict.StateReader.Fault;
import io.hindcast.table.TableName;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Objects;
import java.util.stream.Stream;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.GenericInternalRow;
import org.apache.spark.sql.catalyst.expressions.JoinedRow;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.unsafe.types.UTF8String;
import org.jspecify.annotations.Nullable;

/** The rows of a task in which a policy cannot decide, each with the reason. A row must be copied by whoever keeps it. */
final class FaultyRows implements Iterator<InternalRow> {
    private final Iterator<InternalRow> rows;
    private final StateReader reader;
    private final Decisions room;
    private final List<String> columns;
    private @Nullable InternalRow next;
    private @Nullable Fault fault;

    /** Those of one task. */
    FaultyRows(Iterator<InternalRow> rows, StateLayout layout, Names names) {
        this.rows = rows;
        reader = new StateReader(layout);
        room = new Decisions(layout.spaces(), 1);
        columns = Stream.of(told(names)).map(StructField::name).toList();
    }

    /** The columns that are added, under the names that they get. */
    static StructType schema(Names names) {
        var fields = new ArrayList<StructField>();
        for (var field : told(names)) {
            fields.add(new StructField(names.of(field.name()), field.dataType(), true, field.metadata()));
        }
        return new StructType(fields.toArray(StructField[]::new));
    }

    private static StructField[] told(Names names) {
        return Stream.of(TableName.PREDICTION_QUARANTINE.schema().fields())
                .filter(field -> !names.of(field.name()).isEmpty())
                .toArray(StructField[]::new);
    }

    @Override
    public boolean hasNext() {
        while (fault == null && rows.hasNext()) {
            next = rows.next();
            fault = reader.read(next, room, 0);
        }
        return fault != null;
    }

    @Override
    public InternalRow next() {
        if (!hasNext()) {
            throw new NoSuchElementException();
        }
        var found = Objects.requireNonNull(fault);
        fault = null;
        return new JoinedRow(
                Objects.requireNonNull(next),
                new GenericInternalRow(columns.stream()
                        .map(column -> UTF8String.fromString(
                                column.equals("quarantine_reason")
                                        ? found.reason().toString()
                                        : found.detail()))
                        .toArray()));
    }
}
