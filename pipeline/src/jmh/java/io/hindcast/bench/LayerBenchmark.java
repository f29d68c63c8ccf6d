package io.hindcast.bench;

import io.hindcast.kernel.Activation;
import io.hindcast.kernel.Kernels;
import io.hindcast.kernel.Matrix;
import io.hindcast.kernel.Nd4jKernels;
import io.hindcast.run.Seeds;
import java.util.Arrays;
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

/** What a layer from hidden units to hidden units is made of: the products and the loops around them. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class LayerBenchmark {
    private static final double EPSILON = 1e-5;

    /** The sizes: of the policy's layers. */
    @Param({"antmaze", "grid", "course"})
    public String workload;

    /** The library of products; {@code -p blas=ONEDNN,ND4J} compares them. */
    @Param("ONEDNN")
    public Nd4jKernels.Choice blas;

    private Kernels kernels;
    private Matrix weight;
    private Matrix bias;
    private Matrix gain;
    private Matrix input;
    private Matrix output;
    private Matrix normalised;
    private Matrix outputGradient;
    private Matrix inputGradient;
    private Matrix weightGradient;
    private Matrix biasGradient;
    private Matrix zeros;
    private Matrix halves;
    private float[] ones;
    private float[] inverseDeviation;

    /** Random numbers, but where an operation in place would carry them out of range when it is repeated. */
    @Setup(Level.Trial)
    public void allocate() {
        var sizes = Workload.ALL.get(workload);
        var units = sizes.sizes().actorHidden().get(0);
        var batch = sizes.batchSize();
        kernels = new Nd4jKernels(blas);
        weight = random(units, units);
        bias = random(units, 1);
        input = random(units, batch);
        output = random(units, batch);
        normalised = random(units, batch);
        outputGradient = random(units, batch);
        inputGradient = random(units, batch);
        weightGradient = random(units, units);
        biasGradient = random(units, 1);
        zeros = filled(units, batch, 0);
        halves = filled(units, batch, 0.5f);
        gain = filled(units, 1, 1);
        ones = new float[batch];
        inverseDeviation = new float[batch];
        Arrays.fill(ones, 1);
    }

    /** Frees the matrices. */
    @TearDown(Level.Trial)
    public void free() {
        kernels.close();
    }

    @Benchmark
    public void forwardLinear() {
        kernels.forward(weight, bias, input, Activation.IDENTITY, output);
    }

    @Benchmark
    public void forwardRelu() {
        kernels.forward(weight, bias, input, Activation.RELU, output);
    }

    @Benchmark
    public void forwardTanh() {
        kernels.forward(weight, bias, input, Activation.TANH, output);
    }

    @Benchmark
    public void inputGradient() {
        kernels.inputGradient(weight, 0, outputGradient, inputGradient);
    }

    @Benchmark
    public void weightGradient() {
        kernels.weightGradient(input, outputGradient, weightGradient);
    }

    @Benchmark
    public void biasGradient() {
        kernels.biasGradient(outputGradient, biasGradient);
    }

    /** With all units active: the slope is 1, and the gradient stays what it is. */
    @Benchmark
    public void activationGradientRelu() {
        kernels.activationGradient(outputGradient, halves, Activation.RELU);
    }

    /** At 0, where the slope is 1 too. */
    @Benchmark
    public void activationGradientTanh() {
        kernels.activationGradient(outputGradient, zeros, Activation.TANH);
    }

    @Benchmark
    public void layerNorm() {
        kernels.normalise(output, gain, bias, EPSILON, Activation.RELU, normalised, inverseDeviation, output);
    }

    @Benchmark
    public void layerNormGradient() {
        kernels.normaliseGradient(outputGradient, gain, normalised, ones, biasGradient);
    }

    private Matrix random(int rows, int columns) {
        var random = new Seeds(0).generator("layer benchmark", 1000L * rows + columns);
        var numbers = new float[rows * columns];
        for (var i = 0; i < numbers.length; i++) {
            numbers[i] = (float) (random.nextGaussian() / Math.sqrt(rows));
        }
        return written(rows, columns, numbers);
    }

    private Matrix filled(int rows, int columns, float number) {
        var numbers = new float[rows * columns];
        Arrays.fill(numbers, number);
        return written(rows, columns, numbers);
    }

    private Matrix written(int rows, int columns, float[] numbers) {
        var matrix = kernels.matrix(rows, columns);
        matrix.write(numbers, 0);
        return matrix;
    }
}
