package io.hindcast.source;

import io.hindcast.config.Settings;
import io.hindcast.config.UserException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Arrays of an HDF5 file side by side, as one quantity of a {@link ColumnMapping}. */
final class Hdf5Column {
    private final List<Hdf5Dataset> arrays;
    private final int width;

    private Hdf5Column(List<Hdf5Dataset> arrays) {
        this.arrays = arrays;
        width = arrays.stream().mapToInt(Hdf5Dataset::columns).sum();
    }

    /**
     * The arrays at {@code paths}, which are counted from {@code group}.
     *
     * @return null if there are no paths
     * @throws UserException if one is missing
     */
    static @Nullable Hdf5Column of(Hdf5File file, Hdf5File.Group group, List<String> paths) {
        if (paths.isEmpty()) {
            return null;
        }
        var arrays = new ArrayList<Hdf5Dataset>();
        for (var path : ColumnMapping.expand(paths)) {
            arrays.add(array(file, group, path));
        }
        return new Hdf5Column(arrays);
    }

    /** The array at {@code path} as one number a row, null if there is no path. */
    static @Nullable Hdf5Column of(Hdf5File file, Hdf5File.Group group, @Nullable String path) {
        if (path == null) {
            return null;
        }
        var array = array(file, group, path);
        if (array.columns() != 1) {
            throw new UserException("Cannot read array '" + array.path() + "' of " + file.name() + ": its rows have "
                    + array.columns() + " numbers where one must stand; name an array of one number a row");
        }
        return new Hdf5Column(List.of(array));
    }

    private static Hdf5Dataset array(Hdf5File file, Hdf5File.Group group, String path) {
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
        return at.dataset(parts[parts.length - 1]);
    }

    List<Hdf5Dataset> arrays() {
        return arrays;
    }

    /** The rows that all arrays have. */
    long rows() {
        return arrays.stream().mapToLong(Hdf5Dataset::rows).min().orElse(0);
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

    /** Any number but 0, as NaN is, sets a flag. */
    boolean flag(long row) {
        return number(row) != 0;
    }
}
