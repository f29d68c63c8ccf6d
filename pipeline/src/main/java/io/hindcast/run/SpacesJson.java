package io.hindcast.run;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.hindcast.data.ActionSpace;
import io.hindcast.data.Spaces;
import java.util.Map;

/** A problem's spaces as a checkpoint has them. */
final class SpacesJson {
    private static final ObjectMapper JSON = new ObjectMapper();

    private SpacesJson() {}

    static String write(Spaces spaces) {
        return JSON.createObjectNode()
                .put("observation-size", spaces.observationSize())
                .set("action-space", JSON.valueToTree(spaces.actions().toMap()))
                .toString();
    }

    static Spaces read(JsonNode node) {
        return new Spaces(
                node.path("observation-size").asInt(),
                ActionSpace.of(JSON.convertValue(node.path("action-space"), Map.class)));
    }
}
