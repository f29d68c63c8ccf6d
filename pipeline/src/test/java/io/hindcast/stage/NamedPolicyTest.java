package io.hindcast.stage;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hindcast.config.UserException;
import io.hindcast.run.CheckpointStore;
import java.nio.file.Path;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a conf file names and what is of no use is refused in one line. */
final class NamedPolicyTest {
    @TempDir
    Path folder;

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            dqn-all-s1-0123456789ab | it holds no checkpoint; name the directory of a run, OUT/checkpoints/RUN_ID
            nowhere/x | it holds no checkpoint; name the directory of a run, OUT/checkpoints/RUN_ID
            a:b | Relative path in absolute URI
            """)
    void aRunThatIsNotThere(String run, String reason) {
        assertThatThrownBy(() -> find(run))
                .isInstanceOf(UserException.class)
                .hasMessageStartingWith("Cannot use run = " + run + " for a test: ")
                .hasMessageContaining(reason);
    }

    @Test
    void anAddressWithAPasswordIsNotWrittenDown() {
        assertThatThrownBy(() -> find("hdfs://me:guess@host/out/checkpoints/x"))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("a password in it would stand there; leave it out and give it to Hadoop")
                .hasMessageNotContaining("guess");
    }

    private void find(String run) {
        var store = new CheckpointStore(folder.toString(), new Configuration());
        NamedPolicy.find(store, run, null, "a test", checkpoint -> {});
    }
}
