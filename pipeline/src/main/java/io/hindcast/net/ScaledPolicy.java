package io.hindcast.net;

import io.hindcast.data.Action;
import io.hindcast.data.Scaler;
import io.hindcast.kernel.Kernels;
import io.hindcast.kernel.Matrix;
import java.util.Optional;
import java.util.random.RandomGenerator;

/** A policy that learned from standardised observations, and standardises those that it is shown. */
public final class ScaledPolicy implements Policy {
    private final Kernels kernels;
    private final Policy policy;
    private final Scaler scaler;

    /** {@code policy} behind {@code scaler}. */
    public ScaledPolicy(Kernels kernels, Policy policy, Scaler scaler) {
        this.kernels = kernels;
        this.policy = policy;
        this.scaler = scaler;
    }

    /** {@code policy} behind a scaler if there is one, else itself. */
    public static Policy behind(Optional<Scaler> scaler, Kernels kernels, Policy policy) {
        return scaler.<Policy>map(present -> new ScaledPolicy(kernels, policy, present))
                .orElse(policy);
    }

    /** The policy without its scaler, for observations that are standardised already. */
    public Policy inner() {
        return policy;
    }

    /** Standardises observations where they stand, {@code [rows * observation size]}. */
    public void scale(float[] observations, int rows) {
        scaler.scale(observations, 0, scaler.size(), rows);
    }

    @Override
    public Parameters parameters() {
        return policy.parameters();
    }

    @Override
    public void refresh() {
        policy.refresh();
    }

    @Override
    public Blueprint blueprint() {
        return policy.blueprint().behind(scaler);
    }

    @Override
    public Pass pass(Matrix observations) {
        return pass(new States(observations));
    }

    @Override
    public Pass pass(States states) {
        var observations = states.observations();
        var scaled = new States(kernels.matrix(observations.rows(), observations.columns()));
        var values = new float[observations.rows() * observations.columns()];
        var pass = policy.pass(scaled);
        return new Pass() {
            @Override
            public void forward() {
                observations.read(values, 0);
                scale(values, observations.columns());
                scaled.observations().write(values, 0);
                scaled.setPossible(states.possible());
                pass.forward();
            }

            @Override
            public float[] output() {
                return pass.output();
            }

            @Override
            public String outputName() {
                return pass.outputName();
            }

            @Override
            public Action greedy(int b) {
                return pass.greedy(b);
            }

            @Override
            public Optional<double[]> probabilities(int b) {
                return pass.probabilities(b);
            }

            @Override
            public Optional<Normal> normal(int b) {
                return pass.normal(b);
            }

            @Override
            public Optional<Likelihood> likelihood() {
                return pass.likelihood();
            }

            @Override
            public Action sample(int b, RandomGenerator random) {
                return pass.sample(b, random);
            }
        };
    }
}
