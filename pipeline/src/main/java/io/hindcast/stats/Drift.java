package io.hindcast.stats;

import io.hindcast.config.UserException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * How far the distributions of a dataset differ from those of a reference, quantity by quantity.
 *
 * @param reference what it was compared with, in words
 * @param current what was compared, in words
 * @param shifts one a quantity that both have, in the order of the table
 */
public record Drift(String reference, String current, List<Shift> shifts) {
    /** The usual reading of the index (Siddiqi 2006): below the first nothing much, above the second a lot has changed. */
    public static final double SOME = 0.1;

    /** See {@link #SOME}. */
    public static final double MUCH = 0.25;

    private static final Set<String> COMPARED = Set.of(
            "observation",
            "action",
            "step_difference",
            "action_index",
            "reward",
            "episode_return",
            "episode_length",
            "behaviour_log_prob",
            "time_delta");

    /**
     * One quantity.
     *
     * @param psi the population stability index, see {@link BitHistogram#populationStability}
     * @param meanBefore the mean in the reference
     * @param meanNow the mean in what was compared
     */
    public record Shift(String name, int dimension, double psi, double meanBefore, double meanNow) {}

    /**
     * Compares two datasets.
     *
     * @throws UserException if their vectors differ in length
     */
    public static Drift between(String reference, DatasetStats before, String current, DatasetStats now) {
        for (var vector : List.of("observation", "action")) {
            var there = before.vector(vector).size();
            var here = now.vector(vector).size();
            if (there != here) {
                throw new UserException("Cannot compare with " + reference + ": its " + vector + " has " + there
                        + " entries, here there are " + here + "; give another drift-against");
            }
        }
        var shifts = new ArrayList<Shift>();
        var others = before.described();
        for (var row : now.described()) {
            if (COMPARED.contains(row.name())) {
                others.stream()
                        .filter(other -> other.name().equals(row.name()) && other.dimension() == row.dimension())
                        .forEach(other -> shifts.add(new Shift(
                                row.name(),
                                row.dimension(),
                                BitHistogram.populationStability(
                                        other.distribution().histogram(),
                                        row.distribution().histogram()),
                                other.distribution().mean(),
                                row.distribution().mean())));
            }
        }
        return new Drift(reference, current, List.copyOf(shifts));
    }

    /** The index of a quantity; null if it was not compared. */
    public @Nullable Double psi(String name, int dimension) {
        return shifts.stream()
                .filter(shift -> shift.name().equals(name) && shift.dimension() == dimension)
                .map(Shift::psi)
                .findFirst()
                .orElse(null);
    }

    /** The shifts, greatest first. */
    public List<Shift> greatest() {
        return shifts.stream()
                .sorted(Comparator.comparingDouble(Shift::psi).reversed())
                .toList();
    }
}
