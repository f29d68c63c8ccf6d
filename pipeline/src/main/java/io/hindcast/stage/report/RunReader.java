package io.hindcast.stage.report;

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
import io.hindcast.table.TableRows;
import io.hindcast.table.TableVersion;
import io.hindcast.table.Warehouse;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.apache.spark.sql.Row;

/** Reads the runs with what was logged and evaluated of them; both are reduced to what a chart can show. */
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
        var all = TableRows.of(warehouse, version);
        var kept = RunsTable.kept(RunsTable.ofPolicies(all)).stream()
                .collect(Collectors.toMap(Kept::run, run -> run.steps()));
        return all.stream()
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
        var sums = new TreeMap<String, Map<Long, Sums>>();
        TableRows.forEach(
                warehouse,
                version,
                List.of("run_id", "step", "episode_return", "success", "score"),
                row -> sums.computeIfAbsent(row.getString(0), run -> new TreeMap<>())
                        .computeIfAbsent(row.getLong(1), step -> new Sums())
                        .add(row));
        var played = played(version, sums);
        sums.forEach((run, steps) -> steps.forEach((step, sum) -> byRun.computeIfAbsent(run, any -> new ArrayList<>())
                .add(new Evaluation(
                        step,
                        sum.returns / sum.episodes,
                        sum.episodes,
                        sum.successes / sum.told,
                        sum.scores / sum.scored,
                        played.getOrDefault(Map.entry(run, step), List.of())))));
        return byRun;
    }

    /** What the episodes of a checkpoint come to; a mean of none is NaN. */
    private static final class Sums {
        private int episodes;
        private double returns;
        private int told;
        private double successes;
        private int scored;
        private double scores;

        void add(Row row) {
            episodes++;
            returns += row.getDouble(2);
            if (!row.isNullAt(3)) {
                told++;
                successes += row.getBoolean(3) ? 1 : 0;
            }
            if (!row.isNullAt(4)) {
                scored++;
                scores += row.getDouble(4);
            }
        }
    }

    /** The first episodes of the last checkpoints, by run and step. */
    private Map<Map.Entry<String, Long>, List<Played>> played(
            TableVersion version, Map<String, Map<Long, Sums>> checkpoints) {
        var last = new HashSet<Map.Entry<String, Long>>();
        checkpoints.forEach((run, steps) -> steps.keySet().stream()
                .skip(Math.max(0, steps.size() - TrainedRun.LAST_THREE))
                .forEach(step -> last.add(Map.entry(run, step))));
        var played = new HashMap<Map.Entry<String, Long>, List<Played>>();
        TableRows.forEach(
                warehouse, version, List.of("run_id", "step", "episode", "episode_return", "success", "score"), row -> {
                    var checkpoint = Map.entry(row.getString(0), row.getLong(1));
                    if (last.contains(checkpoint) && row.getInt(2) < MOST_EPISODES) {
                        played.computeIfAbsent(checkpoint, any -> new ArrayList<>())
                                .add(new Played(
                                        row.getInt(2),
                                        row.getDouble(3),
                                        row.isNullAt(4) ? Double.NaN : row.getBoolean(4) ? 1 : 0,
                                        row.isNullAt(5) ? Double.NaN : row.getDouble(5)));
                    }
                });
        return played;
    }

    private Map<String, List<TrainedRun.Path>> paths() {
        var byRun = new HashMap<String, List<TrainedRun.Path>>();
        var version = tables.get(TableName.EVALUATIONS);
        if (version == null) {
            return byRun;
        }
        var rows = new ArrayList<Row>();
        TableRows.forEach(warehouse, version, List.of("run_id", "step", "episode", "success", "path"), row -> {
            if (!row.isNullAt(4)) {
                rows.add(row);
            }
        });
        rows.sort(Comparator.<Row, String>comparing(row -> row.getString(0))
                .thenComparing(row -> row.getLong(1))
                .thenComparing(row -> row.getInt(2)));
        for (var row : rows) {
            byRun.computeIfAbsent(row.getString(0), run -> new ArrayList<>())
                    .add(new TrainedRun.Path(row.getInt(2), row.getAs(3), points(row.getAs(4))));
        }
        return byRun;
    }

    private static List<Float> points(float[] path) {
        var points = new ArrayList<Float>();
        for (var coordinate : path) {
            points.add(coordinate);
        }
        return List.copyOf(points);
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
        var last = new long[1];
        TableRows.forEach(warehouse, version, List.of("step"), row -> last[0] = Math.max(last[0], row.getLong(0)));
        var stretch = last[0] / POINTS_OF_A_CURVE + 1;
        var curves = new TreeMap<String, Map<String, Map<Long, Point>>>();
        TableRows.forEach(
                warehouse,
                version,
                List.of("run_id", "name", "step", "value"),
                row -> curves.computeIfAbsent(row.getString(0), run -> new TreeMap<>())
                        .computeIfAbsent(row.getString(1), name -> new TreeMap<>())
                        .computeIfAbsent(row.getLong(2) / stretch, part -> new Point())
                        .add(row.getLong(2), row.getDouble(3)));
        curves.forEach((run, names) ->
                names.forEach((name, points) -> byRun.computeIfAbsent(run, any -> new TreeMap<>())
                        .put(name, points.values().stream().map(Point::mean).toList())));
        return byRun;
    }

    /** What was logged along a stretch of a run. */
    private static final class Point {
        private long step;
        private double sum;
        private int values;

        void add(long step, double value) {
            this.step = Math.max(this.step, step);
            sum += value;
            values++;
        }

        Logged mean() {
            return new Logged(step, sum / values);
        }
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
