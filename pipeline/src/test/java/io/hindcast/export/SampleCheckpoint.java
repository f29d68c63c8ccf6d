package io.hindcast.export;

import com.typesafe.config.ConfigFactory;
import io.hindcast.config.Settings;
import io.hindcast.data.ActionSpace;
import io.hindcast.data.Spaces;
import io.hindcast.data.Transformation;
import io.hindcast.kernel.PlainKernels;
import io.hindcast.learn.LearnerConfig;
import io.hindcast.learn.LearnerSetup;
import io.hindcast.run.Checkpoint;
import io.hindcast.run.Checkpoint.Tensor;
import io.hindcast.run.RunSpec;
import io.hindcast.run.Seeds;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Checkpoints as a run might leave them: every number is drawn, gains and biases too. */
public record SampleCheckpoint(String learner, String settings, Spaces spaces, List<Transformation> transformations) {
    static final long STEP = 5000;

    public static SampleCheckpoint of(String learner, String settings, ActionSpace actions) {
        return new SampleCheckpoint(learner, settings, new Spaces(5, actions), List.of());
    }

    SampleCheckpoint with(Transformation transformation) {
        return new SampleCheckpoint(learner, settings, spaces, List.of(transformation));
    }

    RunSpec spec() {
        var config = LearnerConfig.read(learner, ConfigFactory.parseString(settings), "test");
        return new RunSpec(
                "name",
                "all",
                "0123abcd",
                learner,
                Settings.toMap((Record) config),
                7,
                STEP,
                16,
                1,
                5,
                10,
                false,
                transformations,
                false,
                null);
    }

    public Checkpoint checkpoint() {
        var spec = spec();
        var random = new Seeds(11).generator("sample checkpoint", 0);
        var tensors = new LinkedHashMap<String, Tensor>();
        try (var kernels = new PlainKernels()) {
            var made = spec.config()
                    .learner(new LearnerSetup(
                            spaces, 1, spec.updates(), kernels, new Seeds(1).generator("initialisation", 0)));
            new TreeMap<>(made.networks())
                    .forEach((name, network) -> network.parameters().blocks().forEach(block -> {
                        var values = new float[block.length()];
                        for (var i = 0; i < values.length; i++) {
                            values[i] = network.parameters().values()[block.offset() + i]
                                    + (float) (0.3 * random.nextGaussian());
                        }
                        tensors.put(name + "." + block.name(), new Tensor(block.shape(), values, 0));
                    }));
            made.optimisers().forEach((name, adam) -> {
                for (var i = 0; i < adam.networks().size(); i++) {
                    var length = adam.firstMoments().get(i).length;
                    for (var moment : List.of("first-moment", "second-moment")) {
                        tensors.put(
                                "adam." + name + "." + i + "." + moment,
                                new Tensor(List.of(length), new float[length], 0));
                    }
                }
            });
        }
        return new Checkpoint(spec, spaces, STEP, tensors, Map.of(), List.of(), 0);
    }
}
