package io.hindcast.source;

import io.hindcast.data.ActionSpace;
import java.io.Serializable;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What a file says about itself, found out without reading its observations.
 *
 * @param parts which parts of it tasks read
 * @param columns which of its arrays hold what
 * @param actions how its actions are numbered or bounded, null if it does not say
 * @param notes what the user should know about it
 * @param categories the sorted names in each column that is a category or a map
 */
public record FilePlan(
        List<FilePart> parts,
        ColumnMapping columns,
        @Nullable ActionSpace actions,
        List<String> notes,
        Map<String, List<String>> categories)
        implements Serializable {
    /** Of a file that has neither categories nor maps. */
    FilePlan(List<FilePart> parts, ColumnMapping columns, @Nullable ActionSpace actions, List<String> notes) {
        this(parts, columns, actions, notes, Map.of());
    }

    /** The names in the columns of all files. */
    public static Map<String, List<String>> categories(List<FilePlan> plans) {
        var all = new TreeMap<String, TreeSet<String>>();
        plans.forEach(plan -> plan.categories()
                .forEach((column, names) ->
                        all.computeIfAbsent(column, any -> new TreeSet<>()).addAll(names)));
        var sorted = new TreeMap<String, List<String>>();
        all.forEach((column, names) -> sorted.put(column, Categories.sorted(names)));
        return sorted;
    }
}
