package io.hindcast.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hindcast.config.UserException;
import org.apache.spark.SparkConf;
import org.junit.jupiter.api.Test;

class SessionLimitsTest {
    private final SparkConf conf = new SparkConf(false);

    @Test
    void nativeCodeGetsTheCoresOfATaskAndTheMemoryOfItsExecutor() {
        conf.set("spark.task.cpus", "2").set("spark.executor.memory", "2g").set("spark.executor.memoryOverhead", "512");
        SessionLimits.set(conf);
        assertThat(conf.get("spark.executorEnv.OMP_NUM_THREADS")).isEqualTo("2");
        assertThat(conf.get("spark.executor.extraJavaOptions"))
                .isEqualTo("-Dorg.bytedeco.javacpp.maxphysicalbytes=" + ((2048L + 512) << 20));
    }

    @Test
    void aTenthOfTheHeapAndAtLeast384MegabytesStandBesideIt() {
        conf.set("spark.executor.extraJavaOptions", "-Da=b").set("spark.executor.memory", "8g");
        SessionLimits.set(conf);
        assertThat(conf.get("spark.executor.extraJavaOptions"))
                .isEqualTo("-Da=b -Dorg.bytedeco.javacpp.maxphysicalbytes=" + ((8192L + 819) << 20));
    }

    @Test
    void whatTheUserSetStays() {
        conf.set("spark.executor.extraJavaOptions", "-Dorg.bytedeco.javacpp.maxphysicalbytes=1g");
        SessionLimits.set(conf);
        assertThat(conf.get("spark.executor.extraJavaOptions")).isEqualTo("-Dorg.bytedeco.javacpp.maxphysicalbytes=1g");
    }

    @Test
    void executorsWriteNamesOfFilesAsTheDriverDoes() {
        conf.set("spark.executor.extraJavaOptions", "-Da=b");
        SessionLimits.setFileNames(conf, "ISO-8859-1");
        assertThat(conf.get("spark.executor.extraJavaOptions")).isEqualTo("-Da=b");
        SessionLimits.setFileNames(conf, "UTF-8");
        SessionLimits.setFileNames(conf, "UTF-8");
        assertThat(conf.get("spark.executor.extraJavaOptions"))
                .isEqualTo("-Da=b -Dsun.jnu.encoding=UTF-8 -Dfile.encoding=UTF-8");
    }

    @Test
    void newFilesAreForWhomTheUmaskOfTheProcessSays() {
        Umask.set(conf);
        assertThat(conf.get("spark.hadoop.fs.permissions.umask-mode"))
                .isEqualTo(Umask.current().orElseThrow());
        conf.set("spark.hadoop.fs.permissions.umask-mode", "077");
        Umask.set(conf);
        assertThat(conf.get("spark.hadoop.fs.permissions.umask-mode")).isEqualTo("077");
    }

    @Test
    void threadsThatAreNotTheCoresOfATaskAreRefused() {
        conf.set("spark.task.cpus", "2").set("spark.executorEnv.OMP_NUM_THREADS", "1");
        assertThatThrownBy(() -> SessionLimits.set(conf))
                .isInstanceOf(UserException.class)
                .hasMessage(
                        "Cannot run tasks with spark.task.cpus = 2 and OMP_NUM_THREADS = 1: each would use other cores"
                                + " than it has; set OMP_NUM_THREADS=2, or spark.task.cpus=1");
    }
}
