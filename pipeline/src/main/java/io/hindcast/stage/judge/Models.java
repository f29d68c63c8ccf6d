package io.hindcast.stage.judge;

import io.hindcast.config.Settings;
import io.hindcast.config.UserException;
import io.hindcast.data.CheckpointRef;
import io.hindcast.data.Transformation;
import io.hindcast.data.Transformation.ReturnChange;
import io.hindcast.judge.policy.FittedModel;
import io.hindcast.judge.policy.JudgedPolicy.Trained;
import io.hindcast.run.Checkpoint;
import io.hindcast.run.CheckpointStore;
import io.hindcast.run.Metric;
import io.hindcast.table.ReplayReader.Durations;
import io.hindcast.table.RunsTable.Kept;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The runs that learned the values of policies, and so are the models that estimators lean on. */
final class Models {
    private static final String CLONING = "behaviour-cloning";
    private static final String LAG = "initial-value/lag";
    private static final ReturnChange NONE = new ReturnChange(1, 0, true);

    private final JudgeConfig config;
    private final List<Model> models = new ArrayList<>();
    private final List<String> told = new ArrayList<>();
    private final List<String> leftOut = new ArrayList<>();
    private final List<Model> clones = new ArrayList<>();

    private record Model(CheckpointRef place, Checkpoint checkpoint) {}

    /**
     * @param runs those that learned values, of this output directory
     * @param policies those that learned policies
     * @throws UserException if a clone is not among these, or not a clone of what logged
     */
    Models(JudgeConfig config, CheckpointStore store, List<Kept> runs, List<Kept> policies) {
        this.config = config;
        for (var name : config.clones()) {
            clones.add(clone(name, store, policies));
        }
        for (var run : runs) {
            if (run.steps().isEmpty()) {
                continue;
            }
            var step = run.steps().get(run.steps().size() - 1);
            try {
                var checkpoint = store.read(run.run(), step);
                var reason = unfit(checkpoint);
                if (reason != null) {
                    leftOut.add("values of run " + run.name() + ", seed " + run.seed() + ", are not used: " + reason);
                    continue;
                }
                models.add(new Model(store.ref(run.run(), step), checkpoint));
                tell(checkpoint);
            } catch (CheckpointStore.Damaged e) {
                leftOut.add(
                        "values of run " + run.name() + ", seed " + run.seed() + ", are not used: " + e.getMessage());
            }
        }
    }

    private Model clone(String name, CheckpointStore store, List<Kept> policies) {
        var names = policies.stream().map(run -> run.name() + "-" + run.seed()).toList();
        if (!names.contains(name)) {
            throw Settings.unknown("run", name, names, " in judge.clones");
        }
        var run = policies.get(names.indexOf(name));
        if (run.steps().isEmpty()) {
            throw new UserException(
                    "Cannot use judge.clones = " + name + ": the run left no checkpoint; train it again");
        }
        var step = run.steps().get(run.steps().size() - 1);
        try {
            var checkpoint = store.read(run.run(), step);
            if (!checkpoint.spec().learner().equals(CLONING)) {
                throw new UserException("Cannot use judge.clones = " + name + ": its learner is "
                        + checkpoint.spec().learner() + ", which clones nobody; name a run of " + CLONING);
            }
            tell(checkpoint);
            return new Model(store.ref(run.run(), step), checkpoint);
        } catch (CheckpointStore.Damaged e) {
            throw new UserException("Cannot use judge.clones = " + name + ": " + e.getMessage()
                    + "; run train again with the same configuration and --out");
        }
    }

    private void tell(Checkpoint checkpoint) {
        if (!told.contains(checkpoint.spec().subset())) {
            told.add(checkpoint.spec().subset());
        }
    }

    private FittedModel fitted(Model model) {
        return new FittedModel(
                model.place(), told.indexOf(model.checkpoint().spec().subset()));
    }

    /** The clones of what logged. */
    List<FittedModel> clones() {
        return clones.stream().map(this::fitted).toList();
    }

    /** Where probabilities of logged actions come from, in words. */
    String probabilities() {
        return clones.isEmpty()
                ? "probabilities of logged actions, as logged"
                : "probabilities of logged actions, as logged, or where they were not, by "
                        + clones.stream()
                                .map(model ->
                                        "clone " + model.checkpoint().spec().name() + "-"
                                                + model.checkpoint().spec().seed() + " of subset "
                                                + model.checkpoint().spec().subset())
                                .collect(Collectors.joining(" and "));
    }

    /** Why what it learned answers another question; null if it is the same. */
    private @Nullable String unfit(Checkpoint checkpoint) {
        var spec = checkpoint.spec();
        if (!(spec.settings().get("discount") instanceof Number discount)
                || discount.doubleValue() != config.discount()) {
            return "its discount is " + spec.settings().get("discount") + ", and judge.discount is "
                    + config.discount();
        }
        if (spec.timeDiscount() != (config.durations() == Durations.LOGGED)) {
            return "its discount counts " + (spec.timeDiscount() ? "the logged time" : "steps")
                    + ", and judge.durations says otherwise";
        }
        var change = NONE;
        for (Transformation transformation : spec.transformations()) {
            change = transformation.after(change);
        }
        return change.equals(NONE) ? null : "its subset changes the rewards";
    }

    /** What tells of the values of a policy, as it acts. */
    List<FittedModel> of(CheckpointRef policy, Trained acting) {
        return matching(policy, acting).stream().map(this::fitted).toList();
    }

    /** What models a policy has, in words; empty if none. */
    Optional<String> inWords(CheckpointRef policy, Trained acting) {
        var words = matching(policy, acting).stream().map(Models::inWords).toList();
        return words.isEmpty() ? Optional.empty() : Optional.of(String.join("; ", words));
    }

    private static String inWords(Model model) {
        var spec = model.checkpoint().spec();
        var lag = model.checkpoint().metrics().stream()
                .filter(metric -> metric.name().equals(LAG))
                .reduce((before, after) -> after)
                .map(Metric::value);
        return "values by run " + spec.name() + "-" + spec.seed() + " of subset " + spec.subset()
                + lag.map(moves -> String.format(Locale.ROOT, ", which still move by %.3g", moves))
                        .orElse("");
    }

    private List<Model> matching(CheckpointRef policy, Trained acting) {
        return models.stream()
                .filter(model -> {
                    var judges = model.checkpoint().spec().judges();
                    return judges != null
                            && judges.checkpoint().state().equals(policy.state())
                            && judges.actions() == acting.actions()
                            && judges.epsilon() == acting.epsilon()
                            && acting.noise() == 0;
                })
                .toList();
    }

    /** The subsets that they were fitted on. */
    List<String> told() {
        return told;
    }

    /** A line for each run of values that is not used. */
    List<String> leftOut() {
        return leftOut;
    }
}
