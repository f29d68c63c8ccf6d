package io.hindcast.kernel;

/** The function between the layers of a network. */
public enum Activation {
    /** {@code x}: a network of such layers is linear. */
    IDENTITY,
    /** {@code max(0, x)}. */
    RELU,
    /** The hyperbolic tangent. */
    TANH,
    /** {@code x/2 (1 + tanh(sqrt(2/pi) (x + 0.044715 x³)))} (Hendrycks and Gimpel 2016, the approximation by tanh). */
    GELU
}
