package io.hindcast.run;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.hindcast.run.Checkpoint.Tensor;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.CreateFlag;
import org.apache.hadoop.fs.FileContext;
import org.apache.hadoop.fs.Options;
import org.apache.hadoop.fs.Path;

/**
 * Checkpoints on any file system Hadoop knows: {@code ROOT/<run>/step-<updates>/} with
 *
 * <ul>
 *   <li>{@code state.safetensors}: every tensor, little-endian float32;
 *   <li>{@code metrics.jsonl}: what was logged since the checkpoint before;
 *   <li>{@code timing.json}: seconds spent, apart from the rest because it is never the same twice;
 *   <li>{@code checkpoint.json}: specification, step, counters, and length and SHA-256 of the first two.
 * </ul>
 *
 * A checkpoint is written under another name and renamed, so it is whole or absent; bytes are parsed only after their hash
 * was found right.
 */
public final class CheckpointStore {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String HEADER = "checkpoint.json";
    private static final String STATE = "state.safetensors";
    private static final String METRICS = "metrics.jsonl";
    private static final String TIMING = "timing.json";

    private final FileContext files;
    private final Path root;

    /** The store below {@code root}, a path of any file system that {@code configuration} knows. */
    public CheckpointStore(String root, Configuration configuration) {
        try {
            this.root = new Path(root);
            files = FileContext.getFileContext(this.root.toUri(), configuration);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The steps at which {@code run} has a checkpoint, in order. */
    public List<Long> steps(String run) {
        var steps = new ArrayList<Long>();
        try {
            var folder = new Path(root, run);
            if (!files.util().exists(folder)) {
                return steps;
            }
            for (var status : files.util().listStatus(folder)) {
                var name = status.getPath().getName();
                if (name.startsWith("step-") && files.util().exists(new Path(status.getPath(), HEADER))) {
                    steps.add(Long.parseLong(name.substring("step-".length())));
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot list checkpoints of " + run + " in " + root, e);
        }
        steps.sort(null);
        return steps;
    }

    /** The checkpoint with the most updates. */
    public Optional<Checkpoint> latest(String run) {
        var steps = steps(run);
        return steps.isEmpty() ? Optional.empty() : Optional.of(read(run, steps.get(steps.size() - 1)));
    }

    /** Where a checkpoint stands, relative to the store's root. */
    public static String location(String run, long step) {
        return "%s/step-%012d".formatted(run, step);
    }

    /** The SHA-256 of a checkpoint's state. */
    public String fingerprint(String run, long step) {
        return header(new Path(root, location(run, step)))
                .at("/parts/" + STATE + "/sha256")
                .asText();
    }

    /** Publishes a checkpoint; does nothing if it is there already. */
    public void write(Checkpoint checkpoint) {
        var run = checkpoint.spec().id();
        var target = new Path(root, location(run, checkpoint.step()));
        var aside = new Path(new Path(root, run), ".tmp-" + UUID.randomUUID());
        try {
            if (files.util().exists(new Path(target, HEADER))) {
                return;
            }
            var state = safetensors(checkpoint);
            var metrics = lines(checkpoint.metrics());
            var header = new TreeMap<String, Object>();
            header.put("format", 1);
            header.put("run", run);
            header.put("spec", JSON.readTree(checkpoint.spec().toJson()));
            header.put("step", checkpoint.step());
            header.put("counters", checkpoint.counters());
            header.put("parts", Map.of(STATE, part(state), METRICS, part(metrics)));
            put(new Path(aside, STATE), state);
            put(new Path(aside, METRICS), metrics);
            put(new Path(aside, TIMING), JSON.writeValueAsBytes(Map.of("seconds", checkpoint.seconds())));
            put(new Path(aside, HEADER), JSON.writerWithDefaultPrettyPrinter().writeValueAsBytes(header));
            files.rename(aside, target, Options.Rename.NONE);
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot write checkpoint " + target, e);
        } finally {
            discard(aside);
        }
    }

    /**
     * Reads a checkpoint.
     *
     * @throws IllegalStateException if its bytes are not the ones that were written
     */
    public Checkpoint read(String run, long step) {
        var folder = new Path(root, location(run, step));
        var header = header(folder);
        try {
            var state = verified(folder, STATE, header);
            var counters = new TreeMap<String, Long>();
            header.get("counters")
                    .properties()
                    .forEach(entry ->
                            counters.put(entry.getKey(), entry.getValue().asLong()));
            return new Checkpoint(
                    RunSpec.fromJson(header.get("spec").toString()),
                    step,
                    tensors(state),
                    counters,
                    metrics(verified(folder, METRICS, header)),
                    JSON.readTree(bytes(new Path(folder, TIMING)))
                            .get("seconds")
                            .asDouble());
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot read checkpoint " + folder, e);
        }
    }

    /** Everything logged up to {@code step}, from all checkpoints until then. */
    public List<Metric> metrics(String run, long step) {
        var metrics = new ArrayList<Metric>();
        for (var earlier : steps(run)) {
            if (earlier <= step) {
                metrics.addAll(read(run, earlier).metrics());
            }
        }
        return metrics;
    }

    private JsonNode header(Path folder) {
        try {
            return JSON.readTree(bytes(new Path(folder, HEADER)));
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot read checkpoint " + folder, e);
        }
    }

    private byte[] verified(Path folder, String name, JsonNode header) throws IOException {
        var part = header.at("/parts/" + name);
        var bytes = bytes(new Path(folder, name));
        if (bytes.length != part.get("bytes").asLong()
                || !RunSpec.sha256(bytes).equals(part.get("sha256").asText())) {
            throw new IllegalStateException("Cannot read checkpoint " + folder + ": " + name
                    + " is damaged (its SHA-256 is not the one in " + HEADER + "); remove that folder to continue from"
                    + " the checkpoint before it");
        }
        return bytes;
    }

    private static Map<String, Object> part(byte[] bytes) {
        return Map.of("bytes", bytes.length, "sha256", RunSpec.sha256(bytes));
    }

    private static byte[] safetensors(Checkpoint checkpoint) throws IOException {
        var header = new TreeMap<String, Object>();
        var offset = 0L;
        for (var entry : checkpoint.tensors().entrySet()) {
            var end = offset + 4L * entry.getValue().length();
            // Sorted maps: what is hashed must not depend on a map's own order.
            var tensor = new TreeMap<String, Object>();
            tensor.put("dtype", "F32");
            tensor.put("shape", entry.getValue().shape());
            tensor.put("data_offsets", List.of(offset, end));
            header.put(entry.getKey(), tensor);
            offset = end;
        }
        var text = JSON.writeValueAsBytes(header);
        var buffer =
                ByteBuffer.allocate(Math.toIntExact(8 + text.length + offset)).order(ByteOrder.LITTLE_ENDIAN);
        buffer.putLong(text.length).put(text);
        for (var tensor : checkpoint.tensors().values()) {
            buffer.asFloatBuffer().put(tensor.values(), tensor.from(), tensor.length());
            buffer.position(buffer.position() + 4 * tensor.length());
        }
        return buffer.array();
    }

    private static Map<String, Tensor> tensors(byte[] state) throws IOException {
        var buffer = ByteBuffer.wrap(state).order(ByteOrder.LITTLE_ENDIAN);
        var length = Math.toIntExact(buffer.getLong());
        var header = JSON.readTree(state, 8, length);
        var tensors = new LinkedHashMap<String, Tensor>();
        for (var entry : header.properties()) {
            var shape = new ArrayList<Integer>();
            entry.getValue().get("shape").forEach(size -> shape.add(size.asInt()));
            var from = entry.getValue().get("data_offsets").get(0).asLong();
            var to = entry.getValue().get("data_offsets").get(1).asLong();
            var values = new float[Math.toIntExact((to - from) / 4)];
            buffer.position(Math.toIntExact(8 + length + from));
            buffer.asFloatBuffer().get(values);
            tensors.put(entry.getKey(), new Tensor(List.copyOf(shape), values, 0));
        }
        return tensors;
    }

    private static byte[] lines(List<Metric> metrics) throws IOException {
        var bytes = new ByteArrayOutputStream();
        for (var metric : metrics) {
            var line = JSON.createObjectNode()
                    .put("step", metric.step())
                    .put("name", metric.name())
                    .put("value", metric.value());
            bytes.write(JSON.writeValueAsBytes(line));
            bytes.write('\n');
        }
        return bytes.toByteArray();
    }

    private static List<Metric> metrics(byte[] lines) throws IOException {
        var metrics = new ArrayList<Metric>();
        for (var line : new String(lines, StandardCharsets.UTF_8).lines().toList()) {
            var node = JSON.readTree(line);
            metrics.add(new Metric(
                    node.get("step").asLong(),
                    node.get("name").asText(),
                    node.get("value").asDouble()));
        }
        return metrics;
    }

    private void put(Path path, byte[] bytes) throws IOException {
        try (var stream = files.create(path, EnumSet.of(CreateFlag.CREATE), Options.CreateOpts.createParent())) {
            stream.write(bytes);
            stream.hsync();
        }
    }

    private byte[] bytes(Path path) throws IOException {
        try (var stream = files.open(path)) {
            return stream.readAllBytes();
        }
    }

    private void discard(Path aside) {
        try {
            files.delete(aside, true);
        } catch (IOException e) {
            // Nobody reads it; the next write of this run uses another name.
            throw new UncheckedIOException("Cannot remove " + aside, e);
        }
    }
}
