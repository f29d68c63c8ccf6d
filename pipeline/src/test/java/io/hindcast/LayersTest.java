package io.hindcast;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static java.util.stream.Collectors.toSet;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import io.hindcast.config.Json;
import io.hindcast.config.Sha256;
import io.hindcast.config.Version;
import io.hindcast.run.Seeds;
import java.security.MessageDigest;
import java.util.HashSet;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.ThreadLocalRandom;
import java.util.random.RandomGenerator;
import org.apache.commons.codec.digest.DigestUtils;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The shape of the house: what each package may use besides itself; an arrow only points down. */
class LayersTest {
    private static final String[] STAGES = {
        "stage",
        "stage.collect",
        "stage.ingest",
        "stage.stats",
        "stage.curate",
        "stage.train",
        "stage.evaluate",
        "stage.judge",
        "stage.promote",
        "stage.predict",
        "stage.publish",
        "stage.report"
    };

    private static final Map<String, Set<String>> MAY_USE = Map.ofEntries(
            Map.entry("config", Set.of()),
            Map.entry("files", Set.of("config")),
            Map.entry("kernel", Set.of("config")),
            Map.entry("data", Set.of("config")),
            Map.entry("stats", Set.of("config", "data")),
            Map.entry("judge", Set.of("config", "stats")),
            Map.entry("promote", Set.of("config", "judge")),
            Map.entry("timeline", Set.of("config", "data")),
            Map.entry("source", Set.of("config", "data", "files", "timeline")),
            Map.entry("net", Set.of("config", "kernel", "data")),
            Map.entry("learn", Set.of("config", "kernel", "data", "net")),
            Map.entry("env", Set.of("config", "kernel", "data", "net", "files")),
            Map.entry("judge.policy", with(running(), "run", "stats", "judge", "export")),
            Map.entry("run", running()),
            Map.entry("collect", with(running(), "run")),
            Map.entry("score", with(running(), "run", "judge")),
            Map.entry("export", with(running(), "run")),
            Map.entry("track", with(running(), "run")),
            Map.entry("report.chart", Set.of("config", "data", "env")),
            Map.entry(
                    "report",
                    Set.of("config", "data", "stats", "judge", "promote", "env", "run", "score", "report.chart")),
            Map.entry("table.parquet", Set.of("config", "files")),
            Map.entry(
                    "table",
                    Set.of(
                            "config",
                            "data",
                            "stats",
                            "judge",
                            "promote",
                            "timeline",
                            "files",
                            "run",
                            "score",
                            "table.parquet")),
            Map.entry("stage", belowStages()),
            Map.entry("stage.collect", with(belowStages(), "stage")),
            Map.entry("stage.ingest", with(belowStages(), "stage")),
            Map.entry("stage.stats", with(belowStages(), "stage")),
            Map.entry("stage.curate", with(belowStages(), "stage")),
            Map.entry("stage.train", with(belowStages(), "stage")),
            Map.entry("stage.evaluate", with(belowStages(), "stage")),
            Map.entry("stage.judge", with(belowStages(), "stage")),
            Map.entry("stage.promote", with(belowStages(), "stage")),
            Map.entry("stage.predict", with(belowStages(), "stage")),
            Map.entry("stage.publish", with(belowStages(), "stage")),
            Map.entry("stage.report", with(belowStages(), "stage")),
            Map.entry("ml", with(belowStages(), STAGES)),
            Map.entry("bench", with(belowStages(), STAGES)));

    private static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages("io.hindcast");

    @Test
    void everyPackageHasItsPlace() {
        // The jobs, which may use everything, are another module: JobsLayersTest.
        assertThat(CLASSES.stream().map(LayersTest::packageOf).collect(toSet())).isEqualTo(MAY_USE.keySet());
    }

    static Set<String> packages() {
        return MAY_USE.keySet();
    }

    @ParameterizedTest
    @MethodSource("packages")
    void anArrowOnlyPointsDown(String name) {
        var forbidden = MAY_USE.keySet().stream()
                .filter(other -> !other.equals(name) && !MAY_USE.get(name).contains(other))
                .map(other -> "io.hindcast." + other)
                .toArray(String[]::new);
        noClasses()
                .that()
                .resideInAPackage("io.hindcast." + name)
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(forbidden)
                .check(CLASSES);
    }

    @Test
    void packagesFormNoCycle() {
        slices().matching("io.hindcast.(*)..").should().beFreeOfCycles().check(CLASSES);
        slices().matching("io.hindcast.(**)").should().beFreeOfCycles().check(CLASSES);
    }

    @Test
    void sparkLivesInTablesStagesAndWhatIsAboveOnly() {
        noClasses()
                .that()
                .resideOutsideOfPackages(
                        "io.hindcast.table..",
                        "io.hindcast.stage..",
                        "io.hindcast.ml..",
                        "io.hindcast.bench..",
                        "io.hindcast.jobs..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("org.apache.spark..")
                .check(CLASSES);
    }

    @Test
    void noLearnerKnowsAnother() {
        classes()
                .that()
                .resideInAPackage("io.hindcast.learn..")
                .should(new ArchCondition<>("use no other learner") {
                    @Override
                    public void check(JavaClass origin, ConditionEvents events) {
                        var own = outermost(origin);
                        if (!isLearner(own)) {
                            return;
                        }
                        for (var dependency : origin.getDirectDependenciesFromSelf()) {
                            var other = outermost(dependency.getTargetClass());
                            if (isLearner(other) && !other.equals(own)) {
                                events.add(SimpleConditionEvent.violated(origin, dependency.getDescription()));
                            }
                        }
                    }
                })
                .check(CLASSES);
    }

    @Test
    void stagesMeetOnlyInTables() {
        slices().matching("io.hindcast.stage.(*)..")
                .should()
                .notDependOnEachOther()
                .check(CLASSES);
    }

    @Test
    void whatOneStageAloneUsesIsInItsOwnPackage() {
        classes()
                .that()
                .resideInAPackage("io.hindcast.stage")
                .and()
                .areTopLevelClasses()
                .should(new ArchCondition<>("be used by more than one package") {
                    @Override
                    public void check(JavaClass frame, ConditionEvents events) {
                        var users = CLASSES.stream()
                                .filter(user -> user.getDirectDependenciesFromSelf().stream()
                                        .anyMatch(use ->
                                                outermost(use.getTargetClass()).equals(frame)))
                                .filter(user -> !outermost(user).equals(frame))
                                .map(LayersTest::packageOf)
                                .collect(toSet());
                        if (users.size() == 1 && users.iterator().next().startsWith("stage.")) {
                            events.add(SimpleConditionEvent.violated(
                                    frame, frame.getName() + " is used by " + users + " alone: it belongs there"));
                        }
                    }
                })
                .check(CLASSES);
    }

    @Test
    void chanceComesFromSeedsOnly() {
        noClasses()
                .that()
                .doNotBelongToAnyOf(Seeds.class)
                .should()
                .dependOnClassesThat()
                .belongToAnyOf(Random.class, SplittableRandom.class, ThreadLocalRandom.class)
                .orShould()
                .callMethod(Math.class, "random")
                .orShould()
                .callMethod(RandomGenerator.class, "getDefault")
                .orShould()
                .callMethod(RandomGenerator.class, "of", String.class)
                .check(CLASSES);
    }

    @Test
    void jsonHashesAndTheVersionAreMadeInOnePlaceEach() {
        noClasses()
                .that()
                .doNotBelongToAnyOf(Json.class)
                .should()
                .callConstructor(ObjectMapper.class)
                .orShould()
                .dependOnClassesThat()
                .areAssignableTo(JsonMapper.class)
                .check(CLASSES);
        noClasses()
                .that()
                .doNotBelongToAnyOf(Sha256.class)
                .should()
                .dependOnClassesThat()
                .belongToAnyOf(MessageDigest.class, DigestUtils.class)
                .check(CLASSES);
        noClasses()
                .that()
                .doNotBelongToAnyOf(Version.class)
                .should()
                .callMethod(Package.class, "getImplementationVersion")
                .check(CLASSES);
    }

    private static String packageOf(JavaClass type) {
        return type.getPackageName().substring("io.hindcast.".length());
    }

    private static JavaClass outermost(JavaClass type) {
        var outer = type;
        while (outer.getEnclosingClass().isPresent()) {
            outer = outer.getEnclosingClass().get();
        }
        return outer;
    }

    private static boolean isLearner(JavaClass type) {
        return !type.isInterface() && type.isAssignableTo("io.hindcast.learn.Learner");
    }

    private static Set<String> running() {
        return Set.of("config", "files", "kernel", "data", "net", "learn", "env");
    }

    private static Set<String> belowStages() {
        return with(
                running(),
                "stats",
                "judge",
                "judge.policy",
                "promote",
                "timeline",
                "source",
                "run",
                "collect",
                "score",
                "export",
                "track",
                "report",
                "report.chart",
                "table",
                "table.parquet");
    }

    private static Set<String> with(Set<String> packages, String... more) {
        var all = new HashSet<>(packages);
        all.addAll(Set.of(more));
        return all;
    }
}
