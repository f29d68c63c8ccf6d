package io.hindcast.stage.predict;

import io.hindcast.stage.predict.PredictConfig.Names;
import io.hindcast.table.TableName;
import java.util.List;
import java.util.stream.Stream;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/** What is told of rows in which a policy cannot decide. */
final class FaultyRows {
    private FaultyRows() {}

    /** The columns that are added, by their names in the schema file. */
    static List<String> columns(Names names) {
        return told(names).map(StructField::name).toList();
    }

    /** Them under the names that they get. */
    static StructType schema(Names names) {
        return new StructType(told(names)
                .map(field -> new StructField(names.of(field.name()), field.dataType(), true, field.metadata()))
                .toArray(StructField[]::new));
    }

    private static Stream<StructField> told(Names names) {
        return Stream.of(TableName.PREDICTION_QUARANTINE.schema().fields())
                .filter(field -> !names.of(field.name()).isEmpty());
    }
}
