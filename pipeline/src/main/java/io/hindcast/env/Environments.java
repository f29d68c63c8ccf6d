package io.hindcast.env;

import io.hindcast.config.Settings;
import io.hindcast.config.UserException;
import java.util.ArrayList;
import java.util.List;

/** The environments of this JVM that a conf file can name. */
public final class Environments {
    private Environments() {}

    /** Whether it is one of this JVM, which is opened at once. */
    public static boolean isHere(String name) {
        return here().contains(name);
    }

    private static List<String> here() {
        var names = new ArrayList<>(List.of(CartPole.NAME, Pendulum.NAME));
        names.addAll(Gridworld.BY_NAME.keySet());
        names.addAll(Maze.BY_NAME.keySet());
        return names;
    }

    /**
     * A fresh environment.
     *
     * @param name for example {@code pointmass-medium}
     * @throws UserException if there is none of that name
     */
    public static Environment named(String name) {
        var maze = Maze.BY_NAME.get(name);
        if (maze != null) {
            return new PointMass(name, maze);
        }
        var rewards = Gridworld.BY_NAME.get(name);
        if (rewards != null) {
            return new Gridworld(name, rewards);
        }
        return switch (name) {
            case CartPole.NAME -> new CartPole();
            case Pendulum.NAME -> new Pendulum();
            default -> {
                var known = here();
                known.addAll(GymnasiumTarget.names());
                known.add(GymnasiumTarget.PREFIX + "ID");
                throw Settings.unknown("environment", name, known, "");
            }
        };
    }
}
