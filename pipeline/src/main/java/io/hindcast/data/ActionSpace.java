package io.hindcast.data;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The actions an agent may take. */
public sealed interface ActionSpace extends Serializable {
    /** How many numbers a policy or an action-value network has to do with: dimensions, or the count of actions. */
    int size();

    /**
     * The space as tables, checkpoints, exported policies and Python's worker write it: {@code type}, and {@code dimension}, {@code low} and {@code high} (each one number
     * where all entries agree, else a list), or {@code count} and, where it is not plain, {@code factors}, {@code start}, {@code one-hot}.
     */
    Map<String, Object> toMap();

    /**
     * The space that {@link #toMap} wrote; an earlier {@code policy.json} has {@code kind} in the place of {@code type}.
     *
     * @throws IllegalArgumentException if something is missing or out of range
     */
    static ActionSpace of(Map<?, ?> map) {
        if ("discrete".equals(map.containsKey("type") ? map.get("type") : map.get("kind"))) {
            return new Discrete(
                    whole(map, "count"),
                    wholes(map, "factors"),
                    wholes(map, "start"),
                    Boolean.TRUE.equals(map.get("one-hot")) ? Discrete.Written.ONE_HOT : Discrete.Written.NUMBERS);
        }
        var dimension = whole(map, "dimension");
        return new Continuous(bounds(map, "low", dimension), bounds(map, "high", dimension));
    }

    private static int whole(Map<?, ?> map, String key) {
        if (map.get(key) instanceof Number number) {
            return number.intValue();
        }
        throw new IllegalArgumentException("Cannot read an action space: it has no " + key);
    }

    private static List<Integer> wholes(Map<?, ?> map, String key) {
        var wholes = new ArrayList<Integer>();
        if (map.get(key) instanceof List<?> list) {
            for (var item : list) {
                if (!(item instanceof Number number)) {
                    throw new IllegalArgumentException("Cannot read an action space: " + key + " is " + list);
                }
                wholes.add(number.intValue());
            }
        }
        return wholes;
    }

    private static List<Double> bounds(Map<?, ?> map, String key, int dimension) {
        if (map.get(key) instanceof List<?> list && list.size() == dimension) {
            var bounds = new ArrayList<Double>();
            for (var item : list) {
                if (!(item instanceof Number number)) {
                    throw new IllegalArgumentException("Cannot read an action space: " + key + " is " + list);
                }
                bounds.add(number.doubleValue());
            }
            return bounds;
        }
        if (map.get(key) instanceof Number number) {
            return Collections.nCopies(Math.max(0, dimension), number.doubleValue());
        }
        throw new IllegalArgumentException(
                "Cannot read an action space of dimension " + dimension + ": " + key + " is " + map.get(key));
    }

    /**
     * Whether an action of this space is the same thing in {@code other}. Bounds are compared in single precision, in which
     * environments have them.
     */
    default boolean isSameAs(ActionSpace other) {
        return equals(other);
    }

    /** Real vectors, each entry within bounds of its own. */
    final class Continuous implements ActionSpace {
        private static final long serialVersionUID = 1;

        private final double[] low;
        private final double[] high;

        /**
         * {@code dimension} entries within {@code [low, high]}.
         *
         * @throws IllegalArgumentException as the other constructor
         */
        public Continuous(int dimension, double low, double high) {
            this(Collections.nCopies(Math.max(0, dimension), low), Collections.nCopies(Math.max(0, dimension), high));
        }

        /**
         * Entry i within {@code [low[i], high[i]]}.
         *
         * @throws IllegalArgumentException if there is no entry, the lists differ in length, or an entry's bounds are not finite or
         *     not in order
         */
        public Continuous(List<Double> low, List<Double> high) {
            this.low = bounds(low);
            this.high = bounds(high);
            var fits = this.low.length == this.high.length && this.low.length > 0;
            for (var i = 0; fits && i < this.low.length; i++) {
                fits = this.low[i] < this.high[i] && Double.isFinite(this.low[i]) && Double.isFinite(this.high[i]);
            }
            if (!fits) {
                throw new IllegalArgumentException("Cannot make an action space of dimension " + low.size() + " in ["
                        + inWords(this.low) + ", " + inWords(this.high) + "]");
            }
        }

        /** Without negative zeros, which would make equal bounds unequal. */
        private static double[] bounds(List<Double> bounds) {
            return bounds.stream().mapToDouble(bound -> bound + 0.0).toArray();
        }

        /** How many entries an action has. */
        public int dimension() {
            return low.length;
        }

        @Override
        public int size() {
            return low.length;
        }

        /** The least value of entry {@code i}. */
        public double low(int i) {
            return low[i];
        }

        /** The greatest value of entry {@code i}. */
        public double high(int i) {
            return high[i];
        }

        /** Entry {@code i} of an action as policies see it: {@code [low, high]} mapped to {@code [-1, 1]}. */
        public float toUnit(int i, float value) {
            return low[i] == -1 && high[i] == 1 ? value : (float) (2 * (value - low[i]) / (high[i] - low[i]) - 1);
        }

        /** Entry {@code i} of an action as the environment sees it, cut to {@code [low, high]}. */
        public float fromUnit(int i, float unit) {
            var value = low[i] == -1 && high[i] == 1 ? unit : low[i] + (unit + 1) / 2 * (high[i] - low[i]);
            return (float) Math.min(high[i], Math.max(low[i], value));
        }

        /** The least values: one where all entries agree, else one an entry. */
        public List<Double> lows() {
            return oneOrAll(low);
        }

        /** The greatest values, as {@link #lows}. */
        public List<Double> highs() {
            return oneOrAll(high);
        }

        /** Half the distance between the bounds of entry {@code i}. */
        public double halfRange(int i) {
            return (high[i] - low[i]) / 2;
        }

        /** The middle between the bounds of entry {@code i}. */
        public double centre(int i) {
            return (high[i] + low[i]) / 2;
        }

        /** Whether every entry has the bounds -1 and 1. */
        public boolean isUnit() {
            return isUniform() && low[0] == -1 && high[0] == 1;
        }

        /** Whether all entries have the same bounds. */
        public boolean isUniform() {
            return areEqual(low) && areEqual(high);
        }

        /** Whether entry {@code i} is within its bounds. */
        public boolean contains(int i, double value) {
            return value >= low[i] && value <= high[i];
        }

        @Override
        public boolean isSameAs(ActionSpace other) {
            if (!(other instanceof Continuous space) || space.dimension() != low.length) {
                return false;
            }
            for (var i = 0; i < low.length; i++) {
                if ((float) low[i] != (float) space.low[i] || (float) high[i] != (float) space.high[i]) {
                    return false;
                }
            }
            return true;
        }

        /**
         * Whether this is how hindcast once gave an environment whose entries have different bounds: all of them as
         * {@code [-1, 1]}. What was learned from such a log still acts in that environment.
         */
        public boolean isUnitFormOf(ActionSpace other) {
            return other instanceof Continuous space
                    && space.dimension() == low.length
                    && isUnit()
                    && !space.isUniform();
        }

        @Override
        public Map<String, Object> toMap() {
            var map = new LinkedHashMap<String, Object>();
            map.put("type", "continuous");
            map.put("dimension", low.length);
            map.put("low", areEqual(low) ? (Object) low[0] : lows());
            map.put("high", areEqual(high) ? (Object) high[0] : highs());
            return map;
        }

        private static List<Double> oneOrAll(double[] bounds) {
            return Arrays.stream(bounds, 0, areEqual(bounds) ? 1 : bounds.length)
                    .boxed()
                    .toList();
        }

        private static boolean areEqual(double[] bounds) {
            for (var bound : bounds) {
                if (bound != bounds[0]) {
                    return false;
                }
            }
            return true;
        }

        private static String inWords(double[] bounds) {
            return bounds.length > 0 && areEqual(bounds) ? Double.toString(bounds[0]) : Arrays.toString(bounds);
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof Continuous space
                    && Arrays.equals(low, space.low)
                    && Arrays.equals(high, space.high);
        }

        @Override
        public int hashCode() {
            return 31 * Arrays.hashCode(low) + Arrays.hashCode(high);
        }

        @Override
        public String toString() {
            return "Continuous[dimension=" + low.length + ", low=" + inWords(low) + ", high=" + inWords(high) + "]";
        }
    }

    /**
     * One of {@code count} actions, numbered from 0.
     *
     * @param factors of an action that is written as several whole numbers, how many values each of them has; the index counts
     *     in row-major order, the last number fastest, and {@code count} is their product. Empty where it is written as one number
     * @param start the least value of each of these numbers, or of the one number; empty: 0
     * @param written how a log and an environment write an action
     */
    record Discrete(int count, List<Integer> factors, List<Integer> start, Written written) implements ActionSpace {
        /** The most combinations of factors. */
        public static final int MOST_COMBINATIONS = 4096;

        /** How an action is written. */
        public enum Written {
            /** As whole numbers: one, or one for each factor. */
            NUMBERS,
            /** As {@code count} numbers, one of them 1 and the others 0. */
            ONE_HOT
        }

        /** @throws IllegalArgumentException if there is no action, or count, factors and start contradict each other */
        public Discrete {
            factors = List.copyOf(factors);
            start = start.stream().allMatch(first -> first == 0) ? List.of() : List.copyOf(start);
            if (count < 1) {
                throw new IllegalArgumentException("Cannot make an action space of " + count + " actions");
            }
            if ((!factors.isEmpty() && combinations(factors) != count)
                    || (!start.isEmpty() && start.size() != Math.max(1, factors.size()))
                    || (written == Written.ONE_HOT && !(factors.isEmpty() && start.isEmpty()))) {
                throw new IllegalArgumentException("Cannot make an action space of " + count + " actions with factors "
                        + factors + " and start " + start);
            }
        }

        /** Actions that are written as their index. */
        public Discrete(int count) {
            this(count, List.of(), List.of(), Written.NUMBERS);
        }

        /** Actions of several whole numbers, with so many values each, from {@code start} on (empty: from 0). */
        public static Discrete ofFactors(List<Integer> factors, List<Integer> start) {
            return new Discrete((int) combinations(factors), factors, start, Written.NUMBERS);
        }

        /** Actions that are written as a 1 among zeros. */
        public static Discrete oneHot(int count) {
            return new Discrete(count, List.of(), List.of(), Written.ONE_HOT);
        }

        /** How many actions there are with such factors; {@code MOST_COMBINATIONS + 1} if more than that, 0 if one is below 1. */
        public static long combinations(List<Integer> factors) {
            var product = 1L;
            for (var factor : factors) {
                product = factor < 1 ? 0 : Math.min(product * factor, MOST_COMBINATIONS + 1);
            }
            return product;
        }

        /** Whether an action is written as several numbers. */
        public boolean isVector() {
            return written == Written.ONE_HOT || !factors.isEmpty();
        }

        /** How many numbers an action is written as. */
        public int entries() {
            return written == Written.ONE_HOT ? count : Math.max(1, factors.size());
        }

        /** The least value of number {@code i} of a written action. */
        public int start(int i) {
            return start.isEmpty() ? 0 : start.get(i);
        }

        /** The numbers that action {@code index} is written as, {@code [entries]}. */
        public int[] write(int index) {
            var numbers = new int[entries()];
            if (written == Written.ONE_HOT) {
                numbers[index] = 1;
            } else if (factors.isEmpty()) {
                numbers[0] = index + start(0);
            } else {
                var rest = index;
                for (var i = numbers.length - 1; i >= 0; i--) {
                    numbers[i] = rest % factors.get(i) + start(i);
                    rest /= factors.get(i);
                }
            }
            return numbers;
        }

        /** The index of the action that is written as {@code numbers}, {@code [entries]}; -1 if it is none. */
        public int read(float[] numbers) {
            if (numbers.length != entries()) {
                return -1;
            }
            if (written == Written.ONE_HOT) {
                var index = -1;
                for (var i = 0; i < numbers.length; i++) {
                    if (numbers[i] == 1 && index < 0) {
                        index = i;
                    } else if (numbers[i] != 0) {
                        return -1;
                    }
                }
                return index;
            }
            var index = 0;
            for (var i = 0; i < numbers.length; i++) {
                var value = (double) numbers[i] - start(i);
                var values = factors.isEmpty() ? count : factors.get(i);
                if (value != Math.rint(value) || value < 0 || value >= values) {
                    return -1;
                }
                index = index * values + (int) value;
            }
            return index;
        }

        @Override
        public int size() {
            return count;
        }

        @Override
        public boolean isSameAs(ActionSpace other) {
            return other instanceof Discrete space
                    && count == space.count
                    && allFactors().equals(space.allFactors());
        }

        private List<Integer> allFactors() {
            return factors.isEmpty() ? List.of(count) : factors;
        }

        @Override
        public Map<String, Object> toMap() {
            var map = new LinkedHashMap<String, Object>();
            map.put("type", "discrete");
            map.put("count", count);
            if (!factors.isEmpty()) {
                map.put("factors", factors);
            }
            if (!start.isEmpty()) {
                map.put("start", start);
            }
            if (written == Written.ONE_HOT) {
                map.put("one-hot", true);
            }
            return map;
        }

        @Override
        public String toString() {
            return "Discrete[count=" + count + (factors.isEmpty() ? "" : ", factors=" + factors)
                    + (start.isEmpty() ? "" : ", start=" + start) + (written == Written.ONE_HOT ? ", one-hot" : "")
                    + "]";
        }
    }
}
