package io.hindcast.files;

import io.hindcast.config.Sha256;
import java.util.regex.Pattern;

/**
 * A seal of a JSON text: its last field {@code sha256} is the hash of the text without this field. One that was written
 * before there was a seal has none.
 */
public final class Seal {
    /** Its name. */
    public static final String FIELD = "sha256";

    private static final String END = "\n}";
    private static final Pattern LAST = Pattern.compile(",\n  \"sha256\" : \"([0-9a-f]{64})\"\n}\\z");

    private Seal() {}

    /**
     * The text with its seal.
     *
     * @param object JSON of an object with a field a line, two spaces before it
     */
    public static String put(String object) {
        if (!object.endsWith(END)) {
            throw new IllegalArgumentException("Cannot seal what does not end with a brace on a line of its own");
        }
        return object.substring(0, object.length() - END.length()) + ",\n  \"sha256\" : \"" + Sha256.of(object) + "\""
                + END;
    }

    /** Whether the text has a seal, and it is right. */
    public static boolean isWhole(String text) {
        var field = LAST.matcher(text);
        return field.find() && Sha256.of(text.substring(0, field.start()) + END).equals(field.group(1));
    }
}
