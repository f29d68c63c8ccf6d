package io.hindcast.source;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import io.hindcast.config.Json;
import io.hindcast.config.UserException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What is in an episode of a TFDS data set: as {@code features.json} says, else as its first episode looks. Names are those in the
 * records, {@code steps/observation/state}, sorted by name at every level.
 */
final class TfdsFeatures {
    /** Before the names of what every step has. */
    static final String STEPS = "steps/";

    private static final List<String> TELL_STEPS =
            List.of("steps/is_first", "steps/is_last", "steps/is_terminal", "steps/reward");
    private static final int DEEPEST = 16;
    private static final int MOST_NUMBERS = 1 << 28;
    private static final Set<String> REALS = Set.of("float16", "bfloat16", "float32", "float64");
    private static final Set<String> WHOLE =
            Set.of("int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64");

    private final List<Feature> features;

    private TfdsFeatures(List<Feature> features) {
        this.features = features;
    }

    /** What a feature holds. */
    enum Kind {
        REAL,
        WHOLE,
        FLAG,
        TEXT,
        IMAGE,
        /** Bytes of numbers as they lie in memory, perhaps compressed with zlib. */
        PACKED,
        /** What has no numbers of a known count. */
        OTHER
    }

    /**
     * A list of a record.
     *
     * @param type the type of its numbers, or what else it is, in words
     * @param width how many numbers a step (or an episode) has, of what is not numbers 1
     * @param scalar whether it has no dimensions
     * @param classes how many classes its numbers name, 0 if they name none
     */
    record Feature(String name, Kind kind, String type, int width, boolean scalar, int classes, boolean zlib) {
        /** So many of it in a step. */
        private Feature repeated(long times) {
            var isList = kind == Kind.REAL || kind == Kind.WHOLE || kind == Kind.FLAG;
            return isList && times * width < MOST_NUMBERS
                    ? new Feature(name, kind, type, (int) times * width, false, 0, false)
                    : other(name, "a sequence of its own");
        }

        boolean isPerStep() {
            return name.startsWith(STEPS);
        }

        boolean isNumeric() {
            return kind == Kind.REAL || kind == Kind.WHOLE || kind == Kind.FLAG || kind == Kind.PACKED;
        }
    }

    /** All features. */
    List<Feature> all() {
        return features;
    }

    /** The numeric features that are {@code name}, or lie below it. */
    List<Feature> numbers(String name) {
        return features.stream()
                .filter(feature -> feature.isNumeric()
                        && (feature.name().equals(name) || feature.name().startsWith(name + "/")))
                .toList();
    }

    /** The feature of that name, or null. */
    @Nullable Feature feature(String name) {
        return features.stream()
                .filter(feature -> feature.name().equals(name))
                .findFirst()
                .orElse(null);
    }

    /**
     * As {@code features.json} says.
     *
     * @param file the file it stands beside
     * @return null if it is written in the layout of an older TFDS, which does not say as much
     * @throws UserException if it is no such description, or its episodes have no steps
     */
    static @Nullable TfdsFeatures of(String file, String json) {
        var found = new ArrayList<Feature>();
        try {
            var root = Json.MAPPER.readTree(json);
            if (!root.has("featuresDict")) {
                return null; // an older layout
            }
            walk(root, "", false, 0, found);
        } catch (JsonProcessingException | StackOverflowError e) {
            throw new UserException(
                    "Cannot read features.json beside " + file + ": it is no JSON as TFDS writes it; copy it again", e);
        }
        return checked(file, found, "features.json");
    }

    /** As a record looks: an episode of as many steps as it has flags {@code is_first}, or {@code is_last}. */
    static TfdsFeatures of(String file, TfExample example) {
        var found = new ArrayList<Feature>();
        var steps = steps(example);
        for (var name : new TreeSet<>(example.names())) {
            var list = example.list(name);
            var size = list == null ? 0 : TfExample.size(list);
            var entries = name.startsWith(STEPS) ? Math.max(steps, 1) : 1;
            var fits = size > 0 && size % entries == 0;
            var kind =
                    !fits || list instanceof byte[][] ? Kind.OTHER : list instanceof float[] ? Kind.REAL : Kind.WHOLE;
            var width = fits ? size / entries : 1;
            found.add(new Feature(
                    name, kind, list instanceof byte[][] ? "bytes" : "numbers", width, width == 1, 0, false));
        }
        return checked(file, found, "its first record");
    }

    /** Whether {@link #steps} needs the list. */
    static boolean tellsSteps(String name) {
        return TELL_STEPS.contains(name);
    }

    /** How many steps an episode has, 0 if nothing tells. */
    static int steps(TfExample example) {
        for (var flag : TELL_STEPS) {
            var list = example.list(flag);
            if (list != null) {
                return TfExample.size(list);
            }
        }
        return 0;
    }

    private static TfdsFeatures checked(String file, List<Feature> found, String where) {
        if (found.stream().noneMatch(Feature::isPerStep)) {
            throw new UserException("Cannot read " + file + ": " + where
                    + " names no 'steps', as the episodes of an RLDS data set have; check format");
        }
        return new TfdsFeatures(List.copyOf(found));
    }

    private static void walk(JsonNode node, String path, boolean ragged, int depth, List<Feature> found) {
        if (depth > DEEPEST) {
            found.add(other(path, "features nested too deep"));
            return;
        }
        var dictionary = node.path("featuresDict").path("features");
        if (dictionary.isObject()) {
            var children = new TreeMap<String, JsonNode>();
            dictionary.properties().forEach(child -> children.put(child.getKey(), child.getValue()));
            children.forEach(
                    (name, child) -> walk(child, path.isEmpty() ? name : path + "/" + name, ragged, depth + 1, found));
            return;
        }
        var sequence = node.path("sequence");
        if (sequence.isObject()) {
            var isSteps = path.equals("steps");
            var length = sequence.path("length").asLong(-1);
            if (isSteps || length < 1) {
                walk(sequence.path("feature"), path, ragged || !isSteps, depth + 1, found);
            } else {
                // So many in every step: one list of all of them, at a name of its own.
                var within = new ArrayList<Feature>();
                walk(sequence.path("feature"), path, ragged, depth + 1, within);
                within.forEach(feature -> found.add(feature.repeated(length)));
            }
            return;
        }
        found.add(ragged ? other(path, "a sequence of its own") : leaf(node, path));
    }

    private static Feature leaf(JsonNode node, String path) {
        var label = node.path("classLabel");
        if (label.isObject()) {
            return new Feature(
                    path, Kind.WHOLE, "int64", 1, true, label.path("numClasses").asInt(0), false);
        }
        if (node.has("text")) {
            return new Feature(path, Kind.TEXT, "text", 1, true, 0, false);
        }
        if (node.has("image")) {
            return new Feature(path, Kind.IMAGE, "image", 1, true, 0, false);
        }
        var tensor = node.has("boundingBox") ? node.path("boundingBox") : node.path("tensor");
        if (!tensor.isObject()) {
            return other(
                    path,
                    node.properties().stream()
                            .map(Map.Entry::getKey)
                            .filter(name -> !name.equals("pythonClassName") && !name.equals("description"))
                            .findFirst()
                            .orElse("of no known type"));
        }
        return tensor(tensor, path);
    }

    private static Feature tensor(JsonNode tensor, String path) {
        var dimensions = tensor.path("shape").path("dimensions");
        var width = 1L;
        for (var dimension : dimensions) {
            var size = dimension.asLong(-1);
            width = size < 1 || width < 0 ? -1 : width * size;
            width = width > MOST_NUMBERS ? -1 : width;
        }
        var type = tensor.path("dtype").asText("");
        if (type.equals("string")) {
            return dimensions.isEmpty()
                    ? new Feature(path, Kind.TEXT, "text", 1, true, 0, false)
                    : other(path, "texts");
        }
        if (width < 1) {
            return other(path, "numbers in a shape that varies");
        }
        var kind = REALS.contains(type)
                ? Kind.REAL
                : WHOLE.contains(type) ? Kind.WHOLE : type.equals("bool") ? Kind.FLAG : Kind.OTHER;
        var encoding = tensor.path("encoding").asText("none");
        var packed = kind != Kind.OTHER && !encoding.equals("none") && !encoding.isEmpty();
        return new Feature(
                path, packed ? Kind.PACKED : kind, type, (int) width, dimensions.isEmpty(), 0, encoding.equals("zlib"));
    }

    private static Feature other(String path, String type) {
        return new Feature(path, Kind.OTHER, type, 1, false, 0, false);
    }
}
