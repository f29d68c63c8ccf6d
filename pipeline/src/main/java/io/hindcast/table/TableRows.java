package io.hindcast.table;

import io.hindcast.table.parquet.PartReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.catalyst.expressions.GenericRowWithSchema;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;

/** Reads rows of tables here and now, for what needs few or keeps little of each: Spark takes longer than that to start. */
public final class TableRows {
    private TableRows() {}

    /** All rows of a version, in their order, with all columns. */
    public static List<Row> of(Warehouse warehouse, TableVersion version) {
        return of(warehouse, version, version.table().schema().fieldNames());
    }

    /** All rows of a version, in their order, with these columns. */
    public static List<Row> of(Warehouse warehouse, TableVersion version, String... columns) {
        var rows = new ArrayList<Row>();
        forEach(warehouse, version, List.of(columns), rows::add);
        return rows;
    }

    /**
     * Hands on the rows of a version one by one, in their order; checksums of pages are verified as they are read.
     *
     * @param columns those of the rows; where an earlier hindcast wrote none, it is null, and a vector is an array
     * @throws io.hindcast.config.UserException if it was written under another schema version, or a file is not the one that was
     *     published
     */
    public static void forEach(Warehouse warehouse, TableVersion version, List<String> columns, Consumer<Row> use) {
        warehouse.requireReadable(version);
        var all = version.table().schema();
        var schema = new StructType(columns.stream().map(all::apply).toArray(StructField[]::new));
        for (var file : warehouse.files(version)) {
            try {
                forEach(warehouse, file, schema, use);
            } catch (IOException e) {
                throw new UncheckedIOException("Cannot read " + file, e);
            }
        }
    }

    private static void forEach(Warehouse warehouse, String file, StructType schema, Consumer<Row> use)
            throws IOException {
        try (var part = PartReader.ofThoseThere(warehouse.hadoop(), file, List.of(schema.fieldNames()))) {
            var columns = part.columns();
            var places = columns.stream()
                    .mapToInt(column -> schema.fieldIndex(column.name()))
                    .toArray();
            while (part.next()) {
                for (var row = 0; row < part.rows(); row++) {
                    var values = new @Nullable Object[schema.size()];
                    for (var c = 0; c < places.length; c++) {
                        values[places[c]] = columns.get(c).value(row);
                    }
                    use.accept(new GenericRowWithSchema(values, schema));
                }
            }
        }
    }
}
