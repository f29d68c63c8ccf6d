package io.hindcast.env;

import io.hindcast.config.UserException;
import java.io.Serializable;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Which environment, as a conf file says it: enough to open it anywhere.
 *
 * @param name for example {@code pointmass-medium}
 */
public record EnvironmentSpec(String name) implements Serializable {
    /** @throws UserException if there is no environment of that name */
    public EnvironmentSpec {
        Environments.named(name).close();
    }

    /** All that decides what happens in it, for what is written down. */
    public Map<String, Object> decisive() {
        return Map.of("name", name);
    }

    /** A fresh instance, to be closed by the caller. */
    public Environment open() {
        return Environments.named(name);
    }

    /** {@code size} fresh instances that step together, to be closed by the caller. */
    public VectorEnvironment open(int size) {
        List<Environment> instances = Stream.generate(this::open).limit(size).toList();
        return VectorEnvironment.of(instances);
    }
}
