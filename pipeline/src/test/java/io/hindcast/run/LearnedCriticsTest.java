package io.hindcast.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.typesafe.config.ConfigFactory;
import io.hindcast.config.Settings;
import io.hindcast.data.ActionSpace;
import io.hindcast.data.Scaler;
import io.hindcast.data.Spaces;
import io.hindcast.data.Transformation;
import io.hindcast.kernel.PlainKernels;
import io.hindcast.learn.CriticLearner;
import io.hindcast.learn.LearnerConfig;
import io.hindcast.learn.LearnerSetup;
import io.hindcast.net.Mlp;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What the critics in a checkpoint say. */
final class LearnedCriticsTest {
    private static final Spaces TWO = new Spaces(1, new ActionSpace.Discrete(2));
    private static final Spaces VECTORS = new Spaces(1, new ActionSpace.Continuous(1, -1, 1));
    private static final String LINEAR = "critic.hidden-layers = []";

    private final PlainKernels kernels = new PlainKernels();

    @AfterEach
    void close() {
        kernels.close();
    }

    @Test
    void itIsTheLeastOfThemAboutObservationsAsTheRunStandardisedThem() {
        // (s - 1) / 2, then of the first critic 3 s and s + 1, of the second s and 2 s.
        var learner = learner("iql", LINEAR + ", value.hidden-layers = []", TWO);
        set(learner.critics().members().get(0), 3, 1, 0, 1);
        set(learner.critics().members().get(1), 1, 2, 0, 0);
        set(learner.stateValues().orElseThrow(), 10, 0.5f);
        var critics = checkpoint("iql", LINEAR + ", value.hidden-layers = []", TWO, learner)
                .critics(TWO, kernels, 2)
                .orElseThrow();
        critics.show(new float[] {3, -1});
        assertThat(critics.ofAll()).containsExactly(new float[] {1, 2, -3, -2}, within(1e-6f));
        assertThat(critics.ofStates().orElseThrow()).containsExactly(new float[] {10.5f, -9.5f}, within(1e-5f));
    }

    @Test
    void vectorsAreCutAsThoseWereThatTheRunLearnedFrom() {
        var learner = learner("td3-bc", LINEAR, VECTORS);
        set(learner.critics().members().get(0), 0, 1, 0);
        set(learner.critics().members().get(1), 0, 2, 0);
        var critics = checkpoint("td3-bc", LINEAR, VECTORS, learner)
                .critics(VECTORS, kernels, 2)
                .orElseThrow();
        critics.show(new float[] {0, 0});
        assertThat(critics.of(new float[] {1, -0.5f})).containsExactly(new float[] {0.75f, -1}, within(1e-6f));
        assertThat(critics.ofStates()).isEmpty();
    }

    @Test
    void aRunWithoutCriticsHasNone() {
        var config = LearnerConfig.read("behaviour-cloning", ConfigFactory.empty(), "test");
        var learner = config.learner(new LearnerSetup(TWO, 1, 1, kernels, new SplittableRandom(7)));
        var spec = spec("behaviour-cloning", config);
        assertThat(Checkpoint.of(spec, TWO, 1, learner, List.of(), 0, null).critics(TWO, kernels, 2))
                .isEqualTo(Optional.empty());
    }

    private static void set(Mlp network, float... parameters) {
        System.arraycopy(parameters, 0, network.parameters().values(), 0, parameters.length);
        network.refresh();
    }

    private CriticLearner learner(String name, String settings, Spaces spaces) {
        var config = LearnerConfig.read(name, ConfigFactory.parseString(settings), "test");
        return (CriticLearner) config.learner(new LearnerSetup(spaces, 1, 1, kernels, new SplittableRandom(7)));
    }

    private static Checkpoint checkpoint(String name, String settings, Spaces spaces, CriticLearner learner) {
        var spec = spec(name, LearnerConfig.read(name, ConfigFactory.parseString(settings), "test"));
        return Checkpoint.of(spec, spaces, 1, learner, List.of(), 0, null);
    }

    private static RunSpec spec(String name, LearnerConfig config) {
        return new RunSpec(
                "name",
                "all",
                "",
                name,
                Settings.toMap((Record) config),
                7,
                1,
                1,
                1,
                1,
                1,
                false,
                List.of(
                        new Transformation.Standardise(new Scaler(List.of(1.0), List.of(2.0), 0)),
                        new Transformation.ClipActions(0.25)),
                false,
                null);
    }
}
