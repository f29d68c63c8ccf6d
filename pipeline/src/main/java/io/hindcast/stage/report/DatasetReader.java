package io.hindcast.stage.report;

import io.hindcast.collect.PlaneGrid;
import io.hindcast.env.FloorPlan;
import io.hindcast.report.EpisodeTally;
import io.hindcast.report.ReportData;
import io.hindcast.report.ReportData.Facts;
import io.hindcast.report.chart.Bin;
import io.hindcast.report.chart.Histogram;
import io.hindcast.report.chart.NoveltyMap;
import io.hindcast.report.chart.PlaneBounds;
import io.hindcast.report.chart.PlaneCount;
import io.hindcast.report.chart.StateMap;
import io.hindcast.run.RunSpec;
import io.hindcast.stage.FanOut;
import io.hindcast.stage.LoggedRewards;
import io.hindcast.stage.StageContext;
import io.hindcast.table.NoveltyTable;
import io.hindcast.table.TableName;
import io.hindcast.table.TableRows;
import io.hindcast.table.TableVersion;
import io.hindcast.table.Warehouse;
import io.hindcast.table.parquet.PartReader;
import java.io.IOException;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.Row;
import org.apache.spark.util.SerializableConfiguration;
import org.jspecify.annotations.Nullable;

/** Reads the facts about the dataset; of transitions, which may be many, tasks count and bin, and nothing is kept of other rows. */
final class DatasetReader {
    private static final int RETURN_BINS = 25;

    private static final int STATE_BINS = 48;
    private static final int FEW_CELLS = 10;

    private final StageContext context;
    private final Warehouse warehouse;
    private final Map<TableName, TableVersion> tables;
    private final @Nullable FloorPlan floor;

    DatasetReader(StageContext context, Map<TableName, TableVersion> tables, @Nullable FloorPlan floor) {
        this.context = context;
        warehouse = context.warehouse();
        this.tables = tables;
        this.floor = floor;
    }

    ReportData.Dataset dataset() {
        var episodes = tables.get(TableName.EPISODES);
        if (episodes == null) {
            return new ReportData.Dataset(List.of(), Map.of(), null, states(), novelty(), statistics());
        }
        var all = new EpisodeTally();
        var returns = new ReturnRange();
        var endings = new TreeMap<String, Long>();
        TableRows.forEach(warehouse, episodes, List.of("length", "episode_return", "ending"), row -> {
            all.add(row.getLong(0), row.getDouble(1));
            returns.add(row.getDouble(1));
            endings.merge(row.getString(2), 1L, Long::sum);
        });
        var facts = new ArrayList<Facts>();
        if (episodes.manifest().rows() > 0) {
            facts.add(all.facts(RunSpec.ALL));
        }
        subsets().forEach((name, tally) -> facts.add(tally.facts(name)));
        var transitions = tables.get(TableName.TRANSITIONS);
        if (transitions != null && !LoggedRewards.areIn(transitions)) {
            var unknown = facts.stream().map(Facts::withoutReturns).toList();
            return new ReportData.Dataset(unknown, endings, null, states(), novelty(), statistics());
        }
        return new ReportData.Dataset(
                facts, endings, histogram(facts, episodes, returns), states(), novelty(), statistics());
    }

    /** What the subsets are, but for the whole. */
    private Map<String, EpisodeTally> subsets() {
        var tallies = new TreeMap<String, EpisodeTally>();
        var version = tables.get(TableName.SUBSETS);
        if (version != null) {
            TableRows.forEach(warehouse, version, List.of("subset", "length", "episode_return"), row -> {
                if (!row.getString(0).equals(RunSpec.ALL)) {
                    tallies.computeIfAbsent(row.getString(0), name -> new EpisodeTally())
                            .add(row.getLong(1), row.getDouble(2));
                }
            });
        }
        return tallies;
    }

    /** Where the returns lie that are numbers: datasets of earlier versions may hold others. */
    private static final class ReturnRange {
        private double low = Double.POSITIVE_INFINITY;
        private double high = Double.NEGATIVE_INFINITY;

        void add(double value) {
            if (Double.isFinite(value)) {
                low = Math.min(low, value);
                high = Math.max(high, value);
            }
        }

        boolean isThere() {
            return low <= high && Double.isFinite(high - low);
        }
    }

    private @Nullable Histogram histogram(List<Facts> facts, TableVersion episodes, ReturnRange range) {
        if (facts.isEmpty() || !range.isThere()) {
            return null;
        }
        var bins = Histogram.Bins.over(range.low, range.high, RETURN_BINS);
        var counts = new TreeMap<String, List<Long>>();
        TableRows.forEach(
                warehouse,
                episodes,
                List.of("episode_return"),
                row -> count(counts, RunSpec.ALL, row.getDouble(0), bins));
        var subsets = tables.get(TableName.SUBSETS);
        if (subsets != null) {
            TableRows.forEach(warehouse, subsets, List.of("subset", "episode_return"), row -> {
                if (!row.getString(0).equals(RunSpec.ALL)) {
                    count(counts, row.getString(0), row.getDouble(1), bins);
                }
            });
        }
        var whole = facts.get(0);
        var layers = new ArrayList<Histogram.Layer>();
        for (var subset : facts) {
            var name = subset.name() + " (" + subset.episodes() + " of " + whole.episodes() + ")";
            var layer = counts.getOrDefault(subset.name(), Collections.nCopies(bins.count(), 0L));
            layers.add(new Histogram.Layer(name, layers.size(), layer));
        }
        return new Histogram(
                "Episode returns", "episode return", "episodes", bins, layers.get(0), layers.subList(1, layers.size()));
    }

    private static void count(Map<String, List<Long>> counts, String subset, double value, Histogram.Bins bins) {
        if (Double.isFinite(value)) {
            var bin = Bin.of(value, bins.low(), bins.low() + bins.count() * bins.width(), bins.count());
            var layer = counts.computeIfAbsent(subset, name -> new ArrayList<>(Collections.nCopies(bins.count(), 0L)));
            layer.set(bin, layer.get(bin) + 1);
        }
    }

    private @Nullable StateMap states() {
        var transitions = tables.get(TableName.TRANSITIONS);
        if (transitions == null) {
            return null;
        }
        if (floor != null) {
            return floorStates(transitions, floor);
        }
        var plane = new Plane(new FloorPlan.Entry(0, 1), new FloorPlan.Entry(1, 1));
        var bounds = read(transitions, files -> {
                    var seen = new PlaneBounds();
                    plane.forEach(files, seen::add);
                    return seen;
                })
                .stream()
                .reduce(new PlaneBounds(), PlaneBounds::merge);
        if (!bounds.isArea()) {
            return null;
        }
        var density = density(transitions, plane, bounds.count(STATE_BINS, STATE_BINS));
        if (density.cells().size() < FEW_CELLS) {
            return null; // a handful of categories is no picture
        }
        return new StateMap("Visited states", "observation 0", "observation 1", density, null);
    }

    private StateMap floorStates(TableVersion transitions, FloorPlan floor) {
        var columns = floor.walls().size();
        var rows = floor.walls().get(0).length();
        var fine = Math.max(1, STATE_BINS / Math.max(columns, rows));
        var far = floor.oppositeCorner();
        var none =
                new PlaneCount(floor.corner().x(), far.x(), floor.corner().y(), far.y(), fine * columns, fine * rows);
        return new StateMap(
                "Visited states", "x", "y", density(transitions, new Plane(floor.x(), floor.y()), none), floor);
    }

    private StateMap.Density density(TableVersion transitions, Plane plane, PlaneCount none) {
        return read(transitions, files -> {
                    var seen = none.empty();
                    plane.forEach(files, seen::add);
                    return seen;
                })
                .stream()
                .reduce(none, PlaneCount::merge)
                .density();
    }

    /** What a task finds in some files. */
    private interface Finding<R> extends Serializable {
        R in(Files files);
    }

    /** Some files, and how they are reached. */
    private record Files(List<String> paths, Configuration hadoop) {}

    private <R> List<R> read(TableVersion version, Finding<R> finding) {
        var hadoop = new SerializableConfiguration(warehouse.hadoop());
        var dealt = FanOut.dealt(context, warehouse.files(version)).stream()
                .map(ArrayList::new) // a task takes it along
                .toList();
        return FanOut.read(context, "[report] parts", dealt, paths -> finding.in(new Files(paths, hadoop.value())));
    }

    /** What takes the points of a plane. */
    private interface Points {
        void add(double x, double y);
    }

    /** The plane of two entries of an observation. */
    private record Plane(FloorPlan.Entry x, FloorPlan.Entry y) implements Serializable {
        /** Hands on the places of observations that are long enough to have one. */
        void forEach(Files files, Points points) {
            var entries = Math.max(x.index(), y.index()) + 1;
            for (var file : files.paths()) {
                try (var part = new PartReader(files.hadoop(), file, List.of("observation"))) {
                    var observation = part.column("observation");
                    while (part.next()) {
                        var values = observation.floats();
                        for (var row = 0; row < part.rows(); row++) {
                            var start = observation.start(row);
                            if (observation.end(row) - start >= entries) {
                                points.add(
                                        values[start + x.index()] * x.scale(), values[start + y.index()] * y.scale());
                            }
                        }
                    }
                } catch (IOException e) {
                    throw new UncheckedIOException("Cannot read " + file, e);
                }
            }
        }
    }

    private @Nullable NoveltyMap novelty() {
        var version = tables.get(TableName.NOVELTY);
        if (version == null || tables.get(TableName.TRANSITIONS) == null || floor == null) {
            return null;
        }
        return new NoveltyMap(
                "Novelty left (error of random network distillation)",
                "x",
                "y",
                PlaneGrid.SIDE,
                PlaneGrid.SIDE,
                NoveltyTable.grid(TableRows.of(warehouse, version), PlaneGrid.SIDE),
                floor);
    }

    private List<ReportData.Statistic> statistics() {
        var version = tables.get(TableName.DATASET_STATS);
        if (version == null) {
            return List.of();
        }
        return TableRows.of(warehouse, version).stream()
                .sorted(Comparator.<Row, String>comparing(row -> row.getAs("name"))
                        .thenComparing(row -> row.<Integer>getAs("dimension")))
                .map(row -> new ReportData.Statistic(
                        row.getAs("name"),
                        row.getAs("dimension"),
                        row.getAs("count"),
                        row.getAs("mean"),
                        row.getAs("std"),
                        row.getAs("min"),
                        row.getAs("max")))
                .toList();
    }
}
