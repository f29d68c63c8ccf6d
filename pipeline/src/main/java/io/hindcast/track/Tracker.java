package io.hindcast.track;

import io.hindcast.run.Metric;
import io.hindcast.run.Outcome;
import io.hindcast.run.RunSpec;
import java.time.Duration;
import java.util.List;

/**
 * Writes the metrics of runs while they train, for people to watch. The same metric may come twice, since a run that is
 * tried again goes on from a checkpoint that lies before what it had logged; and a job may continue the runs of one
 * that was killed. A tracker finds out by itself what it wrote of a run before, in this job or in another, and writes a
 * metric only if its step is greater than the last of that run and name.
 *
 * <p>A tracker is used by one thread; every method may throw a {@link RuntimeException} if the place that it writes to does
 * not do its part, and goes on to work if that comes back.
 */
public interface Tracker extends AutoCloseable {
    /** What and where it is, for messages: {@code MLflow at http://localhost:5000}. */
    String name();

    /** A run begins, or goes on. */
    default void starts(RunSpec spec) {}

    /** A run has logged these, in the order of their steps. */
    void logged(RunSpec spec, List<Metric> metrics);

    /** A run has failed, which {@link #ended} says again when all runs are over. */
    default void failed(RunSpec spec, long updates, Outcome.Failed failed) {}

    /** A run is over; it may start again if it had failed. */
    default void ended(RunSpec spec, Outcome outcome) {}

    /** A run was over before this job, which does not train it: what an earlier job did not manage to write of it is written now. */
    default void retold(PastRun past) {}

    /** Makes visible what was given until now; called every few seconds. */
    void flush();

    /** How many metrics it was given and did not write; may be asked by any thread. */
    long unwritten();

    /** How many folders of files it was to send and did not; may be asked by any thread. */
    default long unsent() {
        return 0;
    }

    /** Whether it may take what it had this problem with when it is told again as it is; may be asked by any thread. */
    default boolean mayTakeLater(Throwable problem) {
        return true;
    }

    /** How often somebody else has answered it until now; may be asked by any thread. While this grows, its end is waited for. */
    default long answers() {
        return 0;
    }

    /** How long the request may take that it is waiting for now; may be asked by any thread. */
    default Duration patience() {
        return Duration.ZERO;
    }

    /** Flushes, and lets go of files and connections. */
    @Override
    void close();
}
