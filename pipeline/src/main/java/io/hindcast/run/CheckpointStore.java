package io.hindcast.run;

import com.fasterxml.jackson.databind.JsonNode;
import io.hindcast.config.Json;
import io.hindcast.config.Sha256;
import io.hindcast.config.UserException;
import io.hindcast.data.CheckpointRef;
import io.hindcast.data.Spaces;
import io.hindcast.files.LocalFiles;
import io.hindcast.files.Publisher;
import io.hindcast.files.Seal;
import io.hindcast.run.Checkpoint.Tensor;
import java.io.ByteArrayOutputStream;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.ChecksumException;
import org.apache.hadoop.fs.FileContext;
import org.apache.hadoop.fs.Path;
import org.jspecify.annotations.Nullable;

/**
 * Checkpoints on any file system Hadoop knows: {@code ROOT/<run>/step-<updates>/} with
 *
 * <ul>
 *   <li>{@code state.safetensors}: every tensor, little-endian float32;
 *   <li>{@code metrics.jsonl}: what was logged since the checkpoint before;
 *   <li>{@code experience.safetensors}, of a run that acts: its steps in the environment since the checkpoint before;
 *   <li>{@code timing.json}: seconds spent, apart from the rest because it is never the same twice;
 *   <li>{@code checkpoint.json}: specification, spaces, step, counters, and length and SHA-256 of the first three and of itself.
 * </ul>
 *
 * Each file is written under another name and renamed, the last one last: a checkpoint is there when its {@code checkpoint.json}
 * is, and this one proves itself by its own hash, so that nothing depends on whether renaming is atomic. Bytes are parsed only
 * after their hash was found right.
 */
public final class CheckpointStore {
    private static final String HEADER = "checkpoint.json";
    private static final String STATE = "state.safetensors";
    private static final String METRICS = "metrics.jsonl";
    private static final String EXPERIENCE = "experience.safetensors";
    private static final String ROWS = "rows";
    private static final String TIMING = "timing.json";
    private static final String DIVERGED = "diverged.json";
    private static final int FORMAT = 2;
    private static final Pattern STEP = Pattern.compile("step-([0-9]{12})");

    private final Configuration configuration;
    private final FileContext files;
    private final Publisher places;
    private final Path root;
    private final Set<String> swept = ConcurrentHashMap.newKeySet();

    /** The store below {@code root}, a path of any file system that {@code configuration} knows. */
    public CheckpointStore(String root, Configuration configuration) {
        this.configuration = configuration;
        try {
            this.root = new Path(root);
            files = LocalFiles.context(this.root, configuration);
            places = new Publisher(this.root, configuration);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * The store in which a run stands, given its directory there, {@code OUT/checkpoints/RUN_ID}.
     *
     * @throws UserException if that is no path
     */
    public static CheckpointStore around(String run, Configuration configuration) {
        try {
            var parent = new Path(run).getParent();
            return new CheckpointStore(parent == null ? run : parent.toString(), configuration);
        } catch (IllegalArgumentException e) {
            throw new UserException(
                    "Cannot find the checkpoints of run = " + run + ": that is no path (" + e.getMessage()
                            + "); name the directory of a run, OUT/checkpoints/RUN_ID",
                    e);
        }
    }

    /** A checkpoint that is not what its place says: it is missing, of another run or update, or its bytes are not those written. */
    public static final class Damaged extends IllegalStateException {
        private static final long serialVersionUID = 1;

        Damaged(String message, @Nullable Throwable cause) {
            super(message, cause);
        }
    }

    /** A checkpoint that was whole when it was referred to, and was trained again since. */
    public static final class Replaced extends IllegalStateException {
        private static final long serialVersionUID = 1;

        Replaced(String message) {
            super(message);
        }
    }

    /**
     * Where a run goes on.
     *
     * @param checkpoint the last whole one
     * @param logged what was logged until then and stands in checkpoints before it
     * @param experience what happened until then and stands in checkpoints before it
     */
    record Resumed(Checkpoint checkpoint, List<Metric> logged, List<Tensor> experience) {}

    /** The steps at which {@code run} has a checkpoint that it can go on from or be played, in order. */
    public List<Long> steps(String run) {
        return steps(run, STATE);
    }

    private List<Long> steps(String run, String part) {
        var steps = new ArrayList<Long>();
        try {
            for (var step : folders(run)) {
                if (has(run, step, HEADER) && has(run, step, part)) {
                    steps.add(step);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot list checkpoints of " + run + " in " + root, e);
        }
        return steps;
    }

    /**
     * The steps of the folders of a run, in order. Listings of object stores may not show yet what was written last: checkpoints on
     * schedule are asked for by name.
     */
    private SortedSet<Long> folders(String run) throws IOException {
        var steps = new TreeSet<Long>();
        try {
            for (var status : files.util().listStatus(new Path(root, run))) {
                var step = STEP.matcher(status.getPath().getName());
                if (step.matches()) {
                    steps.add(Long.parseLong(step.group(1)));
                }
            }
        } catch (FileNotFoundException e) {
            // None is listed.
        }
        var spec = spec(run, steps);
        if (spec.isEmpty()) {
            return steps;
        }
        var last = steps.isEmpty() ? 0 : steps.last();
        for (var step = 0L; ; step = spec.get().scheduledAfter(step)) {
            var isThere = steps.contains(step) || has(run, step, HEADER);
            if (isThere) {
                steps.add(step);
            }
            if (step >= spec.get().updates() || (step > last && !isThere)) {
                return steps;
            }
        }
    }

    /** What a run is, as the last of its checkpoints has it that says so, or its first. */
    private Optional<RunSpec> spec(String run, SortedSet<Long> listed) {
        var steps = new TreeSet<>(listed);
        steps.add(0L);
        for (var step : steps.descendingSet()) {
            try {
                return Optional.of(
                        RunSpec.fromJson(header(run, step).get("spec").toString()));
            } catch (Damaged e) {
                // The one before it tells.
            }
        }
        return Optional.empty();
    }

    private boolean has(String run, long step, String part) throws IOException {
        return files.util().exists(new Path(new Path(root, location(run, step)), part));
    }

    /**
     * The files of a checkpoint, by their paths.
     *
     * @throws Damaged if its header is not what its place says
     */
    public List<String> files(String run, long step) {
        var names = new ArrayList<String>();
        header(run, step).get("parts").fieldNames().forEachRemaining(names::add);
        names.add(HEADER);
        var folder = new Path(root, location(run, step));
        try {
            if (has(run, step, TIMING)) { // nothing depends on it
                names.add(TIMING);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot read checkpoint " + folder, e);
        }
        return names.stream().map(name -> new Path(folder, name).toString()).toList();
    }

    /**
     * The checkpoint with the most updates.
     *
     * @throws Damaged if it is not what its place says
     */
    public Optional<Checkpoint> latest(String run) {
        var steps = steps(run);
        return steps.isEmpty() ? Optional.empty() : Optional.of(read(run, steps.get(steps.size() - 1)));
    }

    /**
     * The last checkpoint that is whole, as are the metrics of those before it.
     *
     * @param damaged hears of those that are not and are passed over
     */
    Optional<Resumed> resume(String run, Consumer<String> damaged) {
        return resume(run, Long.MAX_VALUE, damaged);
    }

    /** The same of those before {@code limit} updates. */
    Optional<Resumed> resume(String run, long limit, Consumer<String> damaged) {
        var steps = steps(run);
        for (var i = steps.size() - 1; i >= 0; i--) {
            if (steps.get(i) >= limit) {
                continue;
            }
            try {
                var checkpoint = read(run, steps.get(i));
                var before = checkpoint.step() - 1;
                return Optional.of(new Resumed(checkpoint, metrics(run, before), experience(run, before)));
            } catch (Damaged e) {
                damaged.accept(String.valueOf(e.getMessage()));
            }
        }
        return Optional.empty();
    }

    /** Where a checkpoint stands, relative to the store's root. */
    public static String location(String run, long step) {
        return "%s/step-%012d".formatted(run, step);
    }

    /**
     * The SHA-256 of a checkpoint's state.
     *
     * @throws Damaged if its header is not what its place says
     */
    public String fingerprint(String run, long step) {
        return header(run, step).at("/parts/" + STATE + "/sha256").asText();
    }

    /**
     * The name of a checkpoint as it stands there now.
     *
     * @param run as {@link CheckpointRef#run} has it
     * @throws Damaged if its header is not what its place says
     */
    public CheckpointRef ref(String run, long step) {
        return new CheckpointRef(run, step, storeOf(run).fingerprint(nameOf(run), step));
    }

    /** As {@link #latest(String)}, of a run as {@link CheckpointRef#run} has it. */
    public Optional<Checkpoint> latestOf(String run) {
        return storeOf(run).latest(nameOf(run));
    }

    /**
     * Reads the checkpoint that is referred to.
     *
     * @throws Damaged if it is not what its place says
     * @throws Replaced if it has learned something else since
     */
    public Checkpoint read(CheckpointRef ref) {
        if (!ref(ref.run(), ref.step()).equals(ref)) {
            throw new Replaced("Cannot use what run " + ref.run() + " learned in " + ref.step()
                    + " updates: that checkpoint is another one by now");
        }
        return storeOf(ref.run()).read(nameOf(ref.run()), ref.step());
    }

    private CheckpointStore storeOf(String run) {
        return run.contains(Path.SEPARATOR) ? around(run, configuration) : this;
    }

    private static String nameOf(String run) {
        return new Path(run).getName();
    }

    /**
     * What a checkpoint's run learned from.
     *
     * @throws Damaged if its header is not what its place says
     */
    public Spaces spaces(String run, long step) {
        return spaces(header(run, step));
    }

    private static Spaces spaces(JsonNode header) {
        return Spaces.of(Json.MAPPER.convertValue(header.path("spaces"), Map.class));
    }

    /** The same of the last checkpoint that says what it is; empty if none does. */
    public Optional<Spaces> spaces(String run) {
        return lastHeader(run).map(CheckpointStore::spaces);
    }

    /** What a run is, as its last checkpoint that says so has it; empty if none does. */
    public Optional<RunSpec> spec(String run) {
        return lastHeader(run).map(header -> RunSpec.fromJson(header.get("spec").toString()));
    }

    private Optional<JsonNode> lastHeader(String run) {
        var steps = steps(run);
        for (var i = steps.size() - 1; i >= 0; i--) {
            try {
                return Optional.of(header(run, steps.get(i)));
            } catch (Damaged e) {
                // The one before it tells.
            }
        }
        return Optional.empty();
    }

    /** The steps at which {@code run} has a checkpoint, and {@code others}, in order. */
    public List<Long> steps(String run, Collection<Long> others) {
        var all = new TreeSet<>(steps(run));
        all.addAll(others);
        return List.copyOf(all);
    }

    /** Publishes a checkpoint; does nothing if it is there already, and mends one that is damaged. */
    public void write(Checkpoint checkpoint) {
        var run = checkpoint.spec().id();
        var target = new Path(root, location(run, checkpoint.step()));
        try {
            if (files.util().exists(new Path(target, HEADER))) {
                if (isWhole(run, checkpoint.step())) {
                    return;
                }
                files.delete(new Path(target, HEADER), false);
            }
            var publisher = places.in(run);
            if (swept.add(run)) {
                // Once: there may be thousands of checkpoints, and all are looked at.
                publisher.removeOrphans();
            }
            var state = safetensors(checkpoint.tensors());
            var metrics = lines(checkpoint.metrics());
            var parts = new TreeMap<String, Object>(Map.of(STATE, part(state), METRICS, part(metrics)));
            publisher.put(new Path(target, STATE), state);
            publisher.put(new Path(target, METRICS), metrics);
            if (checkpoint.experience() != null) {
                var experience = safetensors(Map.of(ROWS, checkpoint.experience()));
                publisher.put(new Path(target, EXPERIENCE), experience);
                parts.put(EXPERIENCE, part(experience));
            }
            publisher.putUnsynced(
                    new Path(target, TIMING), Json.MAPPER.writeValueAsBytes(Map.of("seconds", checkpoint.seconds())));
            publisher.put(new Path(target, HEADER), header(checkpoint, parts));
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot write checkpoint " + target + ": " + e.getMessage(), e);
        }
    }

    /** Notes that a run diverged: trained anew it would do so again. */
    public void noteDivergence(String run, Outcome.Diverged outcome) {
        var target = new Path(new Path(root, run), DIVERGED);
        try {
            var note = new TreeMap<String, Object>(Map.of("run", run, "reason", outcome.reason()));
            places.in(run).put(target, Seal.put(Json.lines(note)).getBytes(StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot write " + target + ": " + e.getMessage(), e);
        }
    }

    /** Why a run diverged, in words; empty if that was not noted, or is not readable any more. */
    public Optional<String> divergence(String run) {
        var target = new Path(new Path(root, run), DIVERGED);
        try {
            if (!files.util().exists(target)) {
                return Optional.empty();
            }
            var text = new String(places.bytes(target), StandardCharsets.UTF_8);
            var note = Seal.isWhole(text) ? Json.MAPPER.readTree(text) : Json.MAPPER.createObjectNode();
            return note.path("run").asText().equals(run)
                    ? Optional.of(note.path("reason").asText())
                    : Optional.empty();
        } catch (ChecksumException e) {
            return Optional.empty();
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot read " + target, e);
        }
    }

    private static byte[] header(Checkpoint checkpoint, Map<String, Object> parts) throws IOException {
        var header = new TreeMap<String, Object>();
        header.put("format", FORMAT);
        header.put("run", checkpoint.spec().id());
        header.put("spec", Json.MAPPER.readTree(checkpoint.spec().toJson()));
        header.put("spaces", checkpoint.spaces().toMap());
        header.put("step", checkpoint.step());
        header.put("counters", checkpoint.counters());
        header.put("parts", new TreeMap<>(parts));
        return Seal.put(Json.lines(header)).getBytes(StandardCharsets.UTF_8);
    }

    /**
     * Reads a checkpoint.
     *
     * @throws Damaged if it is not what its place says
     */
    public Checkpoint read(String run, long step) {
        var folder = new Path(root, location(run, step));
        var header = header(run, step);
        try {
            var state = verified(folder, STATE, header);
            var counters = new TreeMap<String, Long>();
            header.get("counters")
                    .properties()
                    .forEach(entry ->
                            counters.put(entry.getKey(), entry.getValue().asLong()));
            return new Checkpoint(
                    RunSpec.fromJson(header.get("spec").toString()),
                    spaces(header),
                    step,
                    tensors(state),
                    counters,
                    metrics(verified(folder, METRICS, header)),
                    seconds(folder),
                    experienceOf(folder, header));
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot read checkpoint " + folder, e);
        }
    }

    /** Nothing depends on it, so that damage to it does no harm. */
    private double seconds(Path folder) {
        try {
            return Json.MAPPER
                    .readTree(places.bytes(new Path(folder, TIMING)))
                    .path("seconds")
                    .asDouble();
        } catch (IOException e) {
            return 0;
        }
    }

    /** Everything logged up to {@code step}, from the checkpoints on schedule, whether or not they still have their state. */
    public List<Metric> metrics(String run, long step) {
        var metrics = new ArrayList<Metric>();
        for (var earlier : steps(run, METRICS)) {
            if (earlier <= step) {
                var folder = new Path(root, location(run, earlier));
                var header = header(run, earlier);
                if (RunSpec.fromJson(header.get("spec").toString()).isScheduled(earlier)) {
                    metrics.addAll(metricsOf(folder, header));
                }
            }
        }
        return metrics;
    }

    /** All steps in the environment up to {@code step}, a tensor a checkpoint on schedule. */
    private List<Tensor> experience(String run, long step) {
        var experience = new ArrayList<Tensor>();
        for (var earlier : steps(run, EXPERIENCE)) {
            if (earlier <= step) {
                var folder = new Path(root, location(run, earlier));
                var header = header(run, earlier);
                if (RunSpec.fromJson(header.get("spec").toString()).isScheduled(earlier)) {
                    try {
                        experience.add(Objects.requireNonNull(experienceOf(folder, header)));
                    } catch (IOException e) {
                        throw new UncheckedIOException("Cannot read checkpoint " + folder, e);
                    }
                }
            }
        }
        return experience;
    }

    private @Nullable Tensor experienceOf(Path folder, JsonNode header) throws IOException {
        return header.path("parts").has(EXPERIENCE)
                ? tensors(verified(folder, EXPERIENCE, header)).get(ROWS)
                : null;
    }

    private List<Metric> metricsOf(Path folder, JsonNode header) {
        try {
            return metrics(verified(folder, METRICS, header));
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot read checkpoint " + folder, e);
        }
    }

    /** Removes the state of the checkpoint at {@code step}: what it logged stays, if it was on schedule. */
    void thin(RunSpec spec, long step) {
        var folder = new Path(root, location(spec.id(), step));
        try {
            if (spec.isScheduled(step)) {
                files.delete(new Path(folder, STATE), false);
            } else {
                files.delete(new Path(folder, HEADER), false);
                files.delete(folder, true);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot remove checkpoint " + folder, e);
        }
    }

    private boolean isWhole(String run, long step) {
        return damage(run, step).isEmpty();
    }

    /** Why a checkpoint is not what its place says; empty if it is. All of it is read. */
    public Optional<String> damage(String run, long step) {
        try {
            var folder = new Path(root, location(run, step));
            var header = header(run, step);
            verified(folder, STATE, header);
            verified(folder, METRICS, header);
            experienceOf(folder, header);
            return Optional.empty();
        } catch (Damaged e) {
            return Optional.of(String.valueOf(e.getMessage()));
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot read checkpoint " + location(run, step) + " in " + root, e);
        }
    }

    /**
     * The updates whose checkpoints are to be made again, in order, up to the last that there is: those that are promised, and those
     * on schedule, where what is there is not what its place says. One on schedule whose state alone is gone was thinned, if nothing
     * is promised and {@code retention} does not keep it whatever was measured.
     *
     * @param promised updates whose checkpoints were there, with their state
     */
    List<Long> gaps(RunSpec spec, Collection<Long> promised, Retention retention) {
        var run = spec.id();
        var last = Math.max(
                steps(run, HEADER).stream().reduce(-1L, Math::max),
                promised.stream().reduce(-1L, Math::max));
        var wanted = new TreeSet<>(promised);
        var first = spec.online() == null ? 0 : spec.online().offlineUpdates() + 1;
        // What a run that acts took over from another one need not have all.
        for (var step = (first + spec.checkpointEvery() - 1) / spec.checkpointEvery() * spec.checkpointEvery();
                step <= last;
                step += spec.checkpointEvery()) {
            wanted.add(step);
        }
        if (last >= spec.updates()) {
            wanted.add(spec.updates());
        }
        return wanted.stream()
                .filter(step -> {
                    var hasState = promised.isEmpty()
                            ? retention.keeps(spec, step, last, OptionalLong.empty())
                            : promised.contains(step);
                    return spec.isScheduled(step) && !(hasState ? isWhole(run, step) : isKept(run, step));
                })
                .toList();
    }

    /** Whether a checkpoint is whole, or was and was thinned. */
    private boolean isKept(String run, long step) {
        try {
            var folder = new Path(root, location(run, step));
            var header = header(run, step);
            if (files.util().exists(new Path(folder, STATE))) {
                verified(folder, STATE, header);
            }
            verified(folder, METRICS, header);
            experienceOf(folder, header);
            return true;
        } catch (Damaged e) {
            return false;
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot read checkpoint " + location(run, step) + " in " + root, e);
        }
    }

    private JsonNode header(String run, long step) {
        var folder = new Path(root, location(run, step));
        try {
            var text = new String(places.bytes(new Path(folder, HEADER)), StandardCharsets.UTF_8);
            if (!Seal.isWhole(text)) {
                throw damaged(folder, HEADER, null);
            }
            var header = Json.MAPPER.readTree(text);
            if (header.path("format").asInt() != FORMAT) {
                throw new IllegalStateException("Cannot read checkpoint " + folder + ": it has format "
                        + header.path("format") + ", this hindcast reads " + FORMAT);
            }
            requireOf(header, run, step, folder);
            return header;
        } catch (ChecksumException e) {
            throw damaged(folder, HEADER, e);
        } catch (FileNotFoundException e) {
            throw new Damaged("Cannot read checkpoint " + folder + ": it is not there", e);
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot read checkpoint " + folder, e);
        }
    }

    /** A directory that was copied or renamed is whole, and yet not what its place says. */
    private static void requireOf(JsonNode header, String run, long step, Path folder) {
        var isOf = header.path("run").asText();
        var at = header.path("step").asLong(-1);
        if (!isOf.equals(run) || at != step) {
            throw new Damaged(
                    "Cannot read checkpoint " + folder + ": what is there is of run " + isOf + " after " + at
                            + " updates",
                    null);
        }
        var specified = RunSpec.fromJson(header.path("spec").toString()).id();
        if (!specified.equals(run)) {
            throw new Damaged(
                    "Cannot read checkpoint " + folder + ": its specification is that of run " + specified, null);
        }
    }

    private byte[] verified(Path folder, String name, JsonNode header) throws IOException {
        var part = header.at("/parts/" + name);
        try {
            var bytes = places.bytes(new Path(folder, name));
            if (bytes.length == part.get("bytes").asLong()
                    && Sha256.of(bytes).equals(part.get("sha256").asText())) {
                return bytes;
            }
        } catch (ChecksumException | FileNotFoundException e) {
            throw damaged(folder, name, e);
        }
        throw damaged(folder, name, null);
    }

    private static Damaged damaged(Path folder, String name, @Nullable Throwable cause) {
        var reason = cause instanceof FileNotFoundException
                ? name + " is damaged (it is gone)"
                : name + " is damaged (its SHA-256 is not the one that was written)";
        return new Damaged("Cannot read checkpoint " + folder + ": " + reason, cause);
    }

    private static Map<String, Object> part(byte[] bytes) {
        return new TreeMap<>(Map.of("bytes", bytes.length, "sha256", Sha256.of(bytes)));
    }

    private static byte[] safetensors(Map<String, Tensor> tensors) throws IOException {
        var header = new TreeMap<String, Object>();
        var offset = 0L;
        for (var entry : tensors.entrySet()) {
            var end = offset + 4L * entry.getValue().length();
            // Sorted maps: what is hashed must not depend on a map's own order.
            var tensor = new TreeMap<String, Object>();
            tensor.put("dtype", "F32");
            tensor.put("shape", entry.getValue().shape());
            tensor.put("data_offsets", List.of(offset, end));
            header.put(entry.getKey(), tensor);
            offset = end;
        }
        var text = Json.MAPPER.writeValueAsBytes(header);
        var buffer =
                ByteBuffer.allocate(Math.toIntExact(8 + text.length + offset)).order(ByteOrder.LITTLE_ENDIAN);
        buffer.putLong(text.length).put(text);
        for (var tensor : tensors.values()) {
            buffer.asFloatBuffer().put(tensor.values(), tensor.from(), tensor.length());
            buffer.position(buffer.position() + 4 * tensor.length());
        }
        return buffer.array();
    }

    private static Map<String, Tensor> tensors(byte[] state) throws IOException {
        var buffer = ByteBuffer.wrap(state).order(ByteOrder.LITTLE_ENDIAN);
        var length = Math.toIntExact(buffer.getLong());
        var header = Json.MAPPER.readTree(state, 8, length);
        var tensors = new LinkedHashMap<String, Tensor>();
        // In the order of their bytes, so that they are written again as they were.
        var entries = header.properties().stream()
                .sorted(Comparator.comparingLong(
                        entry -> entry.getValue().get("data_offsets").get(0).asLong()))
                .toList();
        for (var entry : entries) {
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
            var line = Json.MAPPER
                    .createObjectNode()
                    .put("step", metric.step())
                    .put("name", metric.name())
                    .put("value", metric.value());
            bytes.write(Json.MAPPER.writeValueAsBytes(line));
            bytes.write('\n');
        }
        return bytes.toByteArray();
    }

    private static List<Metric> metrics(byte[] lines) throws IOException {
        var metrics = new ArrayList<Metric>();
        for (var line : new String(lines, StandardCharsets.UTF_8).lines().toList()) {
            var node = Json.MAPPER.readTree(line);
            metrics.add(new Metric(
                    node.get("step").asLong(),
                    node.get("name").asText(),
                    node.get("value").asDouble()));
        }
        return metrics;
    }
}
