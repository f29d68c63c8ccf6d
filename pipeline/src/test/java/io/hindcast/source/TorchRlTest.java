package io.hindcast.source;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hindcast.config.UserException;
import io.hindcast.data.ActionSpace;
import io.hindcast.timeline.EpisodeRules.EpisodePer;
import io.hindcast.timeline.LoggedRow;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TorchRlTest {
    private static final Configuration HADOOP = new Configuration();
    private static final PlannedLogs.Rules RULES =
            new PlannedLogs.Rules(Format.TORCHRL, EpisodePer.COLUMN, null, false);

    @TempDir
    Path folder;

    @Test
    void rowsBeyondTheFilledOnesAreNotRead() {
        var rows = rows(dump(folder, META, 3, 3));

        assertThat(rows).extracting(LoggedRow::reward).containsExactly(0.0, 1.0, 2.0);
        assertThat(rows.get(1).observation()).containsExactly(2, 3);
        assertThat(rows.get(1).nextObservation()).containsExactly(4, 5);
        assertThat(rows.get(1).actionIndex()).isEqualTo(1);
    }

    @Test
    void aBufferThatHasGoneRoundBeginsWithItsOldestRow() {
        assertThat(rows(dump(folder, META, 4, 1))).extracting(LoggedRow::reward).containsExactly(1.0, 2.0, 3.0, 0.0);
    }

    @Test
    void anEpisodeEndsWhereAFlagIsSet() {
        var rows = rows(dump(folder, META, 4, 0));

        assertThat(rows).extracting(LoggedRow::terminated).containsExactly(false, true, false, false);
        assertThat(rows).extracting(LoggedRow::episode).containsExactly("run/0", "run/0", "run/1", "run/1");
    }

    @Test
    void actionsThatAreOneAmongZerosAreNumbered() {
        assertThat(plan(dump(folder, META, 4, 0)).actions()).isEqualTo(new ActionSpace.Discrete(2));
    }

    @Test
    void rowsInTwoDimensionsNeedTheirTrajectories() {
        var meta = META.replace("\"shape\":[4", "\"shape\":[2,2");
        assertThatThrownBy(() -> plan(dump(folder, meta, 2, 0)))
                .isInstanceOf(UserException.class)
                .hasMessage(
                        "Cannot read run/storage: its rows lie in 2 dimensions, and it is not known which of them is time;"
                                + " dump a buffer with collector/traj_ids, or of data.reshape(-1)");
    }

    @Test
    void anArrayThatIsShorterThanItsShapeIsRefused() {
        var input = dump(folder, META, 4, 0);
        Fixtures.write(folder.resolve("run/storage/observation.memmap"), new byte[9]);

        assertThatThrownBy(() -> rows(input))
                .isInstanceOf(UserException.class)
                .hasMessage(
                        "Cannot read run/storage: 'observation' is shorter than its shape; it is no whole storage as"
                                + " TorchRL dumps it, copy the folder again or check format");
    }

    @Test
    void anotherCursorIsAnotherContent() {
        var before = dump(folder, META, 4, 0).sha256(Format.TORCHRL, HADOOP);

        assertThat(dump(folder, META, 4, 1).sha256(Format.TORCHRL, HADOOP)).isNotEqualTo(before);
        assertThat(dump(folder, META, 4, 0).sha256(Format.TORCHRL, HADOOP)).isEqualTo(before);
    }

    /** Four places: observations [2i, 2i + 1], rewards i, actions 0 and 1 in turn as ones among zeros, row 1 terminated. */
    static final String META = "{\"observation\":{\"shape\":[4,2],\"dtype\":\"torch.float32\",\"is_nested\":false},"
            + "\"action\":{\"shape\":[4,2],\"dtype\":\"torch.int64\",\"is_nested\":false},"
            + "\"next\":{\"type\":\"TensorDict\"},\"shape\":[4],\"device\":\"cpu\"}";

    static InputFile dump(Path folder, String meta, int filled, int cursor) {
        var storage = folder.resolve("run/storage");
        Fixtures.write(storage.resolve("meta.json"), meta.getBytes(UTF_8));
        Fixtures.write(
                storage.resolve("next/meta.json"),
                META.replace(
                                "\"action\":{\"shape\":[4,2],\"dtype\":\"torch.int64\"",
                                "\"reward\":{\"shape\":[4,1],\"dtype\":\"torch.float32\"")
                        .replace(
                                "\"next\":{\"type\":\"TensorDict\"}",
                                "\"terminated\":{\"shape\":[4,1],\"dtype\":\"torch.bool\",\"is_nested\":false}")
                        .replace("\"shape\":[4", meta.contains("[2,2") ? "\"shape\":[2,2" : "\"shape\":[4")
                        .getBytes(UTF_8));
        Fixtures.write(
                storage.resolve("storage_metadata.json"),
                ("{\"is_pytree\": false, \"len\": " + filled + "}").getBytes(UTF_8));
        Fixtures.write(folder.resolve("run/writer/metadata.json"), ("{\"cursor\": " + cursor + "}").getBytes(UTF_8));
        Fixtures.write(storage.resolve("observation.memmap"), floats(0, 1, 2, 3, 4, 5, 6, 7));
        Fixtures.write(storage.resolve("next/observation.memmap"), floats(2, 3, 4, 5, 6, 7, 8, 9));
        Fixtures.write(storage.resolve("next/reward.memmap"), floats(0, 1, 2, 3));
        Fixtures.write(storage.resolve("next/terminated.memmap"), new byte[] {0, 1, 0, 0});
        var actions = ByteBuffer.allocate(64).order(ByteOrder.LITTLE_ENDIAN);
        for (var i = 0; i < 4; i++) {
            actions.putLong(16 * i + 8 * (i % 2), 1);
        }
        Fixtures.write(storage.resolve("action.memmap"), actions.array());
        return new InputFile("run/storage", storage.toString(), 100);
    }

    private static byte[] floats(float... values) {
        var bytes = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
        for (var value : values) {
            bytes.putFloat(value);
        }
        return bytes.array();
    }

    private static FilePlan plan(InputFile input) {
        return PlannedLogs.plan(input, null, RULES, HADOOP);
    }

    static List<LoggedRow> rows(InputFile input) {
        var plan = plan(input);
        var all = new ArrayList<LoggedRow>();
        for (var part : plan.parts()) {
            try (var rows = PlannedLogs.rows(part, plan.columns(), RULES, HADOOP)) {
                rows.forEachRemaining(all::add);
            }
        }
        return all;
    }
}
