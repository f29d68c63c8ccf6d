package io.hindcast.table;

import io.hindcast.table.PassedTable.Aside;
import io.hindcast.table.parquet.PartFile;
import java.io.IOException;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.util.SerializableConfiguration;

/** Frames that become versions of tables whose columns come with their rows. */
final class PassedTables {
    private PassedTables() {}

    static TableVersion publish(Warehouse warehouse, TableName table, Request request, Dataset<Row> frame) {
        try (var publication = warehouse.begin(table)) {
            return publication.publish(draft(warehouse, table, frame).numbered(publication.number()), request, null);
        }
    }

    /** What tasks wrote aside. */
    static Draft draft(Warehouse warehouse, TableName table, Dataset<Row> frame) {
        var version = new PassedTable(warehouse, table, frame.schema(), new StructType());
        var aside = version.aside();
        var hadoop = new SerializableConfiguration(warehouse.hadoop());
        var columns = Stream.concat(
                        Arrays.stream(frame.columns()).map(name -> functions.col("`" + name + "`")),
                        PassedTable.hashes(frame.schema()).stream())
                .toArray(Column[]::new);
        return version.draft(frame.select(columns)
                .queryExecution()
                .toRdd()
                .toJavaRDD()
                .mapPartitions(rows -> write(aside, rows, hadoop.value()).iterator())
                .collect());
    }

    private static List<PartFile> write(Aside aside, Iterator<InternalRow> rows, Configuration hadoop)
            throws IOException {
        if (!rows.hasNext()) {
            return List.of();
        }
        var columns = aside.passed().size();
        try (var writer = aside.writer(hadoop)) {
            while (rows.hasNext()) {
                var row = rows.next();
                writer.pass(row, row.getLong(columns), row.getLong(columns + 1));
                if (writer.isFull()) {
                    writer.endPage();
                }
            }
            return List.of(writer.finish());
        }
    }
}
