package io.hindcast.source;

import java.io.Serializable;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** The names that occur in the columns that are categories: a state that merges. Not for several threads. */
public final class Categories implements Serializable {
    private static final long serialVersionUID = 1L;

    private final TreeMap<String, TreeSet<String>> found = new TreeMap<>();

    /** The state of no rows. */
    public Categories(List<String> columns) {
        columns.forEach(column -> found.put(column, new TreeSet<>()));
    }

    /**
     * Adds one row; a missing value adds nothing.
     *
     * @param names the columns of {@code file}
     * @throws io.hindcast.config.UserException if a column that is a category is not among them
     */
    public Categories add(String file, List<String> names, @Nullable Object[] values) {
        found.forEach((column, all) -> {
            var value = values[ColumnMapping.place(column, names, file)];
            if (value != null) {
                all.add(value.toString());
            }
        });
        return this;
    }

    /** Adds what another state found in the same columns. */
    public Categories merge(Categories other) {
        found.forEach((column, all) -> all.addAll(Objects.requireNonNull(other.found.get(column))));
        return this;
    }

    /** The names in each column, sorted. */
    public Map<String, List<String>> names() {
        var names = new TreeMap<String, List<String>>();
        found.forEach((column, all) -> names.put(column, List.copyOf(all)));
        return names;
    }
}
