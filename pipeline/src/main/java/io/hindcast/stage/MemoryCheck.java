package io.hindcast.stage;

import io.hindcast.config.UserException;
import io.hindcast.data.OnlineReplay;
import io.hindcast.data.ReplayBuffer;
import io.hindcast.data.RowLayout;
import io.hindcast.data.Spaces;
import io.hindcast.run.CheckpointStore;
import io.hindcast.run.Footprint;
import io.hindcast.run.RunSpec;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;

/**
 * Checks that runs fit into the memory of the place where they are trained.
 *
 * @param atOnce how many run side by side in one JVM
 * @param heap bytes of its heap
 * @param heapShareForData the share of it that is kept for data
 * @param outside bytes that it may take outside the heap
 * @param raise how to give it more outside the heap, in words
 * @param slots how to let fewer run side by side, in words
 */
public record MemoryCheck(int atOnce, long heap, double heapShareForData, long outside, String raise, String slots) {
    /** What Java, Spark, ND4J and oneDNN themselves take beyond the heap. */
    private static final long LIBRARIES = 300L << 20;

    /**
     * Where the session's executors stand; with a local master the driver is the only one.
     *
     * @param cpusPerRun how many cores a run reserves
     * @param heapShareForData the share of the heap that is kept for data
     */
    public static MemoryCheck of(StageContext context, int cpusPerRun, double heapShareForData) {
        var spark = context.spark().sparkContext();
        var conf = spark.getConf();
        var cpus = Math.max(conf.getInt("spark.task.cpus", 1), cpusPerRun);
        if (context.engine().isLocal()) {
            var machine = ManagementFactory.getPlatformMXBean(com.sun.management.OperatingSystemMXBean.class);
            var heap = Runtime.getRuntime().maxMemory();
            var taskCpus = conf.getInt("spark.task.cpus", 1);
            return new MemoryCheck(
                    Math.max(1, spark.defaultParallelism() / taskCpus),
                    heap,
                    heapShareForData,
                    Math.max(0, machine.getTotalMemorySize() - heap),
                    "take a machine with more memory than it has",
                    "--master 'local[1]' or a higher spark.task.cpus");
        }
        var memory = ExecutorMemory.of(conf);
        return new MemoryCheck(
                Math.max(1, conf.getInt("spark.executor.cores", 1) / cpus),
                memory.heap(),
                heapShareForData,
                memory.overhead(),
                "set spark.executor.memoryOverhead",
                "train.cpus-per-run");
    }

    /**
     * Makes sure that every run can be trained here.
     *
     * @param store where their checkpoints stand
     * @throws UserException with the numbers, if one cannot
     */
    public void require(List<RunSpec> specs, Spaces spaces, CheckpointStore store) {
        var known = new HashMap<String, Footprint>();
        for (var spec : specs) {
            var kind = spec.learner() + spec.settings() + spec.batchSize() + spec.judges() + spec.precision();
            var footprint = known.computeIfAbsent(kind, key -> footprint(spec, spaces, store));
            var needed = LIBRARIES + atOnce * footprint.nativeBytes();
            if (needed > outside) {
                throw new UserException("Cannot train " + spec.name() + ": " + atOnce + " runs side by side take "
                        + megabytes(needed) + " outside the Java heap (" + megabytes(footprint.nativeBytes())
                        + " each, " + megabytes(LIBRARIES) + " for libraries) and there is room for "
                        + megabytes(outside) + "; " + raise + " to that, or let fewer run at once with " + slots);
            }
            var room = (long) ((1 - heapShareForData) * heap);
            var heapNeeded = atOnce * (footprint.heapBytes() + ownRows(spec, spaces));
            if (heapNeeded > room) {
                var what = spec.online() == null
                        ? "parameters and moments"
                        : "parameters, moments and newest steps (online.capacity)";
                throw new UserException("Cannot train " + spec.name() + ": the " + what + " of " + atOnce
                        + " runs side by side take " + megabytes(heapNeeded)
                        + " of the Java heap, where data leave " + megabytes(room) + " of " + megabytes(heap)
                        + "; give it more memory, a lower train.heap-share-for-data, or fewer runs at once with "
                        + slots);
            }
        }
    }

    /** What a run keeps of what it does itself. */
    private static long ownRows(RunSpec spec, Spaces spaces) {
        if (spec.online() == null) {
            return 0;
        }
        var online = spec.online().config();
        var layout = OnlineReplay.layout(RowLayout.of(spaces));
        return ReplayBuffer.bytes(layout, Math.min(online.capacity(), online.steps()));
    }

    private static Footprint footprint(RunSpec spec, Spaces spaces, CheckpointStore store) {
        try {
            return Footprint.of(spec, spaces, store);
        } catch (OutOfMemoryError e) {
            throw new UserException(
                    "Cannot train " + spec.name() + ": not even one run fits into the driver (" + e.getMessage()
                            + "); give it more memory, or the run smaller networks",
                    e);
        }
    }

    /**
     * Makes sure that rows which do not fit into the heap find room on the disk.
     *
     * @param rows the largest number that a run learns from
     * @param layout which numbers each has
     * @param directory where they would stand
     */
    public void requireDisk(long rows, RowLayout layout, Path directory) {
        var bytes = ReplayBuffer.bytes(layout, rows);
        var usable = directory.toFile().getUsableSpace();
        if (bytes > heapShareForData * heap && bytes > usable) {
            throw new UserException("Cannot train on " + String.format(Locale.ROOT, "%,d", rows)
                    + " transitions: they take " + megabytes(bytes) + ", data may take "
                    + megabytes((long) (heapShareForData * heap)) + " of the heap, and " + directory + " has "
                    + megabytes(usable) + " left; set spark.local.dir to a larger disk, or give the heap more memory");
        }
    }

    private static String megabytes(long bytes) {
        return String.format(Locale.ROOT, "%,d MB", (bytes + (1 << 20) - 1) >> 20);
    }
}
