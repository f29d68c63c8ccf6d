package io.hindcast.table;

import java.util.List;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.StructType;

/**
 * A published version of a table; it never changes.
 *
 * @param number its version, from 1
 * @param path its directory
 */
public record TableVersion(TableName table, int number, String path, Manifest manifest) {
    /** For people: {@code transitions v1}. */
    @Override
    public String toString() {
        return table + " v" + number;
    }

    /** The paths of its Parquet files, in the order of its rows; {@link Warehouse#files} says whether they are whole, too. */
    List<String> files() {
        return manifest.files().stream().map(file -> path + "/" + file.name()).toList();
    }

    /** Its columns: those of the table's schema file, or its own where the table {@link TableName#isOpen}. */
    public StructType schema() {
        var own = manifest.schema();
        return own == null ? table.schema() : (StructType) DataType.fromJson(own.toString());
    }

    /** As the manifest of what is made from it names it. */
    public Manifest.Parent asParent() {
        return new Manifest.Parent(table.directory(), number, manifest.fingerprint());
    }
}
