package io.hindcast.judge;

import io.hindcast.stats.DatasetStats.Ending;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;

/**
 * A decision process of a few states and actions, whose values are computed exactly, and whose logs are drawn.
 *
 * @param limit the steps after which an episode is cut; 0 for none
 * @param start chances, {@code [state]}
 * @param next chances, {@code [state][action][next state]}; what is missing to 1 terminates
 * @param reward means, {@code [state][action]}; logged with {@code noise}
 * @param duration of a step, {@code [state][action]}
 * @param behaviour what logs, {@code [state][action]}
 * @param policy what is judged, {@code [state][action]}
 * @param q the model that estimators are given, {@code [state][action]}
 */
@SuppressWarnings("ArrayRecordComponent") // a table of numbers, not compared
record SmallProcess(
        String name,
        double discount,
        int limit,
        double[] start,
        double[][][] next,
        double[][] reward,
        double noise,
        double[][] duration,
        double[][] behaviour,
        double[][] policy,
        double[][] q) {

    /** Decisions among three actions in five situations: episodes of one step. */
    static SmallProcess oneStep() {
        var random = new SplittableRandom(11);
        return drawn("one-step", random, 1, 5, 3, (s, a, n) -> 0, 1, 0, 0.5, 0.5);
    }

    /** Five steps, each in one of two positions: the state says both. */
    static SmallProcess fixedHorizon() {
        var random = new SplittableRandom(12);
        return drawn("fixed-horizon", random, 0.95, 10, 2, (s, a, n) -> n / 2 == s / 2 + 1 ? 1 : 0, 1, 0, 0.35, 0.5);
    }

    /** Ends at random, sooner after some actions. */
    static SmallProcess randomLength() {
        var random = new SplittableRandom(13);
        return drawn("random-length", random, 0.9, 4, 3, (s, a, n) -> 0.2 * (a + 1), 1, 0, 0.35, 0.5);
    }

    /** Cut after six steps of several durations, where the model is exact. */
    static SmallProcess timeLimit() {
        var random = new SplittableRandom(14);
        var process = drawn("time-limit", random, 0.9, 3, 2, (s, a, n) -> 0.3, 2, 6, 0.3, 0);
        return process;
    }

    static List<SmallProcess> all() {
        return List.of(oneStep(), fixedHorizon(), randomLength(), timeLimit());
    }

    private interface Reach {
        double of(int state, int action, int next);
    }

    private static SmallProcess drawn(
            String name,
            RandomGenerator random,
            double discount,
            int states,
            int actions,
            Reach reach,
            double longest,
            int limit,
            double distance,
            double modelError) {
        var next = new double[states][actions][states];
        var reward = new double[states][actions];
        var duration = new double[states][actions];
        var behaviour = new double[states][];
        var policy = new double[states][];
        for (var s = 0; s < states; s++) {
            for (var a = 0; a < actions; a++) {
                var all = 0.0;
                for (var n = 0; n < states; n++) {
                    next[s][a][n] = reach.of(s, a, n) * (0.3 + random.nextDouble());
                    all += reach.of(s, a, n);
                }
                var sum = Arrays.stream(next[s][a]).sum();
                for (var n = 0; n < states && sum > 0; n++) {
                    next[s][a][n] *= Math.min(all, 1) / sum;
                }
                reward[s][a] = 1 + 1.5 * random.nextGaussian();
                duration[s][a] = longest == 1 ? 1 : random.nextInt(1, 5) * longest / 4;
            }
            behaviour[s] = chances(random, actions);
            var other = chances(random, actions);
            policy[s] = new double[actions];
            for (var a = 0; a < actions; a++) {
                policy[s][a] = (1 - distance) * behaviour[s][a] + distance * other[a];
            }
        }
        var process = new SmallProcess(
                name,
                discount,
                limit,
                name.equals("fixed-horizon")
                        ? new double[] {0.6, 0.4, 0, 0, 0, 0, 0, 0, 0, 0}
                        : chances(random, states),
                next,
                reward,
                0.3,
                duration,
                behaviour,
                policy,
                new double[states][actions]);
        var exact = process.actionValues(policy);
        for (var s = 0; s < states; s++) {
            for (var a = 0; a < actions; a++) {
                process.q[s][a] = exact[s][a] + modelError * random.nextGaussian();
            }
        }
        return process;
    }

    private static double[] chances(RandomGenerator random, int size) {
        var chances = new double[size];
        for (var i = 0; i < size; i++) {
            chances[i] = 0.2 + random.nextDouble();
        }
        var sum = Arrays.stream(chances).sum();
        return Arrays.stream(chances).map(chance -> chance / sum).toArray();
    }

    /** The exact value of what is judged, without the limit: by applying the Bellman equation until nothing changes. */
    double value() {
        return SimplexProgramme.dot(start, stateValues(actionValues(policy), policy));
    }

    /** Exact values of a policy's actions. */
    double[][] actionValues(double[][] of) {
        var values = new double[reward.length][reward[0].length];
        for (var round = 0; round < 2000; round++) {
            var v = stateValues(values, of);
            for (var s = 0; s < values.length; s++) {
                for (var a = 0; a < values[s].length; a++) {
                    values[s][a] =
                            reward[s][a] + Math.pow(discount, duration[s][a]) * SimplexProgramme.dot(next[s][a], v);
                }
            }
        }
        return values;
    }

    static double[] stateValues(double[][] actionValues, double[][] of) {
        var values = new double[actionValues.length];
        for (var s = 0; s < values.length; s++) {
            values[s] = SimplexProgramme.dot(of[s], actionValues[s]);
        }
        return values;
    }

    /** A step of the behaviour; the next state is -1 after the end. */
    record Move(int state, int action, double reward, int next) {}

    /** An episode of the behaviour. */
    List<Move> moves(RandomGenerator random) {
        var moves = new ArrayList<Move>();
        var state = draw(start, random);
        while (state >= 0 && (limit == 0 || moves.size() < limit)) {
            var action = draw(behaviour[state], random);
            var earned = reward[state][action] + noise * random.nextGaussian();
            var reached = draw(next[state][action], random);
            moves.add(new Move(state, action, earned, reached));
            state = reached;
        }
        return moves;
    }

    /** An episode of the behaviour as estimators see it. */
    Episode episode(String id, RandomGenerator random) {
        var v = stateValues(q, policy);
        var fold = new Episode.Fold(id, discount);
        var end = 0;
        for (var move : moves(random)) {
            var s = move.state();
            var a = move.action();
            fold.step(new Episode.Step(
                    Math.log(policy[s][a]), Math.log(behaviour[s][a]), move.reward(), duration[s][a], q[s][a], v[s]));
            end = move.next();
        }
        return end < 0 ? fold.end(Ending.TERMINATED, Double.NaN) : fold.end(Ending.TRUNCATED, v[end]);
    }

    /** An index by its chance; -1 with what is missing to 1. */
    private static int draw(double[] chances, RandomGenerator random) {
        var uniform = random.nextDouble() * (1 - 1e-12);
        for (var i = 0; i < chances.length; i++) {
            uniform -= chances[i];
            if (uniform < 0) {
                return i;
            }
        }
        return -1;
    }
}
