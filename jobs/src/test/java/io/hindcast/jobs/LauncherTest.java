package io.hindcast.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The script {@code hindcast} itself, in a checkout that is built, with programs that write down how they are called. */
class LauncherTest {
    private static final String MARK = "S3CRETmark9";

    /** Says that it is Java 17, and writes its arguments and what it is told about letters into a file. */
    private static final String JAVA = """
            #!/bin/bash
            case "$*" in
              *-XshowSettings*)
                printf '    %%s = %%s\\n' java.specification.version 17 java.version 17.0.9 java.home '%1$s' java.vm.version 17
                exit
                ;;
            esac
            printf '%%s\\n' "${0##*/}" "$@" "SUBMIT_OPTS $SPARK_SUBMIT_OPTS" "LC_ALL ${LC_ALL:-}" -- >>'%2$s'
            """;

    @TempDir
    Path directory;

    private Path root;
    private Path calls;
    private final Map<String, String> environment = new HashMap<>();
    private String printed = "";

    @BeforeEach
    void checkOut() throws IOException {
        root = Files.createDirectories(directory.resolve("check out"));
        calls = directory.resolve("calls");
        for (var folder : List.of("pipeline/src/main", "jobs/src/main", "data-schema", "jobs/target/spark-home/conf")) {
            Files.createDirectories(root.resolve(folder));
        }
        for (var pom : List.of("pom.xml", "pipeline/pom.xml", "jobs/pom.xml")) {
            Files.createFile(root.resolve(pom));
        }
        Files.copy(Path.of("..", "hindcast"), root.resolve("hindcast"));
        var later = FileTime.from(Instant.now().plusSeconds(60));
        for (var built : List.of("hindcast.jar", "spark-home/classes-17.jsa")) {
            Files.setLastModifiedTime(
                    Files.createFile(root.resolve("jobs/target").resolve(built)), later);
            later = FileTime.from(later.toInstant().plusSeconds(60));
        }
        program(directory.resolve("jdk/bin/java"));
        environment.put("JAVA_HOME", directory.resolve("jdk").toString());
    }

    @ParameterizedTest
    @CsvSource({
        "stats --spark spark.hadoop.fs.s3a.secret.key_MARK, --spark spark.hadoop.fs.s3a.secret.key has no '='",
        "stats --spark spark.password:MARK, --spark spark.password has no '='",
        "stats --spark=spark.password;MARK, --spark spark.password has no '='",
        "stats --spark spark.password\"MARK\", --spark spark.password has no '='",
        "stats --spark MARK, a --spark has no '='",
        "stats --spark=MARK, a --spark has no '='",
        "stats --spark, --spark needs a value",
        "stats --master lokal[2], Cannot use --master lokal[2]: it is not a master that Spark knows",
        "stats --master yarn:MARK, Cannot use --master yarn: it is not a master that Spark knows",
        "stats --master=ftp://u:MARK@h/x, Cannot use --master ftp: it is not a master that Spark knows",
        "stats --master lokal_MARK, Cannot use --master lokal: it is not a master that Spark knows",
        "stats --master, --master needs a value",
        "bench --spark spark.password=MARK, Cannot use --master or --spark with bench",
        "bench --master spark://u:MARK@h, Cannot use --master or --spark with bench"
    })
    void aRefusalIsOneLineWithoutTheSecret(String command, String words) throws Exception {
        // Neither a space nor a newline is the end of an argument here.
        for (var gap : List.of(" ", "\n", "\t")) {
            var arguments = Arrays.stream(command.replace("MARK", MARK).split(" "))
                    .map(argument -> argument.replace("_", gap))
                    .toList();
            assertThat(run(arguments)).isEqualTo(2);
            assertThat(printed).hasLineCount(1).contains(words).doesNotContain(MARK);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"--version", "-V"})
    void theVersionIsToldWithoutABuildAndLeavesNothing(String option) throws Exception {
        Files.delete(root.resolve("jobs/target/hindcast.jar"));
        Files.copy(Path.of("..", "pom.xml"), root.resolve("pom.xml"), StandardCopyOption.REPLACE_EXISTING);
        var before = files();

        assertThat(run(List.of(option))).as(printed).isZero();
        assertThat(printed).matches("hindcast [0-9]+[.][0-9.]+\\S* \\(Java 17[.]0[.]9, Spark 4[0-9.]+\\)\\R");
        assertThat(files()).isEqualTo(before);
        assertThat(calls).doesNotExist();
    }

    private List<Path> files() throws IOException {
        try (var files = Files.walk(root)) {
            return files.toList();
        }
    }

    @Test
    void settingsOfSparkReachSparkAndTheRestReachesTheJob() throws Exception {
        var odd = "spark.x=a b \"c\" $HOME `id` 'd' *";
        assertThat(run(List.of("stats", "--spark", odd, "--out", "Grüße $HOME *", "--master", "local[1]", "--debug")))
                .as(printed)
                .isZero();
        assertThat(printed).isEmpty();
        assertThat(calls()).contains(Submit.class.getName());
        assertThat(calls()).containsSubsequence("--conf", odd, "stats", "--out", "Grüße $HOME *", "--debug");
        assertThat(calls()).containsSubsequence("--master", "local[1]");
    }

    @Test
    void anotherSparkIsToldAboutLettersInTheLocaleC() throws Exception {
        program(directory.resolve("spark/bin/spark-submit"));
        environment.put("SPARK_HOME", directory.resolve("spark").toString());
        environment.put("LC_ALL", "C");
        assertThat(run(List.of("stats", "--spark", "spark.x=" + MARK, "--out", "Grüße")))
                .as(printed)
                .isZero();
        assertThat(printed).isEmpty();
        assertThat(calls())
                .containsSubsequence("spark-submit", "--conf", "spark.x=" + MARK, "stats", "--out", "Grüße")
                .anyMatch(line -> line.startsWith("SUBMIT_OPTS ") && line.contains("-Dsun.jnu.encoding=UTF-8"))
                .last()
                .isEqualTo("--");
    }

    @ParameterizedTest
    @CsvSource({
        "spark.jars=s3a://key:MARK@bucket/x.jar, S3AFileSystem of its file system is not there",
        "spark.jars=http://u:MARK@127.0.0.1:1/x.jar, nothing answers there (Connection refused)",
        "spark.submit.deployMode=cluster, Cluster deploy mode is not compatible with master"
    })
    void whatSparkRefusesBeforeAJobBeginsIsOneLine(String setting, String words) throws Exception {
        try (var spark = HindcastProcess.java(
                Map.of(),
                List.of(),
                Submit.class.getName(),
                "--master",
                "local[1]",
                "--class",
                Hindcast.class.getName(),
                "--conf",
                setting.replace("MARK", MARK),
                "spark-internal",
                "stats",
                "--out",
                directory.resolve("out").toString())) {
            assertThat(spark.exitCode()).as("%s", spark.lines()).isEqualTo(2);
            assertThat(spark.lines())
                    .hasSize(1)
                    .first()
                    .asString()
                    .contains(words)
                    .doesNotContain(MARK);
        }
    }

    @Test
    void aSparkThatIsNoneIsRefused() throws Exception {
        environment.put("SPARK_HOME", directory.resolve("nothing").toString());
        assertThat(run(List.of("stats"))).isEqualTo(2);
        assertThat(printed).hasLineCount(1).startsWith("Cannot use SPARK_HOME=").contains("it has no bin/spark-submit");
    }

    private List<String> calls() throws IOException {
        return Files.readAllLines(calls);
    }

    private void program(Path path) throws IOException {
        Files.createDirectories(path.getParent());
        Files.writeString(path, JAVA.formatted(directory.resolve("jdk"), calls));
        Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    private int run(List<String> arguments) throws Exception {
        var command = new ArrayList<>(List.of("bash", root.resolve("hindcast").toString()));
        command.addAll(arguments);
        var builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().remove("SPARK_HOME");
        builder.environment().putAll(environment);
        var process = builder.start();
        process.getOutputStream().close();
        printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(1, TimeUnit.MINUTES)).isTrue();
        return process.exitValue();
    }
}
