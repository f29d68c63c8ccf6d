package io.hindcast.stage;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.hindcast.config.Json;
import io.hindcast.config.Outside;
import io.hindcast.config.Sha256;
import io.hindcast.config.UserException;
import io.hindcast.config.Version;
import io.hindcast.files.Publisher;
import io.hindcast.files.Seal;
import io.hindcast.table.Manifest;
import io.hindcast.table.Request;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.ChecksumException;
import org.apache.hadoop.fs.Path;

/**
 * A directory with a page, beside the tables of an output directory, such as {@code report}: whole or absent, and replaced when
 * the tables have changed.
 */
public final class ReportFolder {
    private final Path root;
    private final Path place;
    private final String page;
    private final Configuration configuration;

    /** What the directory holds and where that comes from. */
    @JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
    record Contents(
            String requestKey,
            String job,
            Map<String, Object> configuration,
            List<Manifest.Parent> parents,
            List<Manifest.DataFile> files,
            String created,
            String hindcastVersion) {}

    /**
     * @param name of the directory
     * @param page the file in it that people look at
     */
    public ReportFolder(String root, String name, String page, Configuration configuration) {
        this.root = new Path(root);
        this.place = new Path(root, name);
        this.page = page;
        this.configuration = configuration;
    }

    /** Where the page is, for people. */
    public String page() {
        return new Path(place, page).toString();
    }

    /**
     * Whether the whole answer to {@code request} is there.
     *
     * @throws UserException if something is there that hindcast did not write
     */
    public boolean holds(Request request) {
        try {
            var files = root.getFileSystem(configuration);
            if (files.exists(place) && !files.exists(new Path(place, Publisher.MANIFEST))) {
                throw new UserException(
                        "Cannot write " + place + ": what is there was not written by hindcast (it has no "
                                + Publisher.MANIFEST + "); move it away or choose another --out");
            }
            var contents = contents();
            return contents.isPresent() && contents.get().requestKey().equals(request.key());
        } catch (IOException e) {
            throw failure("read", e);
        }
    }

    /**
     * A file of the directory; empty if that is not there, or not as it was written.
     *
     * @throws UserException if it cannot be read
     */
    public Optional<String> text(String name) {
        try {
            return contents().isEmpty()
                    ? Optional.empty()
                    : Optional.of(new String(
                            new Publisher(root, configuration).bytes(new Path(place, name)), StandardCharsets.UTF_8));
        } catch (FileNotFoundException e) {
            return Optional.empty();
        } catch (IOException e) {
            throw failure("read", e);
        }
    }

    /**
     * Puts {@code texts} (by file name) in the place of what was there.
     *
     * @throws UserException if the directory cannot be written or another writer was faster
     */
    public void publish(Request request, Map<String, String> texts) {
        try {
            var publisher = new Publisher(root, configuration);
            publisher.removeOrphans();
            if (!publisher.replaceFolder(place, files(request, texts))) {
                throw new UserException("Cannot write " + place + ": another writer was faster; run the job again");
            }
        } catch (IOException e) {
            throw failure("write", e);
        }
    }

    private static SortedMap<String, byte[]> files(Request request, Map<String, String> texts) throws IOException {
        var files = new TreeMap<String, byte[]>();
        texts.forEach((name, text) -> files.put(name, text.getBytes(StandardCharsets.UTF_8)));
        var written = new ArrayList<Manifest.DataFile>();
        files.forEach((name, bytes) -> written.add(new Manifest.DataFile(name, bytes.length, Sha256.of(bytes))));
        var contents = new Contents(
                request.key(),
                request.job(),
                request.configuration(),
                request.parents(),
                written,
                Instant.now().toString(),
                Version.TEXT);
        files.put(Publisher.MANIFEST, Seal.put(Json.lines(contents)).getBytes(StandardCharsets.UTF_8));
        return files;
    }

    private Optional<Contents> contents() throws IOException {
        var files = place.getFileSystem(configuration);
        try (var in = files.open(new Path(place, Publisher.MANIFEST))) {
            var text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
            var fields = Json.MAPPER.readValue(text, ObjectNode.class);
            // Of before it proved itself it has no seal.
            if (fields.remove(Seal.FIELD) != null && !Seal.isWhole(text)) {
                return Optional.empty();
            }
            var contents = Json.MAPPER.treeToValue(fields, Contents.class);
            for (var file : contents.files()) {
                var path = new Path(place, file.name());
                if (files.getFileStatus(path).getLen() != file.bytes()
                        || !Publisher.sha256(files, path).equals(file.sha256())) {
                    return Optional.empty();
                }
            }
            return Optional.of(contents);
        } catch (FileNotFoundException | ChecksumException | JacksonException e) {
            return Optional.empty();
        }
    }

    private UserException failure(String verb, IOException e) {
        return new UserException(
                "Cannot " + verb + " " + place + ": " + Outside.words(e, "check the path given as --out"), e);
    }
}
