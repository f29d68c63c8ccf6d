package io.hindcast.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * {@code conf/airflow/retrain.py} for three nights in a row, by {@code airflow dags test} and the {@code spark-submit} of a whole
 * Spark: the shop of {@link RetrainTest} comes to the same decisions.
 */
@Tag("slow")
@Tag("jar")
class AirflowTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    Path directory;

    private PinnedPython python;
    private Map<String, String> environment;
    private Path conf;

    @Test
    void theSameDagTrainsAndPromotesNightAfterNight() throws Exception {
        Part.require(0);
        python = PinnedPython.of("airflow");
        environment = environment();
        // The configuration that is shipped, with what makes its training small.
        conf = Files.writeString(
                directory.resolve("retrain.conf"),
                Files.readString(Path.of("../conf/retrain.conf")) + "\n" + String.join("\n", Shop.SMALL) + "\n");
        airflow("db", "migrate");
        var shop = new Shop(directory);

        shop.log("day-1", 300, "", "0.3333333333333333", Shop.Clicks.AS_THEY_WERE);
        night("2026-11-01", shop);
        assertThat(shop.versionThatActs()).isEqualTo("1");

        shop.log("day-2", 4000, "1", "0.3333333333333333", Shop.Clicks.AS_THEY_WERE);
        night("2026-11-02", shop);
        assertThat(shop.versionThatActs()).isEqualTo("2");

        shop.log("day-3", 12000, "2", "0.3333333333333333", Shop.Clicks.INVERTED_WHERE_POLICIES_LEARN);
        night("2026-11-03", shop);
        assertThat(shop.versionThatActs()).isEqualTo("2");

        assertThat(shop.history("verdict")).containsExactly("promoted", "promoted", "kept");
    }

    private void night(String day, Shop shop) throws Exception {
        var parameters = Map.of(
                "jar", WholeSpark.jar().toString(),
                "conf", conf.toString(),
                "logs", shop.logs().toString(),
                "visitors", shop.visitorsOfTomorrow().toString(),
                "registry", shop.registry().toString(),
                "out", shop.out().toString());
        var lines = airflow("dags", "test", "hindcast_retrain", day, "--conf", JSON.writeValueAsString(parameters));
        assertThat(lines).as("%s", day).anyMatch(line -> line.matches(".*\\[predict\\] ends after .*"));
    }

    private Map<String, String> environment() throws IOException, InterruptedException {
        var spark = WholeSpark.ofTheBuild();
        var variables = new HashMap<>(spark.environment());
        variables.put("AIRFLOW_HOME", directory.resolve("airflow").toString());
        variables.put("AIRFLOW__CORE__LOAD_EXAMPLES", "False");
        variables.put(
                "AIRFLOW__CORE__DAGS_FOLDER",
                Path.of("../conf/airflow").toRealPath().toString());
        variables.put(
                "AIRFLOW_CONN_SPARK_DEFAULT",
                JSON.writeValueAsString(Map.of("conn_type", "spark", "host", "local[2]")));
        variables.put("PATH", spark.home() + "/bin:" + python.folder() + "/bin:" + System.getenv("PATH"));
        return variables;
    }

    private List<String> airflow(String... arguments) throws Exception {
        var command = new ArrayList<>(List.of(python.program("airflow")));
        command.addAll(List.of(arguments));
        try (var process = HindcastProcess.program(environment, command.toArray(String[]::new))) {
            assertThat(process.exitCode())
                    .as("%s", String.join("\n", process.lines()))
                    .isZero();
            return process.lines();
        }
    }
}
