package io.hindcast.jobs;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigIncludeContext;
import com.typesafe.config.ConfigIncluder;
import com.typesafe.config.ConfigIncluderClasspath;
import com.typesafe.config.ConfigIncluderFile;
import com.typesafe.config.ConfigIncluderURL;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigParseOptions;
import io.hindcast.config.Outside;
import io.hindcast.config.UserException;
import java.io.File;
import java.io.IOException;
import java.net.URL;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * A file of HOCON, and what it includes. Before it is parsed it is bounded, in length and in how deep it is nested, since the
 * parser calls itself for every level. Only files that are there are included: neither addresses nor what is on the class path.
 */
final class ConfFile {
    /** In bytes, of one file. */
    static final int LONGEST = 1 << 20;
    /** Levels of brackets, and parts of a dotted key. */
    static final int DEEPEST = 50;

    private ConfFile() {}

    /**
     * What a file says, with all references in it filled in.
     *
     * @throws UserException if it is too long, too deep or no UTF-8, or includes what is not a file
     * @throws ConfigException if it is no HOCON
     */
    static Config read(Path file) {
        return parse(file, 0).resolve();
    }

    private static Config parse(Path file, int includes) {
        check("the configuration " + file, text(file));
        return ConfigFactory.parseFile(
                file.toFile(),
                ConfigParseOptions.defaults().setAllowMissing(false).setIncluder(new FilesOnly(file, includes)));
    }

    /** What the text of one {@code --set} says, likewise. */
    static ConfigObject parse(String what, String text) {
        check(what, text);
        return ConfigFactory.parseString(text, ConfigParseOptions.defaults().setIncluder(new FilesOnly(Path.of(""), 0)))
                .resolve()
                .root();
    }

    private static String text(Path file) {
        byte[] bytes;
        try (var in = Files.newInputStream(file)) {
            bytes = in.readNBytes(LONGEST + 1);
        } catch (IOException e) {
            throw new UserException(
                    "Cannot read the configuration " + file + ": " + Outside.words(e, "check the path after --conf"),
                    e);
        }
        if (bytes.length > LONGEST) {
            throw new UserException("Cannot read the configuration " + file + ": it has more than " + LONGEST
                    + " bytes; write less, for example a sweep instead of each of its runs");
        }
        var in = ByteBuffer.wrap(bytes);
        var out = CharBuffer.allocate(bytes.length);
        if (StandardCharsets.UTF_8.newDecoder().decode(in, out, true).isError()) {
            throw new UserException("Cannot read the configuration " + file + ": it is no UTF-8 (byte " + in.position()
                    + " is 0x" + String.format("%02x", bytes[in.position()]) + "); save it as UTF-8");
        }
        return out.flip().toString();
    }

    /** Bounds the depth of a text: brackets outside of quotes and comments, and the dots of a key. */
    static void check(String what, String text) {
        var depth = 0;
        var dots = 0;
        for (var i = 0; i < text.length(); i++) {
            var c = text.charAt(i);
            if (c == '"') {
                i = endOfQuotes(text, i);
            } else if (c == '#' || text.startsWith("//", i)) {
                i = endOfLine(text, i);
            } else if (c == '{' || c == '[') {
                depth++;
            } else if (c == '}' || c == ']') {
                depth--;
            }
            dots = c == '.' ? dots + 1 : c == '"' || Character.isUnicodeIdentifierPart(c) || c == '-' ? dots : 0;
            if (depth > DEEPEST || dots > DEEPEST) {
                throw new UserException("Cannot read " + what + ": "
                        + (depth > DEEPEST ? "brackets are nested" : "a key is")
                        + " more than " + DEEPEST + " levels deep; write it flatter");
            }
        }
    }

    private static int endOfQuotes(String text, int start) {
        if (text.startsWith("\"\"\"", start)) {
            var end = text.indexOf("\"\"\"", start + 3);
            return end < 0 ? text.length() : end + 2;
        }
        for (var i = start + 1; i < text.length(); i++) {
            var c = text.charAt(i);
            if (c == '"' || c == '\n') {
                return i;
            }
            if (c == '\\') {
                i++;
            }
        }
        return text.length();
    }

    private static int endOfLine(String text, int start) {
        var end = text.indexOf('\n', start);
        return end < 0 ? text.length() : end;
    }

    /** Includes files, named from the folder of the one that includes them. */
    private record FilesOnly(Path file, int includes)
            implements ConfigIncluder, ConfigIncluderFile, ConfigIncluderURL, ConfigIncluderClasspath {
        private static final List<String> ENDINGS = List.of("", ".conf", ".json", ".properties");

        @Override
        public ConfigIncluder withFallback(ConfigIncluder fallback) {
            return this;
        }

        @Override
        public ConfigObject include(ConfigIncludeContext context, String what) {
            return included(file.resolveSibling(what), what);
        }

        @Override
        public ConfigObject includeFile(ConfigIncludeContext context, File what) {
            return included(what.toPath(), what.toString());
        }

        @Override
        public ConfigObject includeURL(ConfigIncludeContext context, URL what) {
            throw refused("url(\"" + what.getProtocol() + ":…\")");
        }

        @Override
        public ConfigObject includeResources(ConfigIncludeContext context, String what) {
            throw refused("classpath(\"" + what + "\")");
        }

        private UserException refused(String what) {
            return new UserException("Cannot read the configuration" + place() + ": it includes " + what
                    + ", and only files can be included; copy that into a file and include its path");
        }

        private ConfigObject included(Path path, String what) {
            if (includes == DEEPEST) {
                throw new UserException(
                        "Cannot read the configuration" + place() + ": files include each other more than " + DEEPEST
                                + " levels deep; look for one that includes itself");
            }
            for (var ending : ENDINGS) {
                var candidate = path.resolveSibling(path.getFileName() + ending);
                if (Files.isRegularFile(candidate)) {
                    return parse(candidate, includes + 1).root();
                }
            }
            throw new UserException("Cannot read the configuration" + place() + ": it includes \"" + what
                    + "\", and there is no file " + path
                    + "; mend the path, which counts from the folder of the file that"
                    + " includes it, or leave the line out");
        }

        private String place() {
            return file.toString().isEmpty() ? " in --set" : " " + file;
        }
    }
}
