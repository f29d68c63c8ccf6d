package io.hindcast.source;

import io.hindcast.config.Settings;
import io.hindcast.config.UserException;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Arrays of an HDF5 file side by side, as one quantity of a {@link ColumnMapping}. */
final class Hdf5Column {
    private final List<Hdf5Values> arrays;
    private final int width;

    private Hdf5Column(List<Hdf5Values> arrays) {
        this.arrays = arrays;
        width = arrays.stream().mapToInt(Hdf5Values::columns).sum();
    }

    /**
     * The arrays at {@code paths}, which are counted from {@code group}.
     *
     * @return null if there are no paths
     * @throws UserException if one is missing
     */
    static @Nullable Hdf5Column of(Hdf5File file, Hdf5File.Group group, List<String> paths) {
        return of(paths, path -> array(file, group, path));
    }

    /** The arrays behind {@code paths} side by side, null if there are no paths. */
    static @Nullable Hdf5Column of(List<String> paths, Function<String, Hdf5Values> arrays) {
        return paths.isEmpty()
                ? null
                : new Hdf5Column(ColumnMapping.expand(paths).stream()
                        .map(path -> spread(path, arrays))
                        .toList());
    }

    private static Hdf5Values spread(String path, Function<String, Hdf5Values> arrays) {
        if (!OneHot.is(path)) {
            return arrays.apply(path);
        }
        var spread = OneHot.of(path);
        return new Hdf5OneHot(arrays.apply(spread.column()), spread);
    }

    /** The array at {@code path} as one number a row, null if there is no path. */
    static @Nullable Hdf5Column of(Hdf5File file, Hdf5File.Group group, @Nullable String path) {
        return path == null ? null : one(file, array(file, group, path));
    }

    /**
     * One number a row.
     *
     * @throws UserException if the rows of {@code array} have more
     */
    static Hdf5Column one(Hdf5File file, Hdf5Values array) {
        if (array.columns() != 1) {
            throw new UserException("Cannot read array '" + array.path() + "' of " + file.name() + ": its rows have "
                    + array.columns() + " numbers where one is expected; name an array of one number a row");
        }
        return new Hdf5Column(List.of(array));
    }

    static Hdf5Values array(Hdf5File file, Hdf5File.Group group, String path) {
        return holder(file, group, path).dataset(path.substring(path.lastIndexOf('/') + 1));
    }

    /**
     * The group in which the last part of {@code path} lies.
     *
     * @throws UserException if there is none
     */
    static Hdf5File.Group holder(Hdf5File file, Hdf5File.Group group, String path) {
        var parts = path.split("/", -1);
        var at = group;
        for (var i = 0; i < parts.length; i++) {
            if (!at.names().contains(parts[i])) {
                throw Settings.unknown(
                        "column", path, at.names().stream().sorted().toList(), " of " + file.name());
            }
            if (i < parts.length - 1) {
                at = at.group(parts[i]);
            }
        }
        return at;
    }

    List<Hdf5Values> arrays() {
        return arrays;
    }

    /** The rows that all arrays have. */
    long rows() {
        return arrays.stream().mapToLong(Hdf5Values::rows).min().orElse(0);
    }

    int width() {
        return width;
    }

    float[] vector(long row) {
        var values = new float[width];
        var at = 0;
        for (var array : arrays) {
            array.copy(row, values, at);
            at += array.columns();
        }
        return values;
    }

    double number(long row) {
        return arrays.get(0).number(row, 0);
    }

    /** What {@link #number} leaves out of a whole number with more digits than it has. */
    double rest(long row) {
        var array = arrays.get(0);
        var whole = array.isWhole() && !array.isUnsigned() ? array.whole(row, 0) : 0;
        return Math.abs(whole) <= 1L << 53 ? 0 : whole - (long) number(row);
    }

    /** The name that the first number of a row is, to the last digit; null if it is NaN. */
    static @Nullable String text(Hdf5Values array, long row) {
        if (!array.isWhole()) {
            return Scalars.text(array.number(row, 0));
        }
        var whole = array.whole(row, 0);
        return array.isUnsigned() ? Long.toUnsignedString(whole) : Long.toString(whole);
    }

    /** The flag of a row, null if it is not told: NaN. */
    @Nullable Boolean flag(long row) {
        var number = number(row);
        try {
            return Scalars.flag(number);
        } catch (NumberFormatException e) {
            throw new UserException(
                    "Cannot read array '" + arrays.get(0).path() + "': row " + row + " holds " + number
                            + " where a flag is expected; a flag is 1 or 0, or NaN where it is not known",
                    e);
        }
    }
}
