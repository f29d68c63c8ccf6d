package io.hindcast.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OutsideTest {
    @ParameterizedTest
    @ValueSource(
            strings = {"mkdir of file:/out/x failed", "Mkdirs failed to create file:/out/x (exists=false, cwd=file:/)"})
    void aDirectoryThatCannotBeMadeIsSaidWithoutTheNamesOfClasses(String said) {
        var failure = new UncheckedIOException("Cannot write checkpoint file:/out/x: " + said, new IOException(said));

        assertThat(Outside.reason(failure))
                .isEqualTo("Cannot write checkpoint file:/out/x: no directory can be made there (" + said + ")");
    }
}
