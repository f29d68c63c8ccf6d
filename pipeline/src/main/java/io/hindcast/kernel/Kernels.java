package io.hindcast.kernel;

/**
 * The operations that networks are made of, on matrices whose columns are samples. A weight matrix has a column an output:
 * {@code [inputs, outputs]}, which is PyTorch's {@code [out][in]} in memory; a bias is {@code [outputs, 1]}.
 *
 * <p>One instance belongs to one thread; closing it frees its matrices. Shapes are not checked here: callers in
 * {@code net} allocate matching matrices once.
 */
public interface Kernels extends AutoCloseable {
    /** A matrix of zeros. */
    Matrix matrix(int rows, int columns);

    /**
     * A matrix whose content nobody keeps: the same one for all who ask for the same shape and slot, so that work stays within
     * the processor's caches.
     */
    Matrix scratch(int rows, int columns, int slot);

    /** {@code output = activation(weightᵀ · input + bias)}: {@code [out, B]} of {@code [in, out]} and {@code [in, B]}. */
    void forward(Matrix weight, Matrix bias, Matrix input, Activation activation, Matrix output);

    /**
     * {@code inputGradient = weight · outputGradient}: {@code [in, B] = [in, out] · [out, B]}, of the
     * {@code inputGradient.rows()} inputs from {@code firstInput} on.
     */
    void inputGradient(Matrix weight, int firstInput, Matrix outputGradient, Matrix inputGradient);

    /** {@code weightGradient = input · outputGradientᵀ}: {@code [in, out] = [in, B] · [out, B]ᵀ}. */
    void weightGradient(Matrix input, Matrix outputGradient, Matrix weightGradient);

    /** Sums the columns of {@code outputGradient}: {@code [out, 1]} of {@code [out, B]}. */
    void biasGradient(Matrix outputGradient, Matrix biasGradient);

    /** {@code activated = activation(values)}, element by element; {@code activated} may be {@code values}. */
    void activate(Matrix values, Activation activation, Matrix activated);

    /**
     * Multiplies {@code gradient} in place by the activation's slope.
     *
     * @param telling what tells it: the activated values; of gelu what goes into it
     */
    void activationGradient(Matrix gradient, Matrix telling, Activation activation);

    /**
     * Layer normalisation (Ba, Kiros and Hinton 2016) of each column:
     * {@code normalised = (values - mean) / sqrt(variance + epsilon)} and
     * {@code output = activation(gain * normalised + bias)}; the variance divides by the number of rows.
     *
     * @param values {@code [units, B]}
     * @param gain {@code [units, 1]}
     * @param bias {@code [units, 1]}
     * @param normalised {@code [units, B]}, written
     * @param inverseDeviation {@code [B]}, written: {@code 1 / sqrt(variance + epsilon)}
     * @param output {@code [units, B]}, written; may be {@code values}
     */
    void normalise(
            Matrix values,
            Matrix gain,
            Matrix bias,
            double epsilon,
            Activation activation,
            Matrix normalised,
            float[] inverseDeviation,
            Matrix output);

    /**
     * The way back through {@link #normalise}, after {@link #activationGradient}.
     *
     * @param gradient {@code [units, B]}: in, of {@code gain * normalised + bias}; out, of what was normalised
     * @param gainGradient {@code [units, 1]}, written; the bias's is {@link #biasGradient} of the gradient that comes in
     */
    void normaliseGradient(
            Matrix gradient, Matrix gain, Matrix normalised, float[] inverseDeviation, Matrix gainGradient);

    /** {@code product = values * factors}, element by element; {@code product} may be {@code values}. */
    void multiply(Matrix values, Matrix factors, Matrix product);

    /** What computes, for logs and reports. */
    String description();

    @Override
    void close();
}
