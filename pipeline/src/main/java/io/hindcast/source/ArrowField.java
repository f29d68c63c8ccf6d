package io.hindcast.source;

import io.hindcast.config.Shown;
import io.hindcast.config.UserException;
import java.util.ArrayList;
import java.util.List;
import org.apache.arrow.flatbuf.DateUnit;
import org.apache.arrow.flatbuf.Decimal;
import org.apache.arrow.flatbuf.Field;
import org.apache.arrow.flatbuf.FixedSizeBinary;
import org.apache.arrow.flatbuf.FixedSizeList;
import org.apache.arrow.flatbuf.FloatingPoint;
import org.apache.arrow.flatbuf.Int;
import org.apache.arrow.flatbuf.Precision;
import org.apache.arrow.flatbuf.TimeUnit;
import org.apache.arrow.flatbuf.Timestamp;
import org.apache.arrow.flatbuf.Type;

/**
 * A column, or what is in one, as an Arrow schema declares it.
 *
 * @param size bytes of a number, of an offset, or items of a list of fixed size
 * @param scale digits after a decimal's point, or how many of a time's units are in a second
 * @param dictionary under which id its values are kept, if it holds only their places; the places' kind is {@code children}' first
 */
record ArrowField(String name, Kind kind, int size, int scale, List<ArrowField> children, long dictionary) {
    private static final int DEEPEST = 32;
    /** Of a whole schema, with what is in its columns. */
    private static final int MOST = 20_000;

    /** How values lie in their buffers. */
    enum Kind {
        NULL,
        INTEGER,
        UNSIGNED,
        FLOAT,
        BOOL,
        DECIMAL,
        DATE,
        TIME,
        TIMESTAMP,
        BINARY,
        TEXT,
        FIXED_BINARY,
        BINARY_VIEW,
        TEXT_VIEW,
        LIST,
        LIST_VIEW,
        FIXED_LIST,
        STRUCT,
        MAP,
        RUN_ENDS,
        DICTIONARY
    }

    /** Reads the fields of one schema. */
    static final class Parser {
        private final String file;
        private int count;

        Parser(String file) {
            this.file = file;
        }

        /** @throws UserException if the field is of a type that is not known, or has too much in it */
        ArrowField parse(Field field, int depth) {
            var name = field.name() == null ? "" : field.name();
            if (depth > DEEPEST || ++count > MOST) {
                throw new UserException("Cannot read " + file + ": its schema has more than " + DEEPEST
                        + " types one in another, or more than " + MOST + " columns; write fewer columns");
            }
            var children = new ArrayList<ArrowField>();
            for (var i = 0; i < field.childrenLength(); i++) {
                children.add(parse(field.children(i), depth + 1));
            }
            var values = plain(name, field, List.copyOf(children));
            var encoding = field.dictionary();
            if (encoding == null) {
                return values;
            }
            var index = encoding.indexType();
            var places = index == null ? new ArrowField(name, Kind.INTEGER, 4, 0, List.of(), -1) : integer(name, index);
            return new ArrowField(name, Kind.DICTIONARY, 0, 0, List.of(places, values), encoding.id());
        }

        private ArrowField plain(String name, Field field, List<ArrowField> children) {
            return switch (field.typeType()) {
                case Type.Null -> of(name, Kind.NULL, 0);
                case Type.Int -> integer(name, type(field, new Int()));
                case Type.FloatingPoint -> of(name, Kind.FLOAT, floatSize(type(field, new FloatingPoint())));
                case Type.Bool -> of(name, Kind.BOOL, 0);
                case Type.Decimal -> {
                    var decimal = type(field, new Decimal());
                    yield new ArrowField(
                            name, Kind.DECIMAL, requireSize(decimal.bitWidth() / 8), decimal.scale(), List.of(), -1);
                }
                case Type.Date -> {
                    var days = type(field, new org.apache.arrow.flatbuf.Date()).unit() == DateUnit.DAY;
                    yield days ? of(name, Kind.DATE, 4) : new ArrowField(name, Kind.TIMESTAMP, 8, 1_000, List.of(), -1);
                }
                case Type.Time -> {
                    var time = type(field, new org.apache.arrow.flatbuf.Time());
                    yield new ArrowField(
                            name, Kind.TIME, requireSize(time.bitWidth() / 8), perSecond(time.unit()), List.of(), -1);
                }
                case Type.Timestamp ->
                    new ArrowField(
                            name,
                            Kind.TIMESTAMP,
                            8,
                            perSecond(type(field, new Timestamp()).unit()),
                            List.of(),
                            -1);
                case Type.Duration -> of(name, Kind.INTEGER, 8);
                case Type.Binary -> of(name, Kind.BINARY, 4);
                case Type.LargeBinary -> of(name, Kind.BINARY, 8);
                case Type.Utf8 -> of(name, Kind.TEXT, 4);
                case Type.LargeUtf8 -> of(name, Kind.TEXT, 8);
                case Type.FixedSizeBinary ->
                    of(
                            name,
                            Kind.FIXED_BINARY,
                            type(field, new FixedSizeBinary()).byteWidth());
                case Type.BinaryView -> of(name, Kind.BINARY_VIEW, 16);
                case Type.Utf8View -> of(name, Kind.TEXT_VIEW, 16);
                case Type.List -> holding(name, Kind.LIST, 4, children, 1);
                case Type.LargeList -> holding(name, Kind.LIST, 8, children, 1);
                case Type.ListView -> holding(name, Kind.LIST_VIEW, 4, children, 1);
                case Type.LargeListView -> holding(name, Kind.LIST_VIEW, 8, children, 1);
                case Type.FixedSizeList ->
                    holding(
                            name,
                            Kind.FIXED_LIST,
                            type(field, new FixedSizeList()).listSize(),
                            children,
                            1);
                case Type.Struct_ -> holding(name, Kind.STRUCT, 0, children, children.size());
                case Type.Map -> {
                    var map = holding(name, Kind.MAP, 4, children, 1);
                    if (children.get(0).kind() != Kind.STRUCT
                            || children.get(0).children().size() != 2) {
                        throw damaged();
                    }
                    yield map;
                }
                case Type.RunEndEncoded -> {
                    var runs = holding(name, Kind.RUN_ENDS, 0, children, 2);
                    if (children.get(0).kind() != Kind.INTEGER) {
                        throw damaged();
                    }
                    yield runs;
                }
                default ->
                    throw new UserException("Cannot read column '" + shown(name) + "' of " + file
                            + ": it is of Arrow's type " + typeName(field.typeType())
                            + ", which holds no numbers; write the file without it");
            };
        }

        private static String typeName(byte type) {
            return type > 0 && type < Type.names.length ? Type.name(type) : String.valueOf(type);
        }

        private static ArrowField of(String name, Kind kind, int size) {
            return new ArrowField(name, kind, size, 0, List.of(), -1);
        }

        private ArrowField holding(String name, Kind kind, int size, List<ArrowField> children, int count) {
            if (children.size() != count || size < 0) {
                throw damaged();
            }
            return new ArrowField(name, kind, size, 0, children, -1);
        }

        private ArrowField integer(String name, Int type) {
            return of(name, type.isSigned() ? Kind.INTEGER : Kind.UNSIGNED, requireSize(type.bitWidth() / 8));
        }

        private int floatSize(FloatingPoint type) {
            return switch (type.precision()) {
                case Precision.HALF -> 2;
                case Precision.SINGLE -> 4;
                case Precision.DOUBLE -> 8;
                default -> throw damaged();
            };
        }

        private int requireSize(int bytes) {
            if (bytes < 1 || bytes > 32 || Integer.bitCount(bytes) != 1) {
                throw damaged();
            }
            return bytes;
        }

        private int perSecond(short unit) {
            return switch (unit) {
                case TimeUnit.SECOND -> 1;
                case TimeUnit.MILLISECOND -> 1_000;
                case TimeUnit.MICROSECOND -> 1_000_000;
                case TimeUnit.NANOSECOND -> 1_000_000_000;
                default -> throw damaged();
            };
        }

        private <T extends com.google.flatbuffers.Table> T type(Field field, T into) {
            if (field.type(into) == null) {
                throw damaged();
            }
            return into;
        }

        private UserException damaged() {
            return new UserException("Cannot read " + file
                    + ": its schema contradicts itself; the file is damaged, copy or write it again");
        }
    }

    /** A name in a message. */
    static String shown(String name) {
        return Shown.beginning(name, 60);
    }
}
