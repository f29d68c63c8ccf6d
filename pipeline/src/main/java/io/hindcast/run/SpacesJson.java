package io.hindcast.run;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.hindcast.data.ActionSpace;
import io.hindcast.data.Spaces;

/** A problem's spaces as a checkpoint has them. */
final class SpacesJson {
    private static final ObjectMapper JSON = new ObjectMapper();

    private SpacesJson() {}

    static String write(Spaces spaces) {
        var node = JSON.createObjectNode().put("observation-size", spaces.observationSize());
        var actions = node.putObject("action-space");
        if (spaces.actions() instanceof ActionSpace.Continuous continuous) {
            actions.put("type", "continuous")
                    .put("dimension", continuous.dimension())
                    .put("low", continuous.low())
                    .put("high", continuous.high());
        } else {
            actions.put("type", "discrete").put("count", spaces.actions().size());
        }
        return node.toString();
    }

    static Spaces read(JsonNode node) {
        var actions = node.path("action-space");
        return new Spaces(
                node.path("observation-size").asInt(),
                actions.path("type").asText().equals("discrete")
                        ? new ActionSpace.Discrete(actions.path("count").asInt())
                        : new ActionSpace.Continuous(
                                actions.path("dimension").asInt(),
                                actions.path("low").asDouble(),
                                actions.path("high").asDouble()));
    }
}
