package io.hindcast.table.parquet;

import org.apache.parquet.schema.LogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.TimeUnit;
import org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName;
import org.apache.parquet.schema.Type;
import org.apache.parquet.schema.Type.Repetition;
import org.apache.parquet.schema.Types;
import org.apache.spark.sql.catalyst.expressions.SpecializedGetters;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.jspecify.annotations.Nullable;

/**
 * How a column of Spark's own rows is copied into a {@link PartColumn}, and its Parquet form, which is the one that Spark writes.
 *
 * @param copier of a value that is there
 */
record PassedColumn(PartColumn.Kind kind, Type type, Copier copier) {

    /** Copies the value at {@code place}, which is not null. */
    @FunctionalInterface
    interface Copier {
        void copy(SpecializedGetters row, int place, PartColumn to);
    }

    /** Null for a type that {@link ForeignColumn} has to write. */
    static @Nullable PassedColumn of(StructField field) {
        var type = field.dataType();
        return type instanceof ArrayType array ? list(field.name(), array) : scalar(field.name(), type);
    }

    private static @Nullable PassedColumn scalar(String name, DataType type) {
        if (type.equals(DataTypes.StringType)) {
            return of(
                    name,
                    PartColumn.Kind.BYTES,
                    PrimitiveTypeName.BINARY,
                    LogicalTypeAnnotation.stringType(),
                    // Not as a String, which would change bytes that are no text.
                    (row, place, to) -> to.add(row.getUTF8String(place).getBytes()));
        }
        if (type.equals(DataTypes.BinaryType)) {
            return of(
                    name,
                    PartColumn.Kind.BYTES,
                    PrimitiveTypeName.BINARY,
                    null,
                    (row, place, to) -> to.add(row.getBinary(place).clone()));
        }
        if (type.equals(DataTypes.BooleanType)) {
            return of(
                    name,
                    PartColumn.Kind.FLAG,
                    PrimitiveTypeName.BOOLEAN,
                    null,
                    (row, place, to) -> to.add(row.getBoolean(place)));
        }
        return number(name, type);
    }

    private static @Nullable PassedColumn number(String name, DataType type) {
        if (type.equals(DataTypes.FloatType)) {
            return of(
                    name,
                    PartColumn.Kind.FLOAT,
                    PrimitiveTypeName.FLOAT,
                    null,
                    (row, place, to) -> to.add(row.getFloat(place)));
        }
        if (type.equals(DataTypes.DoubleType)) {
            return of(
                    name,
                    PartColumn.Kind.DOUBLE,
                    PrimitiveTypeName.DOUBLE,
                    null,
                    (row, place, to) -> to.add(row.getDouble(place)));
        }
        if (type.equals(DataTypes.LongType)) {
            return whole(name, null);
        }
        if (type.equals(DataTypes.TimestampType)) {
            return whole(name, LogicalTypeAnnotation.timestampType(true, TimeUnit.MICROS));
        }
        if (type.equals(DataTypes.TimestampNTZType)) {
            return whole(name, LogicalTypeAnnotation.timestampType(false, TimeUnit.MICROS));
        }
        if (type.equals(DataTypes.IntegerType)) {
            return integer(name, null, (row, place, to) -> to.add(row.getInt(place)));
        }
        if (type.equals(DataTypes.DateType)) {
            return integer(name, LogicalTypeAnnotation.dateType(), (row, place, to) -> to.add(row.getInt(place)));
        }
        if (type.equals(DataTypes.ShortType)) {
            return integer(
                    name,
                    LogicalTypeAnnotation.intType(Short.SIZE, true),
                    (row, place, to) -> to.add((int) row.getShort(place)));
        }
        if (type.equals(DataTypes.ByteType)) {
            return integer(
                    name,
                    LogicalTypeAnnotation.intType(Byte.SIZE, true),
                    (row, place, to) -> to.add((int) row.getByte(place)));
        }
        return null;
    }

    private static PassedColumn whole(String name, @Nullable LogicalTypeAnnotation meaning) {
        return of(
                name,
                PartColumn.Kind.LONG,
                PrimitiveTypeName.INT64,
                meaning,
                (row, place, to) -> to.add(row.getLong(place)));
    }

    private static PassedColumn integer(String name, @Nullable LogicalTypeAnnotation meaning, Copier copier) {
        return of(name, PartColumn.Kind.INTEGER, PrimitiveTypeName.INT32, meaning, copier);
    }

    private static PassedColumn of(
            String name,
            PartColumn.Kind kind,
            PrimitiveTypeName primitive,
            @Nullable LogicalTypeAnnotation meaning,
            Copier copier) {
        var type = Types.primitive(primitive, Repetition.OPTIONAL);
        return new PassedColumn(kind, (meaning == null ? type : type.as(meaning)).named(name), copier);
    }

    private static @Nullable PassedColumn list(String name, ArrayType array) {
        if (array.elementType().equals(DataTypes.FloatType)) {
            return list(name, array, PartColumn.Kind.FLOATS, PrimitiveTypeName.FLOAT, (row, place, to) -> {
                var values = row.getArray(place);
                var at = to.addVectors(1, values.numElements());
                var room = to.floats();
                for (var i = 0; i < values.numElements(); i++) {
                    if (values.isNullAt(i)) {
                        to.addGap(at + i);
                    } else {
                        room[at + i] = values.getFloat(i);
                    }
                }
            });
        }
        if (array.elementType().equals(DataTypes.DoubleType)) {
            return list(name, array, PartColumn.Kind.DOUBLES, PrimitiveTypeName.DOUBLE, (row, place, to) -> {
                var values = row.getArray(place);
                var at = to.addVectors(1, values.numElements());
                var room = to.doubles();
                for (var i = 0; i < values.numElements(); i++) {
                    if (values.isNullAt(i)) {
                        to.addGap(at + i);
                    } else {
                        room[at + i] = values.getDouble(i);
                    }
                }
            });
        }
        return null;
    }

    private static PassedColumn list(
            String name, ArrayType array, PartColumn.Kind kind, PrimitiveTypeName primitive, Copier copier) {
        var element = array.containsNull() ? Repetition.OPTIONAL : Repetition.REQUIRED;
        return new PassedColumn(
                kind,
                Types.list(Repetition.OPTIONAL).element(primitive, element).named(name),
                copier);
    }
}
