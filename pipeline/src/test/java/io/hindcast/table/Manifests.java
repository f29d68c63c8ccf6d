package io.hindcast.table;

import io.hindcast.files.Seal;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.UnaryOperator;

/** Manifests as an earlier hindcast wrote them. */
public final class Manifests {
    private Manifests() {}

    /** Changes one, which proves itself no more. */
    public static void edit(Path manifest, UnaryOperator<String> change) throws IOException {
        var unsealed =
                Files.readString(manifest).replaceFirst(",\n  \"" + Seal.FIELD + "\" : \"[0-9a-f]{64}\"\n}\\z", "\n}");
        Files.writeString(manifest, change.apply(unsealed));
    }
}
