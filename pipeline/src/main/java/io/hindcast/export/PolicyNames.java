package io.hindcast.export;

import java.io.Serializable;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The names of a policy's observation entries and actions. Lists that are too long to be read by anyone are left out.
 *
 * @param observation of each entry of an observation; empty: not known
 * @param actions of each action, by its index; empty: they are numbered
 * @param actionEntries of each entry of an action that is a vector; empty: not known, or it is none
 */
public record PolicyNames(List<String> observation, List<String> actions, List<String> actionEntries)
        implements Serializable {
    /** Where nothing has a name. */
    public static final PolicyNames NONE = new PolicyNames(List.of(), List.of(), List.of());

    /** The longest list. */
    public static final int MOST = 4096;

    private static final int MOST_CHARACTERS = 1 << 20;

    /** Lists are copied. */
    public PolicyNames {
        observation = bounded(observation);
        actions = bounded(actions);
        actionEntries = bounded(actionEntries);
    }

    private static List<String> bounded(List<String> names) {
        return names.size() > MOST || names.stream().mapToLong(String::length).sum() > MOST_CHARACTERS
                ? List.of()
                : List.copyOf(names);
    }

    /** Those that are known, by the key under which they are exported. */
    Map<String, List<String>> toMap() {
        var map = new LinkedHashMap<String, List<String>>();
        map.put("observation_names", observation);
        map.put("action_names", actions);
        map.put("action_entry_names", actionEntries);
        map.values().removeIf(List::isEmpty);
        return map;
    }
}
