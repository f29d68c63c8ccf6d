package io.hindcast.table;

import io.hindcast.judge.Judgement;
import io.hindcast.judge.Need;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The table of what logs say of policies. */
public final class EstimatesTable {
    private EstimatesTable() {}

    /**
     * What the row of a policy in the ranking says.
     *
     * @param run null if it is of none
     * @param step its updates, likewise
     * @param value NaN if there is none
     */
    public record Ranked(
            String policy,
            @Nullable String run,
            @Nullable Long step,
            String estimator,
            double value,
            boolean isUsable) {}

    /** The policies of a version as they are ranked. */
    public static List<Ranked> ranked(Warehouse warehouse, TableVersion estimates) {
        return TableRows.of(warehouse, estimates, "policy", "run_id", "step", "estimator", "value", "usable", "rank")
                .stream()
                .filter(row -> !row.isNullAt(6))
                .sorted(Comparator.comparing(row -> row.getInt(6)))
                .map(row -> new Ranked(
                        row.getString(0),
                        row.getString(1),
                        row.isNullAt(2) ? null : row.getLong(2),
                        row.getString(3),
                        row.isNullAt(4) ? Double.NaN : row.getDouble(4),
                        row.getBoolean(5)))
                .toList();
    }

    /**
     * A policy as it is at last.
     *
     * @param step of the last checkpoint of its run that is judged; null if it is of none
     * @param isUsable whether some estimate of it by all episodes is
     */
    public record Last(String policy, @Nullable Long step, boolean isUsable) {}

    /** The policies of a version, one of each name and run. */
    public static List<Last> last(Warehouse warehouse, TableVersion estimates) {
        var all = new ArrayList<Last>();
        var runs = new IdentityHashMap<Last, @Nullable String>();
        TableRows.forEach(warehouse, estimates, List.of("policy", "run_id", "step", "usable", "group"), row -> {
            if (row.isNullAt(4)) {
                var one = new Last(row.getString(0), row.isNullAt(2) ? null : row.getLong(2), row.getBoolean(3));
                runs.put(one, row.getString(1));
                all.add(one);
            }
        });
        all.sort(Comparator.comparing(Last::policy)
                .thenComparing(runs::get, Comparator.nullsFirst(Comparator.naturalOrder()))
                .thenComparing(Last::step, Comparator.nullsFirst(Comparator.naturalOrder())));
        var last = new LinkedHashMap<List<@Nullable String>, Last>();
        for (var one : all) {
            last.merge(
                    Arrays.asList(one.policy(), runs.get(one)),
                    one,
                    (before, now) -> new Last(
                            now.policy(),
                            now.step(),
                            now.isUsable() || (Objects.equals(before.step(), now.step()) && before.isUsable())));
        }
        return List.copyOf(last.values());
    }

    /**
     * The rows to publish: one a policy, estimator and group.
     *
     * @param ranked those of them that the ranking goes by, in its order
     */
    public static List<@Nullable Object[]> rows(List<Judgement> judgements, List<Judgement> ranked) {
        var places = new IdentityHashMap<Judgement, Integer>();
        ranked.forEach(judgement -> places.put(judgement, places.size() + 1));
        var rows = new ArrayList<@Nullable Object[]>();
        for (var judgement : judgements) {
            var estimate = judgement.estimate();
            var weights = judgement.weights();
            var interval = estimate.interval();
            rows.add(new @Nullable Object[] {
                judgement.policy(),
                judgement.run(),
                judgement.step(),
                judgement.estimator(),
                judgement.group(),
                finite(estimate.value()),
                finite(judgement.loggedValue()),
                finite(judgement.difference().value()),
                finite(judgement.difference().interval().low()),
                finite(judgement.difference().interval().high()),
                finite(estimate.standardError()),
                finite(estimate.skewness()),
                finite(interval.low()),
                finite(interval.high()),
                finite(interval.low()) == null ? null : "student-t",
                finite(estimate.bootstrap().low()),
                finite(estimate.bootstrap().high()),
                finite(judgement.lowerBound()),
                finite(judgement.lowerBound()) == null ? null : judgement.lowerBoundMethod(),
                finite(weights.effectiveSampleSize()),
                finite(weights.largestShare()),
                floats(weights.mean()),
                finite(weights.massOutside()),
                estimate.episodes(),
                judgement.leftOut().values().stream().mapToLong(Long::longValue).sum(),
                why(judgement.leftOut()),
                judgement.nuisances(),
                judgement.isUsable(),
                judgement.reason(),
                places.get(judgement),
                judgement.gain().over(),
                finite(judgement.gain().value()),
                finite(judgement.gain().standardError()),
                finite(judgement.gain().skewness())
            });
        }
        return rows;
    }

    private static @Nullable String why(Map<Need, Long> leftOut) {
        return leftOut.isEmpty()
                ? null
                : new TreeMap<>(leftOut)
                        .entrySet().stream()
                                .map(lack ->
                                        lack.getValue() + ": " + lack.getKey().lack())
                                .collect(Collectors.joining("; "));
    }

    private static float[] floats(double[] numbers) {
        var floats = new float[numbers.length];
        for (var i = 0; i < floats.length; i++) {
            floats[i] = (float) numbers[i];
        }
        return floats;
    }

    private static @Nullable Double finite(double value) {
        return Double.isFinite(value) ? value : null;
    }
}
