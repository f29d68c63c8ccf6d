package io.hindcast.bench;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.ConfigFactory;
import io.hindcast.learn.LearnerConfig;
import java.util.HashSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class WorkloadTest {
    /** As counted, independently of this code, for the other libraries that speed is compared with. */
    @ParameterizedTest
    @CsvSource({
        "antmaze, behaviour-cloning, 111411200",
        "antmaze, iql, 556138496",
        "antmaze, awac, 602537984",
        "antmaze, td3-bc, 429326336",
        "antmaze, cql-continuous, 7244480512",
        "grid, behaviour-cloning, 3457024",
        "grid, dqn, 4620288",
        "grid, cql-discrete, 4620288",
        "grid, iql, 12435456",
        "grid, awac, 10403840",
        "course, iql, 1674182656",
        "course, awac, 2094530560"
    })
    void usefulOperationsAreThoseThatOtherLibrariesAreCreditedWith(String workload, String learner, double flops) {
        assertThat(workload(workload).usefulFlops(learner)).isEqualTo(flops);
    }

    /**
     * On the grid V is 2-64-64-1 (4,288 multiply-adds a row) and the policy 2-64-64-5 (4,544), both with a first layer of 128:
     * V(s') 4,288, V trained 3 * 4,288 - 128 = 12,736, the policy trained 3 * 4,544 - 128 = 13,504, times 2 * 128.
     */
    @Test
    void advantageWeightedRegressionIsTwoTrainedNetworksAndAForwardPass() {
        assertThat(workload("grid").usefulFlops("awr")).isEqualTo(2.0 * 128 * (4_288 + 12_736 + 13_504));
    }

    /**
     * In the maze the policy is 29-256-256-8 (75,008 multiply-adds a row, first layer 7,424) and a critic 37-256-256-1 (75,264,
     * first layer 9,472): the policy at s', two critics, ten trained; then the policy trained through all ten, down to 8 actions.
     */
    @Test
    void theActorCriticTrainsTenCriticsAndThePolicyThroughAllOfThem() {
        var critics = 2 * 75_264 + 10 * (3 * 75_264 - 9_472);
        var actor = 3 * 75_008 - 7_424 + 10 * (2 * 75_264 - 9_472 + 8 * 256);
        assertThat(workload("antmaze").usefulFlops("actor-critic")).isEqualTo(2.0 * 256 * (75_008 + critics + actor));
    }

    @Test
    void everySettingOfEveryWorkloadIsOneThatItsLearnerHas() {
        for (var workload : Workload.ALL.values()) {
            for (var learner : workload.learners()) {
                var settings = ConfigFactory.parseString(workload.settings(learner));
                assertThat(LearnerConfig.read(learner, settings, workload.name()))
                        .isInstanceOf(LearnerConfig.LEARNERS.get(learner));
            }
        }
    }

    @Test
    void everyLearnerWithANetworkIsMeasuredSomewhere() {
        var learners = new HashSet<>(LearnerConfig.LEARNERS.keySet());
        learners.remove("tabular-q");
        assertThat(Workload.ALL.values().stream().flatMap(workload -> workload.learners().stream()))
                .containsAll(learners);
    }

    private static Workload workload(String name) {
        return Workload.ALL.get(name);
    }
}
