package io.hindcast.stage.train;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigList;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigUtil;
import com.typesafe.config.ConfigValue;
import io.hindcast.config.UserException;
import io.hindcast.stage.train.TrainConfig.Entry;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * Turns an entry that has a sweep into one entry for each combination of its values, in the order of the keys and of
 * the values.
 */
final class Sweep {
    private Sweep() {}

    /**
     * Replaces entries with a sweep by what they stand for; others stay.
     *
     * @throws UserException if a value of a sweep is not a list, is empty, or two entries come to have one name
     */
    static Map<String, Entry> expand(Map<String, Entry> runs) {
        var expanded = new LinkedHashMap<String, Entry>();
        runs.forEach((name, entry) -> combinations(name, entry.sweep().toConfig())
                .forEach((full, values) -> {
                    var other = expanded.put(full, entry.with(values.root()));
                    if (other != null) {
                        throw new UserException("Cannot train " + full
                                + " twice: a run has the name that a sweep makes; rename" + " the run");
                    }
                }));
        return expanded;
    }

    private static Map<String, Config> combinations(String name, Config sweep) {
        var combinations = new LinkedHashMap<String, Config>();
        combinations.put(name, ConfigFactory.empty());
        var keys = new TreeMap<String, ConfigValue>();
        sweep.entrySet().forEach(entry -> keys.put(entry.getKey(), entry.getValue()));
        keys.forEach((key, values) -> {
            if (!(values instanceof ConfigList list) || list.isEmpty()) {
                throw new UserException("Cannot sweep " + key + " of train.runs." + name + " over " + values.render()
                        + ": it is not a list of values; write " + key + " = [first, second]");
            }
            var before = new LinkedHashMap<>(combinations);
            combinations.clear();
            before.forEach((prefix, settings) -> {
                for (var value : list) {
                    var full = prefix + "-" + word(key) + "-" + word(value);
                    if (combinations.put(full, settings.withValue(key, value)) != null) {
                        throw new UserException(
                                "Cannot train " + full + " twice: its sweep contains a value twice;" + " remove one");
                    }
                }
            });
        });
        return combinations;
    }

    private static String word(String key) {
        var path = ConfigUtil.splitPath(key);
        return path.get(path.size() - 1);
    }

    private static String word(ConfigValue value) {
        if (value instanceof ConfigList list) {
            return list.stream().map(Sweep::word).collect(Collectors.joining("x"));
        }
        return value instanceof ConfigObject ? value.render() : String.valueOf(value.unwrapped());
    }
}
