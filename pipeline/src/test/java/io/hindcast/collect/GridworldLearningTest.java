package io.hindcast.collect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.typesafe.config.ConfigFactory;
import io.hindcast.config.Settings;
import io.hindcast.data.Action;
import io.hindcast.data.Batch;
import io.hindcast.data.Noise;
import io.hindcast.data.ReplayBuffer;
import io.hindcast.data.ReplayBuffer.TerminalFlag;
import io.hindcast.data.Transition;
import io.hindcast.env.Environment;
import io.hindcast.env.Environments;
import io.hindcast.kernel.Kernels;
import io.hindcast.kernel.PlainKernels;
import io.hindcast.learn.LearnerConfig;
import io.hindcast.learn.LearnerSetup;
import io.hindcast.learn.PolicyLearner;
import io.hindcast.run.Seeds;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Tabular Q-learning on what a random agent did in the gridworld, against value iteration on the same steps. */
final class GridworldLearningTest {
    private static final double DISCOUNT = 0.98;
    private static final int STATES = 20;
    private static final int ACTIONS = 4;
    private static final int ROWS = 32;

    @ParameterizedTest
    @CsvSource({"gridworld-1, 19", "gridworld-2, 4", "gridworld-3, -1"})
    void itLearnsTheOptimalValuesAndEndsWhereTheScenarioSays(String name, int end) {
        var data = random(name);
        var model = new HashMap<Integer, Transition>();
        data.forEach(row -> model.put(cell(row.observation()) * ACTIONS + action(row), row));
        assertThat(model)
                .as("of 18 cells that are no goal, every action was tried")
                .hasSize(18 * ACTIONS);
        var optimal = values(model);

        try (var kernels = new PlainKernels()) {
            var learner = trained(data, kernels);

            var table = learner.networks().get("critic_0").parameters().values();
            model.keySet().forEach(key -> {
                var learned = table[key % ACTIONS * STATES + key / ACTIONS];
                assertThat((double) learned).as("cell and action " + key).isCloseTo(optimal[key], within(1e-2));
            });
            assertThat(endOf(Environments.named(name), learner, kernels)).isEqualTo(end);
        }
    }

    private static List<Transition> random(String name) {
        var config = Settings.read(CollectConfig.class, ConfigFactory.parseString("steps = 8000"), "collect");
        var environment = Environments.named(name);
        var rows = new ArrayList<Transition>();
        config.sequence(new Collector(environment, config.behaviourIn(environment), new Seeds(5)))
                .forEachRemaining(rows::addAll);
        return rows;
    }

    /** Q of every cell and action, {@code cell * ACTIONS + action}, to float precision. */
    private static double[] values(Map<Integer, Transition> model) {
        var q = new double[STATES * ACTIONS];
        for (var sweep = 0; sweep < 2000; sweep++) {
            model.forEach((key, row) -> {
                var next = cell(row.nextObservation());
                var best = Double.NEGATIVE_INFINITY;
                for (var a = 0; a < ACTIONS; a++) {
                    best = Math.max(best, q[next * ACTIONS + a]);
                }
                q[key] = row.reward() + (row.terminated() ? 0 : DISCOUNT * best);
            });
        }
        return q;
    }

    private static PolicyLearner trained(List<Transition> rows, Kernels kernels) {
        var spaces = Environments.named("gridworld-1").spaces();
        var data = new ReplayBuffer(spaces, rows.size());
        for (var row : rows) {
            var flag = row.terminated() ? TerminalFlag.STOPS_BOOTSTRAP : TerminalFlag.KEEPS_BOOTSTRAP;
            data.append(row.observation(), row.action(), row.reward(), row.nextObservation(), flag);
        }
        var seeds = new Seeds(1);
        var updates = 20_000;
        var learner = PolicyLearner.of(LearnerConfig.read("tabular-q", ConfigFactory.empty(), "test")
                .learner(new LearnerSetup(spaces, ROWS, updates, kernels, seeds.generator("initialisation", 0))));
        var batch = new Batch(spaces, ROWS);
        for (var step = 0; step < updates; step++) {
            data.sample(seeds.generator("batch", step), batch);
            learner.update(batch, Noise.none());
        }
        return learner;
    }

    /** The cell where the greedy policy ends; -1 where the time limit ends it. */
    private static int endOf(Environment world, PolicyLearner learner, Kernels kernels) {
        var input = kernels.matrix(STATES, 1);
        var pass = learner.policy().pass(input);
        var observation = world.reset(new Seeds(1).generator("episode", 0));
        while (true) {
            input.write(observation, 0);
            pass.forward();
            var step = world.step(pass.greedy(0));
            observation = step.observation();
            if (step.done()) {
                return step.terminated() ? cell(observation) : -1;
            }
        }
    }

    private static int action(Transition row) {
        return ((Action.Index) row.action()).index();
    }

    private static int cell(float[] observation) {
        for (var i = 0; i < observation.length; i++) {
            if (observation[i] == 1) {
                return i;
            }
        }
        throw new AssertionError("no cell");
    }
}
