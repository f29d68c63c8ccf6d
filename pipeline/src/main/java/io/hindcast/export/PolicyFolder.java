package io.hindcast.export;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.JsonNode;
import io.hindcast.config.Json;
import io.hindcast.config.Sha256;
import io.hindcast.config.Version;
import io.hindcast.data.ActionSpace;
import io.hindcast.export.ExportedPolicy.Port;
import io.hindcast.files.LocalFiles;
import io.hindcast.files.Publisher;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.ChecksumException;
import org.apache.hadoop.fs.FileContext;
import org.apache.hadoop.fs.Path;

/**
 * Exported policies on any file system Hadoop knows: {@code ROOT/<run>/} with a file in each {@link ExportFormat} and
 * {@code policy.json}, which says what they are and their SHA-256. Each file is written under another name and renamed, {@code
 * policy.json} last: a policy is there when this is. Of one that cannot be exported there is {@code refused.json} instead, which
 * says why.
 */
public final class PolicyFolder {
    static final String MANIFEST = "policy.json";
    private static final String PROOF = ",\n  \"sha256\" : \"";
    private static final String END = "\n}";
    private static final String REFUSED = "refused.json";

    private final FileContext files;
    private final Publisher places;
    private final Path root;

    /** The folders below {@code root}, a path of any file system that {@code configuration} knows. */
    public PolicyFolder(String root, Configuration configuration) {
        try {
            this.root = new Path(root);
            files = LocalFiles.context(this.root, configuration);
            places = new Publisher(this.root, configuration);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Publishes a policy in all of its formats, in place of another one of the same run; does nothing if this very one is there.
     *
     * @return how far Deeplearning4j's form, restored from its bytes, is from our own policy at 1,000 observations: at most
     *     1e-5, in half ranges of the actions or, of scores, in the largest of the row, where these are above 1; 0 if there is
     *     no such form
     * @throws ExportedPolicy.Refused if it is farther
     */
    public double write(ExportedPolicy policy) {
        var parts = new EnumMap<ExportFormat, byte[]>(ExportFormat.class);
        policy.formats().forEach(format -> parts.put(format, policy.bytes(format)));
        var network = parts.get(ExportFormat.DL4J);
        var difference = network == null ? 0 : policy.check(network);
        var target = new Path(root, policy.run());
        try {
            var manifest = manifest(policy, parts);
            if (published(target, parts, manifest)) {
                return difference;
            }
            places.removeOrphans();
            if (files.util().exists(new Path(target, MANIFEST))) {
                files.delete(new Path(target, MANIFEST), false);
            }
            for (var part : parts.entrySet()) {
                places.put(new Path(target, part.getKey().file()), part.getValue());
            }
            places.put(new Path(target, MANIFEST), manifest);
            if (files.util().exists(new Path(target, REFUSED))) {
                files.delete(new Path(target, REFUSED), false);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot write policy " + target + ": " + e.getMessage(), e);
        }
        return difference;
    }

    /**
     * Notes, where its policy would be, that the one of a run cannot be exported.
     *
     * @param step the updates of its checkpoint
     */
    public void refuse(String run, long step, ExportedPolicy.Refused why) {
        var target = new Path(root, run);
        try {
            var note = new LinkedHashMap<>(refusal(run, step));
            note.put("reason", String.valueOf(why.getMessage()));
            if (files.util().exists(new Path(target, MANIFEST))) {
                files.delete(new Path(target, MANIFEST), false);
            }
            places.put(new Path(target, REFUSED), Json.lines(note).getBytes(StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot write policy " + target + ": " + e.getMessage(), e);
        }
    }

    /** Whether this hindcast noted of that very checkpoint that its policy cannot be exported. */
    public boolean isRefused(String run, long step) {
        var note = new Path(new Path(root, run), REFUSED);
        try {
            if (!files.util().exists(note)) {
                return false;
            }
            var read = Json.MAPPER.readTree(places.bytes(note));
            return refusal(run, step).entrySet().stream()
                    .allMatch(entry -> entry.getValue()
                            .toString()
                            .equals(read.path(entry.getKey()).asText()));
        } catch (JacksonException | ChecksumException | FileNotFoundException e) {
            return false;
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot read policy " + note.getParent() + ": " + e.getMessage(), e);
        }
    }

    private static Map<String, Object> refusal(String run, long step) {
        var about = new LinkedHashMap<String, Object>();
        about.put("format", 1);
        about.put("run", run);
        about.put("step", step);
        about.put("hindcast_version", Version.TEXT);
        return about;
    }

    /**
     * Whether the policy of {@code run} is there as its {@code policy.json} says: every file of it, with its hash.
     *
     * @throws UncheckedIOException if that cannot be found out
     */
    public boolean isWhole(String run) {
        var target = new Path(root, run);
        try {
            if (!files.util().exists(new Path(target, MANIFEST))) {
                return false;
            }
            var text = new String(places.bytes(new Path(target, MANIFEST)), StandardCharsets.UTF_8);
            var manifest = Json.MAPPER.readTree(text);
            var described = manifest.path("files");
            if (!isAsWritten(text, manifest)) {
                return false;
            }
            for (var format : ExportFormat.values()) {
                if (format != ExportFormat.ONNX && !described.has(format.file())) {
                    continue;
                }
                var bytes = places.bytes(new Path(target, format.file()));
                if (!Sha256.of(bytes)
                        .equals(described.path(format.file()).path("sha256").asText())) {
                    return false;
                }
            }
            return true;
        } catch (JacksonException | ChecksumException | FileNotFoundException e) {
            return false;
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot read policy " + target + ": " + e.getMessage(), e);
        }
    }

    /** Whether the whole policy of {@code run} is there, and is the one after {@code step} updates. */
    public boolean isOf(String run, long step) {
        if (!isWhole(run)) {
            return false;
        }
        try {
            var manifest = Json.MAPPER.readTree(places.bytes(new Path(new Path(root, run), MANIFEST)));
            return manifest.path("step").asLong(-1) == step;
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot read policy " + run + ": " + e.getMessage(), e);
        }
    }

    /**
     * The files of the policy of {@code run}, by their paths.
     *
     * @throws UncheckedIOException if its {@code policy.json} cannot be read
     */
    public List<String> files(String run) {
        var target = new Path(root, run);
        try {
            var names = new ArrayList<String>();
            Json.MAPPER
                    .readTree(places.bytes(new Path(target, MANIFEST)))
                    .path("files")
                    .fieldNames()
                    .forEachRemaining(names::add);
            names.add(MANIFEST);
            return names.stream().map(name -> new Path(target, name).toString()).toList();
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot read policy " + run + ": " + e.getMessage(), e);
        }
    }

    private boolean published(Path target, Map<ExportFormat, byte[]> parts, byte[] manifest) throws IOException {
        if (!places.holds(new Path(target, MANIFEST), manifest)) {
            return false;
        }
        for (var part : parts.entrySet()) {
            if (!places.holds(new Path(target, part.getKey().file()), part.getValue())) {
                return false;
            }
        }
        return true;
    }

    private static byte[] manifest(ExportedPolicy policy, Map<ExportFormat, byte[]> parts) throws IOException {
        var manifest = new LinkedHashMap<String, Object>();
        manifest.put("format", 1);
        manifest.put("run", policy.run());
        manifest.put("step", policy.step());
        policy.properties().forEach(manifest::putIfAbsent);
        manifest.put("observations", policy.observations());
        manifest.put("actions", actions(policy.actions()));
        manifest.put(ExportedPolicy.ACTING, policy.acting());
        manifest.putAll(policy.names().toMap());
        var described = new LinkedHashMap<String, Object>();
        parts.forEach((format, bytes) -> {
            var part = new LinkedHashMap<String, Object>();
            part.put("format", format.toString());
            part.put("bytes", bytes.length);
            part.put("sha256", Sha256.of(bytes));
            part.put("inputs", ports(policy.inputs(format)));
            part.put("outputs", ports(policy.outputs(format)));
            described.put(format.file(), part);
        });
        manifest.put("files", described);
        return proven(Json.lines(manifest)).getBytes(StandardCharsets.UTF_8);
    }

    /** A manifest with its own hash behind all else. */
    private static String proven(String manifest) {
        var end = manifest.lastIndexOf(END);
        return manifest.substring(0, end) + PROOF + Sha256.of(manifest.getBytes(StandardCharsets.UTF_8)) + "\""
                + manifest.substring(end);
    }

    /** Whether a manifest has the hash that it says; those of earlier hindcasts end with their files and say none. */
    private static boolean isAsWritten(String text, JsonNode manifest) {
        var last = "";
        for (var names = manifest.fieldNames(); names.hasNext(); ) {
            last = names.next();
        }
        var proof = text.lastIndexOf(PROOF);
        var end = text.lastIndexOf(END);
        return last.equals("files")
                || (0 <= proof && proof < end && text.equals(proven(text.substring(0, proof) + text.substring(end))));
    }

    /** Format 1 also says the type under its earlier name, for those who serve policies. */
    private static Map<String, Object> actions(ActionSpace actions) {
        var map = new LinkedHashMap<>(actions.toMap());
        map.put("kind", map.get("type"));
        return map;
    }

    private static List<Map<String, Object>> ports(List<Port> ports) {
        var list = new ArrayList<Map<String, Object>>();
        for (var port : ports) {
            var shape = new ArrayList<Object>(List.of("batch"));
            shape.addAll(port.shape());
            var map = new LinkedHashMap<String, Object>();
            map.put("name", port.name());
            map.put("type", port.type());
            map.put("shape", shape);
            if (port.isOptional()) {
                map.put("optional", true);
            }
            list.add(map);
        }
        return list;
    }
}
