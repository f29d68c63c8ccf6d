package io.hindcast;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static java.util.stream.Collectors.toSet;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import io.hindcast.run.Seeds;
import java.util.HashSet;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.ThreadLocalRandom;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The shape of the house: what each package may use besides itself; an arrow only points down. */
class LayersTest {
    private static final Map<String, Set<String>> MAY_USE = Map.ofEntries(
            Map.entry("config", Set.of()),
            Map.entry("kernel", Set.of("config")),
            Map.entry("data", Set.of("config")),
            Map.entry("net", Set.of("config", "kernel", "data")),
            Map.entry("learn", Set.of("config", "kernel", "data", "net")),
            Map.entry("env", Set.of("config", "kernel", "data", "net")),
            Map.entry("run", belowTables()),
            Map.entry("score", belowTables()),
            Map.entry("source", belowTables()),
            Map.entry("report", belowTables()),
            Map.entry("export", Set.of("config", "kernel", "data", "net", "learn", "run")),
            Map.entry("track", belowTables()),
            Map.entry("table", belowTables()),
            Map.entry("stage", with(belowTables(), "export", "table")),
            Map.entry("jobs", with(belowTables(), "export", "table", "stage")));

    private static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages("io.hindcast");

    @Test
    void everyPackageHasItsPlace() {
        assertThat(CLASSES.stream().map(LayersTest::packageOf).collect(toSet()))
                .isSubsetOf(MAY_USE.keySet())
                .contains("config", "data", "table", "stage");
    }

    static Set<String> packages() {
        return MAY_USE.keySet();
    }

    @ParameterizedTest
    @MethodSource("packages")
    void anArrowOnlyPointsDown(String name) {
        var forbidden = MAY_USE.keySet().stream()
                .filter(other -> !other.equals(name) && !MAY_USE.get(name).contains(other))
                .map(other -> "io.hindcast." + other + "..")
                .toArray(String[]::new);
        noClasses()
                .that()
                .resideInAPackage("io.hindcast." + name + "..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(forbidden)
                .allowEmptyShould(true)
                .check(CLASSES);
    }

    @Test
    void packagesFormNoCycle() {
        slices().matching("io.hindcast.(*)..").should().beFreeOfCycles().check(CLASSES);
    }

    @Test
    void sparkLivesInTablesStagesAndJobsOnly() {
        noClasses()
                .that()
                .resideOutsideOfPackages("io.hindcast.table..", "io.hindcast.stage..", "io.hindcast.jobs..")
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
                .allowEmptyShould(true)
                .check(CLASSES);
    }

    @Test
    void stagesMeetOnlyInTables() {
        classes()
                .that()
                .haveSimpleNameEndingWith("Stage")
                .should(new ArchCondition<>("call no other stage") {
                    @Override
                    public void check(JavaClass origin, ConditionEvents events) {
                        for (var dependency : origin.getDirectDependenciesFromSelf()) {
                            var other = outermost(dependency.getTargetClass());
                            if (other.getSimpleName().endsWith("Stage") && !other.equals(outermost(origin))) {
                                events.add(SimpleConditionEvent.violated(origin, dependency.getDescription()));
                            }
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

    private static String packageOf(JavaClass type) {
        return type.getPackageName().split("\\.", 4)[2];
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

    private static Set<String> belowTables() {
        return Set.of("config", "kernel", "data", "net", "learn", "env", "run", "score", "source", "report", "track");
    }

    private static Set<String> with(Set<String> packages, String... more) {
        var all = new HashSet<>(packages);
        all.addAll(Set.of(more));
        return all;
    }
}
