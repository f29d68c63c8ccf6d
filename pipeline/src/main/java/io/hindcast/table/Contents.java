package io.hindcast.table;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.count_distinct;
import static org.apache.spark.sql.functions.count_if;
import static org.apache.spark.sql.functions.exists;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.size;
import static org.apache.spark.sql.functions.struct;
import static org.apache.spark.sql.functions.sum;
import static org.apache.spark.sql.functions.to_json;
import static org.apache.spark.sql.functions.when;
import static org.apache.spark.sql.functions.xxhash64;

import io.hindcast.table.parquet.RowHash;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DecimalType;
import org.apache.spark.sql.types.MapType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.sql.types.VariantType;
import org.jspecify.annotations.Nullable;

/**
 * What a frame holds, found in one pass.
 *
 * @param episodes distinct {@code episode_id}s, null if there is no such column
 * @param fingerprint 128 bits in hex, see {@code data-schema/README.md}
 * @param columnsWithNulls the columns in which the schema forbids the null that is there
 */
public record Contents(long rows, @Nullable Long episodes, String fingerprint, List<String> columnsWithNulls) {

    /** What is in columns of which {@code schema} says whether they may be null. */
    public static Contents of(Dataset<Row> frame, StructType schema) {
        return of(frame, schema, Arrays.asList(schema.fields()));
    }

    /** The same of columns that all may be null, and their entries too. */
    public static Contents withNulls(Dataset<Row> frame, StructType schema) {
        return of(frame, schema, List.of());
    }

    private static Contents of(Dataset<Row> frame, StructType schema, List<StructField> checked) {
        var aggregates = new ArrayList<Column>();
        aggregates.add(hashSum(schema, 1));
        aggregates.add(hashSum(schema, 2));
        checked.forEach(field -> aggregates.add(count_if(forbiddenNull(field))));
        var hasEpisodes = Arrays.asList(schema.fieldNames()).contains("episode_id");
        if (hasEpisodes) {
            aggregates.add(count_distinct(col("episode_id")));
        }
        var row = frame.agg(count(lit(1)), aggregates.toArray(new Column[0])).first();
        var withNulls = checked.stream()
                .filter(field -> row.getLong(3 + checked.indexOf(field)) > 0)
                .map(StructField::name)
                .toList();
        return new Contents(
                row.getLong(0),
                hasEpisodes ? row.getLong(row.size() - 1) : null,
                word(row.getDecimal(1)) + word(row.getDecimal(2)),
                withNulls);
    }

    /** Addition forgets the order of rows; decimals, because a sum of longs overflows. */
    private static Column hashSum(StructType schema, int salt) {
        return sum(hash(schema, salt).cast(new DecimalType(20, 0)));
    }

    /** The hash of each row. */
    static Column hash(StructType schema, int salt) {
        var columns = new ArrayList<Column>();
        columns.add(lit(salt));
        for (var field : schema.fields()) {
            var column = column(field);
            columns.add(isHashed(field.dataType()) ? column : to_json(struct(column)));
            // xxHash64 passes over nulls and array ends: without these, values could move between neighbours unnoticed.
            columns.add(RowHash.isOriginal(field) ? column.isNull() : when(column.isNotNull(), lit(false)));
            if (field.dataType() instanceof ArrayType) {
                columns.add(size(column));
            }
            for (var i = 0; i < RowHash.gone(field); i++) {
                columns.add(lit(true));
            }
        }
        return xxhash64(columns.toArray(new Column[0]));
    }

    /** By its name as it is written: a dot in it names no field. */
    private static Column column(StructField field) {
        return col("`" + field.name().replace("`", "``") + "`");
    }

    /** Whether Spark hashes values of a type: neither maps nor variants, whose one content has several forms. */
    public static boolean isHashed(DataType type) {
        if (type instanceof ArrayType array) {
            return isHashed(array.elementType());
        }
        if (type instanceof StructType struct) {
            return Arrays.stream(struct.fields()).allMatch(field -> isHashed(field.dataType()));
        }
        return !(type instanceof MapType || type instanceof VariantType);
    }

    private static Column forbiddenNull(StructField field) {
        var column = column(field);
        var missing = field.nullable() ? lit(false) : column.isNull();
        return field.dataType() instanceof ArrayType ? missing.or(exists(column, Column::isNull)) : missing;
    }

    private static String word(@Nullable BigDecimal sum) {
        var value = sum == null ? 0L : sum.toBigInteger().longValue(); // longValue keeps the low 64 bits
        return String.format("%016x", value);
    }
}
