package io.hindcast.table;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.hindcast.config.Json;
import io.hindcast.data.Transformation;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.stream.Stream;
import org.apache.spark.sql.Row;
import org.jspecify.annotations.Nullable;

/** The table of what was done to make each subset, step by step. */
public final class SubsetStepsTable {
    private SubsetStepsTable() {}

    /**
     * A step that was done.
     *
     * @param name its name
     * @param settings its settings as JSON values
     * @param kept what there was after it
     * @param transformation what it does to rows, null if nothing
     */
    public record Step(
            String name,
            Map<String, Object> settings,
            Kept kept,
            @Nullable Transformation transformation) {}

    /**
     * What a step leaves.
     *
     * @param trajectories how many logged trajectories these episodes are; null where each is one
     * @param returns null where they are not known
     */
    public record Kept(
            long episodes,
            @Nullable Long trajectories,
            long transitions,
            @Nullable Returns returns) {}

    /** Returns of the trajectories that are left. */
    public record Returns(double mean, double min, double max) {}

    /**
     * The settings of a step {@code mixture}, with what was found.
     *
     * @param weight of the dataset itself
     */
    public record Mixture(double weight, List<Share> others) {}

    /**
     * Another dataset in a mixture.
     *
     * @param out its output directory
     * @param subset which subset of it
     * @param weight of it
     * @param rows transitions of that subset
     * @param transitions the version they are in
     * @param subsets the version the subset is in, null for {@code all}
     */
    public record Share(
            String out,
            String subset,
            double weight,
            long rows,
            Manifest.Parent transitions,
            Manifest.@Nullable Parent subsets) {}

    /** As {@link Step#settings}. */
    @SuppressWarnings("unchecked") // a record is an object
    public static Map<String, Object> settings(Mixture mixture) {
        return Json.SORTED.convertValue(mixture, Map.class);
    }

    /** The rows of a version, by subset and position. */
    public static List<Row> all(Warehouse warehouse, TableVersion version) {
        return TableRows.of(warehouse, version).stream()
                .sorted(Comparator.<Row, String>comparing(row -> row.getAs("subset"))
                        .thenComparing(row -> row.<Integer>getAs("position")))
                .toList();
    }

    /**
     * What a subset is mixed of, if it is.
     *
     * @param steps as {@link #all} gives them
     */
    public static Optional<Mixture> mixture(List<Row> steps, String subset) {
        return of(steps, subset)
                .filter(row -> row.<String>getAs("step").equals("mixture"))
                .findFirst()
                .map(row -> read(row.getAs("settings"), Mixture.class));
    }

    /** The names of all subsets. */
    public static List<String> names(List<Row> steps) {
        return steps.stream().map(row -> row.<String>getAs("subset")).distinct().toList();
    }

    /** The rows to publish: the steps of every subset. */
    public static List<@Nullable Object[]> rows(SortedMap<String, List<Step>> subsets) {
        var rows = new ArrayList<@Nullable Object[]>();
        subsets.forEach((subset, steps) -> {
            for (var position = 0; position < steps.size(); position++) {
                rows.add(row(subset, position, steps.get(position)));
            }
        });
        return rows;
    }

    /** What the steps of {@code subset} do to rows, in order. */
    public static List<Transformation> transformations(List<Row> steps, String subset) {
        return of(steps, subset)
                .filter(row -> row.<@Nullable String>getAs("transformation") != null)
                .map(row -> read(row.getAs("transformation"), Transformation.class))
                .toList();
    }

    private static Stream<Row> of(List<Row> steps, String subset) {
        return steps.stream().filter(row -> subset.equals(row.<String>getAs("subset")));
    }

    private static <T> T read(String json, Class<T> type) {
        try {
            return Json.SORTED.readValue(json, type);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("Cannot read a subset's steps: this is not one of them: " + json, e);
        }
    }

    private static @Nullable Object[] row(String subset, int position, Step step) {
        var kept = step.kept();
        var returns = kept.returns();
        return new @Nullable Object[] {
            subset,
            position,
            step.name(),
            Json.text(step.settings()),
            kept.episodes(),
            kept.transitions(),
            returns == null ? null : returns.mean(),
            returns == null ? null : returns.min(),
            returns == null ? null : returns.max(),
            step.transformation() == null ? null : Json.text(step.transformation())
        };
    }
}
