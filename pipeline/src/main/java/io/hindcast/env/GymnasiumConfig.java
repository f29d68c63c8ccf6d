package io.hindcast.env;

import com.typesafe.config.ConfigObject;
import io.hindcast.config.Address;
import io.hindcast.config.Secret;
import io.hindcast.config.Setting;
import io.hindcast.config.Settings;
import io.hindcast.config.UserException;
import java.io.Serializable;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** How environments that live in Python are made and run; environments of hindcast's own need none of it. */
public record GymnasiumConfig(
        @Setting(
                value = "{}",
                meaning = "keyword arguments of the environment, for example { reward_shift = -1 } for AntMaze")
        ConfigObject kwargs,

        @Setting(
                value = "{}",
                meaning = "further keyword arguments (strings) that are secret: they are passed to the environment,"
                        + " shown as *** and never written into a table; they must not change what the"
                        + " environment does")
        Map<String, Secret> secretKwargs,

        @Setting(
                value = "null",
                meaning = "path of a Python interpreter that has all packages; null: hindcast makes a virtual"
                        + " environment with pinned packages, once for each set of packages")
        @Nullable String python,

        @Setting(
                value = "[]",
                meaning = "packages to install besides gymnasium and numpy, as pip reads them; not allowed together"
                        + " with python")
        List<Address> requirements,

        @Setting(
                value = "10m",
                meaning =
                        "how long installing packages may take, and how long a worker may take until its first answer")
        Duration startTimeout,

        @Setting(value = "60s", meaning = "how long a worker may take to answer a step or a reset before it is killed")
        Duration stepTimeout,

        @Setting(
                value = "3",
                range = "[0, 1000]",
                meaning = "how many times a worker that died, hangs or sends invalid data is replaced")
        int restarts,

        @Setting(
                value = "keep",
                meaning = "what happens to an observation outside the declared bounds of its space. keep: it is"
                        + " counted and used (many environments exceed their bounds); refuse: its episode is"
                        + " quarantined, as with NaN")
        OutOfBounds outOfBounds)
        implements Serializable {

    /** What becomes of observations out of bounds. */
    public enum OutOfBounds {
        KEEP,
        REFUSE;

        /** As in a conf file. */
        String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** @throws UserException on a value out of range, or on packages for an interpreter that is to be used as it is */
    public GymnasiumConfig {
        requirements = List.copyOf(requirements);
        secretKwargs = Map.copyOf(secretKwargs);
        for (var key : secretKwargs.keySet()) {
            if (kwargs.containsKey(key)) {
                throw new UserException("Cannot use gymnasium.kwargs." + key + " with gymnasium.secret-kwargs." + key
                        + ": an argument has one value; leave one of the two out");
            }
        }
        requirePositive("start-timeout", startTimeout);
        requirePositive("step-timeout", stepTimeout);
        if (python != null && !requirements.isEmpty()) {
            throw new UserException("Cannot use requirements = " + requirements + ": python = " + python
                    + " is used as it is; install them there, or leave one of the two out");
        }
    }

    /** What decides what an environment does, for the key of a request, without secrets; empty if all of it is as by default. */
    Map<String, Object> decisive() {
        var decisive = new LinkedHashMap<String, Object>();
        var shown = Settings.toMap(this);
        if (!kwargs.isEmpty()) {
            decisive.put("kwargs", Objects.requireNonNull(shown.get("kwargs")));
        }
        if (!secretKwargs.isEmpty()) {
            decisive.put("secret-kwargs", Objects.requireNonNull(shown.get("secret-kwargs")));
        }
        if (!requirements.isEmpty()) {
            decisive.put("requirements", Objects.requireNonNull(shown.get("requirements")));
        }
        if (outOfBounds != OutOfBounds.KEEP) {
            decisive.put("out-of-bounds", outOfBounds.word());
        }
        return decisive;
    }

    /** {@link #requirements}, to be installed. */
    List<String> packages() {
        return requirements.stream().map(Address::reveal).toList();
    }

    /** The values of {@link #secretKwargs}. */
    List<String> secrets() {
        return secretKwargs.values().stream().map(Secret::reveal).toList();
    }

    private static void requirePositive(String key, Duration duration) {
        if (duration.compareTo(Duration.ofMillis(1)) < 0) {
            throw new UserException("Cannot use " + key + " = " + duration.toMillis()
                    + "ms: nothing can be done in that time; give at least 1ms");
        }
    }
}
