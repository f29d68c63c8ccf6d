package io.hindcast.stage;

import io.hindcast.config.UserException;
import java.io.Serializable;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.UUID;
import org.apache.parquet.schema.LogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.DateLogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.DecimalLogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.EnumLogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.Float16LogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.IntLogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.JsonLogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.StringLogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.TimeLogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.TimeUnit;
import org.apache.parquet.schema.LogicalTypeAnnotation.TimestampLogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.UUIDLogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.UnknownLogicalTypeAnnotation;
import org.apache.parquet.schema.PrimitiveType;

/**
 * The meaning of a Parquet leaf whose type Spark does not have: Spark reads its raw number or bytes, and this says what
 * they mean.
 *
 * @param scale digits after the point of a {@link Kind#DECIMAL}
 * @param name Parquet's name of the type
 */
public record FrameLeaf(Kind kind, int scale, String name) implements Serializable {
    /** A leaf that Spark reads by itself. */
    public static final FrameLeaf PLAIN = new FrameLeaf(Kind.PLAIN, 0, "");

    private static final int MOST_DIGITS = 38;
    private static final double MILLIS = 1e3;
    private static final double MICROS = 1e6;
    private static final double NANOS = 1e9;

    /** What a leaf holds. */
    public enum Kind {
        PLAIN,
        /** The type of a column that has no value at all. */
        NOTHING,
        /** Nanoseconds since 1970. */
        NANOS,
        MILLIS_OF_DAY,
        MICROS_OF_DAY,
        NANOS_OF_DAY,
        /** A float of 16 bits. */
        HALF,
        UUID,
        /** A decimal of more digits than Spark has. */
        DECIMAL,
        /** A type that holds no numbers. */
        OTHER
    }

    static FrameLeaf of(PrimitiveType type) {
        var logical = type.getLogicalTypeAnnotation();
        if (logical == null
                || logical instanceof StringLogicalTypeAnnotation
                || logical instanceof EnumLogicalTypeAnnotation
                || logical instanceof JsonLogicalTypeAnnotation
                || logical instanceof IntLogicalTypeAnnotation
                || logical instanceof DateLogicalTypeAnnotation) {
            return PLAIN;
        }
        if (logical instanceof DecimalLogicalTypeAnnotation decimal) {
            return decimal.getPrecision() <= MOST_DIGITS ? PLAIN : of(Kind.DECIMAL, decimal.getScale(), logical);
        }
        if (logical instanceof TimestampLogicalTypeAnnotation time) {
            return time.getUnit() == TimeUnit.NANOS ? of(Kind.NANOS, 0, logical) : PLAIN;
        }
        if (logical instanceof TimeLogicalTypeAnnotation time) {
            return switch (time.getUnit()) {
                case MILLIS -> of(Kind.MILLIS_OF_DAY, 0, logical);
                case MICROS -> of(Kind.MICROS_OF_DAY, 0, logical);
                case NANOS -> of(Kind.NANOS_OF_DAY, 0, logical);
            };
        }
        return of(
                logical instanceof Float16LogicalTypeAnnotation
                        ? Kind.HALF
                        : logical instanceof UUIDLogicalTypeAnnotation
                                ? Kind.UUID
                                : logical instanceof UnknownLogicalTypeAnnotation ? Kind.NOTHING : Kind.OTHER,
                0,
                logical);
    }

    private static FrameLeaf of(Kind kind, int scale, LogicalTypeAnnotation logical) {
        return new FrameLeaf(kind, scale, logical.toString());
    }

    /**
     * How to take its values.
     *
     * @param column the column's name and where it is, for the message
     * @throws UserException if it holds no numbers
     */
    FrameValue value(String column) {
        var scale = this.scale;
        return switch (kind) {
            case NOTHING -> (row, place) -> null;
            case NANOS -> (row, place) -> Instant.EPOCH.plusNanos(row.getLong(place));
            case MILLIS_OF_DAY -> (row, place) -> row.getInt(place) / MILLIS;
            case MICROS_OF_DAY -> (row, place) -> row.getLong(place) / MICROS;
            case NANOS_OF_DAY -> (row, place) -> row.getLong(place) / NANOS;
            case HALF -> (row, place) -> half(row.getBinary(place));
            case UUID -> (row, place) -> uuid(row.getBinary(place));
            case DECIMAL -> (row, place) -> new BigDecimal(new BigInteger(row.getBinary(place)), scale);
            case PLAIN, OTHER ->
                throw new UserException("Cannot read " + column + ": it is of Parquet's type " + name
                        + ", which holds no numbers; map columns of numbers");
        };
    }

    /** The lower byte first: a sign, 5 bits of exponent, 10 bits of mantissa. */
    private static float half(byte[] bytes) {
        var bits = (bytes[1] & 0xff) << 8 | (bytes[0] & 0xff);
        var mantissa = bits & 0x3ff;
        var exponent = bits >> 10 & 0x1f;
        var size = exponent == 0
                ? mantissa * 0x1p-24f
                : exponent == 0x1f
                        ? (mantissa == 0 ? Float.POSITIVE_INFINITY : Float.NaN)
                        : Math.scalb(1 + mantissa * 0x1p-10f, exponent - 15);
        return bits >> 15 == 0 ? size : -size;
    }

    private static String uuid(byte[] bytes) {
        var halves = ByteBuffer.wrap(bytes);
        return new UUID(halves.getLong(), halves.getLong()).toString();
    }
}
