package io.hindcast.source;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.hindcast.config.UserException;
import io.hindcast.data.ActionSpace;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.TreeMap;
import org.apache.hadoop.conf.Configuration;
import org.jspecify.annotations.Nullable;

/** What {@code metadata.json} beside a Minari file says about its actions; nothing if there is no such file. */
final class MinariMetadata {
    private static final int LONGEST = 16 << 20;
    private static final int MOST_ENTRIES = 1 << 20;
    private static final JsonMapper MAPPER = JsonMapper.builder()
            // Python writes the bounds of what is unbounded so.
            .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
            .build();

    private final @Nullable JsonNode metadata;
    private final @Nullable JsonNode space;
    private final List<String> notes = new ArrayList<>();

    private MinariMetadata(@Nullable JsonNode metadata, @Nullable JsonNode space) {
        this.metadata = metadata;
        this.space = space;
    }

    /** @throws UserException if the file is there and is no JSON */
    static MinariMetadata of(InputFile input, Configuration configuration) {
        var text = input.besides("metadata.json", LONGEST, configuration);
        if (text == null) {
            return new MinariMetadata(null, null);
        }
        try {
            var metadata = MAPPER.readTree(text);
            var space = metadata.path("action_space");
            return new MinariMetadata(
                    metadata, space.isTextual() ? MAPPER.readTree(space.textValue()) : space.isObject() ? space : null);
        } catch (JsonProcessingException | StackOverflowError e) {
            throw new UserException(
                    "Cannot read metadata.json beside " + input.name() + ": it is no JSON as Minari writes it; copy it"
                            + " again, or remove it and give action-space",
                    e);
        }
    }

    boolean isPresent() {
        return space != null;
    }

    boolean isDiscrete() {
        return space != null && "Discrete".equals(space.path("type").asText());
    }

    /** What to tell the user. */
    List<String> notes() {
        return List.copyOf(notes);
    }

    /** The number of the first of discrete actions. */
    int firstAction() {
        return isDiscrete() ? Objects.requireNonNull(space).path("start").asInt(0) : 0;
    }

    /** @throws UserException if it counts other episodes than there are */
    void requireEpisodes(String file, int found) {
        var count = metadata == null ? null : metadata.get("total_episodes");
        if (count != null && count.isIntegralNumber() && count.asLong() != found) {
            throw new UserException("Cannot read " + file + ": it has " + found
                    + " episodes, and metadata.json beside it" + " counts " + count.asLong() + "; copy both again");
        }
    }

    /**
     * The actions; real ones with the bounds of each entry, in the order in which the entries are laid side by side.
     *
     * @param width numbers in a real action
     * @return null if nothing is known
     */
    @Nullable ActionSpace actions(String file, int width) {
        var known = space;
        if (known == null) {
            return width == 0 ? null : new ActionSpace.Continuous(width, -1, 1);
        }
        if (isDiscrete()) {
            var count = known.path("n").asInt(0);
            return count < 1 ? null : new ActionSpace.Discrete(count);
        }
        var bounds = new Bounds();
        if (!bounds.add(known, 0) || !bounds.areInOrder()) {
            throw new UserException("Cannot read the action space of " + file + " from metadata.json: it is "
                    + shown(known) + ", and only Box, Discrete and Dict or Tuple of Box with finite bounds are known;"
                    + " give action-space and columns");
        }
        var low = Bounds.of(bounds.low, width);
        var high = Bounds.of(bounds.high, width);
        if (low == null || high == null) {
            throw new UserException("Cannot read the action space of " + file + ": metadata.json gives bounds for "
                    + bounds.low.size() + " entries, but an action has " + width
                    + "; give action-space with low and high");
        }
        return new ActionSpace.Continuous(low, high);
    }

    private static String shown(JsonNode node) {
        var text = node.path("type").asText("of no type");
        return text.substring(0, Math.min(40, text.length())).replaceAll("\\p{Cntrl}", "?");
    }

    /** The bounds of all entries. */
    private static final class Bounds {
        private final List<Double> low = new ArrayList<>();
        private final List<Double> high = new ArrayList<>();

        /** Adds those of {@code space}; returns whether all of it is bounded. */
        boolean add(JsonNode space, int depth) {
            if (depth > 16) {
                return false;
            }
            switch (space.path("type").asText()) {
                case "Box" -> {
                    var before = low.size();
                    return numbers(space.path("low"), low, 0)
                            && numbers(space.path("high"), high, 0)
                            && fill(low, before, space)
                            && fill(high, before, space)
                            && low.size() == high.size();
                }
                case "Dict", "Tuple" -> {
                    var inner = space.path("subspaces");
                    for (var one : inOrder(inner)) {
                        if (!add(one, depth + 1)) {
                            return false;
                        }
                    }
                    return inner.size() > 0;
                }
                default -> {
                    return false;
                }
            }
        }

        /** Those of a dictionary by its sorted keys, as the numbers of its arrays are laid. */
        private static List<JsonNode> inOrder(JsonNode inner) {
            var nodes = new ArrayList<JsonNode>();
            if (inner.isObject()) {
                var byKey = new TreeMap<String, JsonNode>();
                inner.properties().forEach(field -> byKey.put(field.getKey(), field.getValue()));
                nodes.addAll(byKey.values());
            } else {
                inner.forEach(nodes::add);
            }
            return nodes;
        }

        private static boolean numbers(JsonNode node, List<Double> bounds, int depth) {
            if (node.isArray() && depth < 16) {
                for (var one : node) {
                    if (!numbers(one, bounds, depth + 1)) {
                        return false;
                    }
                }
                return node.size() > 0;
            }
            return node.isNumber() && Double.isFinite(node.asDouble()) && bounds.add(node.asDouble());
        }

        /** Of a Box that gives one number for all its entries, makes one an entry. */
        private static boolean fill(List<Double> bounds, int before, JsonNode box) {
            var entries = 1L;
            for (var length : box.path("shape")) {
                entries *= length.asLong();
            }
            if (entries > 1 && entries <= MOST_ENTRIES && bounds.size() - before == 1) {
                bounds.addAll(Collections.nCopies((int) entries - 1, bounds.get(before)));
            }
            return true;
        }

        boolean areInOrder() {
            for (var i = 0; i < low.size(); i++) {
                if (!(low.get(i) < high.get(i))) {
                    return false;
                }
            }
            return true;
        }

        /** One bound for each of {@code width} entries; null if that is not what there is. */
        static @Nullable List<Double> of(List<Double> bounds, int width) {
            if (bounds.size() == width) {
                return bounds;
            }
            return bounds.stream().distinct().count() == 1 && width > 0
                    ? Collections.nCopies(width, bounds.get(0))
                    : null;
        }
    }
}
