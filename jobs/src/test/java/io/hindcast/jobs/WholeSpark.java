package io.hindcast.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.apache.spark.SparkBuildInfo;

/**
 * A Spark as a cluster has it, of the version that the build uses, with what the build leaves out: YARN, Kubernetes and the scripts.
 *
 * @param home where it lies
 */
record WholeSpark(Path home) {
    /** Fetches it the first time. */
    static WholeSpark ofTheBuild() throws IOException, InterruptedException {
        var fetched = new ProcessBuilder("../.ci/spark-home", SparkBuildInfo.spark_version())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        var home = Path.of(new String(fetched.getInputStream().readAllBytes()).strip());
        assertThat(fetched.waitFor()).as("the exit code of .ci/spark-home").isZero();
        return new WholeSpark(home);
    }

    /** Its {@code spark-submit}. */
    String submit() {
        return home.resolve("bin/spark-submit").toString();
    }

    /** What its scripts need to know; the Java is this process's. */
    Map<String, String> environment() {
        return Map.of(
                "JAVA_HOME",
                System.getProperty("java.home"),
                "SPARK_HOME",
                home.toString(),
                "SPARK_LOCAL_IP",
                "127.0.0.1",
                "OMP_NUM_THREADS",
                "1");
    }

    /** The jar that is submitted. Tests that need it have the tag jar, and run when it is built. */
    static Path jar() {
        var jar = Path.of("target/hindcast.jar").toAbsolutePath();
        assertThat(Files.exists(jar))
                .as("%s is there; ./mvnw package -DskipTests builds it", jar)
                .isTrue();
        return jar;
    }
}
