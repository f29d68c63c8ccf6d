package io.hindcast.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import org.apache.spark.SparkConf;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LocalExchangeTest {
    private static final String COMPRESSES = "spark.shuffle.compress";
    private static final String CHECKS = "spark.shuffle.checksum.enabled";

    @ParameterizedTest
    @ValueSource(strings = {"local", "local[2]", "local[*]"})
    void inOneProcessRowsAreHandedOverAsTheyAre(String master) {
        var conf = new SparkConf(false).set("spark.master", master);
        LocalExchange.set(conf);
        assertThat(conf.get(COMPRESSES)).isEqualTo("false");
        assertThat(conf.get(CHECKS)).isEqualTo("false");
    }

    @ParameterizedTest
    @ValueSource(strings = {"local-cluster[2,1,1024]", "yarn", "spark://host:7077"})
    void betweenProcessesSparkDecides(String master) {
        var conf = new SparkConf(false).set("spark.master", master);
        LocalExchange.set(conf);
        assertThat(conf.contains(COMPRESSES)).isFalse();
        assertThat(conf.contains(CHECKS)).isFalse();
    }

    @Test
    void whatTheUserSetStands() {
        var conf = new SparkConf(false).set("spark.master", "local[2]").set(COMPRESSES, "true");
        LocalExchange.set(conf);
        assertThat(conf.get(COMPRESSES)).isEqualTo("true");
    }
}
