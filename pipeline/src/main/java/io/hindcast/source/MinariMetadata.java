package io.hindcast.source;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import io.hindcast.config.Json;
import io.hindcast.config.UserException;
import io.hindcast.data.ActionSpace;
import java.util.ArrayList;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.jspecify.annotations.Nullable;

/** What {@code metadata.json} beside a Minari file says about its observations and actions; nothing if there is no such file. */
final class MinariMetadata {
    private final @Nullable JsonNode metadata;
    private final @Nullable MinariSpace observations;
    private final @Nullable MinariSpace actions;

    private MinariMetadata(
            @Nullable JsonNode metadata, @Nullable MinariSpace observations, @Nullable MinariSpace actions) {
        this.metadata = metadata;
        this.observations = observations;
        this.actions = actions;
    }

    /** @throws UserException if the file is there and is no JSON */
    static MinariMetadata of(InputFile input, Configuration configuration) {
        var text = input.besides("metadata.json", Json.LONGEST, configuration);
        if (text == null) {
            return new MinariMetadata(null, null, null);
        }
        try {
            var metadata = Json.OF_PYTHON.readTree(text);
            return new MinariMetadata(
                    metadata,
                    space(input.name(), metadata, "observation_space"),
                    space(input.name(), metadata, "action_space"));
        } catch (JsonProcessingException | StackOverflowError e) {
            throw new UserException(
                    "Cannot read metadata.json beside " + input.name() + ": it is no JSON as Minari writes it; copy it"
                            + " again, or remove it and give action-space",
                    e);
        }
    }

    private static @Nullable MinariSpace space(String file, JsonNode metadata, String key)
            throws JsonProcessingException {
        var space = metadata.path(key);
        return space.isTextual()
                ? MinariSpace.of(file, Json.OF_PYTHON.readTree(space.textValue()))
                : space.isObject() ? MinariSpace.of(file, space) : null;
    }

    /** The space of the observations, null if it is not told. */
    @Nullable MinariSpace observations() {
        return observations;
    }

    /** The space of the actions, null if it is not told. */
    @Nullable MinariSpace actions() {
        return actions;
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
     * @throws UserException if they are of a kind that does not become one action by itself
     */
    @Nullable ActionSpace actions(String file, int width) {
        if (actions == null) {
            return width == 0 ? null : new ActionSpace.Continuous(width, -1, 1);
        }
        if (actions instanceof MinariSpace.Choices choices && choices.type().equals("Discrete")) {
            return new ActionSpace.Discrete(choices.counts().get(0));
        }
        var leaves = actions.leaves(String::valueOf);
        return leaves.stream().allMatch(leaf -> leaf.space() instanceof MinariSpace.Choices)
                ? numbered(file, leaves)
                : bounded(file, leaves, width);
    }

    /** Several numbers, of which each has its values, as one index. */
    private ActionSpace numbered(String file, List<MinariSpace.Leaf> leaves) {
        var factors = new ArrayList<Integer>();
        var starts = new ArrayList<Integer>();
        for (var leaf : leaves) {
            if (leaf.space() instanceof MinariSpace.Choices choices) {
                factors.addAll(choices.counts());
                choices.starts().forEach(start -> starts.add((int) Math.max(-1e9, Math.min(1e9, start))));
            }
        }
        var combinations = ActionSpace.Discrete.combinations(factors);
        if (combinations < 1 || combinations > ActionSpace.Discrete.MOST_COMBINATIONS) {
            throw refused(
                    file,
                    "whose numbers have more than " + ActionSpace.Discrete.MOST_COMBINATIONS + " combinations",
                    factors.size());
        }
        return ActionSpace.Discrete.ofFactors(factors, starts);
    }

    private ActionSpace bounded(String file, List<MinariSpace.Leaf> leaves, int width) {
        var low = new ArrayList<Double>();
        var high = new ArrayList<Double>();
        for (var leaf : leaves) {
            if (!(leaf.space() instanceof MinariSpace.Box box)) {
                throw refused(
                        file,
                        leaf.space() instanceof MinariSpace.Choices
                                ? "of real numbers and of numbers to choose from"
                                : "in which is " + leaf.space().type(),
                        width);
            }
            low.addAll(box.low());
            high.addAll(box.high());
        }
        for (var i = 0; i < low.size(); i++) {
            if (!(low.get(i) < high.get(i) && Double.isFinite(low.get(i)) && Double.isFinite(high.get(i)))) {
                throw refused(file, "without finite bounds", width);
            }
        }
        if (low.isEmpty() || low.size() != width) {
            throw new UserException("Cannot read the action space of " + file + ": metadata.json gives bounds for "
                    + low.size() + " entries, but an action has " + width + "; give action-space with low and high");
        }
        return new ActionSpace.Continuous(low, high);
    }

    private UserException refused(String file, String why, int width) {
        return new UserException("Cannot read the action space of " + file + " from metadata.json: it is "
                + (actions == null ? "not told" : actions.type()) + " " + why
                + "; to take its numbers as real ones give action-space { type = continuous, dimension = " + width
                + ", low = ..., high = ... }, where low = data, high = data take the bounds from the data");
    }
}
