package io.hindcast.track;

import io.hindcast.config.Json;
import io.hindcast.run.RunSpec;
import java.util.LinkedHashMap;
import java.util.Map;

/** The settings of a run without sections, for tools that know names and values only: {@code critic.hidden-layers = [64,64]}. */
final class RunSettings {
    private RunSettings() {}

    /** Each a number, a boolean or a text, which is JSON where it is a list or an empty section. */
    static Map<String, Object> of(RunSpec spec) {
        var settings = new LinkedHashMap<String, Object>();
        settings.put("name", spec.name());
        settings.put("learner", spec.learner());
        settings.put("subset", spec.subset());
        settings.put("seed", spec.seed());
        settings.put("updates", spec.updates());
        settings.put("batch-size", spec.batchSize());
        settings.put("n-step", spec.nStep());
        settings.put("log-every", spec.logEvery());
        settings.put("checkpoint-every", spec.checkpointEvery());
        settings.put("truncation-is-terminal", spec.truncationIsTerminal());
        settings.put("time-discount", spec.timeDiscount());
        settings.put("transformations", Json.text(spec.transformations()));
        settings.put("precision", spec.precision().word());
        if (spec.online() != null) {
            flatten("online", spec.online().settings(), settings);
        }
        if (spec.judges() != null) {
            flatten("judges", spec.judges().toMap(), settings);
        }
        spec.settings().forEach((key, value) -> flatten(key, value, settings));
        return settings;
    }

    private static void flatten(String key, Object value, Map<String, Object> flat) {
        if (value instanceof Map<?, ?> map && !map.isEmpty()) {
            map.forEach((inner, item) -> flatten(key + "." + inner, item, flat));
        } else {
            var isPlain = value instanceof Number || value instanceof Boolean || value instanceof String;
            flat.put(key, isPlain ? value : Json.text(value));
        }
    }
}
