package io.hindcast.ml;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.apache.spark.ml.functions;
import org.apache.spark.ml.linalg.SQLDataTypes;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/**
 * The columns of a frame that are Spark ML's vectors, dense or sparse: beside each stands an array, which hindcast reads.
 *
 * @param all which they are
 */
record VectorColumns(List<String> all) {
    private static final String ARRAY = "_array";

    /** Those of a frame. */
    static VectorColumns of(StructType schema) {
        return new VectorColumns(Arrays.stream(schema.fields())
                .filter(field -> field.dataType().equals(SQLDataTypes.VectorType()))
                .map(field -> field.name())
                .toList());
    }

    /** The columns to read for the given ones. */
    List<String> names(String... given) {
        return Stream.of(given)
                .map(name -> all.contains(name) ? name + ARRAY : name)
                .toList();
    }

    /** A frame with the arrays behind its columns. */
    Dataset<Row> with(Dataset<Row> frame) {
        var wider = frame;
        for (var name : all) {
            wider = wider.withColumn(name + ARRAY, functions.vector_to_array(frame.col(quoted(name)), "float64"));
        }
        return wider;
    }

    /** The columns of {@link #with}. */
    StructType with(StructType schema) {
        var wider = schema;
        for (var name : all) {
            wider = wider.add(name + ARRAY, DataTypes.createArrayType(DataTypes.DoubleType));
        }
        return wider;
    }

    /** A frame without the arrays. */
    Dataset<Row> without(Dataset<Row> frame) {
        return frame.drop(names(all.toArray(String[]::new)).toArray(String[]::new));
    }

    /** The columns of {@link #without}. */
    StructType without(StructType schema) {
        var arrays = names(all.toArray(String[]::new));
        return new StructType(Arrays.stream(schema.fields())
                .filter(field -> !arrays.contains(field.name()))
                .toArray(StructField[]::new));
    }

    private static String quoted(String name) {
        return "`" + name.replace("`", "``") + "`";
    }
}
