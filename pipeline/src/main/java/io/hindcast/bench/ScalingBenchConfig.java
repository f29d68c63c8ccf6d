package io.hindcast.bench;

import io.hindcast.config.Setting;
import io.hindcast.config.UserException;
import java.util.List;

/** What {@code bench scaling} trains, and where. */
public record ScalingBenchConfig(
        @Setting(
                value = "[\"local[1]\", \"local[2]\", \"local-cluster[2,1,1024]\"]",
                meaning = "Spark masters; local-cluster[2,1,1024]: two executors with one core, each in its own JVM")
        List<String> masters,

        @Setting(value = "[1, 2, 4, 8]", range = "[1, 1000]", meaning = "how many runs a training job has")
        List<Integer> runs,

        @Setting(value = "iql", meaning = "the learner of every run, with its defaults")
        String learner,

        @Setting(value = "20000", range = "[1, inf)", meaning = "updates of a run")
        long updates,

        @Setting(
                value = "[100, 500]",
                range = "[3, 10000]",
                meaning = "numbers of tiny runs in a sweep; training, evaluation and the report are timed for each"
                        + " number")
        List<Integer> sweeps,

        @Setting(
                value = "[200, 2000]",
                range = "[2, 100000]",
                meaning = "numbers of checkpoints of one tiny run; the same is timed for each number")
        List<Integer> checkpoints) {

    /** @throws UserException if there is nothing to measure */
    public ScalingBenchConfig {
        if ((masters.isEmpty() || runs.isEmpty()) && sweeps.isEmpty() && checkpoints.isEmpty()) {
            throw new UserException("Cannot measure scaling with masters = " + masters + ", runs = " + runs
                    + ", sweeps = [] and checkpoints = []: there is nothing to measure; name a master and a number"
                    + " of runs,"
                    + " or a size of a sweep");
        }
    }
}
