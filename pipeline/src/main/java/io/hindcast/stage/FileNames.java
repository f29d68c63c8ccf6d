package io.hindcast.stage;

import io.hindcast.config.UserException;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.HashMap;
import java.util.Locale;
import org.apache.commons.lang3.StringUtils;

/** Names that a user chooses and that become parts of names of files: refused before anything runs, not when they are written. */
public final class FileNames {
    /** Two of them, and what hindcast adds, stay within the 255 bytes that a name may have almost everywhere. */
    public static final int LONGEST = 90;
    /** One of these and one of those do, too. */
    public static final int LONGEST_OF_A_SWEEP = 140;

    private static final int SHOWN = 40;

    private FileNames() {}

    /**
     * Makes sure that names are short enough and stay different where a file system knows no upper case, and where other signs
     * than letters, digits, dots and hyphens are written as {@code _}.
     *
     * @param key where they stand in the configuration
     * @param most bytes of one
     * @throws UserException naming what is too long, or the two
     */
    public static void require(String key, int most, Collection<String> names) {
        var files = new HashMap<String, String>();
        for (var name : names) {
            requireShort(key, most, name);
            var file = name.replaceAll("[^A-Za-z0-9._-]+", "_").toLowerCase(Locale.ROOT);
            var other = files.put(file, name);
            if (other != null) {
                throw new UserException("Cannot use the names \"" + other + "\" and \"" + name + "\" in " + key
                        + ": both would be written to files called " + file
                        + "; let them differ in more than upper case and"
                        + " special signs");
            }
        }
    }

    /** @throws UserException if it is too long */
    public static void requireShort(String key, int most, String name) {
        var bytes = name.getBytes(StandardCharsets.UTF_8).length;
        if (bytes > most) {
            throw new UserException(
                    "Cannot use the name \"" + StringUtils.left(name, SHOWN) + "…\" in " + key + ": it has " + bytes
                            + " bytes, and names of files are made of it; " + most + " is the most, shorten it");
        }
    }
}
