package io.hindcast.table;

import static org.assertj.core.api.Assertions.assertThat;

import io.hindcast.data.ActionSpace;
import io.hindcast.data.Spaces;
import io.hindcast.run.RunSpec;
import io.hindcast.table.ReplayReader.Durations;
import io.hindcast.table.StepReader.Share;
import io.hindcast.table.parquet.PartReader;
import io.hindcast.table.parquet.PartWriter;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class StepReaderTest {
    private static final Configuration HADOOP = new Configuration();
    private static final int WIDTH = 1000;
    private static final int ROWS = 12_000;

    @TempDir
    Path directory;

    @Test
    void sharesOfAFileHaveEveryEpisodeOnceAndWhole() throws IOException {
        // The longest episode begins in one group of rows and ends beyond the next.
        var file = transitions(3_000, 8_000, 1, 1, 998);
        try (var part = new PartReader(HADOOP, file, List.of("step"))) {
            assertThat(part.groups()).isEqualTo(3);
        }
        var whole = read(file, Share.WHOLE);
        assertThat(whole).hasSize(ROWS);
        for (var shares : List.of(2, 3, 5)) {
            var together = new ArrayList<String>();
            for (var share : Share.all(shares)) {
                together.addAll(read(file, share));
            }
            assertThat(together).as(shares + " shares").isEqualTo(whole);
        }
        assertThat(read(file, new Share(0, 3))).hasSize(11_000);
        assertThat(read(file, new Share(1, 3))).isEmpty();
        assertThat(read(file, new Share(2, 3))).hasSize(1_000);
    }

    private static List<String> read(String file, Share share) {
        var spaces = new Spaces(WIDTH, new ActionSpace.Discrete(2));
        var reader = new StepReader(
                List.of(file),
                share,
                List.of(),
                RunSpec.ALL,
                spaces,
                Set.of(),
                Durations.STEPS,
                List.of(),
                List.of(),
                List.of(),
                List.of());
        var read = new ArrayList<String>();
        reader.read(HADOOP, steps -> {
            for (var row = 0; row < steps.rows(); row++) {
                read.add(steps.episodes()[row] + ":" + steps.steps()[row]);
            }
        });
        return read;
    }

    /** Episodes of these lengths, in groups of 4096 rows. */
    private String transitions(int... lengths) throws IOException {
        var random = new SplittableRandom(1);
        var seen = new float[WIDTH];
        try (var writer = new PartWriter(TableName.TRANSITIONS.schema(), directory.toString(), "a.parquet", HADOOP)) {
            for (var episode = 0; episode < lengths.length; episode++) {
                for (var step = 0; step < lengths[episode]; step++) {
                    for (var i = 0; i < WIDTH; i++) {
                        seen[i] = random.nextInt(); // which cannot be packed
                    }
                    writer.write(new Object[] {
                        Integer.toString(episode),
                        (long) step,
                        seen,
                        null,
                        1,
                        1.0,
                        seen,
                        false,
                        step == lengths[episode] - 1,
                        null,
                        null,
                        null,
                        null,
                        "f",
                        (long) step,
                        null
                    });
                }
            }
            writer.finish();
        }
        return directory.resolve("a.parquet").toString();
    }
}
