package io.hindcast.export;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.hindcast.config.Sha256;
import io.hindcast.data.ActionSpace;
import io.hindcast.kernel.Nd4jKernels;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.hadoop.conf.Configuration;
import org.deeplearning4j.util.ModelSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.factory.Nd4j;

final class PolicyFolderTest {
    private static final SampleCheckpoint SAMPLE =
            SampleCheckpoint.of("iql", "actor { hidden-layers = [8] }", new ActionSpace.Continuous(2, -2, 2));

    private static final PolicyNames NAMES =
            new PolicyNames(List.of("x", "pose[0]", "pose[1]", "city=Köln", "city=a,b"), List.of(), List.of());

    @TempDir
    Path folder;

    @Test
    void theManifestSaysWhatThereIsAndHowToKnowIt() throws IOException {
        assertThat(write()).isBetween(0.0, Comparison.TOLERANCE);
        var manifest = new ObjectMapper().readTree(run().resolve("policy.json").toFile());
        assertThat(manifest.get("run").asText()).isEqualTo(SAMPLE.spec().id());
        assertThat(manifest.get("step").asLong()).isEqualTo(SampleCheckpoint.STEP);
        assertThat(manifest.get("actions").toString())
                .isEqualTo(
                        "{\"type\":\"continuous\",\"dimension\":2,\"low\":-2.0,\"high\":2.0,\"kind\":\"continuous\"}");
        assertThat(manifest.get("observations").toString()).isEqualTo("{\"standardised\":false,\"within\":1.0E30}");
        assertThat(manifest.get("observation_names").toString())
                .isEqualTo("[\"x\",\"pose[0]\",\"pose[1]\",\"city=Köln\",\"city=a,b\"]");
        assertThat(manifest.has("action_names")).isFalse();
        assertThat(manifest.get("acting").toString())
                .startsWith(
                        "{\"actions\":\"greedy\",\"epsilon\":0.0,\"temperature\":1.0,\"distribution\":\"normal, cut\"");
        assertThat(manifest.get("files").fieldNames())
                .toIterable()
                .containsExactly("policy-dl4j.zip", "policy.onnx", "log_prob.onnx");
        var observation = "{\"name\":\"observation\",\"type\":\"float32\",\"shape\":[\"batch\",5]}";
        var action = "{\"name\":\"action\",\"type\":\"float32\",\"shape\":[\"batch\",2]}";
        var expected = Map.of(
                ExportFormat.DL4J,
                "[" + observation + "] [" + action + "]",
                ExportFormat.ONNX,
                "[" + observation + "] [" + action + "," + action.replace("action", "mean") + ","
                        + action.replace("action", "log_std") + "]",
                ExportFormat.LOG_PROB,
                "[" + observation + "," + action
                        + "] [{\"name\":\"log_prob\",\"type\":\"float64\",\"shape\":[\"batch\"]}]");
        for (var format : ExportFormat.values()) {
            var bytes = Files.readAllBytes(run().resolve(format.file()));
            var part = manifest.get("files").get(format.file());
            assertThat(part.get("format").asText()).isEqualTo(format.toString());
            assertThat(part.get("bytes").asLong()).isEqualTo(bytes.length);
            assertThat(part.get("sha256").asText()).isEqualTo(Sha256.of(bytes));
            assertThat(part.get("inputs") + " " + part.get("outputs")).isEqualTo(expected.get(format));
        }
    }

    @Test
    void anotherProgramRestoresTheNetworkFromItsFile() throws IOException {
        write();
        var network = ModelSerializer.restoreMultiLayerNetwork(
                run().resolve("policy-dl4j.zip").toFile());
        var action = network.output(Nd4j.zeros(1, 5));
        assertThat(action.shape()).containsExactly(1, 2);
        // An empty batch is refused by Deeplearning4j itself.
        assertThatThrownBy(() -> network.output(Nd4j.create(DataType.FLOAT, 0, 5)))
                .hasMessageStartingWith("Invalid input: length 0");
    }

    @Test
    void writingItAgainTouchesNothing() throws IOException {
        write();
        var before = times();
        write();
        assertThat(times()).isEqualTo(before);
    }

    @Test
    void whatIsDamagedOrHalfThereIsReplaced() throws IOException {
        write();
        var whole = contents();
        var file = run().resolve("policy.onnx");
        var bytes = Files.readAllBytes(file);
        bytes[bytes.length / 2] ^= 1;
        Files.write(file, bytes);
        write();
        assertThat(contents()).isEqualTo(whole);

        Files.delete(run().resolve("policy.json"));
        write();
        assertThat(contents()).isEqualTo(whole);
        try (var left = Files.list(folder)) {
            assertThat(left.map(path -> path.getFileName().toString()))
                    .containsExactly(SAMPLE.spec().id());
        }
    }

    @Test
    void aPolicyIsWholeWhenEveryFileIsAsItsManifestSays() throws IOException {
        var policies = new PolicyFolder(folder.toString(), new Configuration());
        var id = SAMPLE.spec().id();
        assertThat(policies.isWhole(id)).isFalse();
        for (var name : List.of("policy.onnx", "log_prob.onnx", "policy-dl4j.zip", "policy.json")) {
            write();
            assertThat(policies.isWhole(id)).isTrue();
            var file = run().resolve(name);
            var bytes = Files.readAllBytes(file);
            // Of policy.json, a digit of a hash.
            bytes[name.equals("policy.json") ? Files.readString(file).indexOf("sha256") + 20 : bytes.length / 2] ^= 1;
            Files.write(file, bytes);
            assertThat(policies.isWhole(id)).as(name + " damaged").isFalse();
            // Without a checksum beside it, too.
            Files.deleteIfExists(run().resolve("." + name + ".crc"));
            if (!name.equals("policy.json")) {
                assertThat(policies.isWhole(id)).as(name + " damaged").isFalse();
            }
            Files.delete(file);
            assertThat(policies.isWhole(id)).as(name + " deleted").isFalse();
        }
    }

    @Test
    void aBitThatTurnedOverAnywhereInTheManifestIsFound() throws IOException {
        var policies = new PolicyFolder(folder.toString(), new Configuration());
        var id = SAMPLE.spec().id();
        write();
        var manifest = run().resolve("policy.json");
        var bytes = Files.readAllBytes(manifest);
        for (var i = 0; i < bytes.length; i++) {
            var damaged = bytes.clone();
            damaged[i] ^= (byte) (1 << i % 7);
            Files.write(manifest, damaged);
            assertThat(policies.isWhole(id)).as("byte %d", i).isFalse();
        }
        // As earlier hindcasts wrote it.
        var text = new String(bytes, StandardCharsets.UTF_8);
        Files.writeString(manifest, text.replaceFirst(",\n {2}\"sha256\" : \"[0-9a-f]{64}\"\n}", "\n}"));
        assertThat(Files.readString(manifest)).isNotEqualTo(text);
        assertThat(policies.isWhole(id)).isTrue();
    }

    @Test
    void aRefusalIsNotedUntilThePolicyCanBeExported() throws IOException {
        var policies = new PolicyFolder(folder.toString(), new Configuration());
        var id = SAMPLE.spec().id();
        assertThat(policies.isRefused(id, 5000)).isFalse();
        write();
        policies.refuse(id, 5000, new ExportedPolicy.Refused("Cannot export it: no reason"));
        assertThat(policies.isRefused(id, 5000)).isTrue();
        assertThat(policies.isRefused(id, 6000)).isFalse();
        assertThat(policies.isWhole(id)).isFalse();
        assertThat(run().resolve("refused.json")).content().isEqualToNormalizingNewlines("""
                        {
                          "format" : 1,
                          "run" : "%s",
                          "step" : 5000,
                          "hindcast_version" : "development",
                          "reason" : "Cannot export it: no reason"
                        }""".formatted(id));
        Files.writeString(run().resolve("refused.json"), "{");
        assertThat(policies.isRefused(id, 5000)).isFalse();
        write();
        assertThat(run().resolve("refused.json")).doesNotExist();
        assertThat(policies.isWhole(id)).isTrue();
    }

    private double write() {
        try (var kernels = new Nd4jKernels()) {
            return new PolicyFolder(folder.toString(), new Configuration())
                    .write(new ExportedPolicy(SAMPLE.checkpoint(), SAMPLE.spaces(), NAMES, kernels));
        }
    }

    private Path run() {
        return folder.resolve(SAMPLE.spec().id());
    }

    private Map<String, String> contents() throws IOException {
        var contents = new TreeMap<String, String>();
        try (var list = Files.list(run())) {
            for (var path : list.toList()) {
                contents.put(path.getFileName().toString(), Sha256.of(Files.readAllBytes(path)));
            }
        }
        return contents;
    }

    private Map<String, Object> times() throws IOException {
        var times = new TreeMap<String, Object>();
        try (var list = Files.list(run())) {
            for (var path : list.toList()) {
                times.put(path.getFileName().toString(), Files.readAttributes(path, "fileKey,lastModifiedTime"));
            }
        }
        return times;
    }
}
