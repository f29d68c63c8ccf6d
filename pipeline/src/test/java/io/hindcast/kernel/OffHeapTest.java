package io.hindcast.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.bytedeco.javacpp.Pointer;
import org.junit.jupiter.api.Test;

final class OffHeapTest {
    @Test
    void aMatrixHoldsZerosUntilItIsWritten() {
        var matrix = new OffHeap(2, 3);
        try {
            var read = new float[] {9, 9, 9, 9, 9, 9};
            matrix.read(read, 0);
            assertThat(read).containsExactly(0, 0, 0, 0, 0, 0);

            matrix.write(new float[] {1, 2, 3, 4, 5, 6}, 0);
            matrix.view(2, 2, 1).read(read, 4);
            assertThat(read).containsExactly(0, 0, 0, 0, 3, 4);
        } finally {
            matrix.free();
        }
    }

    @Test
    void everyMatrixStartsALineOfTheCache() {
        for (var columns = 1; columns < 40; columns++) {
            var matrix = new OffHeap(3, columns);
            assertThat(matrix.pointer.address() % 64).isZero();
            matrix.free();
        }
    }

    @Test
    void aMatrixMayBeLargerThanJavaCppLetsItsOwnArraysBeInAll() {
        // Of memory that is never written the system takes none.
        var columns = (int) (Pointer.maxBytes() / (1 << 20) / Float.BYTES) + 1;
        var memory = new OffHeapMemory((long) columns << 20);
        assertThat(memory.floats().capacity() * Float.BYTES).isGreaterThan(Pointer.maxBytes());
        memory.free();
    }

    @Test
    void oneThatTheProcessMayNotTakeIsRefusedWithTheLimit() {
        var floats = Pointer.maxPhysicalBytes() / Float.BYTES;
        assertThatThrownBy(() -> new OffHeapMemory(floats))
                .isInstanceOf(OutOfMemoryError.class)
                .hasMessageMatching(
                        "a matrix of \\d+M beside the \\d+M that the process takes > maxPhysicalBytes \\(\\d+M\\)");
    }

    @Test
    void memoryThatNobodyHoldsIsGivenBack() throws InterruptedException {
        var before = Pointer.physicalBytes();
        for (var k = 0; k < 20; k++) {
            // 64 MB each, all written: 1.25 GB in all.
            new OffHeap(1 << 12, 1 << 12).write(new float[1 << 24], 0);
            System.gc();
            Thread.sleep(5);
        }
        assertThat(Pointer.physicalBytes() - before).isLessThan(768L << 20);
    }
}
