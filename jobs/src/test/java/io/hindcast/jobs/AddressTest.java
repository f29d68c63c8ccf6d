package io.hindcast.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import io.hindcast.source.Format;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Addresses of file systems that are not there: of object stores without their jars, of web servers, of nothing that is known. */
@Tag("slow")
class AddressTest {
    private static final String CONF = """
            environment = pointmass-easy
            train.runs.bc.learner = behaviour-cloning
            ingest {
              format = csv, dataset = walks, input = x.csv
              action-space { type = continuous, dimension = 1, low = -1, high = 1 }
              columns { observation = [x], action = a, reward = r, terminated = end, episode-id = episode, step = t }
            }
            """;

    private static final Map<String, String> ADDRESSES = new LinkedHashMap<>();

    static {
        ADDRESSES.put("s3a://bucket/x", "of its file system is not there; give Spark the jars");
        ADDRESSES.put("abfs://container@account/x", "of its file system is not there; give Spark the jars");
        ADDRESSES.put("http://127.0.0.1:1/x", "HttpFileSystem can neither list nor write files|nothing answers there");
        ADDRESSES.put("unknown://host/x", "there is no file system for unknown://");
    }

    @TempDir
    Path directory;

    private final ByteArrayOutputStream printed = new ByteArrayOutputStream();

    @BeforeAll
    static void keepSparkSmall() {
        Part.require(2);
        System.setProperty("spark.master", "local[2]");
        System.setProperty("spark.ui.enabled", "false");
    }

    /** Every job meets one of them, and stats all. */
    @Test
    void anOutputThatCannotBeReachedIsOneLineInEveryJob() throws IOException {
        var conf = Files.writeString(directory.resolve("test.conf"), CONF).toString();
        var next = ADDRESSES.keySet().iterator();
        for (var job : Jobs.ALL) {
            if (!next.hasNext()) {
                next = ADDRESSES.keySet().iterator();
            }
            refuses(next.next(), job.name(), "--conf", conf, "--out");
        }
        for (var address : ADDRESSES.keySet()) {
            refuses(address, "stats", "--conf", conf, "--out");
        }
    }

    /** Every format of tables meets one of them, and CSV all. */
    @Test
    void anInputThatCannotBeReachedIsOneLineInEveryFormat() throws IOException {
        var conf = Files.writeString(directory.resolve("test.conf"), CONF).toString();
        var out = directory.resolve("out").toString();
        var next = ADDRESSES.keySet().iterator();
        for (var format : List.of(Format.CSV, Format.JSON, Format.PARQUET, Format.ORC, Format.AVRO)) {
            if (!next.hasNext()) {
                next = ADDRESSES.keySet().iterator();
            }
            var name = format.name().toLowerCase(Locale.ROOT).replace('_', '-');
            refuses(next.next(), "ingest", "--conf", conf, "--out", out, "--set", "format=" + name, "--set", "input=");
        }
        for (var address : ADDRESSES.keySet()) {
            refuses(address, "ingest", "--conf", conf, "--out", out, "--set", "input=");
        }
        assertThat(directory.resolve("out/transitions")).doesNotExist();
    }

    /** The address stands behind the last argument, or is the next. */
    private void refuses(String address, String... command) {
        var arguments = new ArrayList<>(List.of(command));
        var last = arguments.size() - 1;
        if (arguments.get(last).endsWith("=")) {
            arguments.set(last, arguments.get(last) + address);
        } else {
            arguments.add(address);
        }
        var code = run(arguments.toArray(String[]::new));
        assertThat(code).as("%s: %s", arguments, printed()).isEqualTo(2);
        assertThat(lines()).as("%s", arguments).hasSize(1);
        if (!command[0].startsWith("bench")) {
            assertThat(printed()).as("%s", arguments).containsPattern(ADDRESSES.get(address));
        }
    }

    private int run(String... args) {
        printed.reset();
        var stream = new PrintStream(printed, true, StandardCharsets.UTF_8);
        return Hindcast.run(Jobs.ALL, stream, stream, args);
    }

    private String printed() {
        return printed.toString(StandardCharsets.UTF_8);
    }

    /** But that a job starts. */
    private List<String> lines() {
        return printed().lines().filter(line -> !line.endsWith("] starts")).toList();
    }
}
