package io.hindcast.stage;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/** Whether this process was asked to stop (Ctrl-C, or kill); register here to be notified. */
public final class Stopping {
    private static final List<Runnable> ACTIONS = new CopyOnWriteArrayList<>();
    private static volatile @Nullable String reason;

    private Stopping() {}

    /** A registered action; closing it unregisters the action. */
    public interface Registration extends AutoCloseable {
        @Override
        void close();
    }

    /** The job was stopped; what it had published stays, and trained runs left checkpoints. */
    public static final class Stopped extends RuntimeException {
        private static final long serialVersionUID = 1;

        Stopped(String message, Throwable cause) {
            super(message, cause);
        }
    }

    /** Asks, once. */
    public static synchronized void request(String why) {
        if (reason == null) {
            reason = why;
            ACTIONS.forEach(Runnable::run);
        }
    }

    /** Why to stop; null if nobody asked. */
    public static @Nullable String reason() {
        return reason;
    }

    /** Does {@code action} when somebody asks, until it is closed. */
    public static synchronized Registration onRequest(Runnable action) {
        ACTIONS.add(action);
        if (reason != null) {
            action.run();
        }
        return () -> ACTIONS.remove(action);
    }
}
