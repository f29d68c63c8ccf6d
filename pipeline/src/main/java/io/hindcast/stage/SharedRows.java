package io.hindcast.stage;

import io.hindcast.data.ReplayBuffer;
import io.hindcast.data.Spaces;
import io.hindcast.run.RunSpec;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.SparkEnv;

/**
 * Training rows that the tasks of a JVM share: the first that asks loads them, the others wait for it and read the same copy.
 * It is given back a little after the last task has ended, so that the next one of the same runs finds it.
 *
 * <p>Rows stand on the heap as long as all of them together take no more than a share of it; else they stand in a file on the
 * executor's local disk that is mapped into memory. What a run draws is the same.
 */
public final class SharedRows {
    private static final int SECONDS_KEPT = 5;
    private static final Map<String, SharedRows> COPIES = new HashMap<>();
    private static final ScheduledExecutorService CLEANER = Executors.newSingleThreadScheduledExecutor(runnable -> {
        var thread = new Thread(runnable, "training rows");
        thread.setDaemon(true);
        return thread;
    });

    private final String key;
    private final long heapBytes;
    private final CompletableFuture<ReplayBuffer> loaded = new CompletableFuture<>();
    private int users;
    private int uses;

    private SharedRows(String key, long heapBytes) {
        this.key = key;
        this.heapBytes = heapBytes;
    }

    /** Rows for as long as it is not closed. */
    interface Lease extends AutoCloseable {
        ReplayBuffer rows();

        @Override
        void close();
    }

    /**
     * The rows of {@code source}, made ready as {@code spec} says.
     *
     * @param heapShare the share of the heap that all rows of this JVM may take
     */
    static Lease lease(TrainingRows source, RunSpec spec, Spaces spaces, Configuration hadoop, double heapShare) {
        var key = source.key(spec, spaces);
        SharedRows copy;
        var first = false;
        synchronized (COPIES) {
            copy = COPIES.get(key);
            if (copy == null) {
                var bytes = ReplayBuffer.bytes(source.layout(spec, spaces), source.count());
                var free = heapShare * Runtime.getRuntime().maxMemory() - heapBytes();
                if (bytes > free) {
                    // Evict copies that nobody is using.
                    COPIES.values().stream().toList().forEach(SharedRows::dropIfIdle);
                    free = heapShare * Runtime.getRuntime().maxMemory() - heapBytes();
                }
                copy = new SharedRows(key, bytes <= free ? bytes : 0);
                COPIES.put(key, copy);
                first = true;
            }
            copy.users++;
            copy.uses++;
        }
        return copy.lease(first, source, spec, spaces, hadoop);
    }

    private Lease lease(boolean first, TrainingRows source, RunSpec spec, Spaces spaces, Configuration hadoop) {
        if (first) {
            try {
                loaded.complete(source.load(spec, spaces, hadoop, heapBytes > 0 ? null : localDirectory()));
            } catch (Throwable e) {
                synchronized (COPIES) {
                    COPIES.remove(key, this);
                }
                loaded.completeExceptionally(e);
            }
        }
        ReplayBuffer rows;
        try {
            rows = loaded.join();
        } catch (CompletionException e) {
            release();
            throw e.getCause() instanceof RuntimeException cause ? cause : e;
        }
        return new Lease() {
            @Override
            public ReplayBuffer rows() {
                return rows;
            }

            @Override
            public void close() {
                release();
            }
        };
    }

    private void release() {
        synchronized (COPIES) {
            users--;
            var then = uses;
            if (users == 0) {
                var unused = CLEANER.schedule(
                        () -> {
                            synchronized (COPIES) {
                                if (uses == then) {
                                    dropIfIdle();
                                }
                            }
                        },
                        SECONDS_KEPT,
                        TimeUnit.SECONDS);
            }
        }
    }

    /** To be called with the lock on all copies. */
    private void dropIfIdle() {
        if (users == 0 && COPIES.remove(key, this) && !loaded.isCompletedExceptionally()) {
            loaded.join().close();
        }
    }

    private static long heapBytes() {
        return COPIES.values().stream().mapToLong(copy -> copy.heapBytes).sum();
    }

    /** How many copies there are, for tests. */
    static int copies() {
        synchronized (COPIES) {
            return COPIES.size();
        }
    }

    /** Where this executor may write: Spark removes what is left there. */
    public static Path localDirectory() {
        var directories = SparkEnv.get().blockManager().diskBlockManager().localDirs();
        return directories[0].toPath();
    }
}
