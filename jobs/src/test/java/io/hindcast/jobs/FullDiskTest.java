package io.hindcast.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.commons.io.FileUtils;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every job whose tables are on a disk that becomes full after so many bytes says so in one line, leaves nothing that is half
 * written, and does its work when there is room.
 */
class FullDiskTest {
    private static final String CONF = """
            environment = pointmass-easy
            collect { behaviour = wanderer, episodes = 4 }
            ingest {
              format = csv, dataset = walks, input = "%s"
              action-space { type = continuous, dimension = 1, low = -1, high = 1 }
              columns { observation = [x], action = a, reward = r, terminated = end, episode-id = episode, step = t }
            }
            curate.subsets.best { top-percent = 50 }
            train {
              updates = 20, checkpoint-every = 10, batch-size = 8, seeds = [1]
              runs {
                bc { learner = behaviour-cloning, subset = best, settings.actor.hidden-layers = [4] }
                dqn { learner = dqn, settings.critic.hidden-layers = [4] }
              }
            }
            evaluate.episodes = 2
            """;

    /** What each job makes, in the order in which they run. */
    private static final Map<String, List<String>> MADE = new LinkedHashMap<>();

    static {
        MADE.put("ingest", List.of("transitions", "episodes", "quarantine"));
        MADE.put("collect", List.of("transitions", "episodes", "quarantine", "novelty"));
        MADE.put("stats", List.of("dataset_state", "dataset_stats", "stats"));
        MADE.put("curate", List.of("subsets", "subset_steps"));
        MADE.put("train", List.of("runs", "metrics", "checkpoints", "policies", "progress", "tensorboard"));
        MADE.put("evaluate", List.of("evaluations"));
        MADE.put("report", List.of("report"));
    }

    @TempDir
    static Path directory;

    private static final Set<String> DONE = new HashSet<>();

    private static Path conf;
    private static Path whole;
    private static Path ingested;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    @BeforeAll
    static void writeConfiguration() throws IOException {
        FaultyFileSystem.settings()
                .forEach(setting -> System.setProperty(
                        setting.substring(0, setting.indexOf('=')), setting.substring(setting.indexOf('=') + 1)));
        var log = new StringBuilder("episode,t,x,a,r,end\n");
        for (var i = 0; i < 60; i++) {
            log.append("%d,%d,%s,%s,%s,%d%n".formatted(i / 6, i % 6, Math.sin(i), Math.cos(3 * i), i % 5, i % 6 / 5));
        }
        var csv = Files.writeString(directory.resolve("walks.csv"), log);
        conf = Files.writeString(directory.resolve("test.conf"), CONF.formatted(csv));
        whole = directory.resolve("whole");
        ingested = directory.resolve("ingested");
    }

    /** Has jobs do undisturbed what they have not yet done, up to {@code last}. */
    private static void runUpTo(String last) {
        for (var job : MADE.keySet()) {
            if (DONE.add(job)) {
                TrainingFolder.run(command(job, (job.equals("ingest") ? ingested : whole).toString()));
            }
            if (job.equals(last)) {
                return;
            }
        }
    }

    @AfterAll
    static void makeRoom() {
        FaultyFileSystem.makeRoom(Long.MAX_VALUE);
        FaultyFileSystem.settings()
                .forEach(setting -> System.clearProperty(setting.substring(0, setting.indexOf('='))));
    }

    static Stream<String> jobs() {
        return MADE.keySet().stream();
    }

    @Tag("faults")
    @ParameterizedTest
    @MethodSource("jobs")
    void aFullDiskIsOneLineAndNothingIsLost(String job) throws IOException {
        fillAt(job, List.of(0.5));
    }

    /** As in a notebook, where the same process tries again. */
    @Test
    void aLeaseThatFindsNoRoomIsNotWaitedForByItsOwnProcess() throws IOException {
        runUpTo("stats");
        var folder = copy(before("stats"), "no room for a lease");
        FaultyFileSystem.makeRoom(1);
        assertThat(run("stats", folder)).isEqualTo(2);
        try (var files = Files.list(folder)) {
            assertThat(files.map(file -> file.getFileName().toString())).noneMatch(name -> name.startsWith(".lease"));
        }

        FaultyFileSystem.makeRoom(Long.MAX_VALUE);
        assertThat(run("stats", folder))
                .as(() -> out.toString(StandardCharsets.UTF_8) + err.toString(StandardCharsets.UTF_8))
                .isZero();
        FileUtils.deleteDirectory(folder.toFile());
    }

    /** Every seventh on a day of the week. */
    @Tag("slow")
    @ParameterizedTest
    @MethodSource("jobs")
    void aFullDiskIsOneLineAndNothingIsLostWhereverItIsFull(String job) throws IOException {
        fillAt(job, Part.of(IntStream.range(0, 25).mapToObj(i -> i / 25.0).toList()));
    }

    private void fillAt(String job, List<Double> shares) throws IOException {
        runUpTo(job);
        var before = before(job);
        var needed = needed(job, before);
        for (var share : shares) {
            var room = (long) (share * needed);
            var folder = copy(before, job + "-" + room);
            FaultyFileSystem.makeRoom(room);
            var code = run(job, folder);
            assertThat(FaultyFileSystem.room()).as("room that is left").isNegative();
            var said = out.toString(StandardCharsets.UTF_8) + err.toString(StandardCharsets.UTF_8);
            assertThat(code)
                    .as("%s with room for %d bytes: %s", job, room, said)
                    .isIn(2, 3);
            assertThat(said).contains("the disk is full").doesNotContain("damaged", "Exception", "\tat ");
            assertThat(err.toString(StandardCharsets.UTF_8).lines().count())
                    .as(said)
                    .isEqualTo(code == 2 ? 1 : 0);
            assertWholeOrAbsent(folder);

            FaultyFileSystem.makeRoom(Long.MAX_VALUE);
            assertThat(run(job, folder))
                    .as(() -> out.toString(StandardCharsets.UTF_8) + err.toString(StandardCharsets.UTF_8))
                    .isZero();
            assertThat(made(folder, job)).isEqualTo(made(job.equals("ingest") ? ingested : whole, job));
            FileUtils.deleteDirectory(folder.toFile());
        }
    }

    /** The bytes that a job writes; what it makes in this file system is what it makes elsewhere. */
    private long needed(String job, Path before) throws IOException {
        var folder = copy(before, job + "-needed");
        FaultyFileSystem.makeRoom(Long.MAX_VALUE);
        assertThat(run(job, folder)).as(err.toString(StandardCharsets.UTF_8)).isZero();
        var needed = Long.MAX_VALUE - FaultyFileSystem.room();
        assertThat(made(folder, job)).isEqualTo(made(job.equals("ingest") ? ingested : whole, job));
        return needed;
    }

    /** What there is when a job begins. */
    private static Path before(String job) throws IOException {
        var folder = directory.resolve("before-" + job);
        if (job.equals("ingest")) {
            return Files.createDirectories(folder);
        }
        FileUtils.copyDirectory(whole.toFile(), folder.toFile());
        var jobs = new ArrayList<>(MADE.keySet());
        for (var later : jobs.subList(jobs.indexOf(job), jobs.size())) {
            for (var table : MADE.get(later)) {
                FileUtils.deleteDirectory(folder.resolve(table).toFile());
            }
        }
        return folder;
    }

    private static Path copy(Path from, String name) throws IOException {
        var folder = directory.resolve(name);
        FileUtils.copyDirectory(from.toFile(), folder.toFile());
        return folder;
    }

    /** Versions of tables are complete or have no number. */
    private static void assertWholeOrAbsent(Path folder) throws IOException {
        try (var files = Files.walk(folder)) {
            for (var version : files.filter(
                            file -> file.getFileName().toString().matches("v[0-9]+"))
                    .toList()) {
                assertThat(version.resolve("_manifest.json")).exists();
            }
        }
        assertThat(folder.resolve("report"))
                .satisfiesAnyOf(
                        report -> assertThat(report).doesNotExist(),
                        report -> assertThat(report.resolve("_manifest.json")).exists());
    }

    /** The files a job made, and of those without times in them what they hold. */
    private static Map<String, String> made(Path folder, String job) throws IOException {
        var made = new TreeMap<String, String>();
        try (var files = Files.walk(folder)) {
            // Hadoop's local file system keeps checksums beside what it writes.
            for (var file : files.filter(Files::isRegularFile)
                    .filter(file -> !file.toString().endsWith(".crc"))
                    .toList()) {
                var name = folder.relativize(file).toString();
                if (MADE.get(job).contains(name.replaceFirst("/.*", ""))) {
                    var plain = name.replaceAll("part-[^/]*", "part").replaceAll("tfevents.*", "tfevents");
                    // A job that goes on writes its events into another file.
                    var isOfMany = name.startsWith("tensorboard/");
                    made.merge(plain, what(file, name), (one, other) -> isOfMany ? one : one + " " + other);
                } else if (name.startsWith(".")) {
                    made.put(name, "left");
                }
            }
        }
        return made;
    }

    private static String what(Path file, String name) throws IOException {
        var hasTimes =
                name.matches("(runs|metrics|progress|tensorboard|report|stats)/.*|.*timing\\.json|.*_manifest\\.json");
        return hasTimes ? "" : Integer.toHexString(Arrays.hashCode(Files.readAllBytes(file)));
    }

    private static String[] command(String job, String to) {
        return new String[] {job, "--conf", conf.toString(), "--out", to};
    }

    private int run(String job, Path folder) {
        out.reset();
        err.reset();
        return Hindcast.run(
                Jobs.ALL,
                new PrintStream(out, true, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8),
                command(job, "fault://" + folder));
    }
}
