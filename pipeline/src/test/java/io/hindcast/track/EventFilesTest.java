package io.hindcast.track;

import static io.hindcast.track.SampleRuns.logged;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hindcast.run.Metric;
import io.hindcast.run.Outcome;
import io.hindcast.run.RunSpec;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class EventFilesTest {
    private static final RunSpec RUN = SampleRuns.run(1);

    @TempDir
    Path out;

    @Test
    void aFileBeginsWithItsVersionAndHasAnEventAStep() throws IOException {
        try (var files = files(1_700_000_000_250L)) {
            files.logged(RUN, logged(500, 1000));
        }

        assertThat(names()).containsExactly("events.out.tfevents.1700000000.hindcast.0000");
        assertThat(events(names().get(0)))
                .containsExactly(
                        new Event(1_700_000_000.25, 0, "brain.Event:2", Map.of()),
                        new Event(1_700_000_000.25, 500, "", Map.of("critic/loss", 5f, "policy/gradient-norm", 5000f)),
                        new Event(
                                1_700_000_000.25,
                                1000,
                                "",
                                Map.of("critic/loss", 10f, "policy/gradient-norm", 10000f)));
    }

    @Test
    void everyRunHasAFolder() throws IOException {
        try (var files = files(0)) {
            files.logged(RUN, logged(500));
            files.logged(SampleRuns.run(2), logged(500));
        }

        try (var folders = Files.list(out.resolve("tensorboard"))) {
            assertThat(folders.map(folder -> folder.getFileName().toString()))
                    .containsExactlyInAnyOrder(RUN.id(), SampleRuns.run(2).id());
        }
    }

    @Test
    void whatIsFlushedIsThereWhileTheRunGoesOn() throws IOException {
        try (var files = files(0)) {
            files.logged(RUN, logged(500));
            files.flush();

            assertThat(events(names().get(0))).hasSize(2);
        }
    }

    @Test
    void aRunThatIsTriedAgainWritesNoStepTwice() throws IOException {
        try (var files = files(0)) {
            files.logged(RUN, logged(500, 1000));
            files.logged(RUN, logged(500));
            files.logged(RUN, logged(1000, 1500));
        }

        assertThat(steps(names().get(0))).containsExactly(0L, 500L, 1000L, 1500L);
    }

    @Test
    void anotherJobGoesOnInAFileThatSortsBehind() throws IOException {
        try (var files = files(1_700_000_000_000L)) {
            files.logged(RUN, logged(500, 1000));
        }
        try (var files = files(1_600_000_000_000L)) { // on a machine whose clock is behind
            files.logged(RUN, logged(1000, 1500));
        }
        try (var files = files(1_700_000_009_000L)) {
            files.logged(RUN, logged(1500));
            files.logged(RUN, logged(2000));
        }

        assertThat(names())
                .containsExactly(
                        "events.out.tfevents.1700000000.hindcast.0000",
                        "events.out.tfevents.1700000000.hindcast.0001",
                        "events.out.tfevents.1700000009.hindcast.0002");
        assertThat(steps(names().get(1))).containsExactly(0L, 1500L);
        assertThat(steps(names().get(2))).containsExactly(0L, 2000L);
    }

    @Test
    void aJobThatHasNothingNewMakesNoFile() throws IOException {
        try (var files = files(0)) {
            files.logged(RUN, logged(500));
        }
        try (var files = files(0)) {
            files.logged(RUN, logged(500));
        }

        assertThat(names()).hasSize(1);
    }

    @Test
    void whatAKilledJobLeftHalfWrittenIsWrittenAgain() throws IOException {
        try (var files = files(0)) {
            files.logged(RUN, logged(500, 1000));
        }
        var file = folder().resolve(names().get(0));
        var bytes = Files.readAllBytes(file);
        Files.write(file, Arrays.copyOf(bytes, bytes.length - 3));
        try (var files = files(0)) {
            files.logged(RUN, logged(500, 1000));
        }

        assertThat(steps(names().get(0))).containsExactly(0L, 500L);
        assertThat(steps(names().get(1))).containsExactly(0L, 1000L);
    }

    @Test
    void valuesThatAreNotFiniteStayAsTheyAre() throws IOException {
        try (var files = files(0)) {
            files.logged(RUN, List.of(new Metric(1, "nan", Double.NaN), new Metric(1, "large", 1e300)));
        }

        assertThat(events(names().get(0)).get(1).values())
                .isEqualTo(Map.of("nan", Float.NaN, "large", Float.POSITIVE_INFINITY));
    }

    @Test
    void aRunThatStartsAgainAfterItsEndGoesOnInAnotherFile() throws IOException {
        try (var files = files(0)) {
            files.logged(RUN, logged(500));
            files.ended(RUN, Outcome.Failed.of("lost", ""));
            files.logged(RUN, logged(500, 1000));
        }

        assertThat(steps(names().get(1))).containsExactly(0L, 1000L);
    }

    @Test
    void somebodyElsesFileIsPassedOver() throws IOException {
        Files.createDirectories(folder());
        var other = new byte[] {0x0f}; // field 1, of a type that there is not
        Files.write(folder().resolve("events.out.tfevents.1500000000.other"), RecordFraming.framed(other));
        try (var files = files(1_700_000_000_000L)) {
            files.logged(RUN, logged(500));
        }

        assertThat(steps(names().get(1))).containsExactly(0L, 500L);
    }

    @Test
    void aRunOfAJobSaysItsSettingsOnceAndHowItEnded() throws IOException {
        var hparams = Hparams.of(List.of(RUN));
        try (var files = files(0, hparams)) {
            files.starts(RUN);
            files.logged(RUN, logged(500));
            files.ended(RUN, Outcome.Failed.of("lost", "")); // it may be tried again
        }
        for (var job = 0; job < 2; job++) {
            try (var files = files(0, hparams)) {
                files.starts(RUN);
                files.logged(RUN, logged(500, 1000));
                files.ended(RUN, new Outcome.Finished());
            }
        }

        assertThat(names()).hasSize(2);
        assertThat(told(names().get(0))).containsExactly("_hparams_/session_start_info");
        assertThat(told(names().get(1))).containsExactly("_hparams_/session_end_info");
        assertThat(events(names().get(1)).get(2).hparams()).containsValue(Hparams.end(true, 0));
    }

    @Test
    void aRunThatLogsNothingNewSaysItsEndIfItHasNot() throws IOException {
        var hparams = Hparams.of(List.of(RUN));
        try (var files = files(0, hparams)) {
            files.logged(RUN, logged(500)); // and the job was killed
        }
        try (var files = files(0, hparams)) {
            files.logged(RUN, logged(500));
            files.ended(RUN, new Outcome.Diverged(700, "critic/loss", Double.NaN));
        }

        assertThat(told(names().get(1))).containsExactly("_hparams_/session_end_info");
        assertThat(events(names().get(1)).get(1).hparams()).containsValue(Hparams.end(false, 0));
    }

    @Test
    void whichRunsAJobHasIsSaidOnceAndThoseOfAnotherJobAreForgotten() throws IOException {
        var other = SampleRuns.run(2);
        var jobs = List.of(List.of(RUN), List.of(RUN), List.of(RUN, other));
        for (var i = 0; i < 3; i++) {
            var hparams = Hparams.of(jobs.get(i));
            try (var files = files(1000 * i, hparams)) {
                files.starts(RUN);
                files.starts(RUN);
            }

            var name = i < 2 ? "0000000000" : "0000000002"; // the second had nothing to say
            assertThat(names(out.resolve("tensorboard")))
                    .containsExactly("events.out.tfevents." + name + ".hindcast.hparams");
            var file = out.resolve("tensorboard/events.out.tfevents." + name + ".hindcast.hparams");
            assertThat(events(file).get(1).hparams()).containsValue(hparams.experiment());
        }
    }

    @Test
    void aFileSystemThatIsNotThereIsCountedToo() {
        try (var files = new EventFiles("nowhere:/out", new Configuration(), List.of())) {
            assertThatThrownBy(() -> files.logged(RUN, logged(500)))
                    .isInstanceOf(UncheckedIOException.class)
                    .hasMessageContaining("nowhere");
            assertThat(files.unwritten()).isEqualTo(2);
        }
    }

    @Test
    void whatCannotBeWrittenIsCounted() throws IOException {
        Files.writeString(out.resolve("tensorboard"), "a file where the folder should be");
        try (var files = files(0)) {
            assertThatThrownBy(() -> files.logged(RUN, logged(500)))
                    .isInstanceOf(UncheckedIOException.class)
                    .hasMessageStartingWith("Cannot write to " + out + "/tensorboard/" + RUN.id() + ": ");
            assertThat(files.unwritten()).isEqualTo(2);
        }
    }

    private EventFiles files(long millis) {
        return files(millis, Hparams.NONE);
    }

    private EventFiles files(long millis, Hparams hparams) {
        var clock = (InstantSource) () -> Instant.ofEpochMilli(millis);
        return new EventFiles(out.toString(), new Configuration(), hparams, clock);
    }

    private Path folder() {
        return out.resolve("tensorboard").resolve(RUN.id());
    }

    private List<String> names() throws IOException {
        return names(folder());
    }

    private static List<String> names(Path folder) throws IOException {
        try (var files = Files.list(folder)) {
            return files.filter(Files::isRegularFile)
                    .map(file -> file.getFileName().toString())
                    .sorted()
                    .toList();
        }
    }

    private List<String> told(String name) throws IOException {
        return events(name).stream()
                .flatMap(event -> event.hparams().keySet().stream())
                .toList();
    }

    private List<Long> steps(String name) throws IOException {
        return events(name).stream().map(Event::step).toList();
    }

    private List<Event> events(String name) throws IOException {
        return events(folder().resolve(name));
    }

    private static List<Event> events(Path file) throws IOException {
        var stream = new ByteArrayInputStream(Files.readAllBytes(file));
        var events = new ArrayList<Event>();
        for (var data = RecordFraming.next(stream); data != null; data = RecordFraming.next(stream)) {
            events.add(Event.parse(data));
        }
        return events;
    }
}
