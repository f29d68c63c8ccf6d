package io.hindcast.export;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.hindcast.data.ActionSpace;
import io.hindcast.files.FailingFileSystem;
import io.hindcast.files.StorePublishingContract;
import io.hindcast.kernel.Nd4jKernels;
import io.hindcast.run.Checkpoint;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalInt;

final class PublishedPolicyTest extends StorePublishingContract {
    private static final SampleCheckpoint SAMPLE =
            SampleCheckpoint.of("iql", "actor { hidden-layers = [4] }", new ActionSpace.Continuous(2, -2, 2));

    @Override
    protected void publish(String root, int number) {
        var sample = SAMPLE.checkpoint();
        var checkpoint = new Checkpoint(
                sample.spec(),
                sample.spaces(),
                number,
                sample.tensors(),
                sample.counters(),
                sample.metrics(),
                sample.seconds());
        try (var kernels = new Nd4jKernels()) {
            folder(root).write(new ExportedPolicy(checkpoint, SAMPLE.spaces(), PolicyNames.NONE, kernels));
        }
    }

    @Override
    protected OptionalInt published(String root) throws IOException {
        var id = SAMPLE.spec().id();
        if (!folder(root).isWhole(id)) {
            return OptionalInt.empty();
        }
        var manifest = Path.of(root.substring(root.indexOf("://") + 3), id, "policy.json");
        return OptionalInt.of(new ObjectMapper()
                .readTree(Files.readAllBytes(manifest))
                .get("step")
                .asInt());
    }

    @Override
    protected String writtenIn() {
        return "";
    }

    /** While its files are replaced one by one there is no {@code policy.json}. */
    @Override
    protected boolean mayBeAbsent() {
        return true;
    }

    /** {@code policy.json} has the hashes of the others, and none of its own. */
    @Override
    protected boolean counts(Path file) {
        return !file.endsWith("policy.json");
    }

    private static PolicyFolder folder(String root) {
        return new PolicyFolder(root, FailingFileSystem.configuration());
    }
}
