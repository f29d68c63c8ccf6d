package io.hindcast.env;

import io.hindcast.config.Settings;
import io.hindcast.config.UserException;

/** The environments that a conf file can name. */
public final class Environments {
    private Environments() {}

    /**
     * A fresh environment.
     *
     * @param name for example {@code pointmass-medium}
     * @throws UserException if there is none of that name
     */
    public static Environment named(String name) {
        var maze = Maze.BY_NAME.get(name);
        if (maze == null) {
            throw Settings.unknown("environment", name, Maze.BY_NAME.keySet(), "");
        }
        return new PointMass(name, maze);
    }
}
