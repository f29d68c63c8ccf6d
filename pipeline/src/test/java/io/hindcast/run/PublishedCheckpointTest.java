package io.hindcast.run;

import com.typesafe.config.ConfigFactory;
import io.hindcast.config.Settings;
import io.hindcast.data.ActionSpace;
import io.hindcast.data.Spaces;
import io.hindcast.files.FailingFileSystem;
import io.hindcast.files.StorePublishingContract;
import io.hindcast.learn.LearnerConfig;
import io.hindcast.run.Checkpoint.Tensor;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.TreeMap;

final class PublishedCheckpointTest extends StorePublishingContract {
    @Override
    protected void publish(String root, int number) {
        var tensors = new TreeMap<>(Map.of("a", new Tensor(List.of(1), new float[] {number}, 0)));
        var metrics = List.of(new Metric(10L * number, "critic/loss", 0.5));
        new CheckpointStore(root, FailingFileSystem.configuration())
                .write(new Checkpoint(
                        spec(),
                        new Spaces(3, new ActionSpace.Continuous(2, -0.5, 2)),
                        10L * number,
                        tensors,
                        Map.of(),
                        metrics,
                        1));
    }

    @Override
    protected OptionalInt published(String root) {
        return new CheckpointStore(root, FailingFileSystem.configuration())
                .resume(spec().id(), damaged -> {}).stream()
                        .mapToInt(resumed ->
                                (int) resumed.checkpoint().tensors().get("a").values()[0])
                        .findFirst();
    }

    @Override
    protected String writtenIn() {
        return spec().id();
    }

    /** Nothing depends on how long it took. */
    @Override
    protected boolean counts(Path file) {
        return !file.endsWith("timing.json");
    }

    private static RunSpec spec() {
        var settings = Settings.toMap((Record) LearnerConfig.read("iql", ConfigFactory.empty(), "test"));
        return new RunSpec(
                "", "all", "fingerprint", "iql", settings, 7, 100, 16, 1, 5, 10, false, List.of(), false, null);
    }
}
