package io.hindcast.report;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import io.hindcast.score.Aggregate;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The results and where they come from, for programs; what was not measured is null. */
public final class ResultsJson {
    private static final ObjectMapper JSON = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

    private ResultsJson() {}

    /**
     * An object with the keys {@code results} (one entry a row of the report's table), {@code environment}, {@code maze}
     * (where the data comes from one) and {@code provenance}.
     */
    public static String json(ReportData report) {
        var root = new LinkedHashMap<String, @Nullable Object>();
        root.put("results", report.results().stream().map(ResultsJson::result).toList());
        root.put("environment", report.environment());
        var states = report.dataset().states();
        root.put("maze", states == null || states.maze() == null ? null : maze(states.maze()));
        root.put("provenance", provenance(report.provenance()));
        try {
            return JSON.writeValueAsString(root) + "\n";
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    private static Map<String, @Nullable Object> result(Result result) {
        var map = new LinkedHashMap<String, @Nullable Object>();
        map.put("name", result.name());
        map.put("subset", result.subset());
        map.put("learner", result.learner());
        map.put("config", result.config());
        map.put("seeds", result.runs().stream().map(TrainedRun::seed).toList());
        map.put("final", score(result.finals(), result.runs(), TrainedRun::finalReturn));
        map.put("best", score(result.bests(), result.runs(), TrainedRun::bestReturn));
        map.put("updates", result.updates());
        map.put("updates_per_second", finite(result.updatesPerSecond()));
        map.put("outcome", result.runs().stream().map(TrainedRun::outcome).toList());
        return map;
    }

    /** What somebody needs who wants to draw the visited states over the walls. */
    private static Map<String, Object> maze(StateMap.Maze maze) {
        var map = new LinkedHashMap<String, Object>();
        map.put("walls", maze.walls());
        map.put("start", List.of(maze.startX(), maze.startY()));
        map.put("goal", List.of(maze.goalX(), maze.goalY()));
        map.put("goal_radius", maze.goalRadius());
        return map;
    }

    private static Map<String, @Nullable Object> score(
            Aggregate aggregate, List<TrainedRun> runs, Function<TrainedRun, Optional<Double>> score) {
        var perSeed = new ArrayList<@Nullable Double>();
        for (var run : runs) {
            perSeed.add(finite(score.apply(run).orElse(Double.NaN)));
        }
        var interval = new ArrayList<@Nullable Double>();
        interval.add(finite(aggregate.interval().low()));
        interval.add(finite(aggregate.interval().high()));
        var map = new LinkedHashMap<String, @Nullable Object>();
        map.put("mean", finite(aggregate.mean()));
        map.put("std", finite(aggregate.standardDeviation()));
        map.put("interquartile_mean", finite(aggregate.interquartileMean()));
        map.put("interval", interval);
        map.put("per_seed", perSeed);
        return map;
    }

    private static Map<String, Object> provenance(ReportData.Provenance provenance) {
        var map = new LinkedHashMap<String, Object>(provenance.written());
        map.put("tables", provenance.tables());
        return map;
    }

    private static @Nullable Double finite(double value) {
        return Double.isFinite(value) ? value : null;
    }
}
