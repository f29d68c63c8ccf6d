package io.hindcast.jobs;

import static java.util.Map.entry;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.hindcast.stage.RunMessages;
import io.hindcast.stage.StageContext;
import io.hindcast.stage.StageResult;
import io.hindcast.table.TableName;
import io.hindcast.table.Warehouse;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.commons.io.FileUtils;
import org.apache.spark.SparkConf;
import org.apache.spark.sql.SparkSession;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Damages what a pipeline published, does what the message says, and looks whether all is as before. */
class AdviceTest {
    private static final List<String> STAGES = List.of("collect", "stats", "curate", "train", "evaluate", "report");
    private static final String CONF = """
            environment = pointmass-easy
            collect {
              behaviour = rnd, steps = 120, seed = 1
              rnd {
                batch-size = 8, q-learning.critic.hidden-layers = [8]
                distillation { predictor.hidden-layers = [8], target.hidden-layers = [8] }
              }
            }
            curate.subsets.best { top-percent = 50 }
            train {
              seeds = [1], updates = 10, batch-size = 8, log-every = 5, checkpoint-every = 5
              runs.bc { learner = behaviour-cloning, subset = best, settings.actor.hidden-layers = [8] }
            }
            evaluate.episodes = 2
            """;

    /** Those that the pipeline makes; judge, promote and predict alone read what they made. */
    private static final Set<TableName> TABLES = EnumSet.complementOf(EnumSet.of(
            TableName.ESTIMATES,
            TableName.JUDGED_EPISODES,
            TableName.PROMISES,
            TableName.VERSIONS,
            TableName.PROMOTIONS,
            TableName.PREDICTIONS,
            TableName.PREDICTION_QUARANTINE));

    /** Who reads a table, and what of his has to go so that he reads it again. */
    private static final Map<String, List<String>> READERS = Map.ofEntries(
            entry("transitions", List.of("stats", "curate", "train", "report")),
            entry("episodes", List.of("stats", "curate", "report")),
            entry("quarantine", List.of("report")),
            entry("novelty", List.of("report")),
            entry("dataset_state", List.of("stats", "report")),
            entry("dataset_stats", List.of("report")),
            entry("subsets", List.of("train", "report")),
            entry("subset_steps", List.of("train", "report")),
            entry("runs", List.of("train", "evaluate", "report")),
            entry("metrics", List.of("report")),
            entry("evaluations", List.of("evaluate", "report")));

    private static final Map<String, List<String>> WRITTEN = Map.of(
            "stats", List.of("dataset_state", "dataset_stats", "stats"),
            "curate", List.of("subsets", "subset_steps"),
            "train", List.of("runs", "metrics", "checkpoints", "policies"),
            "evaluate", List.of("evaluations"),
            "report", List.of("report"));

    private static final Pattern REMOVE = Pattern.compile("remove (\\S+?(?:, \\S+?)*(?: and \\S+?)?)(?: and run |;|$)");
    private static final Pattern RUN =
            Pattern.compile("run (?:ingest or )?([a-z]+)(?: with (?:behaviour|the|--out)\\b| first| again)");
    private static final Pattern FOREIGN = Pattern.compile("^Cannot write (\\S+): .* move it away or ");
    private static final int MOST_TRIES = 4;

    @TempDir
    static Path published;

    private static Path conf;
    private static SparkSession spark;
    private static Map<String, String> asPublished;

    @TempDir
    Path folder;

    private final List<String> said = new ArrayList<>();

    @BeforeAll
    static void publish() throws IOException {
        conf = Files.writeString(published.resolve("advice.conf"), CONF);
        var settings = new SparkConf()
                .setMaster("local[2]")
                .setAppName("advice")
                .set("spark.ui.enabled", "false")
                .set("spark.sql.shuffle.partitions", "1")
                // Every query is of a few rows: code for it takes longer than its work.
                .set("spark.sql.codegen.wholeStage", "false")
                .set("spark.sql.codegen.factoryMode", "NO_CODEGEN")
                .set("spark.sql.adaptive.enabled", "false");
        settings.set("spark.plugins", RunMessages.class.getName());
        Warehouse.SESSION_SETTINGS.forEach(settings::set);
        SessionLimits.set(settings);
        spark = SparkSession.builder().config(settings).getOrCreate();
        var out = published.resolve("out");
        assertThat(pipeline(out, new ArrayList<>())).isNull();
        asPublished = state(out);
    }

    @AfterAll
    static void stop() {
        spark.stop();
    }

    @ParameterizedTest
    @CsvSource({
        "transitions, train, FLIPPED",
        "episodes, curate, MISSING",
        "subsets, train, FLIPPED",
        "runs, evaluate, FLIPPED",
        "metrics, report, CUT",
        "evaluations, report, FLIPPED"
    })
    void theAdviceForADamagedTableIsFollowed(String table, String reader, Damage damage) throws IOException {
        followed(part(table).orElseThrow(), reader, damage);
    }

    /** Every seventh on a day of the week. */
    @Tag("slow")
    @ParameterizedTest
    @MethodSource("everything")
    void theAdviceForAnythingThatIsDamagedIsFollowed(String file, String reader, Damage damage) throws IOException {
        followed(file, reader, damage);
    }

    /** What happens to a file. */
    enum Damage {
        FLIPPED,
        FLIPPED_NEAR_ITS_END,
        CUT,
        MISSING;

        void to(Path file) throws IOException {
            // As of a file that was copied by something else than Hadoop.
            Files.deleteIfExists(file.resolveSibling("." + file.getFileName() + ".crc"));
            var bytes = Files.readAllBytes(file);
            switch (this) {
                case FLIPPED -> bytes[Math.min(bytes.length / 3, 60)] ^= 0x10;
                case FLIPPED_NEAR_ITS_END -> bytes[bytes.length - 5] ^= 0x10;
                case CUT -> bytes = Arrays.copyOf(bytes, bytes.length / 2);
                case MISSING -> {
                    Files.delete(file);
                    return;
                }
            }
            Files.write(file, bytes);
        }
    }

    static Stream<Arguments> everything() throws IOException {
        var all = new ArrayList<Arguments>();
        for (var table : TABLES) {
            // A table without rows has no file.
            var part = part(table.directory());
            if (part.isPresent()) {
                for (var reader : READERS.get(table.directory())) {
                    for (var damage : List.of(Damage.FLIPPED, Damage.CUT, Damage.MISSING)) {
                        all.add(arguments(part.get(), reader, damage));
                    }
                }
                all.add(arguments(part.get(), "report", Damage.FLIPPED_NEAR_ITS_END));
            }
            all.add(arguments(table.directory() + "/v1/_manifest.json", "report", Damage.CUT));
            all.add(arguments(table.directory() + "/v1/_manifest.json", "report", Damage.MISSING));
        }
        var out = published.resolve("out");
        try (var files = Files.walk(out)) {
            for (var file : files.filter(Files::isRegularFile)
                    .map(file -> out.relativize(file).toString())
                    .filter(file -> file.matches("(checkpoints/.*step-0*(5|10)|policies|report|stats)/[^.].*"))
                    .filter(file -> !file.endsWith("timing.json"))
                    .sorted()
                    .toList()) {
                for (var damage : List.of(Damage.FLIPPED, Damage.CUT, Damage.MISSING)) {
                    all.add(arguments(file, file.startsWith("checkpoints") ? "evaluate" : "nobody", damage));
                }
            }
        }
        return Part.of(all).stream();
    }

    private void followed(String file, String reader, Damage damage) throws IOException {
        var out = folder.resolve("out");
        FileUtils.copyDirectory(published.resolve("out").toFile(), out.toFile());
        for (var name : WRITTEN.getOrDefault(reader, List.of())) {
            if (!file.startsWith(name + "/")) {
                FileUtils.deleteQuietly(out.resolve(name).toFile());
            }
        }
        damage.to(out.resolve(file));
        var lines = new ArrayList<String>();
        var line = pipeline(out, said);
        for (var tries = 0; line != null && tries < MOST_TRIES; tries++) {
            lines.add(line);
            follow(line, out);
            line = pipeline(out, said);
        }
        assertThat(line).as("after %s", lines).isNull();
        assertThat(state(out)).as("after %s", lines).isEqualTo(asPublished);
    }

    /** Runs all stages; returns the line of the one that was refused, or null. */
    private static @Nullable String pipeline(Path out, List<String> said) {
        for (var stage : STAGES) {
            var line = run(stage, out, said);
            if (line != null) {
                return line;
            }
        }
        return new Warehouse(spark, out.toString())
                .snapshot().leftOut().stream().findFirst().orElse(null);
    }

    private static @Nullable String run(String stage, Path out, List<String> said) {
        var jobs = Jobs.ALL.stream().<String>map(Job::name).toList();
        var configuration = Configuration.read(conf, List.of(), List.of(), "pipeline", jobs, secrets -> {});
        var job = Jobs.ALL.stream()
                .filter(one -> one.name().equals(stage))
                .findFirst()
                .orElseThrow();
        StageResult result;
        try {
            result = Step.of(job, configuration)
                    .run(new StageContext(spark, new Warehouse(spark, out.toString()), said::add));
        } catch (Exception e) {
            var ending = Ending.of(e);
            assertThat(ending.code()).as("%s: %s", stage, e).isEqualTo(2);
            assertThat(ending.line()).doesNotContain("\n").hasSizeLessThan(600);
            return ending.line();
        }
        return result.problems().isEmpty() ? null : String.join("; ", result.problems());
    }

    /** Does what the line says, no more. */
    private void follow(String line, Path out) {
        var remove = REMOVE.matcher(line);
        if (remove.find()) {
            for (var place : remove.group(1).split(", | and ")) {
                assertThat(Path.of(place)).as(line).startsWithRaw(out);
                FileUtils.deleteQuietly(Path.of(place).toFile());
            }
        }
        var foreign = FOREIGN.matcher(line);
        if (foreign.find()) {
            FileUtils.deleteQuietly(Path.of(foreign.group(1)).toFile());
            return;
        }
        var run = RUN.matcher(line);
        if (run.find()) {
            run(run.group(1), out, said);
        } else {
            assertThat(remove.reset().find()).as("it says what to do: %s", line).isTrue();
        }
    }

    /** The name of a table's file. */
    private static Optional<String> part(String table) throws IOException {
        try (var files = Files.list(published.resolve("out").resolve(table).resolve("v1"))) {
            return files.map(file -> file.getFileName().toString())
                    .filter(name -> name.endsWith(".parquet") && !name.startsWith("."))
                    .sorted()
                    .map(name -> table + "/v1/" + name)
                    .findFirst();
        }
    }

    /** All that has to be as it was: rows of tables by their fingerprints, bytes of checkpoints and policies, results. */
    private static Map<String, String> state(Path out) throws IOException {
        var state = new TreeMap<String, String>(new TrainingFolder(out).checkpoints());
        var snapshot = new Warehouse(spark, out.toString()).snapshot();
        for (var table : TABLES) {
            // How long a run took is among its columns.
            if (table != TableName.RUNS) {
                state.put(table.directory(), snapshot.require(table).manifest().fingerprint());
            }
        }
        try (var files = Files.walk(out.resolve("policies"))) {
            for (var file : files.filter(file -> file.toString().matches(".*\\.(onnx|json|zip)"))
                    .toList()) {
                state.put(out.relativize(file).toString(), Arrays.hashCode(Files.readAllBytes(file)) + "");
            }
        }
        state.put("results", results(out).toString());
        return state;
    }

    private static JsonNode results(Path out) throws IOException {
        var results = new ObjectMapper()
                .readTree(out.resolve("report/results.json").toFile())
                .path("results");
        results.forEach(result -> ((ObjectNode) result).remove("updates_per_second"));
        return results;
    }
}
