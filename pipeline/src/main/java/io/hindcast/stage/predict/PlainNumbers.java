package io.hindcast.stage.predict;

import java.io.Serializable;
import java.util.Optional;
import org.apache.spark.sql.catalyst.expressions.SpecializedGetters;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.BooleanType;
import org.apache.spark.sql.types.ByteType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DoubleType;
import org.apache.spark.sql.types.FloatType;
import org.apache.spark.sql.types.IntegerType;
import org.apache.spark.sql.types.LongType;
import org.apache.spark.sql.types.ShortType;

/** Copies the numbers of a column out of one of Spark's own rows, without an object for each; what is missing is NaN. */
@FunctionalInterface
interface PlainNumbers extends Serializable {
    /** The number at {@code place}, which is not null. */
    float at(SpecializedGetters row, int place);

    /** A column of numbers, or of lists of them. */
    record Reader(PlainNumbers number, boolean isList) implements Serializable {
        /**
         * Writes the numbers at {@code place}, as many as there is room for.
         *
         * @param end where the room ends
         * @return how many there are, also of those for which there was no room
         */
        int read(SpecializedGetters row, int place, float[] to, int from, int end) {
            if (row.isNullAt(place)) {
                write(Float.NaN, to, from, end);
                return 1;
            }
            if (!isList) {
                write(number.at(row, place), to, from, end);
                return 1;
            }
            var list = row.getArray(place);
            var count = list.numElements();
            for (var i = 0; i < count && from + i < end; i++) {
                to[from + i] = list.isNullAt(i) ? Float.NaN : number.at(list, i);
            }
            return count;
        }

        private static void write(float number, float[] to, int from, int end) {
            if (from < end) {
                to[from] = number;
            }
        }
    }

    /** How to read a column of a type; empty if it holds anything else. */
    static Optional<Reader> of(DataType type) {
        var isList = type instanceof ArrayType;
        return number(type instanceof ArrayType array ? array.elementType() : type)
                .map(number -> new Reader(number, isList));
    }

    private static Optional<PlainNumbers> number(DataType type) {
        if (type instanceof FloatType) {
            return Optional.of(SpecializedGetters::getFloat);
        }
        if (type instanceof DoubleType) {
            return Optional.of((row, place) -> (float) row.getDouble(place));
        }
        if (type instanceof LongType) {
            return Optional.of((row, place) -> (float) (double) row.getLong(place));
        }
        if (type instanceof IntegerType) {
            return Optional.of((row, place) -> (float) (double) row.getInt(place));
        }
        if (type instanceof BooleanType) {
            return Optional.of((row, place) -> row.getBoolean(place) ? 1 : 0);
        }
        if (type instanceof ShortType) {
            return Optional.of(SpecializedGetters::getShort);
        }
        return type instanceof ByteType ? Optional.of(SpecializedGetters::getByte) : Optional.empty();
    }
}
