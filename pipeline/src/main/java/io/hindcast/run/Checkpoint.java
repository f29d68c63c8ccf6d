package io.hindcast.run;

import io.hindcast.data.Scaler;
import io.hindcast.data.Spaces;
import io.hindcast.data.Transformation;
import io.hindcast.kernel.Kernels;
import io.hindcast.learn.CriticLearner;
import io.hindcast.learn.Learner;
import io.hindcast.learn.LearnerSetup;
import io.hindcast.learn.PolicyLearner;
import io.hindcast.net.Policy;
import io.hindcast.net.ScaledPolicy;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The whole state of a run between two updates.
 *
 * @param spec the run
 * @param spaces of what it learns from
 * @param step updates done
 * @param tensors networks and Adam moments by name; those of {@link #of} are live arrays
 * @param counters Adam's step counts by optimiser
 * @param metrics what was logged since the checkpoint before
 * @param seconds time spent on updates so far
 * @param experience the steps in the environment since the checkpoint before, {@code [steps, width]}; null if it does not act
 */
public record Checkpoint(
        RunSpec spec,
        Spaces spaces,
        long step,
        Map<String, Tensor> tensors,
        Map<String, Long> counters,
        List<Metric> metrics,
        double seconds,
        @Nullable Tensor experience) {
    private static final String ADAM = "adam.";

    /** Numbers with a shape. */
    @SuppressWarnings("ArrayRecordComponent") // a carrier between learner and store
    public record Tensor(List<Integer> shape, float[] values, int from) {
        int length() {
            return shape.stream().reduce(1, Math::multiplyExact);
        }
    }

    /** The state of a run that does not act; see the components. */
    public Checkpoint(
            RunSpec spec,
            Spaces spaces,
            long step,
            Map<String, Tensor> tensors,
            Map<String, Long> counters,
            List<Metric> metrics,
            double seconds) {
        this(spec, spaces, step, tensors, counters, metrics, seconds, null);
    }

    /** The state of {@code learner} after {@code step} updates. */
    static Checkpoint of(
            RunSpec spec,
            Spaces spaces,
            long step,
            Learner learner,
            List<Metric> metrics,
            double seconds,
            @Nullable Experience experience) {
        var counters = new TreeMap<String, Long>();
        learner.optimisers().forEach((name, adam) -> counters.put(name, adam.steps()));
        return new Checkpoint(
                spec,
                spaces,
                step,
                tensors(learner),
                counters,
                List.copyOf(metrics),
                seconds,
                experience == null ? null : tensor(experience));
    }

    private static Tensor tensor(Experience experience) {
        return new Tensor(List.of(experience.count(), experience.width()), experience.rows(), 0);
    }

    /**
     * Whether its learner knew which actions were possible: its data said so, or the environment in which it acted since the
     * checkpoint before.
     */
    public boolean learnedFromMasks() {
        return spec.actionMasks() || (experience != null && experience.shape().get(1) > new Experience(spaces).width());
    }

    /**
     * Puts the state into a learner of the same specification.
     *
     * @throws IllegalStateException if its tensors have other names or shapes
     */
    public void restore(Learner learner) {
        var targets = tensors(learner);
        if (!targets.keySet().equals(tensors.keySet())) {
            throw new IllegalStateException("Cannot restore " + spec.id() + " from step " + step + ": it holds "
                    + tensors.keySet() + ", the learner has " + targets.keySet());
        }
        copyInto(targets);
        learner.networks().values().forEach(network -> network.refresh());
        learner.optimisers().forEach((name, adam) -> adam.resume(counters.getOrDefault(name, 0L)));
    }

    private void copyInto(Map<String, Tensor> targets) {
        targets.forEach((name, target) -> {
            var source = tensors.get(name);
            if (source == null || !source.shape().equals(target.shape())) {
                throw new IllegalStateException("Cannot restore " + spec.id() + " from step " + step + ": tensor "
                        + name + " has another shape");
            }
            System.arraycopy(source.values(), source.from(), target.values(), target.from(), target.length());
        });
    }

    /** The same with other metrics. */
    Checkpoint with(List<Metric> logged) {
        return new Checkpoint(spec, spaces, step, tensors, counters, List.copyOf(logged), seconds, experience);
    }

    /** The same as one of {@code run}, which goes on by acting and has not begun to. */
    Checkpoint ofRunThatActs(RunSpec run, List<Metric> logged) {
        return new Checkpoint(run, spaces, step, tensors, counters, logged, seconds, tensor(new Experience(spaces)));
    }

    /**
     * Puts the parameters into a learner that begins with them; its optimisers begin anew.
     *
     * @throws IllegalStateException if a network has other tensors
     */
    void warm(Learner learner) {
        var networks = new LinkedHashMap<>(tensors(learner));
        networks.keySet().removeIf(name -> name.startsWith(ADAM));
        copyInto(networks);
        learner.networks().values().forEach(network -> network.refresh());
    }

    /**
     * Makes sure that a run may go on from it.
     *
     * @param data what there is to see and to do in the data now
     * @throws IllegalStateException if it is of another run: of other settings, other data, other actions, or data made ready in
     *     another way
     */
    void requireOf(RunSpec run, Spaces data) {
        if (!spaces.equals(data)) {
            throw new IllegalStateException("Cannot resume " + run.id() + " from step " + step
                    + ": there it learned from " + spaces + ", here from " + data);
        }
        if (!spec.transformations().equals(run.transformations())) {
            throw new IllegalStateException("Cannot resume " + run.id() + " from step " + step
                    + ": there the data were made ready by " + spec.transformations() + ", here by "
                    + run.transformations());
        }
        if (!spec.id().equals(run.id())) {
            throw new IllegalStateException("Cannot resume " + run.id() + " from step " + step
                    + ": the checkpoint is of another run, " + spec.id());
        }
    }

    /**
     * The policy it holds, which takes observations as they were logged: where the run standardised them, so does the policy.
     *
     * @throws IllegalStateException if it holds none, or the learner has other tensors
     */
    public Policy policy(Spaces spaces, Kernels kernels) {
        return policy(spaces, kernels, Optional.empty());
    }

    /**
     * The same, which takes observations that were standardised already.
     *
     * @param seen what they were standardised by; empty: they are as they were logged
     */
    Policy policy(Spaces spaces, Kernels kernels, Optional<Scaler> seen) {
        if (!spec.config().learnsPolicy()) {
            throw new IllegalStateException("Cannot find a policy in run " + spec.id() + ": " + spec.learner()
                    + " learns values only; name a run that learns a policy");
        }
        var learner = PolicyLearner.of(learner(spaces, kernels));
        var own = Transformation.scaler(spec.transformations());
        return ScaledPolicy.behind(Scaler.instead(seen, own), kernels, learner.policy());
    }

    /**
     * The critics it holds, to be asked about {@code rows} states at a time, as these were logged; empty if its learner has none.
     *
     * @throws IllegalStateException if the learner has other tensors
     */
    public Optional<LearnedCritics> critics(Spaces spaces, Kernels kernels, int rows) {
        return learner(spaces, kernels) instanceof CriticLearner learner
                ? Optional.of(new LearnedCritics(learner, spec, spaces, kernels, rows))
                : Optional.empty();
    }

    /** First parameters are drawn and then replaced: the learner knows how its networks are laid out. */
    private Learner learner(Spaces spaces, Kernels kernels) {
        var setup = new LearnerSetup(
                spaces, 1, spec.updates(), kernels, new Seeds(spec.seed()).generator("initialisation", 0));
        var learner = spec.config().learner(setup);
        restore(learner);
        return learner;
    }

    private static Map<String, Tensor> tensors(Learner learner) {
        var tensors = new LinkedHashMap<String, Tensor>();
        new TreeMap<>(learner.networks()).forEach((name, network) -> {
            for (var block : network.parameters().blocks()) {
                tensors.put(
                        name + "." + block.name(),
                        new Tensor(block.shape(), network.parameters().values(), block.offset()));
            }
        });
        new TreeMap<>(learner.optimisers()).forEach((name, adam) -> {
            for (var i = 0; i < adam.networks().size(); i++) {
                var first = adam.firstMoments().get(i);
                var second = adam.secondMoments().get(i);
                tensors.put(ADAM + name + "." + i + ".first-moment", new Tensor(List.of(first.length), first, 0));
                tensors.put(ADAM + name + "." + i + ".second-moment", new Tensor(List.of(second.length), second, 0));
            }
        });
        return tensors;
    }
}
