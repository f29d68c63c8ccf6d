package io.hindcast.net;

import io.hindcast.data.Action;
import io.hindcast.kernel.Categorical;
import io.hindcast.kernel.Matrix;
import java.util.Optional;

/** {@code argmax_a Q(s, a)} over the possible actions of a discrete critic, whose parameters are its own. */
public final class GreedyPolicy implements Policy {
    static final String OUTPUT = "action_values";

    private final Mlp critic;

    /** The greedy policy of {@code critic}, which gives one number an action. */
    public GreedyPolicy(Mlp critic) {
        this.critic = critic;
    }

    @Override
    public Parameters parameters() {
        return critic.parameters();
    }

    @Override
    public void refresh() {
        critic.refresh();
    }

    @Override
    public Blueprint blueprint() {
        return new Blueprint(Optional.empty(), critic.blueprint(), new Blueprint.Output.Scores(OUTPUT));
    }

    @Override
    public Pass pass(Matrix observations) {
        return pass(new States(observations));
    }

    @Override
    public Pass pass(States states) {
        var pass = critic.pass(states.observations());
        return new Pass() {
            private float[] values = new float[0];

            @Override
            public void forward() {
                values = pass.forward();
            }

            @Override
            public float[] output() {
                return values;
            }

            @Override
            public String outputName() {
                return OUTPUT;
            }

            @Override
            public Action greedy(int b) {
                return new Action.Index(
                        Categorical.argmax(values, b * critic.outputs(), critic.outputs(), states.possible()));
            }
        };
    }
}
