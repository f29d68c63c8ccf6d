package io.hindcast.stage.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class PathLabelsTest {
    @Test
    void whatAllBeginOrEndWithIsLeftOut() {
        assertThat(PathLabels.of(List.of("/out/cartpole/random", "/out/cartpole/mixed")))
                .containsExactly("random", "mixed");
        assertThat(PathLabels.of(List.of("/out/old/hopper", "/out/new/hopper"))).containsExactly("old", "new");
        assertThat(PathLabels.of(List.of("/out/a/b", "/out/c", "/else"))).containsExactly("out/a/b", "out/c", "else");
    }

    @Test
    void aPathOfWhichNothingIsLeftStaysWhole() {
        assertThat(PathLabels.of(List.of("/out", "/out/b"))).containsExactly("/out", "b");
        // What is left out at the end is not what is left out at the beginning.
        assertThat(PathLabels.of(List.of("/a", "/a/a"))).containsExactly("/a", "a");
        assertThat(PathLabels.of(List.of("/a"))).containsExactly("/a");
    }
}
