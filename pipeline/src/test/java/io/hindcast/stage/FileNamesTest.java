package io.hindcast.stage;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.typesafe.config.ConfigFactory;
import io.hindcast.config.Settings;
import io.hindcast.config.UserException;
import io.hindcast.stage.curate.CurateConfig;
import io.hindcast.stage.train.TrainConfig;
import org.junit.jupiter.api.Test;

class FileNamesTest {
    @Test
    void aNameOfNinetyBytesIsTheLongestOfARunAndOfASubset() {
        assertThatCode(() -> train(run("a".repeat(90), "all"))).doesNotThrowAnyException();
        assertThatThrownBy(() -> train(run("a".repeat(91), "all")))
                .isInstanceOf(UserException.class)
                .hasMessage("Cannot use the name \"" + "a".repeat(40)
                        + "…\" in train.runs: it has 91 bytes, and names of files"
                        + " are made of it; 90 is the most, shorten it");
        assertThatThrownBy(() -> train(run("a", "日".repeat(31))))
                .hasMessage(
                        "Cannot use the name \"" + "日".repeat(31) + "…\" in subset of train.runs: it has 93 bytes, and"
                                + " names of files are made of it; 90 is the most, shorten it");
        assertThatThrownBy(() -> curate("\"" + "s".repeat(300) + "\" { top-percent = 50 }"))
                .hasMessageContaining("in curate.subsets: it has 300 bytes");
    }

    @Test
    void theNamesThatASweepMakesAreBoundedToo() {
        var values = "expectile = [0.7, 0." + "8".repeat(60) + "]";
        assertThatCode(() -> train("a { learner = iql, sweep { " + values + " } }"))
                .doesNotThrowAnyException();
        assertThatThrownBy(() -> train("\"" + "a".repeat(90) + "\" { learner = iql, sweep { discount = [" + "0.99, \"0."
                        + "9".repeat(60) + "\"] } }"))
                .hasMessageContaining("140 is the most");
    }

    @Test
    void twoNamesWhoseFilesWouldBeOneAreRefused() {
        assertThatThrownBy(() -> train(run("IQL", "all") + ", " + run("iql", "all")))
                .isInstanceOf(UserException.class)
                .hasMessage(
                        "Cannot use the names \"IQL\" and \"iql\" in train.runs: both would be written to files called iql;"
                                + " let them differ in more than upper case and special signs");
        assertThatThrownBy(() -> train(run("a/b", "all") + ", " + run("a_b", "all")))
                .hasMessageContaining("\"a/b\" and \"a_b\"");
        assertThatThrownBy(() -> curate("best { top-percent = 50 }, BEST { top-percent = 10 }"))
                .hasMessageContaining("in curate.subsets: both would be written to files called best");
    }

    private static String run(String name, String subset) {
        return "\"" + name + "\" { learner = behaviour-cloning, subset = \"" + subset + "\" }";
    }

    private static void train(String runs) {
        Settings.read(TrainConfig.class, ConfigFactory.parseString("runs { " + runs + " }"), "train");
    }

    private static void curate(String subsets) {
        Settings.read(CurateConfig.class, ConfigFactory.parseString("subsets { " + subsets + " }"), "curate");
    }
}
