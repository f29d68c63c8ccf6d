package io.hindcast.jobs;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Pattern;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.SparkConf;

/** The umask of the process, for Hadoop, which does not ask the system for it. */
final class Umask {
    private static final String KEY = "fs.permissions.umask-mode";
    private static final Pattern LINE = Pattern.compile("(?m)^Umask:\\s*([0-7]{3,4})$");
    private static final Pattern OCTAL = Pattern.compile("0*([0-7]{3})\\s*");

    private Umask() {}

    /** Has Hadoop use the one of this process, unless a configuration file or the user says otherwise. */
    static void set(SparkConf conf) {
        var sources = new Configuration().getPropertySources(KEY);
        var isDefault = sources == null || sources.length == 0 || sources[0].contains("core-default.xml");
        if (isDefault) {
            current().ifPresent(umask -> conf.setIfMissing("spark.hadoop." + KEY, umask));
        }
    }

    /** Three octal digits; empty where the system does not say. */
    static Optional<String> current() {
        try {
            var status = Path.of("/proc/self/status");
            if (Files.isReadable(status)) {
                var line = LINE.matcher(Files.readString(status, StandardCharsets.ISO_8859_1));
                return line.find() ? octal(line.group(1)) : Optional.empty();
            }
            var shell = new ProcessBuilder("sh", "-c", "umask").start();
            try (var out = shell.getInputStream()) {
                return octal(new String(out.readAllBytes(), StandardCharsets.US_ASCII));
            }
        } catch (IOException e) {
            return Optional.empty(); // a system without a shell has none
        }
    }

    private static Optional<String> octal(String text) {
        var found = OCTAL.matcher(text);
        return found.matches() ? Optional.of(found.group(1)) : Optional.empty();
    }
}
