package io.hindcast.table;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.hindcast.config.Json;
import io.hindcast.config.Settings;
import io.hindcast.data.CheckpointRef;
import io.hindcast.run.CheckpointStore;
import io.hindcast.run.Outcome;
import io.hindcast.run.RunSpec;
import io.hindcast.run.TrainingLoop;
import java.io.Serializable;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.Row;
import org.jspecify.annotations.Nullable;

/** The table of trained runs. */
public final class RunsTable {
    private static final String CHECKPOINTS = "checkpoints";
    private static final Pattern STEP = Pattern.compile("/step-([0-9]+)$");

    private RunsTable() {}

    /** The checkpoints under an output directory. */
    public static CheckpointStore checkpoints(String root, Configuration hadoop) {
        return new CheckpointStore(root + "/" + CHECKPOINTS, hadoop);
    }

    /**
     * Rows to publish.
     *
     * @param sizes transitions by subset
     * @param store where the runs left their checkpoints
     */
    public static List<@Nullable Object[]> rows(
            List<TrainingLoop.Result> results, Map<String, Long> sizes, CheckpointStore store) {
        return sorted(results).map(result -> row(result, sizes, store)).toList();
    }

    /** A line for every run that did not finish. */
    public static List<String> problems(List<TrainingLoop.Result> results) {
        return sorted(results)
                .filter(result -> !(result.outcome() instanceof Outcome.Finished))
                .map(result -> problem(
                        result.spec().name(),
                        result.spec().seed(),
                        result.outcome().word(),
                        reason(result.outcome().reason(), result.outcome().at())))
                .toList();
    }

    private static Stream<TrainingLoop.Result> sorted(List<TrainingLoop.Result> results) {
        return results.stream()
                .sorted(Comparator.<TrainingLoop.Result, String>comparing(
                                result -> result.spec().name())
                        .thenComparing(result -> result.spec().seed()));
    }

    private static String problem(String name, long seed, String outcome, @Nullable String reason) {
        return "run " + name + ", seed " + seed + ", " + outcome + ": " + reason;
    }

    /** The same of published runs. */
    public static List<String> problemsOf(List<Row> runs) {
        return runs.stream()
                .filter(row -> !row.getAs("outcome").equals("finished"))
                .sorted(Comparator.<Row, String>comparing(row -> row.getAs("name"))
                        .thenComparing(row -> row.<Long>getAs("seed")))
                .map(row -> problem(row.getAs("name"), row.<Long>getAs("seed"), row.getAs("outcome"), reason(row)))
                .toList();
    }

    /** Why a run did not finish, and where in hindcast it failed, as far as that was noted; null if it finished. */
    public static @Nullable String reason(Row run) {
        return reason(run.getAs("reason"), run.getAs("failed_at"));
    }

    private static @Nullable String reason(@Nullable String reason, @Nullable String at) {
        return at == null ? reason : reason + " (at " + at + ")";
    }

    /** The runs that learned a policy of their own; the others learned values only. */
    public static List<Row> ofPolicies(List<Row> runs) {
        return runs.stream()
                .filter(row -> !RunSpec.learnersOfValues().contains(row.<String>getAs("learner")))
                .toList();
    }

    /** The ids of the runs. */
    public static List<String> ids(List<Row> runs) {
        return runs.stream().map(row -> row.<String>getAs("run_id")).sorted().toList();
    }

    /** Whether a run ended for a reason that is not the learner's, so that trying again makes sense. */
    public static boolean anyFailed(List<Row> runs) {
        return runs.stream().anyMatch(row -> List.of("failed", "stopped").contains(row.<String>getAs("outcome")));
    }

    /**
     * The last checkpoints of the runs that finished.
     *
     * @param key what stands for a run's name and seed
     */
    public static Map<String, CheckpointRef> finalCheckpoints(List<Row> runs, BiFunction<String, Long, String> key) {
        var checkpoints = new HashMap<String, CheckpointRef>();
        for (var row : runs) {
            if (row.getAs("outcome").equals("finished")) {
                checkpoints.put(
                        key.apply(row.getAs("name"), row.<Long>getAs("seed")),
                        new CheckpointRef(
                                row.getAs("run_id"), row.<Long>getAs("updates"), row.getAs("checkpoint_fingerprint")));
            }
        }
        return checkpoints;
    }

    private static @Nullable Object[] row(TrainingLoop.Result result, Map<String, Long> sizes, CheckpointStore store) {
        var spec = result.spec();
        var id = spec.id();
        var steps = store.steps(id);
        var last = last(store, id, steps);
        return new @Nullable Object[] {
            id,
            spec.name(),
            spec.subset(),
            spec.learner(),
            json(withJudged(
                    spec, withOnline(spec, Settings.differences((Record) spec.config()), Settings::differences))),
            json(withJudged(spec, withOnline(spec, spec.settings(), Settings::toMap))),
            spec.seed(),
            result.outcome().word(),
            result.outcome().reason(),
            result.updates(),
            result.seconds(),
            result.seconds() == 0 ? 0.0 : result.updates() / result.seconds(),
            sizes.get(spec.subset()),
            last == null ? null : CHECKPOINTS + "/" + CheckpointStore.location(id, last),
            last == null ? null : store.fingerprint(id, last),
            spec.subsetFingerprint(),
            json(steps),
            result.outcome().at()
        };
    }

    /** The last checkpoint that says what it is; a run that failed may have left damaged ones. */
    private static @Nullable Long last(CheckpointStore store, String run, List<Long> steps) {
        for (var i = steps.size() - 1; i >= 0; i--) {
            try {
                store.fingerprint(run, steps.get(i));
                return steps.get(i);
            } catch (CheckpointStore.Damaged e) {
                // The one before it is named.
            }
        }
        return null;
    }

    /**
     * A published run and the checkpoints that it is to have.
     *
     * @param steps the updates after which it kept one, in order; of a version that did not note them the last one alone
     * @param areNoted whether these are all
     */
    public record Kept(String run, String name, long seed, List<Long> steps, boolean areNoted)
            implements Serializable {}

    /** The checkpoints that runs are to have, by the id of the run. */
    public static List<Kept> kept(List<Row> runs) {
        return runs.stream()
                .sorted(Comparator.comparing(row -> row.<String>getAs("run_id")))
                .map(row -> {
                    var noted = row.<@Nullable String>getAs("checkpoint_steps");
                    return new Kept(
                            row.getAs("run_id"),
                            row.getAs("name"),
                            row.<Long>getAs("seed"),
                            noted == null ? stepOf(row.getAs("checkpoint")) : steps(noted),
                            noted != null);
                })
                .toList();
    }

    private static List<Long> steps(String json) {
        try {
            return List.of(Json.SORTED.readValue(json, Long[].class));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(
                    "Cannot read a run's checkpoint_steps: it is no list of numbers: " + json, e);
        }
    }

    private static List<Long> stepOf(@Nullable String checkpoint) {
        var step = checkpoint == null ? null : STEP.matcher(checkpoint);
        return step != null && step.find() ? List.of(Long.valueOf(step.group(1))) : List.of();
    }

    /** How a run acts is a part of its configuration. */
    private static Map<String, Object> withOnline(
            RunSpec spec, Map<String, Object> settings, Function<Record, Map<String, Object>> words) {
        if (spec.online() == null) {
            return settings;
        }
        var online = new LinkedHashMap<>(words.apply(spec.online().config()));
        online.put("offline-updates", spec.online().offlineUpdates());
        var all = new LinkedHashMap<>(settings);
        all.put("online", online);
        return all;
    }

    /** What a run judges is a part of its configuration. */
    private static Map<String, Object> withJudged(RunSpec spec, Map<String, Object> settings) {
        var judges = spec.judges();
        if (judges == null) {
            return settings;
        }
        var all = new LinkedHashMap<>(settings);
        all.put("judges", judges.toMap());
        return all;
    }

    private static String json(Object value) {
        try {
            return Json.SORTED.writeValueAsString(value);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }
}
