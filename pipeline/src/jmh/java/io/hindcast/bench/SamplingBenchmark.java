package io.hindcast.bench;

import io.hindcast.data.Batch;
import io.hindcast.data.ReplayBuffer;
import io.hindcast.run.Seeds;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** Drawing a batch from a replay buffer that no cache holds. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class SamplingBenchmark {
    /** The sizes. */
    @Param({"antmaze", "grid"})
    public String workload;

    /** Transitions in the replay buffer. */
    @Param("1000000")
    public int replay;

    private final Seeds seeds = new Seeds(0);
    private ReplayBuffer buffer;
    private Batch batch;
    private long step;

    /** Random transitions. */
    @Setup(Level.Trial)
    public void fill() {
        var sizes = Workload.ALL.get(workload);
        buffer = io.hindcast.bench.Benchmark.replay(sizes, replay);
        batch = new Batch(sizes.spaces(), sizes.batchSize());
    }

    @Benchmark
    public Batch sample() {
        buffer.sample(seeds.generator("batch", ++step), batch);
        return batch;
    }
}
