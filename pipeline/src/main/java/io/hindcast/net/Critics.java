package io.hindcast.net;

import io.hindcast.data.Batch;
import io.hindcast.data.Spaces;
import io.hindcast.kernel.Kernels;
import io.hindcast.kernel.Losses;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * The critic half of a learner: critics that learn, targets that follow them, and one optimiser for all. In checkpoints the critics
 * are {@code critic_0} and so on, the targets {@code target_critic_0} and so on, the optimiser {@code critic}.
 *
 * <pre>
 * target = r + discount (1 - terminated) value_next                        {@link #bootstrap}
 * minimise(critic, sum_i mean((Q_i(s,a) - target)²))                       {@link #regress}
 * Qbar_i = (1 - target-rate) Qbar_i + target-rate Q_i                      {@link #follow(double, long)}
 * </pre>
 */
public final class Critics {
    private static final String NAME = "critic";

    private final Inputs inputs;
    private final CriticEnsemble online;
    private final CriticEnsemble targets;
    private final Adam optimiser;
    private final float[] target;
    private final float[] slope;
    private final double[] losses;
    private CriticEnsemble.@Nullable Pass pass;

    /**
     * {@code count} critics with parameters drawn from {@code random}, and targets equal to them.
     *
     * @param inputs where the batches stand that they learn from
     * @param length how many steps they take in the whole run, for learning-rate schedules
     */
    public Critics(
            Kernels kernels,
            Spaces spaces,
            NetworkConfig config,
            int count,
            Inputs inputs,
            RandomGenerator random,
            long length) {
        this.inputs = inputs;
        online = new CriticEnsemble(kernels, spaces, config, count);
        targets = new CriticEnsemble(kernels, spaces, config, count);
        online.initialise(random);
        targets.copyFrom(online);
        optimiser = new Adam(online.members(), config, length);
        var rows = inputs.observations().columns();
        target = new float[rows];
        slope = new float[rows];
        losses = new double[count];
    }

    /** Adds a number to all that critics and targets say. */
    public void raise(float by) {
        online.members().forEach(member -> member.raise(by));
        targets.copyFrom(online);
    }

    /** The critics that learn. */
    public CriticEnsemble online() {
        return online;
    }

    /** Those that follow them. */
    public CriticEnsemble targets() {
        return targets;
    }

    /** How many critics. */
    public int size() {
        return online.size();
    }

    /** How many steps the critics have taken. */
    public long steps() {
        return optimiser.steps();
    }

    /** Q_i(s, a) of the batch's actions, which stand in the inputs: an array {@code [B]} a critic, overwritten by the next call. */
    public float[][] forward(Batch batch) {
        return pass().forward(batch);
    }

    /** Q_i(s, a) as {@link #forward} or {@link #regress} saw it last: before the step of the latter. */
    public float[][] ofData(Batch batch) {
        return pass().ofData(batch);
    }

    /** What every critic said of the inputs last: an array {@code [B]} each, {@code [B * count]} where actions are discrete. */
    public float[][] outputs() {
        return pass().outputs();
    }

    /** {@code r + discount (1 - terminated) valueNext}, {@code [B]}, from now on what the critics learn. */
    public float[] bootstrap(Batch batch, float[] valueNext, double discount) {
        Losses.bootstrap(batch.rewards(), batch.stopsBootstrap(), batch.steps(), valueNext, discount, target);
        return target;
    }

    /** What {@link #bootstrap} gave last, {@code [B]}. */
    public float[] target() {
        return target;
    }

    /**
     * One step of all critics towards {@link #bootstrap}'s target, one critic after the other.
     *
     * @return the sum of their mean squared errors before it
     */
    public double regress(Batch batch) {
        for (var i = 0; i < losses.length; i++) {
            pass().forward(i);
            learn(i, batch);
        }
        step();
        return loss();
    }

    /**
     * The same by Huber's loss, which is half a square near the target and a distance far from it, see {@link Losses#huber}.
     *
     * @return the sum of the critics' losses before it
     */
    public double regressByHuber(Batch batch) {
        for (var i = 0; i < losses.length; i++) {
            pass().forward(i);
            losses[i] = Losses.huber(pass().ofData(i, batch), target, slope);
            pass().backward(i, batch, slope);
        }
        step();
        return loss();
    }

    /** The same where {@link #forward} has just run: it does not run again. */
    public double regressFromForward(Batch batch) {
        for (var i = 0; i < losses.length; i++) {
            learn(i, batch);
        }
        step();
        return loss();
    }

    private void learn(int i, Batch batch) {
        squaredError(i, pass().ofData(i, batch), slope);
        pass().backward(i, batch, slope);
    }

    /**
     * The mean squared error of critic {@code i} from {@link #bootstrap}'s target, for a learner whose critics have other losses,
     * too: it goes back and calls {@link #step} itself.
     *
     * @param q its Q(s, a), {@code [B]}
     * @param gradient {@code [B]}, written: the error's gradient in these
     */
    public double squaredError(int i, float[] q, float[] gradient) {
        losses[i] = Losses.squaredError(q, target, gradient);
        return losses[i];
    }

    /** One step of all critics along the gradients that stand in their parameters. */
    public void step() {
        optimiser.step();
    }

    /** Moves every target towards its critic, in every {@code period}-th step of theirs; a rate of 1 copies them. */
    public void follow(double rate, long period) {
        if (steps() % period == 0) {
            targets.follow(online, rate);
        }
    }

    /** Puts critics, targets and the optimiser among those of a learner. */
    public void nameIn(Map<String, Network> networks, Map<String, Adam> optimisers) {
        online.nameIn(networks, NAME);
        targets.nameIn(networks, "target_" + NAME);
        optimisers.put(NAME, optimiser);
    }

    /** The losses of the learner: each critic's squared error, their sum as the critics' loss, and {@code others}, which go first. */
    public Map<String, Double> losses(Map<String, Double> others) {
        var all = new LinkedHashMap<String, Double>();
        all.put(NAME, loss());
        for (var i = 0; i < losses.length; i++) {
            all.put(NAME + "_" + i, losses[i]);
        }
        all.putAll(others);
        return all;
    }

    private double loss() {
        var sum = 0.0;
        for (var loss : losses) {
            sum += loss;
        }
        return sum;
    }

    /** Made when it is first wanted: a learner with samples of its own has no use for it. */
    private CriticEnsemble.Pass pass() {
        if (pass == null) {
            pass = online.pass(inputs.stateActions());
        }
        return pass;
    }
}
