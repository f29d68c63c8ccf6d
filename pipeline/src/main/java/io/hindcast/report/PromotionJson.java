package io.hindcast.report;

import io.hindcast.config.Json;
import io.hindcast.config.Version;
import io.hindcast.promote.PolicyVersion;
import io.hindcast.promote.Promotion;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A decision about who acts, for programs; what is not known is null. */
public final class PromotionJson {
    private PromotionJson() {}

    /**
     * An object with the keys {@code verdict}, {@code reason}, {@code registry}, {@code champion_before} and {@code champion_after}
     * (versions, or null), {@code decision} (the whole row of the history, with the candidates and their numbers) and {@code history}
     * (every row, the newest last).
     */
    public static String json(
            String registry, Promotion promotion, List<Promotion> history, List<PolicyVersion> versions) {
        var root = new LinkedHashMap<String, @Nullable Object>();
        root.put("verdict", promotion.verdict());
        root.put("reason", promotion.reason());
        root.put("registry", registry);
        root.put("champion_before", version(promotion.from(), versions));
        root.put("champion_after", version(promotion.to(), versions));
        root.put("decision", promotion);
        root.put("history", history.stream().map(PromotionJson::line).toList());
        root.put("hindcast", Version.TEXT);
        return Json.lines(root) + "\n";
    }

    private static @Nullable PolicyVersion version(@Nullable Integer number, List<PolicyVersion> versions) {
        return versions.stream()
                .filter(version -> Objects.equals(version.number(), number))
                .findFirst()
                .orElse(null);
    }

    private static Map<String, @Nullable Object> line(Promotion promotion) {
        var line = new LinkedHashMap<String, @Nullable Object>();
        line.put("number", promotion.number());
        line.put("time", promotion.time());
        line.put("verdict", promotion.verdict());
        line.put("from", promotion.from());
        line.put("to", promotion.to());
        line.put("by", promotion.by());
        line.put("asked_by", promotion.askedBy());
        line.put("reason", promotion.reason());
        return line;
    }
}
