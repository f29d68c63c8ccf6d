package io.hindcast.env;

import io.hindcast.config.UserException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What the name of an environment means to a worker.
 *
 * @param entry {@code module:Class}, or an id of Gymnasium's registry
 * @param kwargs keyword arguments that the name implies
 * @param requirements the resource that lists the packages it needs
 * @param origin whose module it is
 */
record GymnasiumTarget(String entry, Map<String, Object> kwargs, String requirements, Origin origin) {
    /** What names of environments of others start with. */
    static final String PREFIX = "gymnasium:";

    private static final Map<String, GymnasiumTarget> OURS = ours();

    /** Where a module is looked for. */
    enum Origin {
        /** Beside the worker. */
        OURS,
        /** Where Python looks, and in the working directory. */
        THEIRS
    }

    /** The names of environments that hindcast brings along as Python classes. */
    static List<String> names() {
        return List.copyOf(OURS.keySet());
    }

    /**
     * The target of a name, if it names an environment in Python. Nothing is started: whether a registry has the id shows later.
     *
     * @throws UserException if nothing follows the prefix
     */
    static Optional<GymnasiumTarget> of(String name) {
        if (!name.startsWith(PREFIX)) {
            return Optional.ofNullable(OURS.get(name));
        }
        var entry = name.substring(PREFIX.length());
        if (entry.isBlank() || entry.startsWith(":") || entry.endsWith(":")) {
            throw new UserException("Cannot use environment '" + name + "': it names none after " + PREFIX + "; write "
                    + PREFIX + "CartPole-v1 or " + PREFIX + "module:Class");
        }
        return Optional.of(new GymnasiumTarget(entry, Map.of(), "requirements-gymnasium.txt", Origin.THEIRS));
    }

    private static Map<String, GymnasiumTarget> ours() {
        var ours = new LinkedHashMap<String, GymnasiumTarget>();
        for (var maze : List.of("umaze", "medium-diverse")) {
            ours.put(
                    "antmaze-" + maze,
                    new GymnasiumTarget(
                            "antmaze:AntMaze", Map.of("maze", maze), "requirements-antmaze.txt", Origin.OURS));
        }
        ours.put(
                "metaworld-hammer",
                new GymnasiumTarget("hammer:Hammer", Map.of(), "requirements-metaworld.txt", Origin.OURS));
        return ours;
    }
}
