package io.hindcast.stage.report;

import static org.apache.spark.sql.functions.avg;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.dense_rank;
import static org.apache.spark.sql.functions.floor;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.max;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import io.hindcast.config.Json;
import io.hindcast.report.TrainedRun;
import io.hindcast.report.TrainedRun.Evaluation;
import io.hindcast.report.TrainedRun.Gap;
import io.hindcast.report.TrainedRun.Logged;
import io.hindcast.report.TrainedRun.Played;
import io.hindcast.table.EvaluationsTable;
import io.hindcast.table.RunsTable;
import io.hindcast.table.RunsTable.Kept;
import io.hindcast.table.TableName;
import io.hindcast.table.TableVersion;
import io.hindcast.table.Warehouse;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.expressions.Window;
import org.apache.spark.sql.types.DataTypes;

/** Reads the runs with what was logged and evaluated of them; Spark reduces both to what a chart can show. */
final class RunReader {
    private static final int POINTS_OF_A_CURVE = 200;
    private static final int MOST_EPISODES = 1000;
    private static final TypeReference<Map<String, Object>> OBJECT = new TypeReference<>() {};

    /** Of evaluations that an earlier hindcast wrote. */
    private static final String UNTOLD = "the others ended with an answer of the environment that is none";

    private final Warehouse warehouse;
    private final Map<TableName, TableVersion> tables;

    RunReader(Warehouse warehouse, Map<TableName, TableVersion> tables) {
        this.warehouse = warehouse;
        this.tables = tables;
    }

    /** All runs; none if there is no such table. */
    List<TrainedRun> runs() {
        var version = tables.get(TableName.RUNS);
        if (version == null) {
            return List.of();
        }
        var evaluations = evaluations();
        var metrics = metrics();
        var paths = paths();
        var kept = RunsTable.kept(RunsTable.ofPolicies(warehouse.read(version))).stream()
                .collect(Collectors.toMap(Kept::run, run -> run.steps()));
        return warehouse.read(version).collectAsList().stream()
                .map(row -> {
                    var runId = text(row, "run_id");
                    return new TrainedRun(
                            runId,
                            text(row, "name"),
                            text(row, "subset"),
                            text(row, "learner"),
                            object(text(row, "config")),
                            object(text(row, "resolved_config")),
                            row.getLong(row.fieldIndex("seed")),
                            text(row, "outcome"),
                            RunsTable.reason(row),
                            row.getLong(row.fieldIndex("updates")),
                            row.getDouble(row.fieldIndex("updates_per_second")),
                            switchedAt(object(text(row, "resolved_config"))),
                            evaluations.getOrDefault(runId, List.of()),
                            metrics.getOrDefault(runId, Map.of()),
                            paths.getOrDefault(runId, List.of()),
                            gaps(
                                    runId,
                                    kept.getOrDefault(runId, List.of()),
                                    evaluations.getOrDefault(runId, List.of())));
                })
                .toList();
    }

    /** What evaluate was to play of a run, and did not. */
    private List<Gap> gaps(String run, List<Long> kept, List<Evaluation> evaluated) {
        var version = tables.get(TableName.EVALUATIONS);
        if (version == null) {
            return List.of();
        }
        var configuration = version.manifest().configuration();
        var asked = configuration.get("episodes") instanceof Number episodes ? episodes.intValue() : 1;
        var isLastAlone = "last".equalsIgnoreCase(String.valueOf(configuration.get("checkpoints")));
        var played = new TreeMap<Long, Integer>();
        for (var step : isLastAlone && !kept.isEmpty() ? kept.subList(kept.size() - 1, kept.size()) : kept) {
            played.put(step, 0);
        }
        evaluated.forEach(evaluation -> played.put(evaluation.step(), evaluation.episodes()));
        var gaps = new ArrayList<Gap>();
        played.forEach((step, episodes) -> {
            if (episodes < asked) {
                var fault = EvaluationsTable.fault(version, run, step);
                gaps.add(new Gap(step, episodes, asked, fault.orElse(episodes == 0 ? null : UNTOLD)));
            }
        });
        return gaps;
    }

    /** With the episodes one by one of the last checkpoints alone. */
    private Map<String, List<Evaluation>> evaluations() {
        var byRun = new HashMap<String, List<Evaluation>>();
        var version = tables.get(TableName.EVALUATIONS);
        if (version == null) {
            return byRun;
        }
        var rows = warehouse
                .read(version)
                .groupBy("run_id", "step")
                .agg(
                        avg("episode_return"),
                        count(lit(1)),
                        avg(col("success").cast(DataTypes.IntegerType)),
                        avg("score"))
                .orderBy("run_id", "step");
        var played = played(version);
        for (var row : rows.collectAsList()) {
            byRun.computeIfAbsent(row.getString(0), run -> new ArrayList<>())
                    .add(new Evaluation(
                            row.getLong(1),
                            row.getDouble(2),
                            (int) row.getLong(3),
                            number(row, 4),
                            number(row, 5),
                            played.getOrDefault(Map.entry(row.getString(0), row.getLong(1)), List.of())));
        }
        return byRun;
    }

    /** The first episodes of the last checkpoints, by run and step. */
    private Map<Map.Entry<String, Long>, List<Played>> played(TableVersion version) {
        var played = new HashMap<Map.Entry<String, Long>, List<Played>>();
        var fromTheEnd = dense_rank()
                .over(Window.partitionBy("run_id").orderBy(col("step").desc()));
        var rows = warehouse
                .read(version)
                .withColumn("from_the_end", fromTheEnd)
                .where(col("from_the_end")
                        .leq(TrainedRun.LAST_THREE)
                        .and(col("episode").lt(MOST_EPISODES)))
                .select(
                        col("run_id"),
                        col("step"),
                        col("episode"),
                        col("episode_return"),
                        col("success").cast(DataTypes.IntegerType).cast(DataTypes.DoubleType),
                        col("score"));
        for (var row : rows.collectAsList()) {
            played.computeIfAbsent(Map.entry(row.getString(0), row.getLong(1)), checkpoint -> new ArrayList<>())
                    .add(new Played(row.getInt(2), row.getDouble(3), number(row, 4), number(row, 5)));
        }
        return played;
    }

    private static double number(Row row, int column) {
        return row.isNullAt(column) ? Double.NaN : row.getDouble(column);
    }

    private Map<String, List<TrainedRun.Path>> paths() {
        var byRun = new HashMap<String, List<TrainedRun.Path>>();
        var version = tables.get(TableName.EVALUATIONS);
        if (version == null) {
            return byRun;
        }
        var rows = warehouse
                .read(version)
                .where(col("path").isNotNull())
                .orderBy("run_id", "step", "episode")
                .select("run_id", "episode", "success", "path");
        for (var row : rows.collectAsList()) {
            byRun.computeIfAbsent(row.getString(0), run -> new ArrayList<>())
                    .add(new TrainedRun.Path(row.getInt(1), row.getAs(2), List.copyOf(row.<Float>getList(3))));
        }
        return byRun;
    }

    /** After how many updates on a dataset a run went on by acting, if it did both. */
    private static OptionalLong switchedAt(Map<String, Object> configuration) {
        return configuration.get("online") instanceof Map<?, ?> online
                        && online.get("offline-updates") instanceof Number updates
                        && updates.longValue() > 0
                ? OptionalLong.of(updates.longValue())
                : OptionalLong.empty();
    }

    private Map<String, Map<String, List<Logged>>> metrics() {
        var byRun = new HashMap<String, Map<String, List<Logged>>>();
        var version = tables.get(TableName.METRICS);
        if (version == null || version.manifest().rows() == 0) {
            return byRun;
        }
        var frame = warehouse.read(version);
        var last = frame.agg(max("step")).first().getLong(0);
        var stretch = last / POINTS_OF_A_CURVE + 1;
        var rows = frame.groupBy(col("run_id"), col("name"), floor(col("step").divide(stretch)))
                .agg(max("step").as("step"), avg("value"))
                .orderBy("run_id", "name", "step");
        for (var row : rows.collectAsList()) {
            byRun.computeIfAbsent(row.getString(0), run -> new TreeMap<>())
                    .computeIfAbsent(row.getString(1), name -> new ArrayList<>())
                    .add(new Logged(row.getLong(3), row.getDouble(4)));
        }
        return byRun;
    }

    private static String text(Row row, String column) {
        return row.getString(row.fieldIndex(column));
    }

    private static Map<String, Object> object(String json) {
        try {
            return Json.MAPPER.readValue(json, OBJECT);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("Cannot read a run's configuration: it is no JSON object: " + json, e);
        }
    }
}
