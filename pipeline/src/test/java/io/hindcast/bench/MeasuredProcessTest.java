package io.hindcast.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

final class MeasuredProcessTest {
    @Test
    void thePeakOfTheHeapIsTheMostThatACollectionLeft() {
        assertThat(MeasuredProcess.peakHeap(List.of(
                        "[0.014s][info][gc] Using G1",
                        "[0.6s][info][gc] GC(0) Pause Young (Normal) (G1 Evacuation Pause) 23M->5M(248M) 4.6ms",
                        "[1.2s][info][gc] GC(1) Pause Young (Concurrent Start) (Metadata GC Threshold) 70M->8M(248M) 5ms",
                        "[1.3s][info][gc] GC(2) Pause Full (System.gc()) 8M->6200K(30M) 9ms",
                        "[1.3s][info][gc] GC(3) Concurrent Mark Cycle 9ms")))
                .isEqualTo(8 << 20);
        assertThat(MeasuredProcess.peakHeap(List.of())).isZero();
    }
}
