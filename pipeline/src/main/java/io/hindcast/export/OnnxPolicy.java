package io.hindcast.export;

import com.fasterxml.jackson.core.JacksonException;
import io.hindcast.config.Json;
import io.hindcast.config.Sha256;
import io.hindcast.data.Spaces;
import io.hindcast.export.OnnxGraph.Unreadable;
import io.hindcast.files.LocalFiles;
import io.hindcast.kernel.Kernels;
import io.hindcast.net.Blueprint;
import io.hindcast.net.Policy;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;

/**
 * The policy of a {@code policy.onnx}, as {@link OnnxModel} writes it, which acts by our own networks: the
 * scaler, the layers and what they give are read from the file, and no other operator is known. It does not clip entries of
 * observations, as the checkpoint's policy does not; the file does, beyond 1e3 at least (see {@link ObservationRange}).
 */
public final class OnnxPolicy implements Serializable {
    private static final long serialVersionUID = 1;
    static final int MOST_BYTES = 1 << 26;
    private static final String ADVICE = "; name the policy.onnx of a run, OUT/policies/RUN_ID, or log"
            + " the probabilities of any other model and judge by them (judge.policies.NAME.column)";

    private final byte[] model;
    private final Spaces spaces;

    /**
     * What the bytes of a file hold.
     *
     * @param spaces of the log
     * @throws IllegalStateException if it is no such policy, or one of other observations or actions; in words
     */
    OnnxPolicy(byte[] model, Spaces spaces) {
        this.model = model.clone();
        this.spaces = spaces;
        blueprint();
    }

    /**
     * The policy in a file, of which 64 MiB are read at most.
     *
     * @throws IllegalStateException as the constructor, or if there is no such file
     * @throws IllegalArgumentException if that is no path
     */
    public static OnnxPolicy read(String file, Spaces spaces, Configuration configuration) {
        var path = new Path(file);
        try (var in = LocalFiles.context(path, configuration).open(path)) {
            var bytes = in.readNBytes(MOST_BYTES + 1);
            if (bytes.length > MOST_BYTES) {
                throw new Unreadable("it is larger than " + MOST_BYTES / (1 << 20) + " MiB" + ADVICE);
            }
            requireWhole(path, bytes, configuration);
            return new OnnxPolicy(bytes, spaces);
        } catch (FileNotFoundException e) {
            throw new Unreadable("there is no such file" + ADVICE);
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot read " + file + ": " + e.getMessage(), e);
        }
    }

    /** Where {@code policy.json} is still beside it, it says what the bytes must be. */
    private static void requireWhole(Path file, byte[] bytes, Configuration configuration) throws IOException {
        var beside = new Path(file.getParent(), PolicyFolder.MANIFEST);
        try (var in = LocalFiles.context(beside, configuration).open(beside)) {
            var said = Json.MAPPER
                    .readTree(in.readNBytes(MOST_BYTES >> 2))
                    .path("files")
                    .path(file.getName())
                    .path("sha256")
                    .asText(Sha256.of(bytes));
            if (!said.equals(Sha256.of(bytes))) {
                throw new Unreadable(
                        "it is damaged, or another file: its SHA-256 is not the one in " + PolicyFolder.MANIFEST
                                + " beside it; run train again with the same configuration and --out, which exports it anew");
            }
        } catch (FileNotFoundException | JacksonException e) {
            // It was moved, and proves nothing.
            return;
        }
    }

    /** The SHA-256 of the file. */
    public String sha256() {
        return Sha256.of(model);
    }

    /** What the file says about itself under a name, as {@code run} and {@code subset}; anyone may have written it. */
    public Optional<String> property(String name) {
        return Optional.ofNullable(new OnnxGraph(model).properties().get(name));
    }

    /** The policy; it takes observations as they were logged. */
    public Policy policy(Kernels kernels) {
        return Policy.of(kernels, blueprint());
    }

    private Blueprint blueprint() {
        try {
            return new OnnxReading(new OnnxGraph(model), spaces).blueprint();
        } catch (Unreadable e) {
            throw new Unreadable(e.getMessage() + ADVICE);
        }
    }
}
