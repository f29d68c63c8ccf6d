package io.hindcast.stage;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import io.hindcast.config.Json;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.apache.commons.lang3.reflect.MethodUtils;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.execution.datasources.v2.DataSourceV2Relation;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.MapType;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;
import scala.jdk.javaapi.CollectionConverters;

/**
 * The columns of a table of Iceberg at some time. What tells them apart are ids that stay when names change and are never used again.
 *
 * @param fields them with their ids, as Iceberg's specification writes a struct
 * @param types the same columns as Spark sees them
 */
record IcebergColumns(JsonNode fields, StructType types) {
    /** Those of a frame that is loaded by {@code snapshot}'s id; empty: as the table is now. */
    static IcebergColumns of(Dataset<Row> frame, Optional<String> snapshot) {
        try {
            var table = call(relation(frame).table(), "table");
            var id = snapshot.isEmpty() ? null : idAt(table, Long.parseLong(snapshot.get()));
            var schema = id == null
                    ? call(table, "schema")
                    : Objects.requireNonNull(((Map<?, ?>) call(table, "schemas")).get(id));
            var type = schema.getClass();
            var parser = Class.forName(type.getName() + "Parser", true, type.getClassLoader());
            var text = (String) MethodUtils.invokeStaticMethod(parser, "toJson", schema);
            return new IcebergColumns(Json.MAPPER.readTree(text).get("fields"), frame.schema());
        } catch (ReflectiveOperationException | JsonProcessingException e) {
            throw new IllegalStateException("this Iceberg does not tell the ids of its columns", e);
        }
    }

    /** Null of snapshots of an early Iceberg, which reads them with the columns of now. */
    private static @Nullable Object idAt(Object table, long snapshot) throws ReflectiveOperationException {
        return MethodUtils.invokeMethod(MethodUtils.invokeMethod(table, "snapshot", snapshot), "schemaId");
    }

    private static Object call(Object object, String method) throws ReflectiveOperationException {
        return MethodUtils.invokeMethod(object, method);
    }

    private static DataSourceV2Relation relation(Dataset<Row> frame) {
        return CollectionConverters.asJava(frame.queryExecution().analyzed().collectLeaves()).stream()
                .filter(DataSourceV2Relation.class::isInstance)
                .map(DataSourceV2Relation.class::cast)
                .findFirst()
                .orElseThrow(() -> new IllegalStateException("Spark does not tell which table it reads"));
    }

    /** A column, or a field of one, that a table with the columns of {@code given} no longer has. */
    Optional<String> lostIn(IcebergColumns given) {
        var there = given.fields.findValues("id");
        return fields.findParents("id").stream()
                .filter(field -> !there.contains(field.get("id")))
                .map(field -> field.get("name").asText())
                .findFirst();
    }

    /** A frame that has the columns {@code given}, with these; what a column that came later had in earlier rows stands in them. */
    Dataset<Row> of(Dataset<Row> frame, IcebergColumns given) {
        return fields.equals(given.fields)
                ? frame
                : frame.select(columns(this, given, name -> SparkSource.select(List.of(name)), IcebergColumns::kept));
    }

    /**
     * So that Spark asks Iceberg for no rows by their values: to tell which files have some, Iceberg looks a column of a snapshot up by
     * its name among those of now.
     */
    private static Column kept(Column column) {
        return functions.when(functions.spark_partition_id().geq(0), column);
    }

    private static Column[] columns(
            IcebergColumns wanted,
            IcebergColumns given,
            Function<String, Column> select,
            UnaryOperator<Column> changed) {
        return IntStream.range(0, wanted.types.size())
                .mapToObj(i -> {
                    var field = wanted.fields.get(i);
                    var type = wanted.types.fields()[i].dataType();
                    return IntStream.range(0, given.types.size())
                            .filter(j -> given.fields.get(j).get("id").equals(field.get("id")))
                            .mapToObj(j -> {
                                var from = given.fields.get(j);
                                var column = select.apply(given.types.fields()[j].name());
                                return from.equals(field)
                                        ? column
                                        : changed.apply(value(
                                                field.get("type"),
                                                type,
                                                from.get("type"),
                                                given.types.fields()[j].dataType(),
                                                column));
                            })
                            .findFirst()
                            .orElseGet(() -> absent(field).cast(type))
                            .as(wanted.types.fields()[i].name());
                })
                .toArray(Column[]::new);
    }

    /** What rows have of a column that came after them. */
    private static Column absent(JsonNode field) {
        var value = field.path("initial-default");
        return functions.lit(value.isMissingNode() ? null : value.asText());
    }

    private static Column value(JsonNode wanted, DataType type, JsonNode given, DataType givenType, Column column) {
        if (wanted.equals(given)) {
            return column;
        }
        if (type instanceof StructType struct) {
            var fields = columns(
                    new IcebergColumns(wanted.get("fields"), struct),
                    new IcebergColumns(given.get("fields"), (StructType) givenType),
                    column::getField,
                    UnaryOperator.identity());
            return functions.when(column.isNotNull(), functions.struct(fields));
        }
        if (type instanceof ArrayType array) {
            var from = ((ArrayType) givenType).elementType();
            return functions.transform(
                    column,
                    item -> value(wanted.get("element"), array.elementType(), given.get("element"), from, item));
        }
        if (type instanceof MapType map) {
            var from = ((MapType) givenType).valueType();
            return functions.transform_values(
                    column, (key, item) -> value(wanted.get("value"), map.valueType(), given.get("value"), from, item));
        }
        return column.cast(type);
    }
}
