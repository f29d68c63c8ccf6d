package io.hindcast.source;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hindcast.config.UserException;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

final class TfExampleTest {
    @Test
    void groupsWithinGroupsAreRefusedBeforeTheyTakeTheStack() {
        var record = new byte[1_000_000];
        Arrays.fill(record, (byte) (2 << 3 | 3)); // a group of field 2 begins

        assertThatThrownBy(() -> TfExample.of(record, "record 1 of a.tfrecord", name -> true))
                .isInstanceOf(UserException.class)
                .hasMessage(
                        "Cannot read record 1 of a.tfrecord: its bytes are no tf.Example (a group begins or ends, which has no"
                                + " place here); check format");
    }
}
