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
     * The space as tables and checkpoints keep it: {@code type}, and {@code dimension}, {@code low} and {@code high} (each one number
     * where all entries agree, else a list), or {@code count}.
     */
    Map<String, Object> toMap();

    /**
     * The space that {@link #toMap} wrote.
     *
     * @throws IllegalArgumentException if something is missing or out of range
     */
    static ActionSpace of(Map<?, ?> map) {
        if ("discrete".equals(map.get("type"))) {
            return new Discrete(whole(map, "count"));
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

    /** One of {@code count} actions, numbered from 0. */
    record Discrete(int count) implements ActionSpace {
        /** @throws IllegalArgumentException if there is no action */
        public Discrete {
            if (count < 1) {
                throw new IllegalArgumentException("Cannot make an action space of " + count + " actions");
            }
        }

        @Override
        public int size() {
            return count;
        }

        @Override
        public Map<String, Object> toMap() {
            var map = new LinkedHashMap<String, Object>();
            map.put("type", "discrete");
            map.put("count", count);
            return map;
        }
    }
}
