package io.hindcast.kernel;

/**
 * The operations that networks are made of, on matrices whose columns are samples. A weight matrix has a column an output:
 * {@code [inputs, outputs]}, which is PyTorch's {@code [out][in]} in memory.
 *
 * <p>One instance belongs to one thread; closing it frees its matrices. Shapes are checked by nobody but the callers in
 * {@code net}, which allocate them once.
 */
public interface Kernels extends AutoCloseable {
    /** A matrix of zeros. */
    Matrix matrix(int rows, int columns);

    /** {@code output = weightᵀ · input}: {@code [out, B] = [in, out]ᵀ · [in, B]}. */
    void forward(Matrix weight, Matrix input, Matrix output);

    /** {@code inputGradient = weight · outputGradient}: {@code [in, B] = [in, out] · [out, B]}. */
    void inputGradient(Matrix weight, Matrix outputGradient, Matrix inputGradient);

    /** {@code weightGradient = input · outputGradientᵀ}: {@code [in, out] = [in, B] · [out, B]ᵀ}. */
    void weightGradient(Matrix input, Matrix outputGradient, Matrix weightGradient);

    /** {@code values = activation(values + bias)} in place; the bias is {@code rows} floats from {@code from} on. */
    void addBiasAndActivate(Matrix values, float[] bias, int from, Activation activation);

    /** {@code values = values + bias} in place. */
    void addBias(Matrix values, float[] bias, int from);

    /**
     * The way back through {@link #addBiasAndActivate}: multiplies {@code gradient} in place by the activation's slope, told
     * from the activated values, and sums its columns into the bias gradient.
     */
    void activationGradient(Matrix gradient, Matrix activated, Activation activation, float[] biasGradient, int from);

    /** Sums the columns of {@code gradient} into the bias gradient: the way back through {@link #addBias}. */
    void biasGradient(Matrix gradient, float[] biasGradient, int from);

    @Override
    void close();
}
