package io.hindcast.bench;

import io.hindcast.kernel.Gaussian;
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

/** The Gaussian policy's density for a batch. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class GaussianBenchmark {
    /** The sizes; those with continuous actions. */
    @Param({"antmaze", "course"})
    public String workload;

    private float[] mean;
    private float[] logStd;
    private float[] actions;
    private float[] logProbability;
    private float[] slope;
    private float[] meanGradient;
    private double[] logStdGradient;

    /** A batch of random means and actions. */
    @Setup(Level.Trial)
    public void allocate() {
        var sizes = Workload.ALL.get(workload);
        var batch = sizes.batchSize();
        var n = sizes.spaces().actions().size();
        mean = random(batch * n, 0);
        actions = random(batch * n, 1);
        slope = random(batch, 2);
        logStd = random(n, 3);
        logProbability = new float[batch];
        meanGradient = new float[batch * n];
        logStdGradient = new double[n];
    }

    @Benchmark
    public float[] logProbability() {
        Gaussian.logProbability(mean, logStd, actions, logProbability);
        return logProbability;
    }

    @Benchmark
    public float[] logProbabilityGradient() {
        Gaussian.gradient(mean, logStd, actions, slope, meanGradient, logStdGradient);
        return meanGradient;
    }

    private static float[] random(int length, long index) {
        var random = new Seeds(0).generator("gaussian benchmark", index);
        var numbers = new float[length];
        for (var i = 0; i < length; i++) {
            numbers[i] = 2 * random.nextFloat() - 1;
        }
        return numbers;
    }
}
