package io.hindcast.table;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.hindcast.config.Json;
import io.hindcast.config.UserException;
import io.hindcast.files.Publisher;
import io.hindcast.files.Seal;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.ChecksumException;
import org.apache.hadoop.fs.Path;

/** The {@code _manifest.json} of a version: it makes files a version, and proves itself. */
final class ManifestFile {
    private ManifestFile() {}

    /** Writes that of a version that is still aside. */
    static void write(Publisher publisher, Path aside, Manifest manifest) throws IOException {
        publisher.write(
                new Path(aside, Publisher.MANIFEST),
                Seal.put(Json.sortedLines(manifest)).getBytes(StandardCharsets.UTF_8));
    }

    /**
     * That of a version; empty if there is none: then nothing was put in place there as a whole.
     *
     * @param root the output directory, for messages
     * @throws UserException if it is not what was written
     */
    static Optional<Manifest> read(String root, TableName table, Path version, Configuration configuration)
            throws IOException {
        var path = new Path(version, Publisher.MANIFEST);
        try (var in = path.getFileSystem(configuration).open(path)) {
            var text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
            var fields = Json.SORTED.readValue(text, ObjectNode.class);
            // Of before manifests proved themselves it has no seal.
            if (fields.has(Seal.FIELD) && !Seal.isWhole(text)) {
                throw DamagedFile.at(root, table, path.toString(), null);
            }
            // Manifests of before there were findings, publications and open tables have no such field.
            fields.putIfAbsent("findings", fields.nullNode());
            fields.putIfAbsent("publication", fields.nullNode());
            fields.putIfAbsent("schema", fields.nullNode());
            // Nor have inputs one of where they lay, of old and of sources without files, of a watermark, if none was
            // asked for, or of a version or its commit, of what has none.
            for (var input : fields.path("inputs")) {
                if (input instanceof ObjectNode noted) {
                    noted.putIfAbsent("place", noted.nullNode());
                    noted.putIfAbsent("watermark", noted.nullNode());
                    noted.putIfAbsent("pinned", noted.nullNode());
                    if (noted.get("pinned") instanceof ObjectNode pinned) {
                        pinned.putIfAbsent("table", pinned.nullNode());
                        pinned.putIfAbsent("after", pinned.nullNode());
                        pinned.putIfAbsent("commit", pinned.nullNode());
                    }
                }
            }
            return Optional.of(Json.SORTED.treeToValue(fields, Manifest.class));
        } catch (FileNotFoundException e) {
            return Optional.empty();
        } catch (JacksonException | ChecksumException e) {
            throw DamagedFile.at(root, table, path.toString(), e);
        }
    }
}
