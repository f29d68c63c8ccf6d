package io.hindcast.learn;

import io.hindcast.config.Setting;
import io.hindcast.config.UserException;
import io.hindcast.data.Batch;
import io.hindcast.data.Noise;
import io.hindcast.kernel.Kernels;
import io.hindcast.kernel.Losses;
import io.hindcast.learn.Sizes.Measured;
import io.hindcast.net.ActedValue;
import io.hindcast.net.Critics;
import io.hindcast.net.Inputs;
import io.hindcast.net.NetworkConfig;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Fitted Q evaluation (Le, Voloshin and Yue 2019): the action values of a given policy, which never moves, from the data of
 * another one.
 *
 * <pre>
 * value_next = Qbar(s', a'), a' ~ p(.|s')             discrete: sum_a p(a|s') Qbar(s', a)
 * minimise(critic, mean((Q(s,a) - (r + discount (1 - terminated) value_next))²))
 * Qbar = (1 - target-rate) Qbar + target-rate Q       every target-period updates
 * </pre>
 *
 * <p>Where {@link Judged} has a range, value_next is held in it (as Fu and others 2021 do, "Benchmarks for deep off-policy evaluation").
 * Q and Qbar begin at its level: of what was never logged they go on to say that, and not 0, which may be more than anything earns.
 *
 * <p>p is the policy as it acts, see {@link Judged}: its likeliest action or one drawn, and with probability epsilon a uniformly random
 * one. {@link #diagnostics} has what the policy is worth where episodes begin, and how far that still moves.
 */
public final class Fqe implements ValueLearner {
    /** The settings of fitted Q evaluation. */
    public record Config(
            @Setting(
                    value = "0.99",
                    range = "[0, 1]",
                    meaning =
                            "discount for each step; with 1 values are sums of rewards, which only a policy has that always comes to"
                                    + " an end")
            double discount,

            @Setting(value = "0.005", range = "(0, 1]", meaning = "how far the target moves to the critic; 1 copies it")
            double targetRate,

            @Setting(value = "1", range = "[1, inf)", meaning = "updates between two moves of the target")
            long targetPeriod,

            @Setting(value = "{}", meaning = "the critic's network")
            NetworkConfig critic)
            implements LearnerConfig {

        /** @throws UserException if a value is out of its range */
        public Config {
            critic.withoutDropout("critic");
        }

        @Override
        public boolean learnsPolicy() {
            return false;
        }

        @Override
        public Learner learner(LearnerSetup setup) {
            return new Fqe(this, setup);
        }

        /** Of a policy that draws its actions. */
        @Override
        public Optional<Measured> measured(Sizes sizes) {
            return Optional.of(new Measured(
                    "critic = " + sizes.critic(),
                    sizes.pi().forward() + sizes.q().forward() + sizes.q().trained()));
        }
    }

    private final Config config;
    private final Kernels kernels;
    private final Judged judged;
    private final Parts parts;
    private final Inputs inputs;
    private final Critics critics;
    private final ActedValue next;
    private final ActedValue initial;
    private final ActedValue initialByTarget;

    /** Made when they are first asked for: training has no use for them. */
    private @Nullable ActedValue here;

    private @Nullable ActedValue afterwards;

    private float[] valueNext = new float[0];
    private float[] qData = new float[0];

    private Fqe(Config config, LearnerSetup setup) {
        this.config = config;
        kernels = setup.kernels();
        judged = setup.judged("fqe");
        inputs = setup.inputs();
        critics = setup.critics(config.critic(), 1, inputs);
        parts = new Parts().critics(critics);
        critics.raise((float) judged.level());
        next = judged.value(setup.kernels(), critics.targets(), inputs.nextStates());
        var starts = judged.startsIn(setup.kernels(), setup.spaces());
        initial = judged.value(setup.kernels(), critics.online(), starts);
        initialByTarget = judged.value(setup.kernels(), critics.targets(), starts);
    }

    @Override
    public double update(Batch batch, Noise noise) {
        inputs.load(batch);

        valueNext = next.value(batch.nextObservations(), noise, "next_action");
        judged.hold(valueNext);
        critics.bootstrap(batch, valueNext, config.discount());
        var loss = critics.regress(batch);
        qData = critics.ofData(batch)[0];
        critics.follow(config.targetRate(), config.targetPeriod());
        return loss;
    }

    /**
     * {@code initial-value/mean} is the estimate: the mean V(s) where episodes begin, by the critic. {@code initial-value/lag} is how far
     * the target critic's is behind it, which goes to 0 as both stand still: the measure of convergence. Both are in units of return, and
     * whatever is drawn for them is the same each time.
     */
    @Override
    public Map<String, Double> diagnostics() {
        var value =
                Losses.mean(initial.value(judged.starts(), judged.startsNoise().get(), "initial_action"));
        var behind = Losses.mean(
                initialByTarget.value(judged.starts(), judged.startsNoise().get(), "initial_action"));
        return Map.of("initial-value/mean", value, "initial-value/lag", value - behind);
    }

    @Override
    public Values values(Batch batch, Noise noise) {
        var state = here == null ? judged.value(kernels, critics.online(), inputs.states()) : here;
        here = state;
        inputs.load(batch);
        return new Values(critics.forward(batch)[0], state.value(batch.observations(), noise, "action"));
    }

    @Override
    public float[] nextStateValues(Batch batch, Noise noise) {
        var nextState = afterwards == null ? judged.value(kernels, critics.online(), inputs.nextStates()) : afterwards;
        afterwards = nextState;
        inputs.load(batch);
        return nextState.value(batch.nextObservations(), noise, "next_action");
    }

    @Override
    public Parts parts() {
        return parts;
    }

    @Override
    public Map<String, Double> losses() {
        return critics.losses(Map.of());
    }

    @Override
    public Map<String, float[]> intermediates() {
        var rows = new LinkedHashMap<String, float[]>();
        rows.put("next_action", next.actions());
        rows.put("value_next", valueNext);
        rows.put("target", critics.target());
        rows.put("q_data", qData);
        return rows;
    }
}
