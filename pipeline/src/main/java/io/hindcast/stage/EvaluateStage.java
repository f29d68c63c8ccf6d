package io.hindcast.stage;

import io.hindcast.config.Settings;
import io.hindcast.config.UserException;
import io.hindcast.env.EnvironmentSpec;
import io.hindcast.run.CheckpointStore;
import io.hindcast.score.PolicyEvaluation;
import io.hindcast.stage.EvaluateConfig.Checkpoints;
import io.hindcast.table.EvaluationsTable;
import io.hindcast.table.Request;
import io.hindcast.table.RunsTable;
import io.hindcast.table.TableName;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.util.SerializableConfiguration;

/** Plays the checkpoints of all runs in their environment, one Spark task a checkpoint. */
public final class EvaluateStage {
    private EvaluateStage() {}

    /** A checkpoint to play. */
    private record Candidate(String run, long step) implements Serializable {}

    /**
     * Publishes {@code evaluations}.
     *
     * @param environment where they play
     * @throws UserException if nothing was trained, the environment does not fit what was learned, or other evaluations are
     *     published
     */
    public static StageResult run(StageContext context, EnvironmentSpec environment, EvaluateConfig config) {
        var warehouse = context.warehouse();
        var runs = warehouse.require(TableName.RUNS);
        var transitions = warehouse.require(TableName.TRANSITIONS);
        var configuration = Settings.toMap(config);
        configuration.putAll(environment.decisive());
        var request = new Request("evaluate", configuration, List.of(runs.asParent()), List.of());
        var published = warehouse.published(TableName.EVALUATIONS, request);
        if (published.isPresent()) {
            return StageResult.upToDate(published.get());
        }
        var learned = ActionSpaceConfig.ofManifest(transitions.manifest().configuration());
        try (var world = environment.open()) {
            if (!learned.equals(world.actionSpace())) {
                throw new UserException("Cannot evaluate in " + environment.name() + ": it has " + world.actionSpace()
                        + ", the policies learned " + learned + "; name the environment the data come from");
            }
        }

        var hadoop =
                new SerializableConfiguration(context.spark().sparkContext().hadoopConfiguration());
        var root = warehouse.root();
        var candidates = candidates(context, RunsTable.checkpoints(root, hadoop.value()), config);
        context.progress()
                .say("[evaluate] " + candidates.size() + " checkpoints, " + config.episodes() + " episodes each in "
                        + environment.name());
        var evaluation = new PolicyEvaluation(environment, config.episodes(), config.seed());
        var rows = FanOut.run(context, "[evaluate] checkpoints", candidates, candidate -> {
                    var store = RunsTable.checkpoints(root, hadoop.value());
                    return evaluation.play(store.read(candidate.run(), candidate.step())).stream()
                            .map(episode -> EvaluationsTable.row(candidate.run(), candidate.step(), episode))
                            .toList();
                })
                .stream()
                .flatMap(List::stream)
                .toList();
        var version = warehouse.publish(TableName.EVALUATIONS, request, EvaluationsTable.frame(context.spark(), rows));
        return new StageResult(
                false, version + ": " + rows.size() + " episodes of " + candidates.size() + " checkpoints", List.of());
    }

    private static List<Candidate> candidates(StageContext context, CheckpointStore store, EvaluateConfig config) {
        var candidates = new ArrayList<Candidate>();
        var runs = context.warehouse().read(context.warehouse().require(TableName.RUNS));
        for (var row : runs.select("run_id").orderBy("run_id").collectAsList()) {
            var run = row.getString(0);
            var steps = store.steps(run);
            var judged = config.checkpoints() == Checkpoints.ALL || steps.isEmpty()
                    ? steps
                    : steps.subList(steps.size() - 1, steps.size());
            judged.forEach(step -> candidates.add(new Candidate(run, step)));
        }
        return candidates;
    }
}
