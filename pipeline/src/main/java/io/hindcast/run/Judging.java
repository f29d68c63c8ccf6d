package io.hindcast.run;

import io.hindcast.data.Batch;
import io.hindcast.data.ReplayBuffer;
import io.hindcast.data.ReplayBuffer.Range;
import io.hindcast.data.RowLayout.Field;
import io.hindcast.data.SeededNoise;
import io.hindcast.data.Spaces;
import io.hindcast.data.Transformation;
import io.hindcast.kernel.Kernels;
import io.hindcast.learn.Judged;
import io.hindcast.learn.Learner;
import io.hindcast.learn.LearnerSetup;
import io.hindcast.learn.ValueLearner;
import io.hindcast.net.Policy;
import java.util.Arrays;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** Makes learners, those of values only with the policy that they judge. */
public final class Judging {
    /** Of so many states where episodes begin, at most, the value is logged. */
    private static final int MOST_STARTS = 1024;

    /** Of about so many rows, at most, the level is taken. */
    private static final int MOST_OF_LEVEL = 65_536;

    private Judging() {}

    /**
     * The learner of a run, with fresh parameters.
     *
     * @param data what it learns from, made ready
     * @param store where the run's checkpoints stand
     * @throws IllegalStateException if it judges a checkpoint that is not what it was, or that does not fit the data
     */
    static Learner learner(RunSpec spec, ReplayBuffer data, Kernels kernels, CheckpointStore store) {
        return spec.config()
                .learner(new LearnerSetup(
                        data.spaces(),
                        spec.batchSize(),
                        spec.updates(),
                        kernels,
                        new Seeds(spec.seed()).generator("initialisation", 0),
                        judged(spec, data, kernels, store)));
    }

    private static @Nullable Judged judged(RunSpec spec, ReplayBuffer data, Kernels kernels, CheckpointStore store) {
        var judges = spec.judges();
        if (judges == null) {
            return null;
        }
        var starts = starts(data, new Seeds(spec.seed()).generator("initial states", 0));
        return judged(
                spec,
                judges,
                starts,
                judges.isBounded() ? data.valueRange(spec.config().discount()) : null,
                judges.isBounded() ? level(data, spec.config().discount()) : 0,
                kernels,
                store);
    }

    private static Judged judged(
            RunSpec spec,
            RunSpec.Judged judges,
            Batch starts,
            @Nullable Range range,
            double level,
            Kernels kernels,
            CheckpointStore store) {
        var seeds = new Seeds(spec.seed());
        return new Judged(
                policy(spec, judges, starts.spaces(), kernels, store),
                judges.actions(),
                judges.epsilon(),
                judges.noise(),
                limit(spec),
                starts.observations(),
                starts.possible(Field.ACTION_MASK),
                () -> new SeededNoise(seeds.generator("initial actions", 0)),
                range,
                level);
    }

    private static Policy policy(
            RunSpec spec, RunSpec.Judged judges, Spaces spaces, Kernels kernels, CheckpointStore store) {
        if (judges.checkpoint() == null) {
            return Policy.constant(kernels, spaces, judges.action() == null ? 0 : judges.action());
        }
        var checkpoint = store.read(judges.checkpoint());
        requireFit(checkpoint, spaces);
        return checkpoint.policy(spaces, kernels, Transformation.scaler(spec.transformations()));
    }

    /**
     * What a run that judges a policy has learned, to be asked for the values of {@code rows} logged steps at a time.
     *
     * @param model a checkpoint of such a run
     * @param spaces of the log
     * @throws IllegalStateException if it judges no policy, or its policy is another one by now or does not fit the log
     */
    public static LearnedValues values(
            Checkpoint model, Spaces spaces, int rows, Kernels kernels, CheckpointStore store) {
        var spec = model.spec();
        var judges = spec.judges();
        if (judges == null) {
            throw new IllegalStateException("Cannot find values in run " + spec.id() + ": it judges no policy");
        }
        var setup = new LearnerSetup(
                spaces,
                rows,
                spec.updates(),
                kernels,
                new Seeds(spec.seed()).generator("initialisation", 0),
                judged(spec, judges, new Batch(spaces, 1), null, 0, kernels, store));
        if (!(spec.config().learner(setup) instanceof ValueLearner learner)) {
            throw new IllegalStateException(
                    "Cannot find values in run " + spec.id() + ": " + spec.learner() + " learns none");
        }
        model.restore(learner);
        return new LearnedValues(learner, Transformation.scaler(spec.transformations()), limit(spec));
    }

    /**
     * Makes sure that the policy of a checkpoint can be judged by such data.
     *
     * @throws IllegalStateException if it has none, or it sees or does something else
     */
    public static void requireFit(Checkpoint checkpoint, Spaces spaces) {
        var learned = checkpoint.spaces();
        if (learned.observationSize() != spaces.observationSize()
                || !learned.actions().isSameAs(spaces.actions())) {
            throw new IllegalStateException("run " + checkpoint.spec().id() + " knows " + inWords(learned)
                    + ", and the log has " + inWords(spaces)
                    + "; ingest the log into another --out with the columns.observation and action-space that the run"
                    + " learned from, or name another run");
        }
        if (!checkpoint.spec().config().learnsPolicy()) {
            throw new IllegalStateException("run " + checkpoint.spec().id() + " has no policy: its learner, "
                    + checkpoint.spec().learner() + ", learns values only; name a run that learned a policy");
        }
    }

    private static String inWords(Spaces spaces) {
        return "observations of " + spaces.observationSize() + (spaces.observationSize() == 1 ? " number" : " numbers")
                + " and the actions " + spaces.actions();
    }

    /** Actions are cut as those of the rows are. */
    static double limit(RunSpec spec) {
        return spec.transformations().stream()
                .filter(Transformation.ClipActions.class::isInstance)
                .mapToDouble(clip -> 1 - ((Transformation.ClipActions) clip).margin())
                .min()
                .orElse(1);
    }

    /**
     * What a state would be worth if all were alike: the v of {@code v = mean r + v mean discount (1 - terminated)}, the discount to the
     * time of each row; 0 where nothing is discounted and the task is never over.
     */
    static double level(ReplayBuffer data, double discount) {
        var row = new Batch(data.layout(), 1);
        var earned = 0.0;
        var ended = 0.0;
        for (var at = 0; at < data.size(); at += 1 + data.size() / MOST_OF_LEVEL) {
            data.read(at, row);
            earned += row.rewards()[0];
            ended += 1 - Math.pow(discount, row.steps()[0]) * (1 - row.stopsBootstrap()[0]);
        }
        return ended == 0 ? 0 : earned / ended;
    }

    /** States where episodes begin: all, or some that are drawn without replacement. */
    private static Batch starts(ReplayBuffer data, RandomGenerator random) {
        var rows = data.firstRows();
        if (rows.length == 0) {
            throw new IllegalStateException("Cannot judge a policy: there are no transitions");
        }
        var count = Math.min(MOST_STARTS, rows.length);
        for (var i = 0; i < count && count < rows.length; i++) {
            var drawn = i + random.nextInt(rows.length - i);
            var row = rows[drawn];
            rows[drawn] = rows[i];
            rows[i] = row;
        }
        var batch = new Batch(data.layout(), count);
        data.read(Arrays.copyOf(rows, count), batch);
        return batch;
    }
}
