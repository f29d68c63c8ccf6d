package io.hindcast.source;

import io.hindcast.timeline.Spelling;
import java.io.Serializable;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** The names that occur in the columns that are categories or maps: a state that merges. Not for several threads. */
public final class Categories implements Serializable {
    private static final long serialVersionUID = 1L;

    private final Map<String, String> columns;
    private final int most;
    private final TreeMap<String, TreeSet<String>> found = new TreeMap<>();

    /**
     * The state of no rows.
     *
     * @param columns see {@link ColumnMapping#categories}
     * @param most keeps at most this many names plus one
     */
    public Categories(Map<String, String> columns, int most) {
        this.columns = new TreeMap<>(columns);
        this.most = most;
        columns.values().forEach(column -> found.put(column, new TreeSet<>()));
    }

    /**
     * Adds one row; a missing value adds nothing, a list each of its entries, a map each of its keys.
     *
     * @param names the columns of {@code file}
     * @throws io.hindcast.config.UserException if a column that is a category is not among them
     */
    public Categories add(String file, List<String> names, @Nullable Object[] values) {
        columns.forEach((column, kept) ->
                add(Objects.requireNonNull(found.get(kept)), new Column(file, column, names).value(values)));
        return this;
    }

    private void add(Set<String> all, @Nullable Object value) {
        if (value instanceof List<?> list) {
            list.forEach(item -> add(all, item));
        } else if (value instanceof Map<?, ?> map) {
            map.keySet().forEach(key -> add(all, key));
        } else if (value != null && all.size() <= most) {
            var name = Column.text(value);
            if (name != null) {
                all.add(name);
            }
        }
    }

    /** Adds what another state found in the same columns. */
    public Categories merge(Categories other) {
        found.forEach(
                (column, all) -> Objects.requireNonNull(other.found.get(column)).forEach(name -> add(all, name)));
        return this;
    }

    /**
     * The names in each column, sorted: as numbers if all of them are whole ones. A whole number that is spelt in several ways
     * (7 and 7.0) is one name, 7.
     */
    public Map<String, List<String>> names() {
        var names = new TreeMap<String, List<String>>();
        found.forEach((column, all) -> names.put(column, sorted(merged(all))));
        return names;
    }

    /** How many spellings of each column are another one's name too; columns without any are left out. */
    public Map<String, Integer> merged() {
        var counts = new TreeMap<String, Integer>();
        found.forEach((column, all) -> {
            var more = all.size() - merged(all).size();
            if (more > 0) {
                counts.put(column, more);
            }
        });
        return counts;
    }

    private static Set<String> merged(Set<String> spellings) {
        var bySense = new TreeMap<String, String>();
        for (var spelling : spellings) {
            bySense.merge(Spelling.plain(spelling), spelling, (one, other) -> Spelling.plain(one));
        }
        return new TreeSet<>(bySense.values());
    }

    /** Sorted as text, or as numbers if all are whole ones. */
    static List<String> sorted(Set<String> names) {
        return names.stream().allMatch(name -> name.matches("-?\\d{1,18}"))
                ? names.stream()
                        .sorted(Comparator.comparingLong(Long::parseLong))
                        .toList()
                : List.copyOf(names);
    }
}
