package io.hindcast.bench;

import io.hindcast.config.Setting;
import io.hindcast.config.Settings;
import io.hindcast.config.UserException;
import io.hindcast.kernel.Precision;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** What {@code bench} measures, and for how long. */
public record BenchConfig(
        @Setting(value = "[antmaze, grid, course]", meaning = "the sizes of problem and networks to measure")
        List<String> workloads,

        @Setting(value = "[]", meaning = "the learners to measure; empty: all learners of a workload")
        List<String> learners,

        @Setting(
                value = "[float32]",
                meaning = "the precisions to measure each with, one after the other; see train.precision")
        List<Precision> precisions,

        @Setting(
                value = "[1, 0]",
                range = "[0, 1024]",
                meaning = "how many runs train side by side, one thread each; 0: one run for each core")
        List<Integer> runs,

        @Setting(value = "8", range = "(0, inf)", meaning = "seconds a measurement takes")
        double seconds,

        @Setting(
                value = "5",
                range = "[0, inf)",
                meaning = "seconds of updates before a measurement, so that the JIT compiler is done")
        double warmup,

        @Setting(value = "0.1", range = "(0, inf)", meaning = "seconds of one block of updates; the best block counts")
        double block,

        @Setting(value = "1000000", range = "[1, inf)", meaning = "transitions in the replay buffer")
        int replay,

        @Setting(
                value = "null",
                meaning =
                        "another build to measure in turn with this one, each with one run on one core: its hindcast.jar or"
                                + " its checkout, which is built; null: none")
        @Nullable String against) {

    /** @throws UserException if a value is out of its range or names nothing */
    public BenchConfig {
        if (workloads.isEmpty() || runs.isEmpty() || precisions.isEmpty()) {
            throw new UserException(
                    "Cannot measure nothing: workloads, runs and precisions must have an entry each; see bench --help");
        }
        for (var workload : workloads) {
            if (!Workload.ALL.containsKey(workload)) {
                throw Settings.unknown("workload", workload, List.copyOf(Workload.ALL.keySet()), " (in workloads)");
            }
        }
        var known = workloads.stream()
                .flatMap(workload -> Objects.requireNonNull(Workload.ALL.get(workload)).learners().stream())
                .distinct()
                .toList();
        for (var learner : learners) {
            if (!known.contains(learner)) {
                throw Settings.unknown("learner", learner, known, " of workloads " + workloads + " (in learners)");
            }
        }
    }
}
