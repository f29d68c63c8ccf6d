package io.hindcast.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("faults")
class ExecutorLogsTest {
    private static final String PASSWORD = "M4RKEDpw9x77";

    @TempDir
    Path directory;

    /** H2 quotes the whole query where a row of it fails, which is in a task. */
    @Test
    void whatADriverQuotesInATaskIsHiddenInTheLogsOfItsExecutor() throws Exception {
        var url = "jdbc:h2:file:" + directory.resolve("database") + ";AUTO_SERVER=TRUE";
        try (var connection = DriverManager.getConnection(url, "bob", PASSWORD);
                var statement = connection.createStatement()) {
            statement.execute("CREATE TABLE log(E INT, X DOUBLE PRECISION)");
            statement.execute("INSERT INTO log VALUES (0, 0.5)");
        }
        var conf = Files.writeString(directory.resolve("my.conf"), """
                ingest {
                  format = spark, dataset = d
                  spark { format = jdbc, options { url = "%s", user = bob, password = %s
                    dbtable = "(SELECT E, X, 1 / E AS Q FROM log WHERE '%s' <> '') q" } }
                  columns { observation = [X], action-index = E, episode-id = E, reward = Q }
                  action-space { type = discrete, count = 2 }
                }
                """.formatted(url, PASSWORD, PASSWORD));
        var settings = new ArrayList<>(List.of("spark.master=local-cluster[1,1,1024]"));
        settings.addAll(List.of(
                "log4j2.configurationFile=" + logging("driver"),
                "spark.executor.extraJavaOptions=-Dlog4j2.configurationFile=" + logging("executor")));
        try (var job = HindcastProcess.hindcast(
                settings,
                "ingest",
                "--conf",
                conf.toString(),
                "--out",
                directory.resolve("out").toString())) {
            assertThat(job.exitCode()).as("%s", job.lines()).isEqualTo(2);
            assertThat(job.lines()).noneMatch(line -> line.contains(PASSWORD));
        }
        for (var process : List.of("driver", "executor")) {
            assertThat(Files.readString(directory.resolve(process + ".log")))
                    .as(process)
                    .contains("Division by zero", "***")
                    .doesNotContain(PASSWORD);
        }
    }

    private Path logging(String process) throws IOException {
        return Files.writeString(directory.resolve(process + ".properties"), """
                appender.file.type = File
                appender.file.name = file
                appender.file.fileName = %s/%s.log
                appender.file.layout.type = PatternLayout
                appender.file.layout.pattern = %%p %%c %%t: %%m%%n%%ex
                rootLogger.level = info
                rootLogger.appenderRef.file.ref = file
                """.formatted(directory, process));
    }
}
