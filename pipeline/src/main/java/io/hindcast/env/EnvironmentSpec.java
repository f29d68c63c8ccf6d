package io.hindcast.env;

import io.hindcast.config.Settings;
import io.hindcast.config.UserException;
import io.hindcast.data.Spaces;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Which environment, as a conf file says it: enough to open it anywhere.
 *
 * @param name for example {@code pointmass-medium}, {@code antmaze-umaze} or {@code gymnasium:Acrobot-v1}
 * @param gymnasium how it is made and run if it lives in Python
 */
public record EnvironmentSpec(String name, GymnasiumConfig gymnasium) implements Serializable {
    /**
     * Nothing is started: whether Python knows an id shows when it is opened.
     *
     * @throws UserException if there is no environment of that name, or it takes no keyword arguments and has some
     */
    public EnvironmentSpec {
        var target = GymnasiumTarget.of(name);
        if (target.isEmpty()) {
            Environments.named(name).close();
        }
        var implied = target.map(GymnasiumTarget::kwargs);
        var arguments = new ArrayList<String>();
        gymnasium.kwargs().keySet().forEach(key -> arguments.add("kwargs." + key));
        gymnasium.secretKwargs().keySet().forEach(key -> arguments.add("secret-kwargs." + key));
        for (var argument : arguments) {
            if (implied.isEmpty() || implied.get().containsKey(argument.substring(argument.indexOf('.') + 1))) {
                throw new UserException("Cannot use gymnasium." + argument + " with environment '" + name + "': "
                        + (implied.isEmpty() ? "it is no Python environment" : "the name says it already")
                        + "; leave it out");
            }
        }
    }

    /** The environment of that name with nothing set. */
    public EnvironmentSpec(String name) {
        this(name, Settings.defaults(GymnasiumConfig.class));
    }

    /** A fresh instance, to be closed by the caller. */
    public Environment open() {
        var target = GymnasiumTarget.of(name);
        return target.isEmpty()
                ? Environments.named(name)
                : new SingleInstance(name, GymnasiumEnvironment.open(name, target.get(), gymnasium, 1));
    }

    /** {@code size} fresh instances that step together, to be closed by the caller. */
    public VectorEnvironment open(int size) {
        var target = GymnasiumTarget.of(name);
        if (target.isPresent()) {
            return GymnasiumEnvironment.open(name, target.get(), gymnasium, size);
        }
        List<Environment> instances = Stream.generate(this::open).limit(size).toList();
        return VectorEnvironment.of(instances);
    }

    /**
     * As {@link #open()}, with actions as a policy has learned them.
     *
     * @throws IllegalArgumentException if a policy of such spaces cannot act in it, see {@link #fits}
     */
    public Environment open(Spaces learned) {
        var world = open();
        return learned.equals(world.spaces())
                ? world
                : new SingleInstance(name, LearnedActions.of(VectorEnvironment.of(List.of(world)), learned));
    }

    /** As {@link #open(int)}, with actions as {@link #open(Spaces)}. */
    public VectorEnvironment open(int size, Spaces learned) {
        return LearnedActions.of(open(size), learned);
    }

    /**
     * Whether a policy of the spaces {@code learned} can act where {@code world} are the spaces: they are the same, or actions were
     * logged by a hindcast that gave entries with different bounds as [-1, 1].
     */
    public static boolean fits(Spaces learned, Spaces world) {
        return LearnedActions.fit(learned, world);
    }

    /** What decides what happens in it, as JSON values: its name under {@code environment} and what is set beside it. */
    public Map<String, Object> decisive() {
        var decisive = new LinkedHashMap<String, Object>();
        decisive.put("environment", name);
        if (!gymnasium.decisive().isEmpty()) {
            decisive.put("gymnasium", gymnasium.decisive());
        }
        return decisive;
    }
}
