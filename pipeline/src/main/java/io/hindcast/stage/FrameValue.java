package io.hindcast.stage;

import io.hindcast.config.UserException;
import java.io.Serializable;
import java.time.Instant;
import java.time.LocalDate;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.catalyst.expressions.SpecializedGetters;
import org.apache.spark.sql.catalyst.util.ArrayData;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.BooleanType;
import org.apache.spark.sql.types.ByteType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DateType;
import org.apache.spark.sql.types.DecimalType;
import org.apache.spark.sql.types.DoubleType;
import org.apache.spark.sql.types.FloatType;
import org.apache.spark.sql.types.IntegerType;
import org.apache.spark.sql.types.LongType;
import org.apache.spark.sql.types.MapType;
import org.apache.spark.sql.types.NullType;
import org.apache.spark.sql.types.ShortType;
import org.apache.spark.sql.types.StringType;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.sql.types.TimestampNTZType;
import org.apache.spark.sql.types.TimestampType;
import org.jspecify.annotations.Nullable;

/** Takes a value out of one of Spark's own rows, as a {@link io.hindcast.source.RowReader} gives it. */
@FunctionalInterface
public interface FrameValue extends Serializable {
    /** The value at {@code place}, which is not null. */
    @Nullable Object at(SpecializedGetters row, int place);

    /** The value at {@code place}, null if there is none. */
    static @Nullable Object read(FrameValue value, SpecializedGetters row, int place) {
        return row.isNullAt(place) ? null : value.at(row, place);
    }

    /**
     * How to take values of a type.
     *
     * @param leaves what the numbers and texts in the type mean, in order
     * @param column the column's name and where it is, for the message
     * @throws UserException if numbers, flags and names cannot be of the type
     */
    static FrameValue of(DataType type, List<FrameLeaf> leaves, String column) {
        return of(type, leaves.iterator(), column);
    }

    private static FrameValue of(DataType type, Iterator<FrameLeaf> leaves, String column) {
        if (type instanceof ArrayType array) {
            return array(array.elementType(), leaves, column);
        }
        if (type instanceof MapType map) {
            return map(map, leaves, column);
        }
        var leaf = type instanceof StructType ? FrameLeaf.PLAIN : leaves.next();
        if (leaf.kind() != FrameLeaf.Kind.PLAIN) {
            return leaf.value(column);
        }
        if (type instanceof StringType) {
            return (row, place) -> row.getUTF8String(place).toString();
        }
        if (type instanceof BooleanType) {
            return SpecializedGetters::getBoolean;
        }
        if (type instanceof DecimalType decimal) {
            return (row, place) ->
                    row.getDecimal(place, decimal.precision(), decimal.scale()).toJavaBigDecimal();
        }
        if (type instanceof DateType) {
            return (row, place) -> LocalDate.ofEpochDay(row.getInt(place));
        }
        if (type instanceof TimestampType || type instanceof TimestampNTZType) {
            return (row, place) -> Instant.EPOCH.plus(row.getLong(place), ChronoUnit.MICROS);
        }
        if (type instanceof NullType) {
            return (row, place) -> null;
        }
        return number(type, column);
    }

    private static FrameValue number(DataType type, String column) {
        if (type instanceof DoubleType) {
            return SpecializedGetters::getDouble;
        }
        if (type instanceof FloatType) {
            return SpecializedGetters::getFloat;
        }
        if (type instanceof LongType) {
            return SpecializedGetters::getLong;
        }
        if (type instanceof IntegerType) {
            return SpecializedGetters::getInt;
        }
        if (type instanceof ShortType) {
            return SpecializedGetters::getShort;
        }
        if (type instanceof ByteType) {
            return SpecializedGetters::getByte;
        }
        throw new UserException("Cannot read " + column + ": it is of type " + type.catalogString()
                + ", which holds no numbers; map columns of numbers, and a field of a struct as column.field");
    }

    /** Floats and doubles are copied as they lie; other numbers one by one; all else into a list. */
    private static FrameValue array(DataType element, Iterator<FrameLeaf> leaves, String column) {
        if (element instanceof FloatType) {
            return (row, place) -> floats(row.getArray(place));
        }
        if (element instanceof DoubleType) {
            return (row, place) -> doubles(row.getArray(place));
        }
        var item = of(element, leaves, column);
        return (row, place) -> {
            var array = row.getArray(place);
            var list = new ArrayList<@Nullable Object>(array.numElements());
            for (var i = 0; i < array.numElements(); i++) {
                list.add(read(item, array, i));
            }
            return list;
        };
    }

    private static float[] floats(ArrayData array) {
        var values = array.toFloatArray();
        for (var i = 0; i < values.length; i++) {
            if (array.isNullAt(i)) {
                values[i] = Float.NaN;
            }
        }
        return values;
    }

    private static double[] doubles(ArrayData array) {
        var values = array.toDoubleArray();
        for (var i = 0; i < values.length; i++) {
            if (array.isNullAt(i)) {
                values[i] = Double.NaN;
            }
        }
        return values;
    }

    private static FrameValue map(MapType type, Iterator<FrameLeaf> leaves, String column) {
        var key = of(type.keyType(), leaves, column);
        var item = of(type.valueType(), leaves, column);
        return (row, place) -> {
            var entries = row.getMap(place);
            var keys = entries.keyArray();
            var values = entries.valueArray();
            Map<String, @Nullable Object> map = new LinkedHashMap<>();
            for (var i = 0; i < entries.numElements(); i++) {
                map.put(String.valueOf(key.at(keys, i)), read(item, values, i));
            }
            return map;
        };
    }
}
