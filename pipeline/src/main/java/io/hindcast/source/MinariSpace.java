package io.hindcast.source;

import com.fasterxml.jackson.databind.JsonNode;
import io.hindcast.config.Shown;
import io.hindcast.config.UserException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.function.IntFunction;

/** A space of Gymnasium, as Minari's {@code metadata.json} describes it. */
sealed interface MinariSpace {
    /** Dictionaries in dictionaries in ... no more. */
    int DEEPEST = 16;
    /** No observation or action has more numbers. */
    int WIDEST = 1 << 18;

    /**
     * Real numbers.
     *
     * @param dtype NumPy's name of their type
     * @param low the least value of each entry in row-major order, infinite where there is none
     */
    record Box(String dtype, List<Integer> shape, List<Double> low, List<Double> high) implements MinariSpace {
        /** Whether Minari may keep it as JPEG images. */
        boolean isImage() {
            return dtype.equals("uint8")
                    && (shape.size() == 2 || shape.size() == 3)
                    && shape.get(0) >= 32
                    && shape.get(1) >= 32
                    && low.stream().allMatch(bound -> bound == 0)
                    && high.stream().allMatch(bound -> bound == 255);
        }
    }

    /**
     * Whole numbers, each one of several: of {@code Discrete} one of them, of {@code MultiDiscrete} and {@code MultiBinary} any.
     *
     * @param type Gymnasium's word
     * @param counts of each entry in row-major order, how many values it may have
     * @param starts the least of them
     */
    record Choices(@Override String type, List<Integer> counts, List<Long> starts) implements MinariSpace {
        /** Whether there are few enough values to have an entry each. */
        boolean isSpread() {
            return counts.stream().mapToLong(Integer::longValue).sum() <= 1 << 16
                    && starts.stream().allMatch(start -> Math.abs(start) <= OneHot.GREATEST_START);
        }
    }

    /** Texts. */
    record Text() implements MinariSpace {}

    /** Spaces by name, in Gymnasium's order: those of a {@code Dict} sorted, those of a {@code Tuple} by their numbers. */
    record Parts(boolean isTuple, List<Part> parts) implements MinariSpace {}

    /** A space in another. */
    record Part(String name, MinariSpace space) {}

    /** A space of a type that is not known. */
    record Unknown(@Override String type) implements MinariSpace {}

    /** A space without parts, and the names of those that it lies in, outermost first. */
    record Leaf(List<String> names, MinariSpace space) {}

    /** Gymnasium's word for it. */
    default String type() {
        if (this instanceof Parts all) {
            return all.isTuple() ? "Tuple" : "Dict";
        }
        return getClass().getSimpleName();
    }

    /** A column of observations of this space as Gymnasium flattens it: one of several values is an entry each. */
    default String spread(String column) {
        return this instanceof Choices choices && !choices.type().equals("MultiBinary") && choices.isSpread()
                ? new OneHot(
                                column,
                                choices.counts(),
                                choices.starts().stream().map(Long::intValue).toList())
                        .given()
                : column;
    }

    /** How many numbers one element has; 0 where it has none. */
    default int size() {
        if (this instanceof Box box) {
            return box.low().size();
        }
        if (this instanceof Choices choices) {
            return choices.counts().size();
        }
        return this instanceof Parts all
                ? all.parts().stream().mapToInt(part -> part.space().size()).sum()
                : 0;
    }

    /**
     * The spaces without parts, in Gymnasium's order.
     *
     * @param tupleName how the storage names a tuple's parts
     */
    default List<Leaf> leaves(IntFunction<String> tupleName) {
        if (!(this instanceof Parts all)) {
            return List.of(new Leaf(List.of(), this));
        }
        var leaves = new ArrayList<Leaf>();
        for (var i = 0; i < all.parts().size(); i++) {
            var part = all.parts().get(i);
            var name = all.isTuple() ? tupleName.apply(i) : part.name();
            for (var leaf : part.space().leaves(tupleName)) {
                var names = new ArrayList<String>();
                names.add(name);
                names.addAll(leaf.names());
                leaves.add(new Leaf(List.copyOf(names), leaf.space()));
            }
        }
        return leaves;
    }

    /**
     * The space that {@code node} describes.
     *
     * @param file what to call it in messages
     * @throws UserException if it is none, or one out of range
     */
    static MinariSpace of(String file, JsonNode node) {
        return of(file, node, 0);
    }

    private static MinariSpace of(String file, JsonNode node, int depth) {
        if (depth > DEEPEST) {
            throw refused(file, "it has more than " + DEEPEST + " spaces one in another");
        }
        var type = node.path("type").asText("");
        return switch (type) {
            case "Box" -> box(file, node);
            case "Discrete" -> new Choices(type, counts(file, List.of(node.path("n"))), starts(node.path("start"), 1));
            case "MultiDiscrete" -> {
                var counts = counts(file, numbers(file, node.path("nvec")));
                yield new Choices(type, counts, starts(node.path("start"), counts.size()));
            }
            case "MultiBinary" -> {
                var size = 1L;
                for (var extent : numbers(file, node.path("n"))) {
                    size = Math.min(WIDEST + 1L, size * Math.max(0, extent.asInt(0)));
                }
                requireWidth(file, size);
                yield new Choices(type, Collections.nCopies((int) size, 2), Collections.nCopies((int) size, 0L));
            }
            case "Text" -> new Text();
            case "Dict" -> {
                var parts = new ArrayList<Part>();
                for (var entry : node.path("subspaces").properties()) {
                    parts.add(new Part(entry.getKey(), of(file, entry.getValue(), depth + 1)));
                }
                parts.sort(Comparator.comparing(Part::name));
                yield new Parts(false, List.copyOf(parts));
            }
            case "Tuple" -> {
                var parts = new ArrayList<Part>();
                for (var one : node.path("subspaces")) {
                    parts.add(new Part(String.valueOf(parts.size()), of(file, one, depth + 1)));
                }
                yield new Parts(true, List.copyOf(parts));
            }
            default -> new Unknown(type.isEmpty() ? "of no type" : Shown.beginning(type, 40));
        };
    }

    private static MinariSpace box(String file, JsonNode node) {
        var shape = new ArrayList<Integer>();
        var size = 1L;
        for (var extent : node.path("shape")) {
            shape.add(extent.asInt(0));
            size = Math.min(WIDEST + 1L, size * Math.max(0, extent.asInt(0)));
        }
        requireWidth(file, size);
        return new Box(
                node.path("dtype").asText(""),
                List.copyOf(shape),
                bounds(file, node.path("low"), (int) size),
                bounds(file, node.path("high"), (int) size));
    }

    /** One bound an entry; a single one stands for all. */
    private static List<Double> bounds(String file, JsonNode node, int size) {
        var bounds = numbers(file, node).stream()
                .map(number -> number.isNumber() ? number.asDouble() : Double.NaN)
                .toList();
        if (bounds.size() == 1) {
            return Collections.nCopies(size, bounds.get(0));
        }
        if (bounds.size() != size) {
            throw refused(file, "a Box of " + size + " entries has " + bounds.size() + " bounds");
        }
        return bounds;
    }

    private static List<Integer> counts(String file, List<JsonNode> nodes) {
        requireWidth(file, nodes.size());
        return nodes.stream()
                .map(node -> {
                    if (!node.canConvertToInt() || node.asInt() < 1) {
                        throw refused(file, "an entry has " + node.asText("no number of") + " values");
                    }
                    return node.asInt();
                })
                .toList();
    }

    private static List<Long> starts(JsonNode node, int size) {
        var starts = new ArrayList<Long>();
        for (var number : numbers("", node)) {
            starts.add(number.asLong(0));
        }
        return starts.size() == size ? List.copyOf(starts) : Collections.nCopies(size, 0L);
    }

    /** What stands in lists in lists, in row-major order. */
    private static List<JsonNode> numbers(String file, JsonNode node) {
        var numbers = new ArrayList<JsonNode>();
        add(file, node, numbers, 0);
        return numbers;
    }

    private static void add(String file, JsonNode node, List<JsonNode> numbers, int depth) {
        if (!node.isArray()) {
            numbers.add(node);
            return;
        }
        if (depth == DEEPEST) {
            throw refused(file, "it has more than " + DEEPEST + " lists one in another");
        }
        for (var one : node) {
            add(file, one, numbers, depth + 1);
        }
    }

    private static void requireWidth(String file, long size) {
        if (size > WIDEST) {
            throw refused(file, "it has more than " + WIDEST + " entries");
        }
    }

    private static UserException refused(String file, String reason) {
        return new UserException("Cannot read a space of metadata.json beside " + file + ": " + reason
                + "; copy it again, or remove it and give action-space");
    }
}
