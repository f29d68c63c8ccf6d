package io.hindcast.run;

import io.hindcast.config.Setting;
import io.hindcast.config.Settings;
import java.util.List;

/** What {@code bench} measures, and for how long. */
public record BenchConfig(
        @Setting(value = "[antmaze, grid, course]", meaning = "the sizes of problem and networks to measure")
        List<String> workloads,

        @Setting(value = "[]", meaning = "the learners to measure; none named: all of a workload")
        List<String> learners,

        @Setting(
                value = "[1, 0]",
                range = "[0, 1024]",
                meaning = "how many runs go on side by side, one thread each; 0: one a core")
        List<Integer> runs,

        @Setting(value = "8", range = "(0, inf)", meaning = "seconds a measurement takes")
        double seconds,

        @Setting(value = "5", range = "[0, inf)", meaning = "seconds of updates before it, for the compiler")
        double warmup,

        @Setting(value = "0.1", range = "(0, inf)", meaning = "seconds of a block; the best block counts")
        double block,

        @Setting(value = "1000000", range = "[1, inf)", meaning = "transitions in the replay buffer")
        int replay) {

    /** @throws io.hindcast.config.UserException if a value is out of its range or names nothing */
    public BenchConfig {
        Settings.check(BenchConfig.class, workloads, learners, runs, seconds, warmup, block, replay);
        for (var workload : workloads) {
            if (!Workload.ALL.containsKey(workload)) {
                throw Settings.unknown("workload", workload, List.copyOf(Workload.ALL.keySet()), " (in workloads)");
            }
        }
        var known = Workload.ALL.values().stream()
                .flatMap(workload -> workload.learners().stream())
                .distinct()
                .toList();
        for (var learner : learners) {
            if (!known.contains(learner)) {
                throw Settings.unknown("learner", learner, known, " (in learners)");
            }
        }
    }
}
