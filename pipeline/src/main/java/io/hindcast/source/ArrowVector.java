package io.hindcast.source;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The values of one Arrow column in one batch of rows, decoded when they are asked for. */
abstract class ArrowVector {
    /** A value of a binary column. */
    @SuppressWarnings("ArrayRecordComponent") // handed over, never compared
    record Binary(byte[] bytes) {
        @Override
        public String toString() {
            return bytes.length + " bytes";
        }
    }

    final int length;
    private final @Nullable ByteBuffer validity;

    private ArrowVector(int length, @Nullable ByteBuffer validity) {
        this.length = length;
        this.validity = validity;
    }

    /**
     * A value as a {@link RowReader} gives it; of binary columns a {@link Binary}.
     *
     * @throws IndexOutOfBoundsException if the buffers do not have what they claim
     */
    final @Nullable Object get(int row) {
        if (row < 0 || row >= length) {
            throw new IndexOutOfBoundsException("place " + row + " of " + length);
        }
        return isValid(row) ? value(row) : null;
    }

    final boolean isValid(int row) {
        return validity == null || (validity.get(row >> 3) >> (row & 7) & 1) != 0;
    }

    abstract @Nullable Object value(int row);

    /** Values {@code from} to {@code to} as a list: numbers of one kind side by side, with NaN for what is missing. */
    Object list(int from, int to) {
        var list = new ArrayList<@Nullable Object>(to - from);
        for (var i = from; i < to; i++) {
            list.add(get(i));
        }
        return list;
    }

    /** A column without values. */
    static ArrowVector nulls(int length) {
        return new ArrowVector(length, null) {
            @Override
            @Nullable Object value(int row) {
                return null;
            }
        };
    }

    /** Whole numbers in little-endian order; {@code long} if they fit. */
    static ArrowVector integers(int length, @Nullable ByteBuffer validity, ByteBuffer data, int size, boolean signed) {
        return new ArrowVector(length, validity) {
            @Override
            Object value(int row) {
                var value = whole(data, row, size);
                if (signed || (size == 8 && value >= 0)) {
                    return value;
                }
                return size == 8
                        ? new BigInteger(Long.toUnsignedString(value))
                        : (Object) (value & (-1L >>> (64 - 8 * size)));
            }
        };
    }

    private static long whole(ByteBuffer data, int row, int size) {
        return switch (size) {
            case 1 -> data.get(row);
            case 2 -> data.getShort(2 * row);
            case 4 -> data.getInt(4 * row);
            default -> data.getLong(8 * row);
        };
    }

    /** Numbers of 2, 4 or 8 bytes. */
    static ArrowVector floats(int length, @Nullable ByteBuffer validity, ByteBuffer data, int size) {
        return new ArrowVector(length, validity) {
            @Override
            Object value(int row) {
                return switch (size) {
                    case 2 -> half(data.getShort(2 * row));
                    case 4 -> data.getFloat(4 * row);
                    default -> (Object) data.getDouble(8 * row);
                };
            }

            @Override
            Object list(int from, int to) {
                if (size == 8) {
                    var values = new double[to - from];
                    for (var i = 0; i < values.length; i++) {
                        values[i] = isValid(from + i) ? data.getDouble(8 * (from + i)) : Double.NaN;
                    }
                    return values;
                }
                var values = new float[to - from];
                for (var i = 0; i < values.length; i++) {
                    var at = from + i;
                    values[i] =
                            !isValid(at) ? Float.NaN : size == 4 ? data.getFloat(4 * at) : half(data.getShort(2 * at));
                }
                return values;
            }
        };
    }

    /** The number whose 16 bits these are. */
    static float half(short bits) {
        var exponent = bits >> 10 & 0x1f;
        var fraction = bits & 0x3ff;
        var size = exponent == 0
                ? fraction * 0x1p-24f
                : exponent == 0x1f
                        ? (fraction == 0 ? Float.POSITIVE_INFINITY : Float.NaN)
                        : (1 + fraction * 0x1p-10f) * (float) Math.scalb(1.0, exponent - 15);
        return bits < 0 ? -size : size;
    }

    static ArrowVector flags(int length, @Nullable ByteBuffer validity, ByteBuffer data) {
        return new ArrowVector(length, validity) {
            @Override
            Object value(int row) {
                return (data.get(row >> 3) >> (row & 7) & 1) != 0;
            }
        };
    }

    static ArrowVector decimals(int length, @Nullable ByteBuffer validity, ByteBuffer data, int size, int scale) {
        return new ArrowVector(length, validity) {
            @Override
            Object value(int row) {
                var bytes = new byte[size];
                for (var i = 0; i < size; i++) {
                    bytes[i] = data.get(size * row + size - 1 - i);
                }
                return new BigDecimal(new BigInteger(bytes), scale);
            }
        };
    }

    /** Days since 1970. */
    static ArrowVector dates(int length, @Nullable ByteBuffer validity, ByteBuffer data) {
        return new ArrowVector(length, validity) {
            @Override
            Object value(int row) {
                return LocalDate.ofEpochDay(data.getInt(4 * row));
            }
        };
    }

    /** Times since 1970. */
    static ArrowVector instants(int length, @Nullable ByteBuffer validity, ByteBuffer data, int perSecond) {
        return new ArrowVector(length, validity) {
            @Override
            Object value(int row) {
                var units = data.getLong(8 * row);
                return Instant.ofEpochSecond(
                        Math.floorDiv(units, (long) perSecond),
                        Math.floorMod(units, (long) perSecond) * (1_000_000_000L / perSecond));
            }
        };
    }

    /** Times of a day, in seconds. */
    static ArrowVector times(int length, @Nullable ByteBuffer validity, ByteBuffer data, int size, int perSecond) {
        return new ArrowVector(length, validity) {
            @Override
            Object value(int row) {
                return whole(data, row, size) / (double) perSecond;
            }
        };
    }

    /** Texts or bytes, of which {@code offsets} say where each begins and ends. */
    static ArrowVector bytes(
            int length, @Nullable ByteBuffer validity, ByteBuffer offsets, int size, ByteBuffer data, boolean text) {
        return new ArrowVector(length, validity) {
            @Override
            Object value(int row) {
                var from = place(offsets, row, size, data.limit());
                return slice(data, from, place(offsets, row + 1, size, data.limit()) - from, text);
            }
        };
    }

    /** Texts or bytes of one length. */
    static ArrowVector fixedBytes(int length, @Nullable ByteBuffer validity, ByteBuffer data, int size) {
        return new ArrowVector(length, validity) {
            @Override
            Object value(int row) {
                return slice(data, Math.multiplyExact(size, row), size, false);
            }
        };
    }

    /** Texts or bytes whose short ones lie in the view, and long ones in one of several buffers. */
    static ArrowVector views(
            int length, @Nullable ByteBuffer validity, ByteBuffer views, List<ByteBuffer> data, boolean text) {
        return new ArrowVector(length, validity) {
            @Override
            Object value(int row) {
                var at = 16 * row;
                var size = views.getInt(at);
                return size <= 12
                        ? slice(views, at + 4, size, text)
                        : slice(data.get(views.getInt(at + 8)), views.getInt(at + 12), size, text);
            }
        };
    }

    private static Object slice(ByteBuffer data, int from, int size, boolean text) {
        Objects.checkFromIndexSize(from, size, data.limit());
        var bytes = new byte[size];
        data.get(from, bytes);
        return text ? new String(bytes, StandardCharsets.UTF_8) : new Binary(bytes);
    }

    /** An offset, which must lie within what it points into. */
    private static int place(ByteBuffer offsets, int row, int size, int most) {
        var offset = whole(offsets, row, size);
        if (offset < 0 || offset > most) {
            throw new IndexOutOfBoundsException("offset " + offset + " of " + most);
        }
        return (int) offset;
    }

    /** Lists, of which {@code offsets} say where each begins and ends. */
    static ArrowVector lists(
            int length, @Nullable ByteBuffer validity, ByteBuffer offsets, int size, ArrowVector items) {
        return new ArrowVector(length, validity) {
            @Override
            Object value(int row) {
                var from = place(offsets, row, size, items.length);
                var to = place(offsets, row + 1, size, items.length);
                Objects.checkFromToIndex(from, to, items.length);
                return items.list(from, to);
            }
        };
    }

    /** Lists of which each begins anywhere. */
    static ArrowVector listViews(
            int length,
            @Nullable ByteBuffer validity,
            ByteBuffer offsets,
            ByteBuffer sizes,
            int size,
            ArrowVector items) {
        return new ArrowVector(length, validity) {
            @Override
            Object value(int row) {
                var from = place(offsets, row, size, items.length);
                var count = place(sizes, row, size, items.length);
                Objects.checkFromIndexSize(from, count, items.length);
                return items.list(from, from + count);
            }
        };
    }

    /** Lists of one length. */
    static ArrowVector fixedLists(int length, @Nullable ByteBuffer validity, int size, ArrowVector items) {
        return new ArrowVector(length, validity) {
            @Override
            Object value(int row) {
                return items.list(size * row, size * (row + 1));
            }
        };
    }

    /** Maps from the fields' names. */
    static ArrowVector structs(
            int length, @Nullable ByteBuffer validity, List<ArrowField> fields, List<ArrowVector> values) {
        return new ArrowVector(length, validity) {
            @Override
            Object value(int row) {
                Map<String, @Nullable Object> map = new LinkedHashMap<>();
                for (var i = 0; i < values.size(); i++) {
                    map.put(fields.get(i).name(), values.get(i).get(row));
                }
                return map;
            }
        };
    }

    /** Maps whose keys and values are the two fields of {@code entries}. */
    static ArrowVector maps(
            int length, @Nullable ByteBuffer validity, ByteBuffer offsets, ArrowVector keys, ArrowVector values) {
        return new ArrowVector(length, validity) {
            @Override
            Object value(int row) {
                var from = place(offsets, row, 4, keys.length);
                var to = place(offsets, row + 1, 4, keys.length);
                Map<String, @Nullable Object> map = new LinkedHashMap<>();
                for (var i = from; i < to; i++) {
                    map.put(String.valueOf(keys.get(i)), values.get(i));
                }
                return map;
            }
        };
    }

    /** Each value once, with the row after its last one. */
    static ArrowVector runs(int length, ArrowVector ends, ArrowVector values) {
        var until = new long[ends.length];
        for (var i = 0; i < until.length; i++) {
            until[i] = ends.get(i) instanceof Long end ? end : Long.MAX_VALUE;
        }
        return new ArrowVector(length, null) {
            @Override
            @Nullable Object value(int row) {
                var found = Arrays.binarySearch(until, row + 1L);
                return values.get(found >= 0 ? found : -found - 1);
            }
        };
    }

    /** Places in a list of values, which is kept apart. */
    static ArrowVector places(ArrowVector places, List<@Nullable Object> values) {
        return new ArrowVector(places.length, null) {
            @Override
            @Nullable Object value(int row) {
                return places.get(row) instanceof Number place ? values.get(place.intValue()) : null;
            }
        };
    }

    /** Bytes in the order of numbers that Arrow writes. */
    static ByteBuffer buffer(byte[] bytes, int from, int length) {
        return ByteBuffer.wrap(bytes, from, length).slice().order(ByteOrder.LITTLE_ENDIAN);
    }
}
