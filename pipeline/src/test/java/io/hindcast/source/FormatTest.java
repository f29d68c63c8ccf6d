package io.hindcast.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.hindcast.config.UserException;
import io.hindcast.timeline.EpisodeRules.EpisodePer;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class FormatTest {
    private static final byte[] NO_LOG = "x".getBytes(java.nio.charset.StandardCharsets.US_ASCII);

    @TempDir
    Path folder;

    /** Who reads a format refuses in words a file that is no log, unless it has no rows; who does not read it is not asked. */
    @ParameterizedTest
    @EnumSource
    void everyFormatIsReadByOneReader(Format format) throws IOException {
        var file = Files.write(folder.resolve("x"), NO_LOG);
        var opened = catchThrowable(() -> {
            try (var rows = format.open("x", new ByteArrayInputStream(NO_LOG), new Wanted(List.of("a")))) {
                rows.next();
            }
        });
        var planned = catchThrowable(() -> PlannedLogs.plan(
                new InputFile("x", file.toString(), NO_LOG.length),
                null,
                new PlannedLogs.Rules(format, EpisodePer.COLUMN, null, false),
                new Configuration()));

        var isOpened = !(opened instanceof IllegalStateException);
        assertThat(List.of(format.isFrame(), format.isPlanned(), isOpened)).containsOnlyOnce(true);
        if (format.isPlanned()) {
            assertThat(planned).isInstanceOf(UserException.class).hasMessageStartingWith("Cannot ");
        } else {
            assertThat(planned).isInstanceOf(IllegalStateException.class);
        }
        if (isOpened && opened != null) {
            assertThat(opened).isInstanceOf(UserException.class).hasMessageStartingWith("Cannot ");
        }
    }
}
