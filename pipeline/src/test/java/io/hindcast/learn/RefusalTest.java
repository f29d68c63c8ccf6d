package io.hindcast.learn;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.typesafe.config.ConfigFactory;
import io.hindcast.config.UserException;
import io.hindcast.data.ActionSpace;
import io.hindcast.data.Spaces;
import io.hindcast.kernel.PlainKernels;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Settings and problems that do not go together are refused in one sentence. */
final class RefusalTest {
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            dqn | Cannot train dqn on continuous actions: it is for discrete ones
            cql-discrete | Cannot train cql-discrete on continuous actions: it is for discrete ones
            cql-continuous | Cannot train cql-continuous on discrete actions: it is for continuous ones
            rebrac | Cannot train rebrac on discrete actions: it is for continuous ones
            td3-bc | Cannot train td3-bc on discrete actions: it is for continuous ones
            actor-critic | Cannot train actor-critic on discrete actions: it is for continuous ones
            """)
    void aLearnerOfTheOtherKindOfActions(String name, String message) {
        var actions =
                message.contains("on continuous") ? new ActionSpace.Continuous(1, -1, 1) : new ActionSpace.Discrete(2);
        try (var kernels = new PlainKernels()) {
            var setup = new LearnerSetup(new Spaces(2, actions), 4, 1, kernels, new SplittableRandom(1));
            var config = LearnerConfig.read(name, ConfigFactory.empty(), "test");
            assertThatThrownBy(() -> config.learner(setup))
                    .isInstanceOf(UserException.class)
                    .hasMessageStartingWith(message);
            assertThatThrownBy(() -> config.checkActions(actions))
                    .isInstanceOf(UserException.class)
                    .hasMessageStartingWith(message);
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            iql | critic.dropout = 0.5 | Cannot use critic.dropout = 0.5: only a policy
            td3-bc | actor.dropout = 0.5 | Cannot use actor.dropout = 0.5: only a policy
            awac | log-std-min = 3 | Cannot use log-std-min = 3.0: it is above log-std-max = 2.0
            actor-critic | critics = 1 | Cannot draw target-critics = 2 of critics = 1
            iql | critics = 0 | critics
            dqn | target-period = 0 | target-period
            """)
    void settingsThatMakeNoSense(String name, String settings, String message) {
        assertThatThrownBy(() -> LearnerConfig.read(name, ConfigFactory.parseString(settings), "test"))
                .isInstanceOf(UserException.class)
                .hasMessageContaining(message);
    }
}
