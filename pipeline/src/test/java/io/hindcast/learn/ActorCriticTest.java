package io.hindcast.learn;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.ConfigFactory;
import io.hindcast.data.ActionSpace;
import io.hindcast.data.Batch;
import io.hindcast.data.ReplayBuffer;
import io.hindcast.data.ReplayBuffer.TerminalFlag;
import io.hindcast.data.Spaces;
import io.hindcast.kernel.PlainKernels;
import java.util.ArrayList;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ActorCriticTest extends ValueLearnerContract {
    @Override
    String learner() {
        return "actor-critic";
    }

    @Override
    String settings() {
        return """
                discount = 0.5, target-rate = 0.05, critics = 3, cloning-updates = 50, cloning-period = 0
                actor { hidden-layers = [16], learning-rate = 1e-2, schedule = cosine }
                critic { hidden-layers = [16], learning-rate = 1e-2, schedule = cosine, layer-norm = true }
                """;
    }

    @Override
    Stream<Kind> kinds() {
        return Stream.of(Kind.CONTINUOUS);
    }

    /** It bootstraps from actions of its own, which must be in the data. */
    @Override
    ReplayBuffer data(Kind kind, TerminalFlag end) {
        return covered(kind, end);
    }

    @Override
    boolean followsTheData() {
        return false;
    }

    @Override
    String[] metrics(Kind kind) {
        return new String[] {
            "critic/loss",
            "critic-0/loss",
            "critic/gradient-norm",
            "q-data/mean",
            "q-data/out-of-range-share",
            "policy/loss",
            "policy/gradient-norm",
            "behavior-cloning/loss",
            "value/mean"
        };
    }

    /** Of 20 updates 3 clone first; of the 17 steps of the critics the actor's improvement follows some, and cloning others. */
    @ParameterizedTest
    @CsvSource({"5, 0, 0", "5, 6, 4", "1, 16, 0", "3, 2, 17"})
    void itsCosinesEndWithTheRunToo(int updateToData, int actorDelay, int cloningPeriod) {
        var settings = settings() + ", cloning-updates = 3, update-to-data = " + updateToData + ", actor-delay = "
                + actorDelay + ", cloning-period = " + cloningPeriod;
        endsWithoutALearningRate(Kind.CONTINUOUS, settings, 20);
    }

    @Test
    void cloningLearnsFromTheDatasetAndTheRestFromAllThereIs() {
        var settings = ConfigFactory.parseString("""
                cloning-updates = 1, cloning-period = 2, actor-delay = 1, actor.hidden-layers = [4]
                critic.hidden-layers = [4], critics = 2
                """);
        var spaces = new Spaces(1, new ActionSpace.Continuous(1, -1, 1));
        try (var kernels = new PlainKernels()) {
            var random = new SplittableRandom(1);
            var learner = LearnerConfig.read("actor-critic", settings, "test")
                    .learner(new LearnerSetup(spaces, 2, 10, kernels, random));
            var asked = new ArrayList<String>();
            var batch = new Batch(spaces, 2);
            var batches = new Batches() {
                @Override
                public Batch replay() {
                    asked.add("replay");
                    return batch;
                }

                @Override
                public Batch demonstrations() {
                    asked.add("demonstrations");
                    return batch;
                }

                @Override
                public boolean hasActed() {
                    return true;
                }
            };
            for (var update = 0; update < 4; update++) {
                asked.add(String.valueOf(update));
                learner.update(batches, new TestNoise(update));
            }
            // Cloning; the critics; critics, actor and cloning; critics and actor.
            assertThat(asked)
                    .containsExactly(
                            "0",
                            "demonstrations",
                            "1",
                            "replay",
                            "2",
                            "replay",
                            "replay",
                            "demonstrations",
                            "3",
                            "replay",
                            "replay");
        }
    }
}
