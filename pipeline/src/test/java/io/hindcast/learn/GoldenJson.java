package io.hindcast.learn;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/** What fixtures are written in. */
final class GoldenJson {
    private GoldenJson() {}

    /** Fails if {@code object} says something that nobody here understands. */
    static void only(JsonNode object, String where, String... known) {
        var unknown = new TreeSet<>(names(object));
        List.of(known).forEach(unknown::remove);
        assertThat(unknown)
                .as("keys of %s that this test does not understand", where)
                .isEmpty();
    }

    /** What {@code object} has at {@code key}, which it must have. */
    static JsonNode get(JsonNode object, String key, String where) {
        assertThat(object.has(key)).as("%s has %s", where, key).isTrue();
        return object.get(key);
    }

    static List<String> names(JsonNode object) {
        var names = new ArrayList<String>();
        object.fieldNames().forEachRemaining(names::add);
        return names;
    }

    /** The tensors of a network by hindcast's names for them. */
    static Map<String, JsonNode> tensors(JsonNode parameters, String where) {
        only(parameters, where, "layers", "layer_norm", "log_std", "value");
        var tensors = new LinkedHashMap<String, JsonNode>();
        if (parameters.has("value")) {
            only(parameters, where, "value");
            return Map.of("value", parameters.get("value"));
        }
        var layers = get(parameters, "layers", where);
        for (var i = 0; i < layers.size(); i++) {
            only(layers.get(i), where + " layer " + i, "weight", "bias");
            tensors.put("layers." + i + ".weight", layers.get(i).get("weight"));
            tensors.put("layers." + i + ".bias", layers.get(i).get("bias"));
        }
        var norms = parameters.path("layer_norm");
        for (var i = 0; i < norms.size(); i++) {
            only(norms.get(i), where + " norm " + i, "gain", "bias");
            tensors.put("layer_norm." + i + ".gain", norms.get(i).get("gain"));
            tensors.put("layer_norm." + i + ".bias", norms.get(i).get("bias"));
        }
        if (parameters.has("log_std")) {
            tensors.put("log_std", parameters.get("log_std"));
        }
        return tensors;
    }

    /** How many entries an array has in each of its dimensions. */
    static List<Integer> shape(JsonNode array) {
        var shape = new ArrayList<Integer>();
        for (var node = array; node.isArray(); node = node.path(0)) {
            shape.add(node.size());
        }
        return shape;
    }

    static void fill(float[] target, JsonNode values, String what) {
        var flat = flat(values);
        assertThat(flat).as(what).hasSameSizeAs(target);
        System.arraycopy(flat, 0, target, 0, flat.length);
    }

    static float[] flat(JsonNode values) {
        var numbers = numbers(values);
        var flat = new float[numbers.size()];
        for (var i = 0; i < flat.length; i++) {
            flat[i] = numbers.get(i).floatValue();
        }
        return flat;
    }

    /** All numbers of an array of arrays, first to last. */
    static List<Double> numbers(JsonNode node) {
        var numbers = new ArrayList<Double>();
        collect(node, numbers);
        return numbers;
    }

    private static void collect(JsonNode node, List<Double> numbers) {
        if (node.isArray()) {
            node.forEach(item -> collect(item, numbers));
        } else {
            assertThat(node.isNumber() || node.isBoolean())
                    .as("%s is a number", node)
                    .isTrue();
            numbers.add(node.isBoolean() ? (node.asBoolean() ? 1.0 : 0.0) : node.asDouble());
        }
    }
}
