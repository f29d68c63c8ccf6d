package io.hindcast.learn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.typesafe.config.ConfigFactory;
import io.hindcast.config.Settings;
import io.hindcast.config.UserException;
import io.hindcast.data.Batch;
import io.hindcast.data.ReplayBuffer.TerminalFlag;
import io.hindcast.kernel.Losses;
import io.hindcast.kernel.Nd4jKernels;
import io.hindcast.kernel.PlainKernels;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class IqlTest extends ValueLearnerContract {
    @Override
    String learner() {
        return "iql";
    }

    @Override
    String settings() {
        return """
                discount = 0.5, target-rate = 0.05
                actor { hidden-layers = [16], learning-rate = 1e-2 }
                critic { hidden-layers = [16], learning-rate = 1e-2, schedule = cosine }
                value { hidden-layers = [16], learning-rate = 1e-2, schedule = cosine }
                """;
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
            "value/loss",
            "value/gradient-norm",
            "advantage/p10",
            "advantage/p50",
            "advantage/p90",
            "weight/clamped-share",
            "policy/entropy",
            "log-probability/mean",
            "value/mean"
        };
    }

    @Test
    void byTheCriticsGradientItFindsTheWayToTheRewardToo() {
        try (var kernels = new Nd4jKernels()) {
            var settings = settings() + ", extraction = ddpg-bc, bc-coefficient = 0.02";
            var learner = (Iql) trained(
                    settings, Kind.CONTINUOUS, kernels, covered(Kind.CONTINUOUS, TerminalFlag.STOPS_BOOTSTRAP), 3000);
            assertThat(choices(learner, kernels)).isEqualTo("RRRRR");
            assertThat(learner.diagnostics()).containsOnlyKeys("policy/entropy");
        }
    }

    /** Steps are too small to be one, so that the slope can be measured: of -lambda mean q - 0.5 mean log pi, lambda held. */
    @Test
    void theGradientOfItsOtherExtractionIsTheSlopeOfItsLoss() {
        try (var kernels = new PlainKernels()) {
            var still = "hidden-layers = [6], activation = tanh, learning-rate = 1e-30";
            var settings = "extraction = ddpg-bc, bc-coefficient = 0.5, actor { " + still + " }, critic { " + still
                    + " }, value { " + still + " }";
            var data = covered(Kind.CONTINUOUS, TerminalFlag.STOPS_BOOTSTRAP);
            var learner = (Iql) trained(settings, Kind.CONTINUOUS, kernels, data, 1);
            var lambda = 1 / (Losses.absoluteSum(learner.intermediates().get("q_actor")) / ROWS + 1e-6);
            assertThat(learner.losses().get("actor")).isCloseTo(loss(learner, lambda), within(1e-6));
            var actor = learner.policy().parameters();
            var gradients = actor.gradients().clone();
            var h = 1e-2f;
            for (var i = 0; i < gradients.length; i++) {
                var slope = 0.0;
                var value = actor.values()[i];
                for (var sign : new int[] {1, -1}) {
                    actor.values()[i] = value + sign * h;
                    learner.policy().refresh();
                    update(learner, data, 0, 1);
                    slope += sign * loss(learner, lambda) / (2 * h);
                }
                actor.values()[i] = value;
                assertThat((double) gradients[i]).as("parameter " + i).isCloseTo(slope, within(2e-3));
            }
        }
    }

    /** Printed code has it 1: then the coefficient weighs half the squared distance to what the data does. */
    @ParameterizedTest
    @ValueSource(doubles = {1, 0.5})
    void theStandardDeviationOfTheOtherExtractionIsNotLearned(double std) {
        try (var kernels = new PlainKernels()) {
            var settings = settings() + ", extraction = ddpg-bc" + (std == 1 ? "" : ", std = " + std);
            var data = covered(Kind.CONTINUOUS, TerminalFlag.STOPS_BOOTSTRAP);
            var learner = (Iql) trained(settings, Kind.CONTINUOUS, kernels, data, 50);
            var batch = new Batch(data.layout(), ROWS);
            data.sample(new SplittableRandom(49), batch);
            var mean = learner.intermediates().get("mean");
            var logProbability = learner.intermediates().get("log_probability");
            for (var b = 0; b < ROWS; b++) {
                var distance = batch.actions()[b] - mean[b];
                var expected = -distance * distance / (2 * std * std) - Math.log(std) - Math.log(2 * Math.PI) / 2;
                assertThat((double) logProbability[b]).isCloseTo(expected, within(1e-5));
            }
            var parameters = learner.policy().parameters();
            assertThat(parameters.values()[parameters.block("log_std").offset()])
                    .isZero();
        }
    }

    private static double loss(Iql learner, double lambda) {
        var numbers = learner.intermediates();
        return -lambda * Losses.mean(numbers.get("q_actor")) - 0.5 * Losses.mean(numbers.get("log_probability"));
    }

    @Test
    void theOtherExtractionNeedsActionsWithAGradientAndTheDefaultIsWhatItWas() {
        var config = LearnerConfig.read("iql", ConfigFactory.parseString("extraction = ddpg-bc"), "test");
        assertThatThrownBy(() -> config.checkActions(Kind.DISCRETE.spaces().actions()))
                .isInstanceOf(UserException.class)
                .hasMessage("Cannot use extraction = ddpg-bc on discrete actions: these have no gradient; use awr");
        assertThat(Settings.toMap((Record) LearnerConfig.read("iql", ConfigFactory.empty(), "test")))
                .doesNotContainKeys("extraction", "bc-coefficient", "std");
    }
}
