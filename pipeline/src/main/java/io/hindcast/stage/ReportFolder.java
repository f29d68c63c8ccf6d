package io.hindcast.stage;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import io.hindcast.config.Outside;
import io.hindcast.config.UserException;
import io.hindcast.table.Manifest;
import io.hindcast.table.Request;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import org.apache.commons.codec.digest.DigestUtils;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.ChecksumException;
import org.apache.hadoop.fs.FileAlreadyExistsException;
import org.apache.hadoop.fs.FileContext;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Options;
import org.apache.hadoop.fs.Path;

/**
 * A directory with a page, beside the tables of an output directory, such as {@code report}: whole or absent, and replaced when
 * the tables have changed.
 */
public final class ReportFolder {
    private static final String MANIFEST = "_manifest.json";
    private static final Duration STALE = Duration.ofDays(1);
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Path root;
    private final Path place;
    private final String page;
    private final String temporary;
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
        this.temporary = ".tmp-" + name + "-";
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
            if (files.exists(place) && !files.exists(new Path(place, MANIFEST))) {
                throw new UserException(
                        "Cannot write " + place + ": what is there was not written by hindcast (it has no " + MANIFEST
                                + "); move it away or choose another --out");
            }
            var contents = contents();
            return contents.isPresent() && contents.get().requestKey().equals(request.key());
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
        var aside = new Path(root, temporary + UUID.randomUUID());
        try {
            var files = root.getFileSystem(configuration);
            removeStale(files);
            try {
                write(files, aside, request, texts);
                putInPlace(files, aside);
            } finally {
                files.delete(aside, true);
            }
        } catch (IOException e) {
            throw failure("write", e);
        }
    }

    private void write(FileSystem files, Path directory, Request request, Map<String, String> texts)
            throws IOException {
        var written = new ArrayList<Manifest.DataFile>();
        for (var entry : new TreeMap<>(texts).entrySet()) {
            var bytes = entry.getValue().getBytes(StandardCharsets.UTF_8);
            write(files, new Path(directory, entry.getKey()), bytes);
            written.add(new Manifest.DataFile(entry.getKey(), bytes.length, DigestUtils.sha256Hex(bytes)));
        }
        var contents = new Contents(
                request.key(),
                request.job(),
                request.configuration(),
                request.parents(),
                written,
                Instant.now().toString(),
                version());
        write(
                files,
                new Path(directory, MANIFEST),
                JSON.writerWithDefaultPrettyPrinter().writeValueAsBytes(contents));
    }

    private static void write(FileSystem files, Path file, byte[] bytes) throws IOException {
        try (var out = files.create(file, false)) {
            out.write(bytes);
            out.hsync();
        }
    }

    /** A reader sees the old page, for a moment none, then the new one; never a part of either. */
    private void putInPlace(FileSystem files, Path aside) throws IOException {
        var renaming = FileContext.getFileContext(files.getUri(), configuration);
        var old = new Path(root, temporary + UUID.randomUUID());
        var replaces = files.exists(place);
        if (replaces) {
            renaming.rename(place, old, Options.Rename.NONE);
        }
        try {
            renaming.rename(aside, place, Options.Rename.NONE);
        } catch (FileAlreadyExistsException e) {
            throw new UserException("Cannot write " + place + ": another writer was faster; run the job again", e);
        } catch (IOException e) {
            if (replaces) {
                renaming.rename(old, place, Options.Rename.NONE);
            }
            throw e;
        }
        files.delete(old, true);
    }

    private Optional<Contents> contents() throws IOException {
        var files = place.getFileSystem(configuration);
        try (var in = files.open(new Path(place, MANIFEST))) {
            var contents = JSON.readValue((InputStream) in, Contents.class);
            for (var file : contents.files()) {
                var path = new Path(place, file.name());
                if (files.getFileStatus(path).getLen() != file.bytes()
                        || !sha256(files, path).equals(file.sha256())) {
                    return Optional.empty();
                }
            }
            return Optional.of(contents);
        } catch (FileNotFoundException | ChecksumException | JacksonException e) {
            return Optional.empty();
        }
    }

    private static String sha256(FileSystem files, Path file) throws IOException {
        try (var in = files.open(file)) {
            return DigestUtils.sha256Hex((InputStream) in);
        }
    }

    /** What a killed job left. */
    private void removeStale(FileSystem files) throws IOException {
        var limit = Instant.now().minus(STALE).toEpochMilli();
        for (var entry : files.listStatus(root)) {
            if (entry.getPath().getName().startsWith(temporary) && entry.getModificationTime() < limit) {
                files.delete(entry.getPath(), true);
            }
        }
    }

    private UserException failure(String verb, IOException e) {
        return new UserException(
                "Cannot " + verb + " " + place + ": " + Outside.words(e, "check the path given as --out"), e);
    }

    /** The version of this hindcast. */
    public static String version() {
        return Objects.requireNonNullElse(ReportFolder.class.getPackage().getImplementationVersion(), "development");
    }
}
