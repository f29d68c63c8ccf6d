package io.hindcast.env;

import java.lang.System.Logger.Level;
import java.util.function.Consumer;

/** Lines for the user about environments: what takes long, and which faults were mended. */
public final class Notices {
    private static final System.Logger LOG = System.getLogger(Notices.class.getPackageName());
    private static volatile Consumer<String> listener = line -> LOG.log(Level.INFO, line);

    private Notices() {}

    /** From now on {@code listener} hears every line of this JVM; before, they go to the system's log. */
    public static void to(Consumer<String> listener) {
        Notices.listener = listener;
    }

    static void say(String line) {
        listener.accept(line);
    }
}
