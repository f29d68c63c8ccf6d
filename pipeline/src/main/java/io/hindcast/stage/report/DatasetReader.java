package io.hindcast.stage.report;

import static org.apache.spark.sql.functions.avg;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.floor;
import static org.apache.spark.sql.functions.greatest;
import static org.apache.spark.sql.functions.least;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.max;
import static org.apache.spark.sql.functions.min;
import static org.apache.spark.sql.functions.size;
import static org.apache.spark.sql.functions.stddev_samp;
import static org.apache.spark.sql.functions.sum;

import io.hindcast.collect.PlaneGrid;
import io.hindcast.env.FloorPlan;
import io.hindcast.report.ReportData;
import io.hindcast.report.ReportData.Facts;
import io.hindcast.report.chart.Histogram;
import io.hindcast.report.chart.NoveltyMap;
import io.hindcast.report.chart.StateMap;
import io.hindcast.run.RunSpec;
import io.hindcast.stage.LoggedRewards;
import io.hindcast.table.NoveltyTable;
import io.hindcast.table.TableName;
import io.hindcast.table.TableVersion;
import io.hindcast.table.Warehouse;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.DataTypes;
import org.jspecify.annotations.Nullable;

/** Reads the facts about the dataset; Spark counts and bins, so that few rows come to the driver. */
final class DatasetReader {
    /** The subset that is the whole dataset. */
    private static final int RETURN_BINS = 25;

    private static final int STATE_BINS = 48;
    private static final int FEW_CELLS = 10;

    private final Warehouse warehouse;
    private final Map<TableName, TableVersion> tables;
    private final @Nullable FloorPlan floor;

    DatasetReader(Warehouse warehouse, Map<TableName, TableVersion> tables, @Nullable FloorPlan floor) {
        this.warehouse = warehouse;
        this.tables = tables;
        this.floor = floor;
    }

    ReportData.Dataset dataset() {
        var all = frame(TableName.EPISODES);
        var subsets = frame(TableName.SUBSETS);
        if (all == null) {
            return new ReportData.Dataset(List.of(), Map.of(), null, states(), novelty(), statistics());
        }
        var facts = new ArrayList<Facts>();
        facts.addAll(facts(all.withColumn("subset", lit(RunSpec.ALL))));
        if (subsets != null) {
            facts.addAll(facts(subsets.where(col("subset").notEqual(RunSpec.ALL))));
        }
        var transitions = tables.get(TableName.TRANSITIONS);
        if (transitions != null && !LoggedRewards.areIn(transitions)) {
            var unknown = facts.stream().map(Facts::withoutReturns).toList();
            return new ReportData.Dataset(unknown, endings(all), null, states(), novelty(), statistics());
        }
        return new ReportData.Dataset(
                facts, endings(all), returns(facts, all, subsets), states(), novelty(), statistics());
    }

    private static List<Facts> facts(Dataset<Row> episodes) {
        return episodes
                .groupBy("subset")
                .agg(
                        sum("length"),
                        count(lit(1)),
                        avg("episode_return"),
                        stddev_samp("episode_return"),
                        max("episode_return"),
                        min("episode_return"))
                .orderBy("subset")
                .collectAsList()
                .stream()
                .map(row -> new Facts(
                        row.getString(0),
                        row.getLong(1),
                        row.getLong(2),
                        row.getDouble(3),
                        row.isNullAt(4) ? Double.NaN : row.getDouble(4),
                        row.getDouble(5),
                        row.getDouble(6)))
                .toList();
    }

    private static Map<String, Long> endings(Dataset<Row> episodes) {
        var endings = new TreeMap<String, Long>();
        episodes.groupBy("ending")
                .count()
                .collectAsList()
                .forEach(row -> endings.put(row.getString(0), row.getLong(1)));
        return endings;
    }

    private static @Nullable Histogram returns(List<Facts> facts, Dataset<Row> all, @Nullable Dataset<Row> subsets) {
        if (facts.isEmpty()) {
            return null;
        }
        var whole = facts.get(0);
        var finite = all.where(isFinite(col("episode_return")));
        var range = finite.agg(min("episode_return"), max("episode_return")).first();
        if (range.isNullAt(0) || !Double.isFinite(range.getDouble(1) - range.getDouble(0))) {
            return null;
        }
        var bins = Histogram.Bins.over(range.getDouble(0), range.getDouble(1), RETURN_BINS);
        var counts = counts(finite.withColumn("subset", lit(RunSpec.ALL)), bins);
        if (subsets != null) {
            counts.putAll(counts(
                    subsets.where(col("subset").notEqual(RunSpec.ALL)).where(isFinite(col("episode_return"))), bins));
        }
        var layers = new ArrayList<Histogram.Layer>();
        for (var subset : facts) {
            var name = subset.name() + " (" + subset.episodes() + " of " + whole.episodes() + ")";
            var layer = counts.getOrDefault(subset.name(), Collections.nCopies(bins.count(), 0L));
            layers.add(new Histogram.Layer(name, layers.size(), layer));
        }
        return new Histogram(
                "Episode returns", "episode return", "episodes", bins, layers.get(0), layers.subList(1, layers.size()));
    }

    private static Map<String, List<Long>> counts(Dataset<Row> episodes, Histogram.Bins bins) {
        var counts = new TreeMap<String, List<Long>>();
        var bin = bin(col("episode_return"), bins.low(), bins.low() + bins.count() * bins.width(), bins.count());
        for (var row : episodes.groupBy(col("subset"), bin).count().collectAsList()) {
            counts.computeIfAbsent(row.getString(0), subset -> new ArrayList<>(Collections.nCopies(bins.count(), 0L)))
                    .set(row.getInt(1), row.getLong(2));
        }
        return counts;
    }

    /** Datasets of earlier versions may hold others. */
    private static Column isFinite(Column value) {
        return value.minus(value).equalTo(0);
    }

    /** Which of {@code count} equal parts of {@code [low, high]} a value is in. */
    private static Column bin(Column value, double low, double high, int count) {
        var bin = floor(value.minus(low).multiply(count / (high - low))).cast(DataTypes.IntegerType);
        return greatest(lit(0), least(lit(count - 1), bin));
    }

    private @Nullable StateMap states() {
        var transitions = frame(TableName.TRANSITIONS);
        if (transitions == null) {
            return null;
        }
        if (floor != null) {
            return floorStates(transitions, floor);
        }
        var plane = transitions
                .where(size(col("observation")).geq(2))
                .select(coordinate(0, 1).as("x"), coordinate(1, 1).as("y"))
                .where(isFinite(col("x")).and(isFinite(col("y"))));
        var bounds = plane.agg(min("x"), max("x"), min("y"), max("y")).first();
        if (bounds.isNullAt(0)
                || bounds.getDouble(0) == bounds.getDouble(1)
                || bounds.getDouble(2) == bounds.getDouble(3)) {
            return null;
        }
        var density = density(
                plane,
                bounds.getDouble(0),
                bounds.getDouble(1),
                bounds.getDouble(2),
                bounds.getDouble(3),
                STATE_BINS,
                STATE_BINS);
        if (density.cells().size() < FEW_CELLS) {
            return null; // a handful of categories is no picture
        }
        return new StateMap("Visited states", "observation 0", "observation 1", density, null);
    }

    private static StateMap floorStates(Dataset<Row> transitions, FloorPlan floor) {
        var entries = Math.max(floor.x().index(), floor.y().index()) + 1;
        var plane = transitions
                .where(size(col("observation")).geq(entries))
                .select(
                        coordinate(floor.x().index(), floor.x().scale()).as("x"),
                        coordinate(floor.y().index(), floor.y().scale()).as("y"))
                .where(isFinite(col("x")).and(isFinite(col("y"))));
        var columns = floor.walls().size();
        var rows = floor.walls().get(0).length();
        var fine = Math.max(1, STATE_BINS / Math.max(columns, rows));
        var far = floor.oppositeCorner();
        return new StateMap(
                "Visited states",
                "x",
                "y",
                density(plane, floor.corner().x(), far.x(), floor.corner().y(), far.y(), fine * columns, fine * rows),
                floor);
    }

    private static Column coordinate(int entry, double scale) {
        return col("observation").getItem(entry).cast(DataTypes.DoubleType).multiply(scale);
    }

    private @Nullable NoveltyMap novelty() {
        var frame = frame(TableName.NOVELTY);
        if (frame == null || tables.get(TableName.TRANSITIONS) == null || floor == null) {
            return null;
        }
        return new NoveltyMap(
                "Novelty left (error of random network distillation)",
                "x",
                "y",
                PlaneGrid.SIDE,
                PlaneGrid.SIDE,
                NoveltyTable.grid(frame, PlaneGrid.SIDE),
                floor);
    }

    private static StateMap.Density density(
            Dataset<Row> plane, double xLow, double xHigh, double yLow, double yHigh, int columns, int rows) {
        var cells = plane
                .groupBy(bin(col("x"), xLow, xHigh, columns), bin(col("y"), yLow, yHigh, rows))
                .count()
                .collectAsList()
                .stream()
                .map(row -> new StateMap.Cell(row.getInt(0), row.getInt(1), row.getLong(2)))
                .sorted(Comparator.comparingInt(StateMap.Cell::column).thenComparingInt(StateMap.Cell::row))
                .toList();
        return new StateMap.Density(xLow, xHigh, yLow, yHigh, columns, rows, cells);
    }

    private List<ReportData.Statistic> statistics() {
        var frame = frame(TableName.DATASET_STATS);
        if (frame == null) {
            return List.of();
        }
        return frame.orderBy("name", "dimension").collectAsList().stream()
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

    private @Nullable Dataset<Row> frame(TableName table) {
        var version = tables.get(table);
        return version == null ? null : warehouse.read(version);
    }
}
