package io.hindcast.env;

import io.hindcast.config.UserException;
import io.hindcast.data.Action;
import io.hindcast.data.ActionSpace;
import io.hindcast.env.PythonWorker.Launch;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Instances of a Gymnasium environment in one Python process, the worker, that is asked once for a step of all of them.
 *
 * <p>Observations of any space that Gymnasium can flatten are flat float vectors ({@code Discrete} ones one-hot). Actions are
 * {@code Discrete}, {@code MultiDiscrete} or {@code MultiBinary} ones of at most 4096 combinations, given as one index, or a bounded
 * {@code Box}, each entry within its own bounds. Whether a step succeeded is what its {@code info} says under {@code success} or
 * {@code is_success}; which discrete actions are possible, what it says under {@code action_mask}. An environment without a step limit is truncated after a million steps.
 *
 * <p>An episode is a function of the seed it is reset with, drawn from the generator given, and of its actions. That is what
 * makes a worker replaceable: where one dies, hangs or sends invalid data, another one is started, the episodes under way are
 * played again up to where they were, and nobody notices but for a notice and the time it takes. What an environment itself
 * raises would be raised again: it is a {@link Fault} of that instance's answer, as is what is none of its observations, rewards
 * and flags.
 */
public final class GymnasiumEnvironment implements VectorEnvironment {
    private static final String WORKER = "worker.py";
    /** Environments of which this JVM said that they leave their bounds: once is enough. */
    private static final Set<String> TOLD = ConcurrentHashMap.newKeySet();

    private final Launch launch;
    private final int restarts;
    private final Episode[] episodes;
    private PythonWorker worker;
    private int restarted;
    private boolean closed;
    private long outOfBounds;

    /** What an instance is doing: enough to do it again. */
    private static final class Episode {
        private final List<float[]> actions = new ArrayList<>();
        private boolean running;
        private int seed;
        private float[] observation = {};
        private long outOfBounds;
        private boolean @Nullable [] possible;
    }

    /** A question to a worker. */
    @FunctionalInterface
    private interface Question<T> {
        T ask(PythonWorker worker) throws WorkerFailure;
    }

    /**
     * Starts a worker.
     *
     * @param restarts how many times it is replaced
     * @throws UserException if the environment cannot be made,
     *     or the worker does not start
     */
    GymnasiumEnvironment(Launch launch, int restarts) {
        this.launch = launch;
        this.restarts = restarts;
        episodes = new Episode[launch.size()];
        Arrays.setAll(episodes, i -> new Episode());
        try {
            worker = new PythonWorker(launch);
        } catch (WorkerFailure e) {
            throw new UserException(
                    "Cannot open " + launch.environment() + ": its Python worker " + e.getMessage()
                            + "; try it again, or raise gymnasium.start-timeout",
                    e);
        }
    }

    /**
     * {@code size} instances of the environment of that name, in a Python that is made first if there is none yet.
     *
     * @throws UserException if there is no such environment, or no Python for it
     */
    static GymnasiumEnvironment open(String name, GymnasiumTarget target, GymnasiumConfig config, int size) {
        var cache = PythonCache.ofUser();
        var files = cache.files();
        var python = config.python() != null
                ? config.python()
                : new VirtualEnvironments(cache)
                        .python(name, target.requirements(), config.packages(), config.startTimeout())
                        .toString();
        var kwargs = new LinkedHashMap<>(config.kwargs().unwrapped());
        config.secretKwargs().forEach((key, secret) -> kwargs.put(key, secret.reveal()));
        kwargs.putAll(target.kwargs());
        var hello = new LinkedHashMap<String, Object>();
        hello.put("environment", target.entry());
        hello.put("kwargs", kwargs);
        hello.put("path", target.origin() == GymnasiumTarget.Origin.OURS ? List.of(files.toString()) : List.of());
        var launch = new Launch(
                name,
                List.of(python, files.resolve(WORKER).toString()),
                hello,
                size,
                config.startTimeout(),
                config.stepTimeout(),
                config.secrets(),
                config.outOfBounds());
        return new GymnasiumEnvironment(launch, config.restarts());
    }

    @Override
    public int size() {
        return launch.size();
    }

    @Override
    public int observationSize() {
        return worker.spaces().observationSize();
    }

    @Override
    public ActionSpace actionSpace() {
        return worker.spaces().actions();
    }

    @Override
    public int maxEpisodeSteps() {
        return worker.maxEpisodeSteps();
    }

    @Override
    public float[] reset(int instance, RandomGenerator random) {
        var seed = random.nextInt() >>> 1; // what Gymnasium takes: no sign
        var episode = episodes[instance];
        episode.running = false;
        episode.actions.clear();
        episode.seed = seed;
        outOfBounds += episode.outOfBounds;
        episode.outOfBounds = 0;
        episode.observation = answer(worker -> worker.reset(instance, seed));
        episode.possible = worker.possibleActions(instance);
        episode.running = true;
        count(instance);
        return episode.observation.clone();
    }

    /** What the environment's {@code info} says under {@code action_mask}. */
    @Override
    public boolean @Nullable [] possibleActions(int instance) {
        return episodes[instance].possible;
    }

    @Override
    public Environment.@Nullable Step[] step(@Nullable Action[] actions) {
        var instances = new int[actions.length];
        var width = actionSpace() instanceof ActionSpace.Continuous box ? box.dimension() : 1;
        var numbers = new float[actions.length * width];
        var count = 0;
        for (var i = 0; i < actions.length; i++) {
            var action = actions[i];
            if (action != null) {
                if (!episodes[i].running) {
                    throw new IllegalStateException(
                            "Cannot step " + launch.environment() + ": no episode is running in instance " + i);
                }
                write(action, numbers, count * width);
                instances[count++] = i;
            }
        }
        var stepped = Arrays.copyOf(instances, count);
        var given = Arrays.copyOf(numbers, count * width);
        var results = new Environment.@Nullable Step[actions.length];
        if (count == 0) {
            return results;
        }
        List<Environment.Step> answered;
        try {
            answered = answer(worker -> worker.step(stepped, given));
        } catch (IllegalStateException | UserException e) {
            Arrays.stream(stepped).forEach(i -> episodes[i].running = false); // who knows what state they are in
            throw e;
        }
        for (var row = 0; row < count; row++) {
            var step = answered.get(row);
            results[stepped[row]] = step;
            var episode = episodes[stepped[row]];
            episode.actions.add(Arrays.copyOfRange(given, row * width, (row + 1) * width));
            episode.observation = step.observation().clone(); // theirs is the caller's
            episode.possible = worker.possibleActions(stepped[row]);
            episode.running = !step.done();
            count(stepped[row]);
        }
        return results;
    }

    @Override
    public long outOfBounds() {
        return outOfBounds
                + Arrays.stream(episodes)
                        .mapToLong(episode -> episode.outOfBounds)
                        .sum();
    }

    private void count(int instance) {
        episodes[instance].outOfBounds = worker.outside(instance);
        if (episodes[instance].outOfBounds > 0 && TOLD.add(launch.environment())) {
            Notices.say(
                    "[python] " + launch.environment() + ": " + worker.told()
                            + ", a bound that its space declares; such"
                            + " observations are taken as they are, and counted; gymnasium.out-of-bounds = refuse ends their episodes");
        }
    }

    @Override
    public void close() {
        closed = true;
        worker.close();
    }

    private void write(Action action, float[] numbers, int offset) {
        var space = actionSpace();
        if (space instanceof ActionSpace.Discrete discrete
                && action instanceof Action.Index chosen
                && chosen.index() >= 0
                && chosen.index() < discrete.count()) {
            numbers[offset] = chosen.index();
        } else if (space instanceof ActionSpace.Continuous box
                && action instanceof Action.Vector vector
                && vector.values().length == box.dimension()
                && isFinite(vector.values())) {
            System.arraycopy(vector.values(), 0, numbers, offset, box.dimension());
        } else {
            var words = action instanceof Action.Vector vector ? Arrays.toString(vector.values()) : action.toString();
            throw new IllegalArgumentException(
                    "Cannot step " + launch.environment() + ": " + words + " is not one of its actions, " + space);
        }
    }

    private static boolean isFinite(float[] values) {
        for (var value : values) {
            if (!Float.isFinite(value)) {
                return false;
            }
        }
        return true;
    }

    /** Asks the worker, or the one that takes its place. */
    private <T> T answer(Question<T> question) {
        if (closed) {
            throw new IllegalStateException("Cannot use " + launch.environment() + ": it is closed");
        }
        var failed = false;
        while (true) {
            if (Thread.currentThread().isInterrupted()) {
                throw new IllegalStateException("Cannot go on with " + launch.environment() + ": it was interrupted");
            }
            try {
                if (failed) {
                    worker = new PythonWorker(launch);
                    replay();
                }
                return question.ask(worker);
            } catch (WorkerFailure e) {
                failed = true;
                worker.kill();
                if (restarted == restarts) {
                    throw new UserException(
                            "Cannot go on with " + launch.environment()
                                    + ": its Python worker " + e.getMessage() + "; it was replaced " + restarts
                                    + " times, as gymnasium.restarts allows; mend the environment, or raise that or"
                                    + " gymnasium.step-timeout",
                            e);
                }
                restarted++;
                Notices.say("[python] the worker of " + launch.environment() + " " + e.getMessage()
                        + "; it is replaced (" + restarted + " of " + restarts + ")");
            }
        }
    }

    /** Brings the instances of a fresh worker to where those of the last one were. */
    private void replay() throws WorkerFailure {
        for (var i = 0; i < episodes.length; i++) {
            var episode = episodes[i];
            if (!episode.running) {
                continue;
            }
            var observation = worker.reset(i, episode.seed);
            for (var action : episode.actions) {
                observation = worker.step(new int[] {i}, action).get(0).observation();
            }
            if (!Arrays.equals(observation, episode.observation)) {
                throw new UserException("Cannot go on with " + launch.environment()
                        + ": its Python worker was replaced, and the same seed and actions led to another observation"
                        + " than before; the environment draws chance from elsewhere than its seed;"
                        + " mend that, or what ended the worker");
            }
        }
    }
}
