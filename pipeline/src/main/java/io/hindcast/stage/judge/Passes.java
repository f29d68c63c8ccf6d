package io.hindcast.stage.judge;

import io.hindcast.config.UserException;
import io.hindcast.data.Scaler;
import io.hindcast.data.Spaces;
import io.hindcast.judge.Bootstrap;
import io.hindcast.judge.Estimator;
import io.hindcast.judge.policy.ClonedBehaviour;
import io.hindcast.judge.policy.JudgedLog;
import io.hindcast.judge.policy.JudgedPolicy;
import io.hindcast.judge.policy.LogShape;
import io.hindcast.judge.policy.PolicyErrors;
import io.hindcast.judge.policy.PolicyValues;
import io.hindcast.stage.FanOut;
import io.hindcast.stage.StageContext;
import io.hindcast.stats.ExactMoments;
import io.hindcast.table.JudgedEpisodesTable;
import io.hindcast.table.RunsTable;
import io.hindcast.table.StepReader;
import io.hindcast.table.parquet.PartFile;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.apache.spark.util.SerializableConfiguration;
import org.jspecify.annotations.Nullable;

/** The two passes over the log, one Spark task some files; what tasks have seen is merged here. */
final class Passes {
    private final StageContext context;
    private final List<StepReader> readers;
    private final Log log;
    private final ExactMoments likelihoods;

    /**
     * @param readers what each task reads
     * @param policies all that are judged
     * @param clones of what logged
     * @param discount of a unit of time
     * @param scaler of observations, if an estimator asks for features of them; else null
     */
    Passes(
            StageContext context,
            List<StepReader> readers,
            List<JudgedPolicy> policies,
            ClonedBehaviour clones,
            Spaces spaces,
            double discount,
            @Nullable Scaler scaler) {
        this.context = context;
        this.readers = readers;
        likelihoods = new ExactMoments(clones.models().size());
        var warehouse = context.warehouse();
        log = new Log(
                policies,
                clones,
                warehouse.root(),
                new SerializableConfiguration(warehouse.hadoop()),
                spaces,
                discount,
                scaler);
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
                    return log.read(reader, part, () -> part);
                })
                .forEach(seen -> {
                    values.merge(seen.sound());
                    likelihoods.merge(seen.likelihoods());
                });
        return values;
    }

    /**
     * The second one.
     *
     * @param reference the place of the policy that all are compared with
     */
    PolicyErrors errors(PolicyValues values, Bootstrap bootstrap, int reference) {
        var log = this.log;
        var none = values.second(bootstrap, reference);
        var seen = FanOut.run(
                context,
                "[judge] parts, errors",
                readers,
                reader ->
                        // It came as the state of no episodes, to this task alone.
                        log.read(reader, none::add, () -> none));
        seen.forEach(part -> none.merge(part.sound()));
        return none;
    }

    /** A third one, which writes down what the others add up; a file for each task that sees an episode. */
    List<PartFile> episodes(JudgedEpisodesTable.Aside aside, List<String> by) {
        var log = this.log;
        var files = FanOut.run(context, "[judge] parts, episodes", readers, reader -> {
            var part = new JudgedEpisodesTable.Part(aside, log.hadoop().value());
            return log.read(
                    reader,
                    (group, episodes) -> part.write(JudgeConfig.inWords(by, group), episodes),
                    () -> new ArrayList<>(part.finish()));
        });
        return files.stream().flatMap(file -> file.sound().stream()).toList();
    }

    /** What clones said of logged actions in the first pass, see {@link JudgedLog#likelihoods}. */
    ExactMoments likelihoods() {
        return likelihoods;
    }

    /**
     * What the runs that are to be trained need to know of the log.
     *
     * @param readers what each task reads
     * @param sets of how many sets of episodes they tell
     */
    static LogShape shape(StageContext context, List<StepReader> readers, int sets, int observationSize) {
        var hadoop = new SerializableConfiguration(context.warehouse().hadoop());
        return FanOut.read(context, "[judge] parts, sizes", readers, reader -> {
                    var part = new LogShape(sets, observationSize);
                    reader.read(hadoop.value(), part::add);
                    return part;
                })
                .stream()
                .reduce(new LogShape(sets, observationSize), LogShape::merge);
    }

    /** What a task has seen, or why it could not. */
    private record Seen<S extends Serializable>(
            S state, ExactMoments likelihoods, @Nullable String problem) implements Serializable {
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
            ClonedBehaviour clones,
            String root,
            SerializableConfiguration hadoop,
            Spaces spaces,
            double discount,
            @Nullable Scaler scaler)
            implements Serializable {
        /** Which of the policies is the one that logged. */
        int behaviour() {
            return IntStream.range(0, policies.size())
                    .filter(p -> policies.get(p) instanceof JudgedPolicy.Behaviour)
                    .findFirst()
                    .orElseThrow();
        }

        /** Reads some files; {@code state} gives what has then seen them. */
        <S extends Serializable> Seen<S> read(StepReader reader, JudgedLog.Sink sink, Supplier<S> state) {
            var checkpoints = RunsTable.checkpoints(root, hadoop.value());
            try (var judged = new JudgedLog(policies, clones, checkpoints, spaces, discount, scaler, sink)) {
                reader.read(hadoop.value(), judged::add);
                judged.end();
                return new Seen<>(state.get(), judged.likelihoods(), null);
            } catch (UserException e) {
                return new Seen<>(state.get(), new ExactMoments(0), e.getMessage());
            }
        }
    }
}
