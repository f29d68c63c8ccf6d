package io.hindcast.env;

import io.hindcast.config.Settings;
import io.hindcast.config.UserException;
import java.io.Serializable;
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
        for (var key : gymnasium.kwargs().keySet()) {
            if (implied.isEmpty() || implied.get().containsKey(key)) {
                throw new UserException("Cannot use gymnasium.kwargs." + key + " with environment '" + name + "': "
                        + (implied.isEmpty() ? "it is none of Python's" : "the name says it already")
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
