package io.hindcast.stage.train;

import io.hindcast.data.CheckpointRef;
import io.hindcast.data.RowLayout.Field;
import io.hindcast.data.Spaces;
import io.hindcast.data.Transformation;
import io.hindcast.env.EnvironmentSpec;
import io.hindcast.run.RunSpec;
import io.hindcast.run.RunSpec.Judged;
import io.hindcast.stage.StageContext;
import io.hindcast.stage.TrainingRows;
import io.hindcast.table.ReplayReader;
import io.hindcast.table.Request;
import io.hindcast.table.RunsTable;
import io.hindcast.table.SubsetStepsTable;
import io.hindcast.table.SubsetStepsTable.Mixture;
import io.hindcast.table.SubsetsTable;
import io.hindcast.table.TableName;
import io.hindcast.table.TableRows;
import io.hindcast.table.TableVersion;
import io.hindcast.table.TransitionsTable;
import io.hindcast.table.Warehouse;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.spark.sql.Row;
import org.jspecify.annotations.Nullable;

/**
 * What runs learn from.
 *
 * @param transitions the data; empty if no run learns from any
 * @param subsets their subsets, if a run learns from one
 * @param rows those of every subset
 * @param mixtures how subsets are mixed, by name
 * @param transformations what is done to the rows first, by subset
 */
record TrainingData(
        Optional<TableVersion> transitions,
        Optional<TableVersion> subsets,
        Map<String, TrainingRows> rows,
        Map<String, Mixture> mixtures,
        Map<String, List<Transformation>> transformations) {
    /**
     * Looks what is there.
     *
     * @param logged what the data say besides what every row says
     * @param steps how subsets were made, if a run learns from one
     */
    static TrainingData of(
            StageContext context,
            Set<Field> logged,
            Optional<TableVersion> transitions,
            Optional<TableVersion> subsets,
            Optional<TableVersion> steps) {
        var done = steps.map(version -> SubsetStepsTable.all(context.warehouse(), version))
                .orElse(List.of());
        var mixtures = mixtures(done);
        var rows = rows(context, logged, transitions, subsets, mixtures);
        return new TrainingData(transitions, subsets, rows, mixtures, transformations(done, rows.keySet()));
    }

    /** How many transitions each subset has. */
    Map<String, Long> sizes() {
        var sizes = new HashMap<String, Long>();
        rows.forEach((subset, parts) -> sizes.put(subset, parts.count()));
        return sizes;
    }

    /**
     * The runs that learn from it. Errors as of {@link RunSpecs#of}.
     *
     * @param environment where runs act, if any does
     * @param judged the policies that runs judge, by the name of the run
     */
    List<RunSpec> specs(
            StageContext context,
            @Nullable EnvironmentSpec environment,
            TrainConfig config,
            Request request,
            Spaces spaces,
            Map<String, Judged> judged) {
        return new RunSpecs(
                        transitions,
                        environment,
                        subsets,
                        rows.keySet(),
                        masked(spaces),
                        mixtures,
                        transformations,
                        predecessors(context.warehouse(), request, config),
                        judged)
                .of(config);
    }

    /** What runs begin with, by name and seed. */
    private static Map<String, CheckpointRef> predecessors(Warehouse warehouse, Request request, TrainConfig config) {
        if (config.warmStart() == TrainConfig.WarmStart.NEVER) {
            return Map.of();
        }
        return warehouse
                .madeOtherwise(TableName.RUNS, request)
                .map(version -> RunsTable.finalCheckpoints(TableRows.of(warehouse, version), RunSpecs::key))
                .orElse(Map.of());
    }

    private static Map<String, List<Transformation>> transformations(List<Row> steps, Set<String> subsets) {
        var transformations = new HashMap<String, List<Transformation>>();
        if (!steps.isEmpty()) {
            subsets.forEach(subset -> transformations.put(subset, SubsetStepsTable.transformations(steps, subset)));
        }
        return transformations;
    }

    /** The subsets whose rows say which actions were possible. */
    private Set<String> masked(Spaces spaces) {
        return rows.keySet().stream()
                .filter(subset ->
                        Objects.requireNonNull(rows.get(subset)).layout(spaces).has(Field.ACTION_MASK))
                .collect(Collectors.toSet());
    }

    /** The rows of every subset. */
    private static Map<String, TrainingRows> rows(
            StageContext context,
            Set<Field> logged,
            Optional<TableVersion> given,
            Optional<TableVersion> subsets,
            Map<String, Mixture> mixtures) {
        var rows = new HashMap<String, TrainingRows>();
        rows.put(RunSpec.NONE, new TrainingRows(List.of(), List.of()));
        if (given.isEmpty()) {
            return rows;
        }
        var transitions = given.get();
        var all = reader(
                context.warehouse(),
                transitions,
                logged,
                null,
                RunSpec.ALL,
                transitions.manifest().rows());
        rows.put(RunSpec.ALL, new TrainingRows(List.of(all), List.of(1.0)));
        subsets.ifPresent(version -> SubsetsTable.transitions(context.warehouse(), version)
                .forEach((subset, count) -> {
                    var own = reader(context.warehouse(), transitions, logged, version, subset, count);
                    rows.put(subset, mixed(context, own, mixtures.get(subset)));
                }));
        return rows;
    }

    private static TrainingRows mixed(StageContext context, ReplayReader own, @Nullable Mixture mixture) {
        if (mixture == null) {
            return new TrainingRows(List.of(own), List.of(1.0));
        }
        var parts = new ArrayList<>(List.of(own));
        var weights = new ArrayList<>(List.of(mixture.weight()));
        for (var other : mixture.others()) {
            var warehouse = new Warehouse(context.engine(), other.out());
            var subsets = other.subsets() == null ? null : warehouse.require(other.subsets());
            var transitions = warehouse.require(other.transitions());
            var logged = TransitionsTable.logged(warehouse, transitions);
            parts.add(reader(warehouse, transitions, logged, subsets, other.subset(), other.rows()));
            weights.add(other.weight());
        }
        return new TrainingRows(parts, weights);
    }

    private static ReplayReader reader(
            Warehouse warehouse,
            TableVersion transitions,
            Set<Field> logged,
            @Nullable TableVersion subsets,
            String subset,
            long rows) {
        var files = subsets == null || subset.equals(RunSpec.ALL) ? List.<String>of() : warehouse.files(subsets);
        return new ReplayReader(warehouse.files(transitions), files, subset, Math.toIntExact(rows), logged);
    }

    private static Map<String, Mixture> mixtures(List<Row> steps) {
        var mixtures = new HashMap<String, Mixture>();
        SubsetStepsTable.names(steps)
                .forEach(subset ->
                        SubsetStepsTable.mixture(steps, subset).ifPresent(mixture -> mixtures.put(subset, mixture)));
        return mixtures;
    }
}
