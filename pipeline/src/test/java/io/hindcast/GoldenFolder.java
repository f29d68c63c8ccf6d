package io.hindcast;

import java.nio.file.Files;
import java.nio.file.Path;

/** Where the float64 fixtures are: {@code -Dhindcast.golden=FOLDER} (or one FILE), or the project's own copy. */
public final class GoldenFolder {
    private GoldenFolder() {}

    /** The project's own copy. */
    public static Path own() {
        return Path.of("src/test/resources/golden");
    }

    /** The folder, or the one file; a relative one counts from where Maven was called, the module's parent, or from the module. */
    public static Path path() {
        var given = System.getProperty("hindcast.golden");
        if (given == null) {
            return own();
        }
        var fromParent = Path.of("..").resolve(given);
        return Files.exists(fromParent) ? fromParent : Path.of(given);
    }
}
