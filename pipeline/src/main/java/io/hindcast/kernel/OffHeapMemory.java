package io.hindcast.kernel;

import java.lang.ref.Cleaner;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.Pointer;

/**
 * Floats outside the Java heap, which live until {@link #free}, or as long as this object does. JavaCPP's own arrays would count
 * against the size of the Java heap as well, with which they have nothing to do: the limit is what the process may take in all.
 */
final class OffHeapMemory {
    private static final Cleaner CLEANER = Cleaner.create();
    /** As often as JavaCPP does, the collector is asked to free what nobody holds any more. */
    private static final int TRIES = 10;
    /** Bytes of a line of the cache, and of a whole register of AVX-512. */
    private static final int LINE = 64;

    private final Pointer start;
    private final long floats;
    private final Cleaner.Cleanable cleanable;

    /**
     * So many zeros.
     *
     * @throws OutOfMemoryError if the process would take more than {@code org.bytedeco.javacpp.maxphysicalbytes}, or the system has
     *     no more
     */
    OffHeapMemory(long floats) {
        this.floats = floats;
        var bytes = floats * Float.BYTES;
        makeRoom(bytes);
        start = Pointer.calloc(1, bytes + LINE - Float.BYTES);
        if (start == null || start.isNull()) {
            throw new OutOfMemoryError("the system has no " + Pointer.formatBytes(bytes) + " left for a matrix");
        }
        var memory = start;
        cleanable = CLEANER.register(this, () -> Pointer.free(memory));
    }

    private static void makeRoom(long bytes) {
        var limit = Pointer.maxPhysicalBytes();
        if (limit <= 0) {
            return;
        }
        var taken = Pointer.physicalBytes();
        for (var tries = 0; taken + bytes > limit; tries++) {
            if (tries == TRIES) {
                throw new OutOfMemoryError("a matrix of " + Pointer.formatBytes(bytes) + " beside the "
                        + Pointer.formatBytes(taken) + " that the process takes > maxPhysicalBytes ("
                        + Pointer.formatBytes(limit) + ")");
            }
            collect();
            taken = Pointer.physicalBytes();
        }
    }

    private static void collect() {
        System.gc();
        try {
            Thread.sleep(100);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Where they stand: from the start of a line of the cache on. */
    FloatPointer floats() {
        var toLine = Math.floorMod(-start.address(), LINE) / Float.BYTES;
        var pointer = new FloatPointer(start).getPointer(toLine);
        pointer.capacity(floats);
        return pointer;
    }

    /** Gives the memory back; a second time does nothing. */
    void free() {
        cleanable.clean();
    }
}
