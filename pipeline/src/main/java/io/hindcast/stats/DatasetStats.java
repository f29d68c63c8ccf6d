package io.hindcast.stats;

import io.hindcast.config.UserException;
import io.hindcast.data.Action;
import io.hindcast.data.Transition;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The statistics of a dataset's transitions, found in one pass: a state that merges. Sums are exact and everything else
 * is counts, extremes and hashes, so that the same episodes give the same state to the last bit, however they were cut
 * into parts and in whatever order the parts are merged; a new part is added to an old state without looking at what is
 * in there already. An episode must lie in one part, in the order of its steps. Not for several threads.
 */
public final class DatasetStats {
    /** Above this many distinct rewards, values are no longer counted one by one. */
    public static final int MOST_REWARD_VALUES = 16;

    private static final long MAGIC = 0x5354415453434448L; // HDCSTATS, little-endian
    private static final int FORMAT = 1;
    /** As {@link #FORMAT}, but for a pair of bounds for each entry of an action. */
    private static final int FORMAT_BOUNDS_PER_ENTRY = 2;

    private static final int BUFFERED = 512;

    private final Rules rules;

    private @Nullable Columns observations;
    private @Nullable Columns actions;
    private @Nullable Columns differences;
    private @Nullable VisitGrid grid;
    private List<LargestSteps> largest = new ArrayList<>();
    private final TreeMap<String, Distribution> numbers = new TreeMap<>();
    private long[] atLow = new long[0];
    private long[] atHigh = new long[0];
    private final EnumMap<Ending, Long> endings = new EnumMap<>(Ending.class);
    private long oneStepTerminated;
    private long zeroRewards;

    /** Null once there were too many. */
    private @Nullable TreeMap<Double, Long> rewardValues = new TreeMap<>();

    private @Nullable Current current;

    /**
     * What decides the state, besides the transitions.
     *
     * @param discount for each step, or for each unit of time if the log has times
     * @param gridDimensions the entries of the observation that visits are counted over, 1 to 4; empty: the first two
     * @param gridWidths the width of a cell in each of them; empty: as {@link VisitGrid} finds it
     * @param low the lower bounds of an action's entries: one an entry, or one for all; empty where there are none
     * @param high the upper bounds, likewise
     */
    public record Rules(
            double discount, List<Integer> gridDimensions, List<Double> gridWidths, List<Double> low, List<Double> high)
            implements Serializable {
        private static final double CELLS = 4096;

        /** Rules with the same bounds for all entries of an action, NaN where there are none. */
        public Rules(double discount, List<Integer> gridDimensions, List<Double> gridWidths, double low, double high) {
            this(
                    discount,
                    gridDimensions,
                    gridWidths,
                    Double.isNaN(low) ? List.of() : List.of(low),
                    Double.isNaN(low) ? List.of() : List.of(high));
        }

        /** Whether actions have bounds. */
        public boolean isBounded() {
            return !low.isEmpty();
        }

        /** Whether all entries of an action have the same bounds, or none. */
        public boolean isUniform() {
            return low.size() <= 1 && high.size() <= 1;
        }

        /** The lower bound of entry {@code i} of an action; NaN if it has none. */
        public double low(int i) {
            return of(low, i);
        }

        /** The upper bound of entry {@code i} of an action; NaN if it has none. */
        public double high(int i) {
            return of(high, i);
        }

        private static double of(List<Double> bounds, int i) {
            return bounds.isEmpty() ? Double.NaN : bounds.get(bounds.size() == 1 ? 0 : i);
        }

        VisitGrid grid(int observationSize) {
            for (var dimension : gridDimensions) {
                if (dimension >= observationSize) {
                    throw new UserException("Cannot use coverage.dimensions = " + gridDimensions
                            + ": an observation has entries 0 to " + (observationSize - 1) + "; name some of these");
                }
            }
            var dimensions = gridDimensions(observationSize).size();
            if (gridWidths.isEmpty()) {
                return VisitGrid.adaptive(dimensions, (int)
                        Math.round(Math.floor(Math.pow(CELLS, 1.0 / dimensions) + 1e-9)));
            }
            return VisitGrid.fixed(
                    gridWidths.stream().mapToDouble(Double::doubleValue).toArray());
        }

        List<Integer> gridDimensions(int observationSize) {
            if (!gridDimensions.isEmpty()) {
                return gridDimensions;
            }
            return observationSize == 1 ? List.of(0) : List.of(0, 1);
        }
    }

    /** How an episode ends. */
    public enum Ending {
        /** The task ended by itself. */
        TERMINATED,
        /** A time limit or a declared cut. */
        TRUNCATED,
        /** The log merely stops. */
        OPEN
    }

    /**
     * Where a step was logged.
     *
     * @param size how long it was
     */
    public record Place(double size, String episodeId, long step, String sourceFile, long sourceRow) {}

    /** A quantity, or one entry of a vector, and how it is distributed; {@code dimension} is 0 for a single number. */
    public record Described(String name, int dimension, Distribution distribution) {}

    /** The state of no transitions. */
    public DatasetStats(Rules rules) {
        this.rules = rules;
    }

    /** Entries of a vector, each on its own; rows are buffered so that one entry after the other is counted. */
    private static final class Columns {
        private final Distribution[] distributions;
        private final float[][] buffer;
        private final long[] rows = new long[BUFFERED];
        private int buffered;

        Columns(int size) {
            distributions = new Distribution[size];
            for (var i = 0; i < size; i++) {
                distributions[i] = new Distribution();
            }
            buffer = new float[size][BUFFERED];
        }

        void add(float[] values, long row) {
            for (var i = 0; i < values.length; i++) {
                buffer[i][buffered] = values[i];
            }
            rows[buffered] = row;
            if (++buffered == BUFFERED) {
                flush();
            }
        }

        void flush() {
            for (var i = 0; i < distributions.length; i++) {
                distributions[i].addAll(buffer[i], rows, buffered);
            }
            buffered = 0;
        }
    }

    private static final class Current {
        private final String id;
        private final long hash;
        private final long trajectory;
        private long length;
        private double sum;
        private double discounted;
        private double factor = 1;
        private Ending ending = Ending.OPEN;

        Current(String id, String trajectory) {
            this.id = id;
            this.hash = Hashes.of(id);
            this.trajectory = id.equals(trajectory) ? hash : Hashes.of(trajectory);
        }
    }

    /**
     * Adds one transition; those of an episode come one after the other, from step 0 on. A reward that is NaN was not logged.
     *
     * @throws IllegalArgumentException if they do not, or vectors differ in length
     */
    public DatasetStats add(Transition transition) {
        return add(transition, transition.episodeId());
    }

    /**
     * The same of an episode that is a part of a logged trajectory: whether a state was visited by others goes by these.
     *
     * @param trajectory the trajectory's id
     */
    public DatasetStats add(Transition transition, String trajectory) {
        var episode = episode(transition, trajectory);
        var observation = transition.observation();
        var row = Hashes.mix(episode.hash + transition.step() * Hashes.ODD);
        if (observations == null) {
            observations = new Columns(observation.length);
            differences = new Columns(observation.length);
            grid = rules.grid(observation.length);
            for (var i = 0; i <= observation.length; i++) {
                largest.add(new LargestSteps());
            }
        }
        columns(observations, observation, "observation").add(observation, row);
        addAction(transition.action(), row);
        addVisit(observation, episode.trajectory);
        if (!transition.terminated()) {
            addDifference(transition, row);
        }
        addReward(transition, episode);
        var logProbability = transition.behaviourLogProb();
        if (logProbability != null) {
            addProbability(logProbability, transition.action());
        }
        if (transition.timeDelta() != null) {
            number("time_delta").add(transition.timeDelta());
        }
        return this;
    }

    private Current episode(Transition transition, String trajectory) {
        var episode = current;
        if (episode == null || !episode.id.equals(transition.episodeId())) {
            endEpisode();
            episode = new Current(transition.episodeId(), trajectory);
            current = episode;
        }
        if (transition.step() != episode.length) {
            throw new IllegalArgumentException("Cannot describe episode " + episode.id + ": step " + transition.step()
                    + " comes where step " + episode.length + " was due");
        }
        return episode;
    }

    private void addAction(Action action, long row) {
        if (action instanceof Action.Vector vector) {
            var values = vector.values();
            if (actions == null) {
                actions = new Columns(values.length);
                atLow = new long[values.length];
                atHigh = new long[values.length];
            }
            columns(actions, values, "action").add(values, row);
            for (var i = 0; i < values.length; i++) {
                atLow[i] += values[i] <= (float) rules.low(i) ? 1 : 0;
                atHigh[i] += values[i] >= (float) rules.high(i) ? 1 : 0;
            }
        } else if (action instanceof Action.Index index) {
            number("action_index").add(index.index());
        }
    }

    private void addVisit(float[] observation, long trajectory) {
        var dimensions = rules.gridDimensions(observation.length);
        var state = new float[dimensions.size()];
        for (var i = 0; i < state.length; i++) {
            state[i] = observation[dimensions.get(i)];
        }
        Objects.requireNonNull(grid).add(state, trajectory);
    }

    private void addDifference(Transition transition, long row) {
        var before = transition.observation();
        var after = columns(Objects.requireNonNull(observations), transition.nextObservation(), "next_observation");
        var difference = new float[before.length];
        var squares = 0.0;
        for (var i = 0; i < difference.length; i++) {
            var step = transition.nextObservation()[i] - before[i];
            difference[i] = step;
            squares += (double) step * step;
            var size = Math.abs((double) step);
            if (size != 0 && size >= largest.get(i).least()) {
                largest.get(i).add(place(size, transition));
            }
        }
        var length = Math.sqrt(squares);
        number("step_length").add(length);
        if (length != 0 && length >= largest.get(after.distributions.length).least()) {
            largest.get(after.distributions.length).add(place(length, transition));
        }
        Objects.requireNonNull(differences).add(difference, row);
    }

    private static Place place(double size, Transition at) {
        return new Place(size, at.episodeId(), at.step(), at.sourceFile(), at.sourceRow());
    }

    private void addReward(Transition transition, Current episode) {
        var reward = transition.reward() + 0.0; // -0.0 is 0.0
        if (!Double.isNaN(reward)) {
            number("reward").add(reward);
            zeroRewards += reward == 0 ? 1 : 0;
            addRewardValue(reward, 1);
        }
        episode.sum += reward;
        episode.discounted += episode.factor * reward;
        var delta = transition.timeDelta();
        episode.factor *= delta == null ? rules.discount() : Math.pow(rules.discount(), delta);
        episode.length++;
        episode.ending =
                transition.terminated() ? Ending.TERMINATED : transition.truncated() ? Ending.TRUNCATED : Ending.OPEN;
    }

    private void addRewardValue(double reward, long times) {
        if (rewardValues != null) {
            rewardValues.merge(reward, times, Long::sum);
            if (rewardValues.size() > MOST_REWARD_VALUES) {
                rewardValues = null;
            }
        }
    }

    private void addProbability(double logProbability, Action action) {
        number("behaviour_log_prob").add(logProbability);
        if (action instanceof Action.Index) { // of a vector it is a density
            number("propensity").add(Math.exp(logProbability));
            number("inverse_propensity").add(Math.exp(-logProbability));
        }
    }

    /** Ends the last episode; called before the state is merged, written or looked at. */
    private void endEpisode() {
        var episode = current;
        if (episode == null) {
            return;
        }
        if (!Double.isNaN(episode.sum)) {
            number("episode_return").add(episode.sum);
            number("episode_discounted_return").add(episode.discounted);
        }
        number("episode_length").add(episode.length);
        endings.merge(episode.ending, 1L, Long::sum);
        oneStepTerminated += episode.length == 1 && episode.ending == Ending.TERMINATED ? 1 : 0;
        current = null;
    }

    private void settle() {
        endEpisode();
        for (var columns : new @Nullable Columns[] {observations, actions, differences}) {
            if (columns != null) {
                columns.flush();
            }
        }
    }

    /**
     * Adds what another state has seen.
     *
     * @throws IllegalArgumentException if it came of other rules, or of other kinds of observations or actions
     */
    public DatasetStats merge(DatasetStats other) {
        if (!rules.equals(other.rules)) {
            throw new IllegalArgumentException("Cannot merge statistics under " + rules + " with " + other.rules);
        }
        settle();
        other.settle();
        observations = merge(observations, other.observations, "observation");
        actions = merge(actions, other.actions, "action");
        differences = merge(differences, other.differences, "step_difference");
        if (other.grid != null) {
            var all = grid == null ? rules.grid(Objects.requireNonNull(observations).distributions.length) : grid;
            all.merge(other.grid);
            grid = all;
        }
        while (largest.size() < other.largest.size()) {
            largest.add(new LargestSteps());
        }
        for (var i = 0; i < other.largest.size(); i++) {
            largest.get(i).merge(other.largest.get(i));
        }
        other.numbers.forEach((name, distribution) -> number(name).merge(distribution));
        atLow = plus(atLow, other.atLow);
        atHigh = plus(atHigh, other.atHigh);
        other.endings.forEach((ending, count) -> endings.merge(ending, count, Long::sum));
        oneStepTerminated += other.oneStepTerminated;
        zeroRewards += other.zeroRewards;
        if (other.rewardValues == null) {
            rewardValues = null;
        } else {
            other.rewardValues.forEach(this::addRewardValue);
        }
        return this;
    }

    private static @Nullable Columns merge(@Nullable Columns mine, @Nullable Columns other, String name) {
        if (other == null) {
            return mine;
        }
        var all = mine == null ? new Columns(other.distributions.length) : mine;
        if (all.distributions.length != other.distributions.length) {
            throw wrongLength(name, all.distributions.length, other.distributions.length);
        }
        for (var i = 0; i < all.distributions.length; i++) {
            all.distributions[i].merge(other.distributions[i]);
        }
        return all;
    }

    private static long[] plus(long[] a, long[] b) {
        var sum = a.length == 0 ? new long[b.length] : a;
        for (var i = 0; i < b.length; i++) {
            sum[i] += b[i];
        }
        return sum;
    }

    private static Columns columns(Columns columns, float[] values, String name) {
        if (values.length != columns.distributions.length) {
            throw wrongLength(name, columns.distributions.length, values.length);
        }
        return columns;
    }

    private static IllegalArgumentException wrongLength(String name, int wanted, int given) {
        return new IllegalArgumentException(
                "Cannot describe a dataset: " + name + " has " + given + " entries where others have " + wanted);
    }

    private Distribution number(String name) {
        return numbers.computeIfAbsent(name, key -> new Distribution());
    }

    /** What decided the state. */
    public Rules rules() {
        return rules;
    }

    /** How many transitions there are. */
    public long transitions() {
        var entries = vector("observation");
        return entries.isEmpty() ? 0 : entries.get(0).count();
    }

    /** Whether rewards were logged; without, nothing of them is described. */
    public boolean hasRewards() {
        return transitions() == 0 || of("reward").count() > 0;
    }

    /** How many episodes there are. */
    public long episodes() {
        return of("episode_length").count();
    }

    /** A single number by its name in the table {@code dataset_stats}; empty if it never occurred. */
    public Distribution of(String name) {
        settle();
        return numbers.getOrDefault(name, new Distribution());
    }

    /** The entries of a vector by its name, {@code observation}, {@code action} or {@code step_difference}. */
    public List<Distribution> vector(String name) {
        settle();
        var columns = switch (name) {
            case "observation" -> observations;
            case "action" -> actions;
            case "step_difference" -> differences;
            default -> throw new IllegalArgumentException("There is no vector " + name);
        };
        return columns == null ? List.of() : List.of(columns.distributions);
    }

    /** How many episodes end so. */
    public long episodes(Ending ending) {
        settle();
        return endings.getOrDefault(ending, 0L);
    }

    /** How many episodes consist of one step, however they end. */
    public long oneStep() {
        return of("episode_length").histogram().at(1);
    }

    /** How many episodes consist of one step that terminates. */
    public long oneStepTerminated() {
        settle();
        return oneStepTerminated;
    }

    /** How many rewards are 0. */
    public long zeroRewards() {
        return zeroRewards;
    }

    /** How often each value of the reward occurs; null if there are more than {@link #MOST_REWARD_VALUES}. */
    public @Nullable Map<Double, Long> rewardValues() {
        return rewardValues == null ? null : new TreeMap<>(rewardValues);
    }

    /** How many actions lie at the lower bound, or below, in this entry. */
    public long atLow(int dimension) {
        return atLow[dimension];
    }

    /** How many actions lie at the upper bound, or above, in this entry. */
    public long atHigh(int dimension) {
        return atHigh[dimension];
    }

    /** Where the data was; null if there is none. */
    public @Nullable VisitGrid visits() {
        return grid;
    }

    /** The entries of the observation that {@link #visits} is over. */
    public List<Integer> visitDimensions() {
        return rules.gridDimensions(vector("observation").size());
    }

    /** The largest steps of an entry of the observation, largest first. */
    public List<Place> largestSteps(int dimension) {
        return largest.isEmpty() ? List.of() : largest.get(dimension).places();
    }

    /** The largest steps by their Euclidean length, largest first. */
    public List<Place> longestSteps() {
        return largestSteps(largest.size() - 1);
    }

    /** Everything that has a row in the table {@code dataset_stats}, in its order. */
    public List<Described> described() {
        settle();
        var rows = new ArrayList<Described>();
        for (var name : List.of("observation", "action", "step_difference")) {
            var entries = vector(name);
            for (var i = 0; i < entries.size(); i++) {
                rows.add(new Described(name, i, entries.get(i)));
            }
        }
        if (rules.isBounded()) {
            for (var i = 0; i < atLow.length; i++) {
                rows.add(new Described("action_at_low", i, Distribution.ofFlags(transitions(), atLow[i])));
                rows.add(new Described("action_at_high", i, Distribution.ofFlags(transitions(), atHigh[i])));
            }
        }
        numbers.forEach((name, distribution) -> rows.add(new Described(name, 0, distribution)));
        rows.add(new Described("reward_is_zero", 0, Distribution.ofFlags(transitions(), zeroRewards)));
        for (var ending : Ending.values()) {
            rows.add(new Described(
                    "episode_is_" + ending.name().toLowerCase(Locale.ROOT),
                    0,
                    Distribution.ofFlags(episodes(), episodes(ending))));
        }
        if (grid != null) {
            rows.add(new Described("cell_visits", 0, grid.visitsOfCells()));
            rows.add(new Described("state_is_shared", 0, Distribution.ofFlags(grid.states(), grid.sharedStates())));
        }
        rows.removeIf(row -> row.distribution().count() == 0);
        rows.sort(Comparator.comparing(Described::name).thenComparingInt(Described::dimension));
        return List.copyOf(rows);
    }

    /** The state as bytes, as {@code data-schema/README.md} describes them; equal states give equal bytes. */
    public byte[] bytes() {
        settle();
        var out = new StateWriter();
        out.bits(MAGIC);
        out.whole(rules.isUniform() ? FORMAT : FORMAT_BOUNDS_PER_ENTRY);
        out.number(rules.discount());
        out.whole(rules.gridDimensions().size());
        rules.gridDimensions().forEach(out::whole);
        out.whole(rules.gridWidths().size());
        rules.gridWidths().forEach(out::number);
        var bounds = rules.isUniform()
                ? 1
                : Math.max(rules.low().size(), rules.high().size());
        if (!rules.isUniform()) {
            out.whole(bounds);
        }
        for (var i = 0; i < bounds; i++) {
            out.number(rules.low(i));
            out.number(rules.high(i));
        }
        for (var columns : new @Nullable Columns[] {observations, actions, differences}) {
            out.whole(columns == null ? 0 : columns.distributions.length);
            if (columns != null) {
                for (var distribution : columns.distributions) {
                    distribution.write(out);
                }
            }
        }
        for (var i = 0; i < atLow.length; i++) {
            out.whole(atLow[i]);
            out.whole(atHigh[i]);
        }
        out.whole(numbers.size());
        numbers.forEach((name, distribution) -> {
            out.text(name);
            distribution.write(out);
        });
        for (var ending : Ending.values()) {
            out.whole(endings.getOrDefault(ending, 0L));
        }
        out.whole(oneStepTerminated);
        out.whole(zeroRewards);
        out.flag(rewardValues != null);
        if (rewardValues != null) {
            out.whole(rewardValues.size());
            rewardValues.forEach((value, times) -> {
                out.number(value);
                out.whole(times);
            });
        }
        out.flag(grid != null);
        if (grid != null) {
            grid.write(out);
        }
        out.whole(largest.size());
        largest.forEach(steps -> steps.write(out));
        return out.bytes();
    }

    /**
     * The state that {@link #bytes} wrote.
     *
     * @throws IllegalArgumentException if the bytes are damaged or of another format
     */
    public static DatasetStats of(byte[] bytes) {
        var in = new StateReader(bytes);
        if (in.bits() != MAGIC) {
            throw StateReader.damaged("it does not begin with HDCSTATS");
        }
        var format = in.whole();
        if (format != FORMAT && format != FORMAT_BOUNDS_PER_ENTRY) {
            throw StateReader.damaged(
                    "it has format " + format + ", this hindcast reads " + FORMAT + " and " + FORMAT_BOUNDS_PER_ENTRY);
        }
        var discount = in.number();
        var dimensions = new ArrayList<Integer>();
        for (var i = in.length(); i > 0; i--) {
            dimensions.add((int) in.whole());
        }
        var widths = new ArrayList<Double>();
        for (var i = in.length(); i > 0; i--) {
            widths.add(in.number());
        }
        var stats = new DatasetStats(
                rules(in, format == FORMAT ? 1 : in.length(), discount, List.copyOf(dimensions), List.copyOf(widths)));
        stats.observations = readColumns(in);
        stats.actions = readColumns(in);
        stats.differences = readColumns(in);
        var entries = stats.actions == null ? 0 : stats.actions.distributions.length;
        stats.atLow = new long[entries];
        stats.atHigh = new long[entries];
        for (var i = 0; i < entries; i++) {
            stats.atLow[i] = in.whole();
            stats.atHigh[i] = in.whole();
        }
        for (var i = in.length(); i > 0; i--) {
            stats.numbers.put(in.text(), Distribution.read(in));
        }
        for (var ending : Ending.values()) {
            stats.endings.put(ending, in.whole());
        }
        stats.oneStepTerminated = in.whole();
        stats.zeroRewards = in.whole();
        if (in.flag()) {
            for (var i = in.length(); i > 0; i--) {
                stats.addRewardValue(in.number(), in.whole());
            }
        } else {
            stats.rewardValues = null;
        }
        if (in.flag()) {
            stats.grid = VisitGrid.read(in);
        }
        for (var i = in.length(); i > 0; i--) {
            stats.largest.add(LargestSteps.read(in));
        }
        in.end();
        return stats;
    }

    private static Rules rules(
            StateReader in, int bounds, double discount, List<Integer> dimensions, List<Double> widths) {
        if (bounds == 1) {
            return new Rules(discount, dimensions, widths, in.number(), in.number());
        }
        var low = new ArrayList<Double>();
        var high = new ArrayList<Double>();
        for (var i = 0; i < bounds; i++) {
            low.add(in.number());
            high.add(in.number());
        }
        return new Rules(discount, dimensions, widths, oneOrAll(low), oneOrAll(high));
    }

    private static List<Double> oneOrAll(List<Double> bounds) {
        return bounds.stream().distinct().count() == 1 ? List.of(bounds.get(0)) : List.copyOf(bounds);
    }

    private static @Nullable Columns readColumns(StateReader in) {
        var length = in.length();
        if (length == 0) {
            return null;
        }
        var columns = new Columns(length);
        for (var i = 0; i < length; i++) {
            columns.distributions[i] = Distribution.read(in);
        }
        return columns;
    }
}
