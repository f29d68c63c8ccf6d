package io.hindcast.stage.judge;

import io.hindcast.config.UserException;
import io.hindcast.data.Spaces;
import io.hindcast.judge.Bootstrap;
import io.hindcast.judge.Estimator;
import io.hindcast.judge.policy.FittedModel;
import io.hindcast.judge.policy.JudgedLog;
import io.hindcast.judge.policy.JudgedPolicy;
import io.hindcast.judge.policy.PolicyErrors;
import io.hindcast.judge.policy.PolicyValues;
import io.hindcast.stage.FanOut;
import io.hindcast.stage.StageContext;
import io.hindcast.table.JudgedEpisodesTable;
import io.hindcast.table.RunsTable;
import io.hindcast.table.StepReader;
import io.hindcast.table.parquet.PartFile;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.spark.util.SerializableConfiguration;
import org.jspecify.annotations.Nullable;

/** The two passes over the log, one Spark task some files; what tasks have seen is merged here. */
final class Passes {
    private final StageContext context;
    private final List<StepReader> readers;
    private final Log log;

    /**
     * @param readers what each task reads
     * @param policies all that are judged
     * @param clones of what logged
     * @param discount of a unit of time
     */
    Passes(
            StageContext context,
            List<StepReader> readers,
            List<JudgedPolicy> policies,
            List<FittedModel> clones,
            Spaces spaces,
            double discount) {
        this.context = context;
        this.readers = readers;
        var warehouse = context.warehouse();
        log = new Log(
                policies,
                clones,
                warehouse.root(),
                new SerializableConfiguration(warehouse.hadoop()),
                spaces,
                discount);
    }

    /**
     * The first pass.
     *
     * @throws UserException if a number in the log cannot be what it says
     */
    PolicyValues values(List<Estimator> estimators, PolicyValues.Bounds bounds) {
        var log = this.log; // not this
        var values = new PolicyValues(log.policies().size(), log.behaviour(), estimators, bounds);
        FanOut.run(context, "[judge] parts, values", readers, reader -> {
                    var part = new PolicyValues(log.policies().size(), log.behaviour(), estimators, bounds);
                    return new Seen<>(part, log.read(reader, part::add));
                })
                .forEach(seen -> values.merge(seen.sound()));
        return values;
    }

    /** The second one. */
    PolicyErrors errors(PolicyValues values, Bootstrap bootstrap) {
        var log = this.log;
        var none = values.second(bootstrap);
        var seen = FanOut.run(
                context,
                "[judge] parts, errors",
                readers,
                reader ->
                        // It came as the state of no episodes, to this task alone.
                        new Seen<>(none, log.read(reader, none::add)));
        seen.forEach(part -> none.merge(part.sound()));
        return none;
    }

    /** A third one, which writes down what the others add up; a file for each task that sees an episode. */
    List<PartFile> episodes(JudgedEpisodesTable.Aside aside, List<String> by) {
        var log = this.log;
        var files = FanOut.run(context, "[judge] parts, episodes", readers, reader -> {
            var part = new JudgedEpisodesTable.Part(aside, log.hadoop().value());
            var problem = log.read(reader, (group, episodes) -> part.write(JudgeConfig.inWords(by, group), episodes));
            return new Seen<>(new ArrayList<>(part.finish()), problem);
        });
        return files.stream().flatMap(file -> file.sound().stream()).toList();
    }

    /** What a task has seen, or why it could not. */
    private record Seen<S extends Serializable>(
            S state, @Nullable String problem) implements Serializable {
        S sound() {
            if (problem != null) {
                throw new UserException(problem);
            }
            return state;
        }
    }

    /** What a task needs to read a log. */
    private record Log(
            List<JudgedPolicy> policies,
            List<FittedModel> clones,
            String root,
            SerializableConfiguration hadoop,
            Spaces spaces,
            double discount)
            implements Serializable {
        /** Which of the policies is the one that logged. */
        int behaviour() {
            return IntStream.range(0, policies.size())
                    .filter(p -> policies.get(p) instanceof JudgedPolicy.Behaviour)
                    .findFirst()
                    .orElseThrow();
        }

        /** Reads some files; returns why that cannot be done, or null. */
        @Nullable String read(StepReader reader, JudgedLog.Sink sink) {
            var checkpoints = RunsTable.checkpoints(root, hadoop.value());
            try (var judged = new JudgedLog(policies, clones, checkpoints, spaces, discount, sink)) {
                reader.read(hadoop.value(), judged::add);
                judged.end();
                return null;
            } catch (UserException e) {
                return e.getMessage();
            }
        }
    }
}
