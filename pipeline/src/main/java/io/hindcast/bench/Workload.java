package io.hindcast.bench;

import com.typesafe.config.ConfigFactory;
import io.hindcast.data.ActionSpace;
import io.hindcast.data.Spaces;
import io.hindcast.learn.LearnerConfig;
import io.hindcast.learn.Sizes;
import io.hindcast.learn.Sizes.Measured;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A size at which speed is compared with other libraries: the network sizes, batch and settings that those are measured with.
 *
 * @param name as in tables
 * @param batchSize rows of a batch
 * @param sizes problem and networks
 * @param learners what is measured
 */
record Workload(String name, int batchSize, Sizes sizes, List<String> learners) {
    private static final Spaces ANT = new Spaces(29, new ActionSpace.Continuous(8, -1, 1));

    /** All, by name. */
    static final Map<String, Workload> ALL = new LinkedHashMap<>();

    static {
        var wide = List.of(256, 256);
        var small = List.of(64, 64);
        addOfAll("antmaze", 256, new Sizes(ANT, 2, wide, wide, "relu"));
        addOfAll("grid", 128, new Sizes(new Spaces(2, new ActionSpace.Discrete(5)), 1, small, small, "relu"));
        add(new Workload(
                "course", 256, new Sizes(ANT, 2, wide, List.of(512, 512, 512, 512), "tanh"), List.of("iql", "awac")));
    }

    /** Of all learners that can be measured there. */
    private static void addOfAll(String name, int batchSize, Sizes sizes) {
        var learners = LearnerConfig.namesFor(sizes.spaces().actions()).stream()
                .filter(learner -> measured(learner, sizes).isPresent())
                .toList();
        add(new Workload(name, batchSize, sizes, learners));
    }

    private static void add(Workload workload) {
        ALL.put(workload.name, workload);
    }

    /** The problem. */
    Spaces spaces() {
        return sizes.spaces();
    }

    /** The settings of a learner, as a conf file would say them. */
    String settings(String learner) {
        return measured(learner).settings();
    }

    /** Floating-point operations that an update cannot do without: of the products alone, 2 for each multiply-add. */
    double usefulFlops(String learner) {
        return 2.0 * batchSize * measured(learner).multiplyAdds();
    }

    private Measured measured(String learner) {
        return measured(learner, sizes)
                .orElseThrow(() -> new IllegalArgumentException("Cannot measure " + learner + ": it has no network"));
    }

    private static Optional<Measured> measured(String learner, Sizes sizes) {
        return LearnerConfig.read(learner, ConfigFactory.empty(), "bench").measured(sizes);
    }
}
