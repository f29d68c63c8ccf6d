package io.hindcast.table;

import static org.assertj.core.api.Assertions.assertThat;

import io.hindcast.table.Input.Pinned;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** To do without the note is always right: nothing that is amiss with it ends a job. */
class SeenVersionTest {
    private static final Pinned NOW = new Pinned("delta", "abc", null, "9");

    @TempDir
    Path out;

    private final List<String> said = new ArrayList<>();
    private Warehouse warehouse;
    private TableVersion base;

    @BeforeEach
    void publish() {
        warehouse = new Warehouse(LocalSpark.session(), out.toString());
        base = warehouse.publish(
                TableName.DATASET_STATE,
                new Request("stats", Map.of(), List.of(), List.of()),
                List.<@Nullable Object[]>of(new Object[] {new byte[] {1}}));
    }

    @Test
    void whatWasNotedOfTheSameTableAndVersionIsFound() {
        var seen = SeenVersion.of(base, NOW, "a Monday");
        seen.write(warehouse, base, said::add);

        assertThat(SeenVersion.find(warehouse, base, new Pinned("delta", "abc", null, "12"), said::add))
                .contains(seen);
        assertThat(SeenVersion.find(warehouse, base, new Pinned("delta", "xyz", null, "12"), said::add))
                .isEmpty();
        assertThat(said).isEmpty();
    }

    @Test
    void aDamagedNoteIsALineAndNone() throws IOException {
        SeenVersion.of(base, NOW, "a Monday").write(warehouse, base, said::add);
        Files.writeString(note(), Files.readString(note()).replace("\"9\"", "\"8\""));

        assertThat(SeenVersion.find(warehouse, base, NOW, said::add)).isEmpty();
        assertThat(said).singleElement().asString().contains("_seen.json is not what was written; it is not believed");
    }

    @Test
    void aNoteThatCannotBeWrittenIsALine() throws IOException {
        Files.createDirectories(note().resolve("in the way"));
        SeenVersion.of(base, NOW, "a Monday").write(warehouse, base, said::add);

        assertThat(said)
                .singleElement()
                .asString()
                .startsWith("Cannot note in ")
                .endsWith("; the next append looks there again");
    }

    private Path note() {
        return out.resolve(base.table().directory()).resolve("_seen.json");
    }
}
