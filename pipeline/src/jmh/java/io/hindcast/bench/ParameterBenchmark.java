package io.hindcast.bench;

import com.typesafe.config.ConfigFactory;
import io.hindcast.config.Settings;
import io.hindcast.kernel.Nd4jKernels;
import io.hindcast.net.Adam;
import io.hindcast.net.Mlp;
import io.hindcast.net.NetworkConfig;
import io.hindcast.run.Seeds;
import java.util.List;
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
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** What is done to all parameters of a policy's network, the copy to where the kernels read them included. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class ParameterBenchmark {
    /** The sizes: of the policy. */
    @Param({"antmaze", "grid", "course"})
    public String workload;

    private Nd4jKernels kernels;
    private Mlp network;
    private Mlp target;
    private Adam adam;

    /** Two networks with different parameters, one with gradients that stay the same. */
    @Setup(Level.Trial)
    public void allocate() {
        var sizes = Workload.ALL.get(workload);
        var config = Settings.read(
                NetworkConfig.class, ConfigFactory.parseString("hidden-layers = " + sizes.sizes().actorHidden()), "");
        var random = new Seeds(0).generator("parameter benchmark", 0);
        kernels = new Nd4jKernels();
        network = new Mlp(kernels, sizes.spaces().observationSize(), config, sizes.spaces().actions().size());
        network.initialise(random);
        target = new Mlp(kernels, sizes.spaces().observationSize(), config, sizes.spaces().actions().size());
        target.initialise(random);
        var gradients = network.parameters().gradients();
        for (var i = 0; i < gradients.length; i++) {
            gradients[i] = (float) random.nextGaussian();
        }
        adam = new Adam(List.of(network), config, Long.MAX_VALUE);
    }

    /** Frees the matrices. */
    @TearDown(Level.Trial)
    public void free() {
        kernels.close();
    }

    @Benchmark
    public void adamStep() {
        adam.step();
    }

    @Benchmark
    public void polyak() {
        target.follow(network, 0.005);
    }
}
