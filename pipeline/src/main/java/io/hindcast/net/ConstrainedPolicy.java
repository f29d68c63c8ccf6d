package io.hindcast.net;

import io.hindcast.data.Action;
import io.hindcast.kernel.Categorical;
import io.hindcast.kernel.Matrix;
import java.util.Optional;

/**
 * {@code argmax Q(s, a)} of a discrete critic over the possible actions that an imitation of the data finds likely: those with more
 * than a share of the probability of the likeliest one. The parameters of both are their own.
 */
public final class ConstrainedPolicy implements Policy {
    private final Mlp critic;
    private final Mlp imitation;
    private final double threshold;

    /**
     * The greedy policy of {@code critic} among what is likely.
     *
     * @param imitation gives a logit an action
     * @param threshold the share of the largest probability, in [0, 1)
     */
    public ConstrainedPolicy(Mlp critic, Mlp imitation, double threshold) {
        this.critic = critic;
        this.imitation = imitation;
        this.threshold = threshold;
    }

    /** Those of the critic. */
    @Override
    public Parameters parameters() {
        return critic.parameters();
    }

    @Override
    public void refresh() {
        critic.refresh();
        imitation.refresh();
    }

    @Override
    public Blueprint blueprint() {
        return new Blueprint(
                Optional.empty(),
                critic.blueprint(),
                new Blueprint.Output.Constrained(GreedyPolicy.OUTPUT, imitation.blueprint(), threshold));
    }

    @Override
    public Pass pass(Matrix observations) {
        return pass(new States(observations));
    }

    @Override
    public Pass pass(States states) {
        var count = critic.outputs();
        var rows = states.observations().columns();
        var valuesPass = critic.forwardOnly(states.observations());
        var likelyPass = imitation.forwardOnly(states.observations());
        var distribution = new Categorical(rows, count);
        var likely = new boolean[rows * count];
        return new Pass() {
            private float[] values = new float[0];

            @Override
            public void forward() {
                values = valuesPass.forward();
                distribution.load(likelyPass.forward(), states.possible());
                distribution.likely(threshold, likely);
            }

            @Override
            public float[] output() {
                return values;
            }

            @Override
            public String outputName() {
                return GreedyPolicy.OUTPUT;
            }

            @Override
            public Action greedy(int b) {
                return new Action.Index(Categorical.argmax(values, b * count, count, likely));
            }
        };
    }
}
