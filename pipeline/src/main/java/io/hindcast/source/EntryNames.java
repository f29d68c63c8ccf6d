package io.hindcast.source;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The names of the entries of vectors, as far as the mapping of columns gives them. */
public final class EntryNames {
    private EntryNames() {}

    /**
     * A name for each entry: {@code x} of a column of one number, {@code pose[2]} of a vector, {@code city=Rome} of a category,
     * {@code features.age} of a map, {@code room=3} or {@code cards[1]=0} of a one-hot column.
     *
     * @param given columns as the conf names them
     * @param categories the names in each column that is a category or a map
     * @param size entries there are
     * @return none if it is not known which column an entry is from
     */
    public static List<String> of(
            List<String> given, ColumnMapping columns, Map<String, List<String>> categories, int size) {
        var parts = new ArrayList<List<String>>();
        var bare = new ArrayList<Integer>();
        var known = 0;
        for (var column : ColumnMapping.expand(given)) {
            if (OneHot.is(column) || ColumnMapping.isCategory(column) || ColumnMapping.isMap(column)) {
                parts.add(spread(column, columns, categories));
                known += parts.get(parts.size() - 1).size();
            } else {
                bare.add(parts.size());
                parts.add(List.of(column));
            }
        }
        var rest = size - known;
        if (bare.size() == 1 && rest > 1) {
            parts.set(bare.get(0), numbered(parts.get(bare.get(0)).get(0), rest));
        } else if (bare.size() != rest) {
            return List.of();
        }
        return parts.stream().flatMap(List::stream).toList();
    }

    private static List<String> spread(String column, ColumnMapping columns, Map<String, List<String>> categories) {
        var name = ColumnMapping.bare(column);
        if (!OneHot.is(column)) {
            var between = ColumnMapping.isMap(column) ? "." : "=";
            return categories.getOrDefault(columns.categories().get(name), List.of()).stream()
                    .map(value -> name + between + value)
                    .toList();
        }
        var spread = OneHot.of(column);
        var names = new ArrayList<String>();
        for (var i = 0; i < spread.sizes().size(); i++) {
            var number = spread.sizes().size() == 1 ? name : name + "[" + i + "]";
            for (var value = 0; value < spread.sizes().get(i); value++) {
                names.add(number + "=" + (spread.starts().get(i) + value));
            }
        }
        return names;
    }

    private static List<String> numbered(String column, int count) {
        var names = new ArrayList<String>();
        for (var i = 0; i < count; i++) {
            names.add(column + "[" + i + "]");
        }
        return names;
    }
}
