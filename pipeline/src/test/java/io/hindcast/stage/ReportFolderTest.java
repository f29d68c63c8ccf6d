package io.hindcast.stage;

import static org.assertj.core.api.Assertions.assertThat;

import io.hindcast.files.ProcessMark;
import io.hindcast.table.Request;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReportFolderTest {
    private static final Request REQUEST = new Request("report", Map.of("title", "x"), List.of(), List.of());
    private static final Map<String, String> TEXTS = Map.of("report.html", "<p>6</p>\n", "results.json", "{}\n");

    @TempDir
    Path out;

    @Test
    void thePageItsFilesAndItsManifestAreAllThereIs() throws IOException {
        folder().publish(REQUEST, TEXTS);

        assertThat(names(out)).containsExactly("report");
        assertThat(names(out.resolve("report")))
                .containsExactlyInAnyOrder("_manifest.json", "report.html", "results.json");
        assertThat(folder().holds(REQUEST)).isTrue();
    }

    @Test
    void everyByteOfEveryFileCounts() throws IOException {
        folder().publish(REQUEST, TEXTS);
        for (var name : names(out.resolve("report"))) {
            var file = out.resolve("report").resolve(name);
            var bytes = Files.readAllBytes(file);
            for (var i = 0; i < bytes.length; i++) {
                var flipped = bytes.clone();
                flipped[i] ^= (byte) (1 << i % 8);
                Files.write(file, flipped);
                assertThat(folder().holds(REQUEST)).as("byte %d of %s", i, name).isFalse();
            }
            Files.write(file, bytes);
        }
        assertThat(folder().holds(REQUEST)).isTrue();
    }

    @Test
    void whatAKilledJobLeftGoesWithTheNextAndWhatOthersWriteStays() throws IOException {
        var host = ProcessMark.ofThisProcess(".tmp-").host();
        // No process has the number 0 as its own; this one runs.
        var dead = ".tmp-" + host + "-0-5-" + "a".repeat(32);
        var alive = ProcessMark.ofThisProcess(".tmp-").name();
        var elsewhere = ".tmp-elsewhere-0-5-" + "a".repeat(32);
        var old = ".tmp-elsewhere-0-5-" + "b".repeat(32);
        var ofAnEarlierHindcast = ".tmp-report-0000";
        for (var name : List.of(dead, alive, elsewhere, old, ofAnEarlierHindcast)) {
            Files.createFile(Files.createDirectory(out.resolve(name)).resolve(".x.html.crc"));
        }
        var yesterday = FileTime.from(Instant.now().minus(Duration.ofHours(25)));
        for (var name : List.of(alive, old, ofAnEarlierHindcast)) {
            Files.setLastModifiedTime(out.resolve(name), yesterday);
        }

        folder().publish(REQUEST, TEXTS);

        assertThat(names(out)).containsExactlyInAnyOrder("report", alive, elsewhere);
    }

    private ReportFolder folder() {
        return new ReportFolder(out.toString(), "report", "report.html", new Configuration());
    }

    private static List<String> names(Path folder) throws IOException {
        try (var files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString()).toList();
        }
    }
}
