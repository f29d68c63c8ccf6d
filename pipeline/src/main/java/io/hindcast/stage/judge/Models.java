package io.hindcast.stage.judge;

import io.hindcast.config.Settings;
import io.hindcast.config.UserException;
import io.hindcast.data.CheckpointRef;
import io.hindcast.data.Fold;
import io.hindcast.data.Transformation;
import io.hindcast.data.Transformation.ReturnChange;
import io.hindcast.judge.Convergence;
import io.hindcast.judge.FittedClone;
import io.hindcast.judge.FittedValues;
import io.hindcast.judge.policy.ClonedBehaviour;
import io.hindcast.judge.policy.ClonedBehaviour.CloneOf;
import io.hindcast.judge.policy.FittedModel;
import io.hindcast.judge.policy.JudgedPolicy;
import io.hindcast.learn.Fqe;
import io.hindcast.net.NetworkConfig.Schedule;
import io.hindcast.run.Checkpoint;
import io.hindcast.run.CheckpointStore;
import io.hindcast.run.Metric;
import io.hindcast.run.RunSpec.Judged;
import io.hindcast.stats.ExactMoments;
import io.hindcast.table.ReplayReader.Durations;
import io.hindcast.table.RunsTable.Kept;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** The runs that learned the values of policies, or clone what logged: the models that estimates lean on. */
final class Models {
    private static final String VALUE = "initial-value/mean";
    private static final String LAG = "initial-value/lag";
    private static final String LOSS = "critic/loss";
    private static final ReturnChange NONE = new ReturnChange(1, 0, true);

    private final JudgeConfig config;
    private final CheckpointStore store;
    private final List<Fold> folds;
    private final long longest;
    private final List<Model> models = new ArrayList<>();
    private final List<String> told = new ArrayList<>();
    private final List<String> leftOut = new ArrayList<>();
    private final List<Model> clones = new ArrayList<>();

    /** @param without the fold that it is asked of; null: it is asked wherever its subset is not */
    private record Model(
            CheckpointRef place,
            Checkpoint checkpoint,
            @Nullable Fold without) {}

    /**
     * Those that were fitted for this judgement, and where it has none fitted, those of this output directory.
     *
     * @param folds those that the reader of the log tells of
     * @param fits what was fitted
     * @param runs those that learned values, of this output directory
     * @param policies those that learned policies
     * @param longest how many steps the longest episode has
     * @throws UserException if a clone is not among these, or not a clone of what logged
     */
    Models(
            JudgeConfig config,
            CheckpointStore store,
            List<Fold> folds,
            List<Fits.Fit> fits,
            List<Kept> runs,
            List<Kept> policies,
            long longest) {
        this.config = config;
        this.store = store;
        this.folds = folds;
        this.longest = longest;
        for (var name : config.clones()) {
            clones.add(clone(name, policies));
        }
        for (var fit : fits) {
            var checkpoint = fit.checkpoint();
            var place = store.ref(checkpoint.spec().id(), checkpoint.step());
            (checkpoint.spec().judges() == null ? clones : models).add(new Model(place, checkpoint, fit.fold()));
        }
        if (config.models() == null) {
            runs.forEach(this::addRun);
        }
    }

    private void addRun(Kept run) {
        if (run.steps().isEmpty()) {
            return;
        }
        var step = run.steps().get(run.steps().size() - 1);
        var name = "values of run " + run.name() + ", seed " + run.seed() + ", are not used: ";
        try {
            var checkpoint = store.read(run.run(), step);
            var reason = unfit(checkpoint);
            if (reason != null) {
                leftOut.add(name + reason);
                return;
            }
            models.add(new Model(store.ref(run.run(), step), checkpoint, null));
            tell(checkpoint.spec().subset());
        } catch (CheckpointStore.Damaged e) {
            leftOut.add(name + e.getMessage());
        }
    }

    private Model clone(String name, List<Kept> policies) {
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
            if (!checkpoint.spec().learner().equals(Fitting.CLONING)) {
                throw new UserException("Cannot use judge.clones = " + name + ": its learner is "
                        + checkpoint.spec().learner() + ", which clones nobody; name a run of " + Fitting.CLONING);
            }
            tell(checkpoint.spec().subset());
            return new Model(store.ref(run.run(), step), checkpoint, null);
        } catch (CheckpointStore.Damaged e) {
            throw new UserException("Cannot use judge.clones = " + name + ": " + e.getMessage()
                    + "; run train again with the same configuration and --out");
        }
    }

    private void tell(String subset) {
        if (!told.contains(subset)) {
            told.add(subset);
        }
    }

    private FittedModel fitted(Model model) {
        return new FittedModel(
                model.place(),
                model.without() == null
                        ? told.indexOf(model.checkpoint().spec().subset())
                        : told.size() + folds.indexOf(model.without()));
    }

    /** The clones of what logged. */
    ClonedBehaviour clones() {
        var cloning = config.cloning();
        return new ClonedBehaviour(
                clones.stream().map(this::fitted).toList(), cloning == null ? CloneOf.MISSING : cloning.of());
    }

    /**
     * The same for those who ask how good they are.
     *
     * @param likelihoods what each said of logged actions, one after the other
     */
    List<FittedClone> clones(ExactMoments likelihoods) {
        return IntStream.range(0, clones.size())
                .mapToObj(m -> new FittedClone(
                        clones.get(m).place().run(),
                        clones.get(m).checkpoint().spec().subset(),
                        likelihoods.count(m),
                        likelihoods.mean(m)))
                .toList();
    }

    /** Where probabilities of logged actions come from, in words. */
    String probabilities() {
        if (clones.isEmpty()) {
            return "probabilities of logged actions, as logged";
        }
        var cloning = config.cloning();
        return "probabilities of logged actions, "
                + (cloning != null && cloning.of() == CloneOf.ALL ? "" : "as logged, or where they were not, ") + "by "
                + clones.stream().map(Models::cloneInWords).collect(Collectors.joining(" and "));
    }

    private static String cloneInWords(Model model) {
        var spec = model.checkpoint().spec();
        return model.without() == null
                ? "clone " + spec.name() + "-" + spec.seed() + " of subset " + spec.subset()
                : "a clone of " + spec.subset();
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

    /**
     * The candidates with what tells of their values, as they act, and of which episodes they learned from.
     *
     * @throws UserException if they learned from more subsets than can be told apart
     */
    List<Candidate> tellOf(List<Candidate> candidates) {
        for (var candidate : candidates) {
            if (candidate.trainedOn() != null) {
                tell(candidate.trainedOn());
            }
        }
        if (told.size() + folds.size() > Long.SIZE) {
            throw new UserException("Cannot judge policies that learned from so many subsets at once: there are "
                    + told.size() + " and " + folds.size() + " folds, and " + Long.SIZE
                    + " of both can be told apart; name fewer in judge.policies, with judge.checkpoints = none");
        }
        return candidates.stream().map(this::tellOf).toList();
    }

    private Candidate tellOf(Candidate candidate) {
        var matching = matching(candidate.policy());
        var policy = candidate.policy().with(matching.stream().map(this::fitted).toList());
        return candidate.with(
                candidate.trainedOn() == null ? policy : policy.learnedFrom(told.indexOf(candidate.trainedOn())),
                matching.stream().map(model -> values(candidate, model)).toList());
    }

    private FittedValues values(Candidate candidate, Model model) {
        var checkpoint = model.checkpoint();
        var metrics = store.metrics(model.place().run(), checkpoint.step());
        var rest = rest(checkpoint, metrics);
        var spec = checkpoint.spec();
        return new FittedValues(
                candidate.name(),
                candidate.step(),
                model.place().run(),
                spec.subset(),
                checkpoint.step(),
                last(metrics, LOSS),
                last(metrics, VALUE),
                rest,
                "values by run "
                        + (model.without() == null
                                ? spec.name() + "-" + spec.seed()
                                : model.place().run())
                        + " of subset " + spec.subset()
                        + String.format(Locale.ROOT, ", which may still move by %.3g", rest));
    }

    private double rest(Checkpoint checkpoint, List<Metric> metrics) {
        var settings = (Fqe.Config) checkpoint.spec().config();
        // Along a cosine, a quarter of the updates has half of the learning rates.
        var learned = settings.critic().schedule() == Schedule.COSINE ? 0.25 : 0.5;
        var early = logged(metrics, learned * checkpoint.step());
        var half = logged(metrics, 0.5 * checkpoint.step());
        if (early.isEmpty()) {
            return Double.POSITIVE_INFINITY;
        }
        var moves = checkpoint.step() / settings.targetPeriod() - half.getAsLong() / settings.targetPeriod();
        var said = new Convergence.Said(
                target(metrics, early.getAsLong()),
                target(metrics, half.getAsLong()),
                target(metrics, checkpoint.step()));
        return Convergence.rest(said, moves, settings.targetRate(), Convergence.horizon(settings.discount(), longest));
    }

    /** The last update that something was logged after, up to a number of them. */
    private static OptionalLong logged(List<Metric> metrics, double updates) {
        return metrics.stream()
                .filter(metric -> metric.name().equals(LAG) && metric.step() <= updates)
                .mapToLong(Metric::step)
                .max();
    }

    private static double target(List<Metric> metrics, long step) {
        var then = metrics.stream().filter(metric -> metric.step() == step).toList();
        return last(then, VALUE) - last(then, LAG);
    }

    private static double last(List<Metric> metrics, String name) {
        return metrics.stream()
                .filter(metric -> metric.name().equals(name))
                .reduce((before, after) -> after)
                .map(Metric::value)
                .orElse(Double.NaN);
    }

    private List<Model> matching(JudgedPolicy policy) {
        var wanted = Fits.judged(policy);
        return wanted.isEmpty()
                ? List.of()
                : models.stream()
                        .filter(model -> isSame(
                                wanted.get(),
                                Objects.requireNonNull(model.checkpoint().spec().judges())))
                        .toList();
    }

    /** A policy is the same wherever it is kept. */
    private static boolean isSame(Judged one, Judged other) {
        var first = one.checkpoint();
        var second = other.checkpoint();
        return Objects.equals(first == null ? null : first.state(), second == null ? null : second.state())
                && one.actions() == other.actions()
                && one.epsilon() == other.epsilon()
                && one.noise() == other.noise()
                && Objects.equals(one.action(), other.action());
    }

    /** The subsets that they and the policies were fitted on. */
    List<String> told() {
        return told;
    }

    /** A line for each run of values that is not used. */
    List<String> leftOut() {
        return leftOut;
    }
}
