package io.hindcast.source;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.hindcast.config.UserException;
import io.hindcast.source.FilePlan.Actions;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.apache.hadoop.conf.Configuration;
import org.jspecify.annotations.Nullable;

/** What {@code metadata.json} beside a Minari file says about its actions; nothing if there is no such file. */
final class MinariMetadata {
    private static final int LONGEST = 16 << 20;
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
     * The actions.
     *
     * @param width numbers in a real action
     * @return null if nothing is known
     */
    @Nullable Actions actions(String file, int width) {
        var known = space;
        if (known == null) {
            return width == 0 ? null : new Actions(Actions.Kind.CONTINUOUS, width, -1, 1);
        }
        if (isDiscrete()) {
            var count = known.path("n").asInt(0);
            return count < 1 ? null : new Actions(Actions.Kind.DISCRETE, count, -1, 1);
        }
        var bounds = new Bounds();
        if (!bounds.add(known, 0) || !(bounds.low < bounds.high)) {
            throw new UserException("Cannot read the action space of " + file + " from metadata.json: it is "
                    + shown(known) + ", and only Box, Discrete and Dict or Tuple of Box with finite bounds are known;"
                    + " give action-space and columns");
        }
        if (bounds.differ) {
            notes.add(
                    "the entries of an action have bounds of their own; the dataset has one pair for all, the widest: "
                            + bounds.low + " to " + bounds.high);
        }
        return new Actions(Actions.Kind.CONTINUOUS, width, bounds.low, bounds.high);
    }

    private static String shown(JsonNode node) {
        var text = node.path("type").asText("of no type");
        return text.substring(0, Math.min(40, text.length())).replaceAll("\\p{Cntrl}", "?");
    }

    /** The widest bounds of all entries. */
    private static final class Bounds {
        private double low = Double.POSITIVE_INFINITY;
        private double high = Double.NEGATIVE_INFINITY;
        private boolean differ;

        /** Returns whether all of {@code space} is bounded. */
        boolean add(JsonNode space, int depth) {
            if (depth > 16) {
                return false;
            }
            switch (space.path("type").asText()) {
                case "Box" -> {
                    return numbers(space.path("low"), true, 0) && numbers(space.path("high"), false, 0);
                }
                case "Dict", "Tuple" -> {
                    var inner = space.path("subspaces");
                    for (var one : inner) {
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

        private boolean numbers(JsonNode node, boolean isLow, int depth) {
            if (node.isArray() && depth < 16) {
                for (var one : node) {
                    if (!numbers(one, isLow, depth + 1)) {
                        return false;
                    }
                }
                return node.size() > 0;
            }
            if (!node.isNumber() || !Double.isFinite(node.asDouble())) {
                return false;
            }
            var value = node.asDouble();
            var before = isLow ? low : high;
            differ |= Double.isFinite(before) && before != value;
            if (isLow) {
                low = Math.min(low, value);
            } else {
                high = Math.max(high, value);
            }
            return true;
        }
    }
}
