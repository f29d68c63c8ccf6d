package io.hindcast.learn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.typesafe.config.ConfigFactory;
import io.hindcast.config.UserException;
import io.hindcast.data.ActionSpace;
import io.hindcast.data.Noise;
import io.hindcast.data.Spaces;
import io.hindcast.kernel.PlainKernels;
import io.hindcast.net.Actor.Preference;
import java.util.HashSet;
import java.util.List;
import java.util.SplittableRandom;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class LearnerConfigTest {
    private static final List<ActionSpace> ACTIONS =
            List.of(new ActionSpace.Discrete(3), new ActionSpace.Continuous(2, -1, 1));

    @Test
    void everyLearnerHasAName() {
        assertThat(new HashSet<Class<?>>(LearnerConfig.LEARNERS.values()))
                .containsExactlyInAnyOrder(LearnerConfig.class.getPermittedSubclasses());
    }

    @Test
    void everyLearnerIsMadeForTheActionsThatItIsForAndRefusesTheOthersInTheSameWords() {
        LearnerConfig.LEARNERS.keySet().forEach(name -> {
            var config = LearnerConfig.read(name, ConfigFactory.empty(), "test");
            var isFor = ACTIONS.stream()
                    .filter(actions -> {
                        var refused = catchThrowable(() -> config.checkActions(actions));
                        var setup = setup(new Spaces(2, actions), config.learnsPolicy());
                        if (refused == null) {
                            assertThat(config.learner(setup)).as(name).isNotNull();
                            return true;
                        }
                        assertThat(refused).as(name).isInstanceOf(UserException.class);
                        assertThat(catchThrowable(() -> config.learner(setup)))
                                .as(name)
                                .hasMessage(refused.getMessage());
                        return false;
                    })
                    .toList();
            assertThat(isFor).as("actions that " + name + " is for").isNotEmpty();
        });
    }

    /** One of values only judges the policy of another. */
    private static LearnerSetup setup(Spaces spaces, boolean learnsPolicy) {
        var kernels = new PlainKernels();
        var own = new LearnerSetup(spaces, 4, 10, kernels, new SplittableRandom(1));
        if (learnsPolicy) {
            return own;
        }
        var cloning = LearnerConfig.read("behaviour-cloning", ConfigFactory.empty(), "test");
        var policy = PolicyLearner.of(cloning.learner(own)).policy();
        var judged =
                new Judged(policy, Preference.GREEDY, 0, 1, new float[spaces.observationSize()], null, Noise::none);
        return new LearnerSetup(spaces, 4, 10, kernels, new SplittableRandom(1), judged);
    }

    @Test
    void aLearnerIsCalledAsItsClassIs() {
        assertThat(LearnerConfig.LEARNERS.keySet()).contains("behaviour-cloning", "cql-discrete", "fqe", "td3-bc");
        LearnerConfig.LEARNERS
                .keySet()
                .forEach(name -> assertThat(LearnerConfig.read(name, ConfigFactory.empty(), "test")
                                .name())
                        .isEqualTo(name));
    }

    /** Every learner passes the contract: by a test that is named as its configuration. */
    @Test
    void everyLearnerHasATest() throws ReflectiveOperationException {
        var tested = new TreeSet<String>();
        for (var config : LearnerConfig.class.getPermittedSubclasses()) {
            var test = Class.forName(config.getEnclosingClass().getName() + "Test");
            assertThat(LearnerContract.class).isAssignableFrom(test);
            var constructor = test.getDeclaredConstructor();
            constructor.setAccessible(true);
            tested.add(((LearnerContract) constructor.newInstance()).learner());
        }
        assertThat(tested).isEqualTo(LearnerConfig.LEARNERS.keySet());
    }
}
