package io.hindcast.stage.judge;

import io.hindcast.config.UserException;
import io.hindcast.data.ActionSpace;
import io.hindcast.data.Spaces;
import io.hindcast.judge.Judgement;
import io.hindcast.judge.policy.JudgedPolicy;
import io.hindcast.judge.policy.JudgedPolicy.Exported;
import io.hindcast.judge.policy.JudgedPolicy.Scale;
import io.hindcast.judge.policy.JudgedPolicy.Trained;
import io.hindcast.net.Actor.Preference;
import io.hindcast.run.CheckpointStore;
import io.hindcast.run.Judging;
import io.hindcast.run.RunSpec;
import io.hindcast.stage.NamedPolicy;
import io.hindcast.stage.judge.JudgeConfig.Checkpoints;
import io.hindcast.stage.judge.JudgeConfig.Named;
import io.hindcast.table.RunsTable.Kept;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.jspecify.annotations.Nullable;

/** Finds the policies that are judged. */
final class Candidates {
    private final JudgeConfig config;
    private final CheckpointStore store;
    private final Configuration hadoop;
    private final List<Kept> runs;
    private final Spaces spaces;
    private final List<String> kept;
    private final List<Candidate> found = new ArrayList<>();
    private final List<String> problems = new ArrayList<>();

    /**
     * All of them: what logged, the uniform one, those named, and those of runs.
     *
     * @param kept columns of the log that steps keep
     * @param runs what was trained here
     * @param champion what acts, by the registry; empty if nothing does, or none was named
     * @throws UserException if one that is named is of no use
     */
    Candidates(
            JudgeConfig config,
            CheckpointStore store,
            Configuration hadoop,
            Spaces spaces,
            List<String> kept,
            List<Kept> runs,
            Optional<Champion> champion) {
        this.config = config;
        this.store = store;
        this.hadoop = hadoop;
        this.runs = runs;
        this.spaces = spaces;
        this.kept = kept;
        addStanding(JudgeConfig.Type.BEHAVIOUR, Judgement.BEHAVIOUR, new JudgedPolicy.Behaviour());
        addStanding(JudgeConfig.Type.UNIFORM, Judgement.UNIFORM, new JudgedPolicy.Uniform());
        champion.ifPresent(this::addChampion);
        config.policies().forEach(this::addNamed);
        if (config.checkpoints() != Checkpoints.NONE) {
            runs.forEach(this::addRun);
        }
    }

    /** Those that can be asked. */
    List<Candidate> found() {
        return found;
    }

    /** A line for each checkpoint that is not there, or not what it should be. */
    List<String> problems() {
        return problems;
    }

    private void addStanding(JudgeConfig.Type type, String name, JudgedPolicy policy) {
        if (config.policies().values().stream().noneMatch(named -> named.type() == type)) {
            found.add(Candidate.of(name, policy));
        }
    }

    /** A champion that learned here may have learned from what it is judged by. */
    private void addChampion(Champion champion) {
        if (config.policies().containsKey(Champion.NAME)) {
            throw new UserException("Cannot use judge.policies." + Champion.NAME
                    + ": that name is taken by the champion of the registry; choose another");
        }
        var version = champion.version();
        var checkpoint = NamedPolicy.find(
                store, champion.run(), version.step(), "the champion", there -> Judging.requireFit(there, spaces));
        var isOfHere = !store.steps(version.run()).isEmpty();
        add(
                Champion.NAME,
                champion.run(),
                new Trained(checkpoint, config.actions(), config.epsilon(), noise()),
                isOfHere ? learnedFrom(version.subset()) : null);
    }

    private void addNamed(String name, Named named) {
        if (named.type() != null) {
            found.add(Candidate.of(
                    name,
                    named.type() == JudgeConfig.Type.UNIFORM
                            ? new JudgedPolicy.Uniform()
                            : new JudgedPolicy.Behaviour()));
        } else if (named.action() != null) {
            requireAction(name, named.action());
            found.add(Candidate.of(name, new JudgedPolicy.Always(named.action())));
        } else if (named.column() != null) {
            found.add(Candidate.of(name, new JudgedPolicy.Logged(column(name, named.column()), Scale.PROBABILITY)));
        } else if (named.logColumn() != null) {
            found.add(Candidate.of(name, new JudgedPolicy.Logged(column(name, named.logColumn()), Scale.LOGARITHM)));
        } else if (named.onnx() != null) {
            addExported(name, named, named.onnx());
        } else {
            addOfRun(name, named, Objects.requireNonNull(named.run()));
        }
    }

    private void addExported(String name, Named named, String file) {
        var exported = NamedPolicy.exported(file, spaces, hadoop, "judge.policies." + name);
        var run = exported.property("run").orElse("");
        var isOfHere = runs.stream().anyMatch(one -> one.run().equals(run));
        found.add(new Candidate(
                name,
                null,
                null,
                new Exported(exported, actions(named), epsilon(named)),
                isOfHere
                        ? exported.property("subset")
                                .map(Candidates::learnedFrom)
                                .orElse(null)
                        : null,
                List.of()));
    }

    private Preference actions(Named named) {
        return named.actions() == null ? config.actions() : named.actions();
    }

    private double epsilon(Named named) {
        return named.epsilon() == null ? config.epsilon() : named.epsilon();
    }

    /** Indices have none. */
    private double noise() {
        return spaces.actions() instanceof ActionSpace.Continuous ? config.noise() : 0;
    }

    private String column(String name, String column) {
        KeptColumns.require(column, kept, "judge.policies." + name, List.of());
        return column;
    }

    private void requireAction(String name, int action) {
        if (!(spaces.actions() instanceof ActionSpace.Discrete)) {
            throw new UserException("Cannot judge judge.policies." + name + ": action = " + action
                    + " is an index, and actions of this log are vectors; name a run instead");
        }
        if (action >= spaces.actions().size()) {
            throw new UserException("Cannot judge judge.policies." + name + ": there is no action = " + action
                    + "; actions of this log are numbered from 0 to "
                    + (spaces.actions().size() - 1));
        }
    }

    private void addOfRun(String name, Named named, String run) {
        var isOfHere = !run.contains(Path.SEPARATOR);
        var trainedOn = new ArrayList<String>();
        var checkpoint = NamedPolicy.find(store, run, named.step(), "judge.policies." + name, there -> {
            Judging.requireFit(there, spaces);
            trainedOn.add(there.spec().subset());
        });
        add(
                name,
                run,
                new Trained(checkpoint, actions(named), epsilon(named), noise()),
                isOfHere ? learnedFrom(trainedOn.get(0)) : null);
    }

    private void addRun(Kept run) {
        var name = run.name() + "-" + run.seed();
        if (config.policies().containsKey(name)) {
            throw new UserException("Cannot use judge.policies." + name
                    + ": a run of this --out is called that, and is judged too; choose another name, or say"
                    + " judge.checkpoints = none");
        }
        var steps = run.areNoted() ? run.steps() : store.steps(run.run(), run.steps());
        var judged = config.checkpoints() == Checkpoints.ALL || steps.isEmpty()
                ? steps
                : steps.subList(steps.size() - 1, steps.size());
        for (var step : judged) {
            try {
                var checkpoint = store.read(run.run(), step);
                Judging.requireFit(checkpoint, spaces);
                add(
                        name,
                        run.run(),
                        new Trained(store.ref(run.run(), step), config.actions(), config.epsilon(), noise()),
                        learnedFrom(checkpoint.spec().subset()));
            } catch (CheckpointStore.Damaged e) {
                problems.add("run " + run.run() + " was not judged after " + step + " updates: " + e.getMessage()
                        + "; run train again with the same configuration and --out, which writes it again");
            } catch (IllegalStateException e) {
                problems.add("run " + run.run() + " was not judged after " + step + " updates: " + e.getMessage());
            }
        }
    }

    private void add(String name, String run, Trained acting, @Nullable String trainedOn) {
        found.add(new Candidate(name, run, acting.checkpoint().step(), acting, trainedOn, List.of()));
    }

    private static @Nullable String learnedFrom(String subset) {
        return subset.equals(RunSpec.NONE) ? null : subset;
    }
}
