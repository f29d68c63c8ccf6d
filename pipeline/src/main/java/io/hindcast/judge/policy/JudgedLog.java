package io.hindcast.judge.policy;

import io.hindcast.data.LoggedSteps;
import io.hindcast.data.Scaler;
import io.hindcast.data.Spaces;
import io.hindcast.judge.Episode;
import io.hindcast.judge.policy.PolicyFeatures.Choice;
import io.hindcast.kernel.Kernels;
import io.hindcast.kernel.Nd4jKernels;
import io.hindcast.net.Actor;
import io.hindcast.net.Policy;
import io.hindcast.run.CheckpointStore;
import io.hindcast.stats.DatasetStats.Ending;
import io.hindcast.stats.ExactMoments;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Folds logged steps, as they come, into the episodes that estimators see: each episode once for every policy. For one thread.
 */
public final class JudgedLog implements AutoCloseable {
    private final Kernels kernels = new Nd4jKernels();
    private final List<JudgedPolicy> policies;
    private final List<Chance> chances = new ArrayList<>();
    private final Clones clones;
    private final List<Values> values = new ArrayList<>();
    private final List<PolicyFeatures> features = new ArrayList<>();
    private final double discount;
    private final Sink sink;
    /** Of a single action the probability tells of something else, as for an {@code OffPolicyEvaluator}. */
    private final boolean isChoice;

    private final List<Episode.Fold> folds = new ArrayList<>();
    private String current = "";
    private List<String> group = List.of();
    private boolean isTerminated;
    /** What each policy's model says of the state after the last step. */
    private double[] afterwards = new double[0];

    private double[][] featuresAfterwards = new double[0][];

    /** Takes what was folded. */
    @FunctionalInterface
    public interface Sink {
        /** @param episodes the same episode, as each policy weighs it, {@code [policies]} */
        void add(List<String> group, List<Episode> episodes);

        /**
         * Takes a step of discrete actions, two or more, whose probability was logged.
         *
         * @param action that was taken
         * @param log natural logarithm of its probability
         */
        default void chosen(int action, double log) {}
    }

    /**
     * A log without steps.
     *
     * @param clones of what logged
     * @param checkpoints where those of trained policies are
     * @param discount of a unit of time, 0 to 1
     * @param scaler standardises observations for {@link io.hindcast.judge.MarginalRatio}, of discrete actions; null: it is not asked for
     * @throws CheckpointStore.Damaged if a checkpoint is not what its place says
     * @throws IllegalStateException if one is another by now, or holds no policy
     */
    public JudgedLog(
            List<JudgedPolicy> policies,
            ClonedBehaviour clones,
            CheckpointStore checkpoints,
            Spaces spaces,
            double discount,
            @Nullable Scaler scaler,
            Sink sink) {
        this.policies = List.copyOf(policies);
        this.clones = new Clones(clones, checkpoints, spaces, kernels);
        for (var policy : policies) {
            addChance(policy, checkpoints, spaces, scaler);
            values.add(new Values(policy.models(), checkpoints, spaces, kernels));
        }
        this.discount = discount;
        this.sink = sink;
        isChoice = spaces.actions().size() > 1;
    }

    private void addChance(JudgedPolicy policy, CheckpointStore checkpoints, Spaces spaces, @Nullable Scaler scaler) {
        var actions = spaces.actions();
        if (policy instanceof JudgedPolicy.Trained trained) {
            var rule = new Actor.Rule(trained.actions(), trained.epsilon(), trained.noise(), Double.POSITIVE_INFINITY);
            add(checkpoints.read(trained.checkpoint()).policy(spaces, kernels), spaces, rule, scaler);
        } else if (policy instanceof JudgedPolicy.Exported exported) {
            var rule = new Actor.Rule(exported.actions(), exported.epsilon(), 0, 0);
            add(exported.policy().policy(kernels), spaces, rule, scaler);
        } else if (policy instanceof JudgedPolicy.Always always) {
            add(Chance.always(always.action()), Choice.always(actions.size(), always.action()), spaces, scaler);
        } else if (policy instanceof JudgedPolicy.Logged logged) {
            add(Chance.logged(logged, actions), Choice.unknown(), spaces, scaler);
        } else if (policy instanceof JudgedPolicy.Uniform) {
            add(Chance.uniform(actions), Choice.uniform(actions.size()), spaces, scaler);
        } else {
            add(Chance.behaviour(), Choice.unknown(), spaces, scaler);
        }
    }

    private void add(Policy policy, Spaces spaces, Actor.Rule rule, @Nullable Scaler scaler) {
        var actor = new Actor(kernels, policy, spaces, PlacedSteps.WIDTH);
        add(Chance.of(actor, spaces, rule), Choice.of(actor, rule), spaces, scaler);
    }

    private void add(Chance chance, Choice choice, Spaces spaces, @Nullable Scaler scaler) {
        chances.add(chance);
        features.add(new PolicyFeatures(scaler, spaces, choice));
    }

    /**
     * Adds steps that follow those before.
     *
     * @throws io.hindcast.config.UserException if one holds a number that cannot be what it says
     */
    public void add(LoggedSteps steps) {
        var placed = PlacedSteps.of(steps);
        var policyLogs = chances.stream().map(chance -> chance.logs(placed)).toList();
        var logged = clones.logs(placed);
        var said = values.stream().map(value -> value.of(placed)).toList();
        var told = features.stream().map(of -> of.of(placed)).toList();
        for (var row = 0; row < steps.rows(); row++) {
            if (folds.isEmpty() || !current.equals(steps.episodes()[row])) {
                end();
                begin(steps, row);
            }
            for (var p = 0; p < folds.size(); p++) {
                folds.get(p)
                        .step(new Episode.Step(
                                policyLogs.get(p)[row],
                                policies.get(p) instanceof JudgedPolicy.Behaviour ? 0 : logged[row],
                                steps.rewards()[row],
                                steps.durations()[row],
                                said.get(p).actions()[row],
                                said.get(p).states()[row],
                                told.get(p).steps()[row]));
                afterwards[p] = said.get(p).nextStates()[row];
                featuresAfterwards[p] = told.get(p).afterwards()[row];
            }
            isTerminated = steps.terminated()[row];
            if (isChoice && steps.batch().actionIndices().length > 0 && !Double.isNaN(steps.logProbabilities()[row])) {
                sink.chosen(steps.batch().actionIndices()[row], steps.logProbabilities()[row]);
            }
        }
    }

    private void begin(LoggedSteps steps, int row) {
        current = steps.episodes()[row];
        group = steps.groups().get(row);
        afterwards = new double[chances.size()];
        featuresAfterwards = new double[chances.size()][];
        for (var policy : policies) {
            var fold = new Episode.Fold(current, discount);
            folds.add(policy.learnedFrom(steps.within()[row]) ? fold.learnedFrom() : fold);
        }
    }

    /** Ends the last episode. */
    public void end() {
        if (folds.isEmpty()) {
            return;
        }
        var ending = isTerminated ? Ending.TERMINATED : Ending.OPEN;
        var episodes = new ArrayList<Episode>();
        for (var p = 0; p < folds.size(); p++) {
            episodes.add(folds.get(p).end(ending, afterwards[p], featuresAfterwards[p]));
        }
        sink.add(group, episodes);
        folds.clear();
    }

    /** Of each clone, the logarithms of how likely it held what was done where it told. */
    public ExactMoments likelihoods() {
        return clones.told();
    }

    @Override
    public void close() {
        kernels.close();
    }
}
