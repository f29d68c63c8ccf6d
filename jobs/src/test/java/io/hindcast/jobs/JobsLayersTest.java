package io.hindcast.jobs;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.concurrent.ThreadLocalRandom;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

/** The shape of the house where the jobs are in sight: they stand above everything else. */
class JobsLayersTest {
    private static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages("io.hindcast");

    private static final ArchRule CHANCE_COMES_FROM_SEEDS = noClasses()
            .should()
            .dependOnClassesThat()
            .belongToAnyOf(Random.class, SplittableRandom.class, ThreadLocalRandom.class)
            .orShould()
            .callMethod(Math.class, "random")
            .orShould()
            .callMethod(RandomGenerator.class, "getDefault")
            .orShould()
            .callMethod(RandomGenerator.class, "of", String.class);

    private static JavaClasses jobs() {
        return CLASSES.that(JavaClass.Predicates.resideInAPackage("io.hindcast.jobs.."));
    }

    @Test
    void bothModulesAreInSight() {
        assertThat(jobs()).hasSizeGreaterThan(20);
        assertThat(CLASSES).hasSizeGreaterThan(jobs().size() + 100);
    }

    @Test
    void nothingKnowsTheJobs() {
        noClasses()
                .that()
                .resideOutsideOfPackage("io.hindcast.jobs..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("io.hindcast.jobs..")
                .check(CLASSES);
    }

    @Test
    void packagesFormNoCycle() {
        slices().matching("io.hindcast.(*)..").should().beFreeOfCycles().check(CLASSES);
    }

    @Test
    void chanceComesFromSeedsOnly() {
        CHANCE_COMES_FROM_SEEDS.check(jobs());
        assertThatThrownBy(() -> CHANCE_COMES_FROM_SEEDS.check(new ClassFileImporter().importClasses(Dice.class)))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("Dice");
    }

    /** What the rule is there to find. */
    private static final class Dice {
        static double roll() {
            return Math.random();
        }
    }
}
