package io.hindcast.stage;

import io.hindcast.config.UserException;
import io.hindcast.data.ActionSpace;
import io.hindcast.data.Spaces;
import io.hindcast.env.EnvironmentSpec;

/** Checks that a policy fits the environment in which it is to act. */
public final class EnvironmentFit {
    private EnvironmentFit() {}

    /**
     * Opens the environment to see.
     *
     * @param verb what is to be done in it
     * @param subject what has the spaces {@code learned}, with its verb: {@code the transitions have}
     * @throws UserException if the spaces do not fit
     */
    public static void require(String verb, EnvironmentSpec environment, Spaces learned, String subject) {
        try (var world = environment.open()) {
            if (!EnvironmentSpec.fits(learned, world.spaces())) {
                throw new UserException(
                        "Cannot " + verb + " in " + environment.name() + ": it has observations of size "
                                + world.observationSize() + " and " + world.actionSpace() + ", " + subject + " "
                                + learned.observationSize() + " and " + learned.actions() + "; "
                                + wayOn(learned, world.spaces()));
            }
        }
    }

    private static String wayOn(Spaces learned, Spaces world) {
        if (learned.observationSize() == world.observationSize()
                && learned.actions() instanceof ActionSpace.Continuous mine
                && world.actions() instanceof ActionSpace.Continuous theirs
                && mine.dimension() == theirs.dimension()) {
            return "if the data come from it, ingest them with its bounds, action-space { low = "
                    + theirs.toMap().get("low") + ", high = " + theirs.toMap().get("high") + " }";
        }
        if (learned.observationSize() == world.observationSize()
                && learned.actions() instanceof ActionSpace.Discrete mine
                && world.actions() instanceof ActionSpace.Discrete theirs
                && mine.size() == theirs.size()) {
            return "if the data come from it, ingest them with its factors, action-space.factors = "
                    + theirs.toMap().getOrDefault("factors", "null");
        }
        if (learned.observationSize() < world.observationSize()
                && learned.actions().isSameAs(world.actions())) {
            return "name the environment the data come from; of a Discrete observation it has a 0/1 entry for each value,"
                    + " as columns.observation = [\"one-hot:NAME{" + world.observationSize() + "}\"] gives";
        }
        return "name the environment the data come from";
    }
}
