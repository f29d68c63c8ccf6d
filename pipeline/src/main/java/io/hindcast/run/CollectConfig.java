package io.hindcast.run;

import io.hindcast.config.Setting;
import io.hindcast.config.Settings;
import io.hindcast.config.UserException;
import io.hindcast.env.Behaviour;
import io.hindcast.env.Environment;
import io.hindcast.env.PointMass;
import io.hindcast.env.RandomBehaviour;
import io.hindcast.env.Wanderer;
import java.io.Serializable;
import java.util.List;

/** What to collect and by which behaviour policy; the environment is named elsewhere. */
public record CollectConfig(
        @Setting(value = "random", meaning = "behaviour policy: random or wanderer")
        String behaviour,

        @Setting(value = "100", range = "[1, 100000]", meaning = "how many episodes to collect")
        int episodes,

        @Setting(value = "0", range = "[0, inf)", meaning = "seed of the collected episodes")
        long seed,

        @Setting(value = "{}", meaning = "settings of the wanderer")
        Wanderer.Config wanderer)
        implements Serializable {

    /** @throws UserException on a value out of range or an unknown behaviour */
    public CollectConfig {
        Settings.check(CollectConfig.class, behaviour, episodes, seed, wanderer);
        var known = List.of("random", "wanderer");
        if (!known.contains(behaviour)) {
            throw Settings.unknown("behaviour", behaviour, known, "");
        }
    }

    /**
     * A fresh behaviour policy for {@code environment}.
     *
     * @throws UserException if the behaviour cannot act in it
     */
    public Behaviour behaviourIn(Environment environment) {
        if (behaviour.equals("random")) {
            return new RandomBehaviour(environment.actionSpace());
        }
        if (environment instanceof PointMass pointMass) {
            return new Wanderer(wanderer, pointMass);
        }
        throw new UserException("Cannot collect in " + environment.name()
                + " with behaviour wanderer: it walks in mazes only; use behaviour random or a pointmass environment");
    }
}
