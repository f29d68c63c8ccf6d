package io.hindcast.config;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaConstructorCall;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** Ranges are checked while settings are read: so no value is out of its range if nothing makes such a record in another way. */
class MadeByReadingTest {
    @Test
    void aRecordWithRangesIsReadOrMadeInItsOwnFileFromOneThatWas() {
        var classes = new ClassFileImporter()
                .withImportOption(new ImportOption.DoNotIncludeTests())
                .withImportOption(location -> !location.contains("/test/"))
                .importPackages("io.hindcast");

        var made = classes.stream()
                .flatMap(type -> type.getConstructorCallsFromSelf().stream())
                .filter(call -> hasRange(call.getTargetOwner()))
                .toList();
        assertThat(made).as("calls that are seen at all").isNotEmpty();
        assertThat(made.stream()
                        .filter(call -> !outermost(call.getOriginOwner()).equals(outermost(call.getTargetOwner())))
                        .map(JavaConstructorCall::getDescription))
                .isEmpty();
    }

    private static boolean hasRange(JavaClass type) {
        return type.isRecord()
                && Arrays.stream(type.reflect().getRecordComponents())
                        .map(component -> component.getAnnotation(Setting.class))
                        .anyMatch(setting -> setting != null && !setting.range().isEmpty());
    }

    private static JavaClass outermost(JavaClass type) {
        return type.getEnclosingClass().map(MadeByReadingTest::outermost).orElse(type);
    }
}
