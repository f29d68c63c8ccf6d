package io.hindcast.learn;

import static org.assertj.core.api.Assertions.assertThat;

import io.hindcast.data.Batch;
import io.hindcast.data.ReplayBuffer;
import io.hindcast.data.ReplayBuffer.TerminalFlag;
import io.hindcast.data.RowLayout.Field;
import io.hindcast.kernel.Nd4jKernels;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

final class CalQlTest extends ValueLearnerContract {
    @Override
    String learner() {
        return "cal-ql";
    }

    @Override
    String settings() {
        return """
                discount = 0.5, target-rate = 0.05, alpha = 0.1, num-actions = 4
                actor { hidden-layers = [16], learning-rate = 1e-2, schedule = cosine }
                critic { hidden-layers = [16], learning-rate = 1e-2, schedule = cosine }
                entropy-coefficient { initial = 1e-3, learning-rate = 1e-9 }
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
    String unbentSettings() {
        return settings() + ", alpha = 0";
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
            "entropy-coefficient/loss",
            "entropy-coefficient/value",
            "temporal-difference/loss",
            "conservative/loss",
            "policy/entropy"
        };
    }

    /** A return that no value reaches is all that the policy's candidates count for; one that is not known changes nothing. */
    @Test
    void whereTheReturnIsNotKnownNothingIsCalibrated() {
        try (var kernels = new Nd4jKernels()) {
            var unknown = logSumExp(Float.NaN, kernels);
            assertThat(unknown).isEqualTo(logSumExp(-1e6f, kernels));
            var high = logSumExp(100, kernels);
            for (var b = 0; b < ROWS; b++) {
                assertThat(high[b]).isGreaterThan(90).isGreaterThan(unknown[b]);
            }
        }
    }

    @Test
    void onceTheRunActsNothingIsCalibratedUnlessOneAsksForIt() {
        try (var kernels = new Nd4jKernels()) {
            var on = settings() + ", calibrate-online = true";
            assertThat(logSumExp(settings(), 100, true, kernels)).isEqualTo(logSumExp(Float.NaN, kernels));
            assertThat(logSumExp(on, 100, true, kernels)).isEqualTo(logSumExp(100, kernels));
            assertThat(logSumExp(on, Float.NaN, true, kernels)).isEqualTo(logSumExp(Float.NaN, kernels));
        }
    }

    private float[] logSumExp(float returnToGo, Nd4jKernels kernels) {
        return logSumExp(settings(), returnToGo, false, kernels);
    }

    private float[] logSumExp(String settings, float returnToGo, boolean acted, Nd4jKernels kernels) {
        var data = covered(Kind.CONTINUOUS, TerminalFlag.STOPS_BOOTSTRAP);
        var learner = trained(settings, Kind.CONTINUOUS, kernels, data, 0);
        var batch = new Batch(layout(Kind.CONTINUOUS), ROWS);
        Arrays.fill(batch.values(Field.RETURN_TO_GO), returnToGo);
        var batches = new Batches() {
            @Override
            public Batch replay() {
                return batch;
            }

            @Override
            public Batch demonstrations() {
                throw new AssertionError("nothing is cloned");
            }

            @Override
            public boolean hasActed() {
                return acted;
            }
        };
        learner.update(batches, new TestNoise(1));
        return learner.intermediates().get("logsumexp_0").clone();
    }
}
