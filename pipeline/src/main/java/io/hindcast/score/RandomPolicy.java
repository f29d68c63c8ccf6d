package io.hindcast.score;

import io.hindcast.env.Environments;
import io.hindcast.env.RandomBehaviour;
import io.hindcast.run.Seeds;

/** What uniformly random actions earn. */
public final class RandomPolicy {
    private RandomPolicy() {}

    /**
     * The returns of the episodes {@code [0, episodes)} that trained policies are evaluated in: the environment has the same chance.
     *
     * @param environment one of this JVM: {@link Environments#isHere}
     * @param seed of the evaluation
     * @return {@code [episodes]}
     */
    public static double[] returns(String environment, int episodes, long seed) {
        var seeds = new Seeds(seed);
        var returns = new double[episodes];
        try (var world = Environments.named(environment)) {
            var behaviour = new RandomBehaviour(world.actionSpace());
            for (var episode = 0; episode < episodes; episode++) {
                var chance = seeds.generator("random policy", episode);
                var observation = world.reset(seeds.generator("evaluation episode", episode));
                for (var isDone = false; !isDone; ) {
                    var action = behaviour
                            .act(observation, world.possibleActions(), chance)
                            .action();
                    var step = world.step(action);
                    returns[episode] += step.reward();
                    observation = step.observation();
                    isDone = step.done();
                }
            }
        }
        return returns;
    }
}
