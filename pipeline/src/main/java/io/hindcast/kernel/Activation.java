package io.hindcast.kernel;

/** The function between the layers of a network. */
public enum Activation {
    /** {@code x}: a network of such layers is linear. */
    IDENTITY,
    /** {@code max(0, x)}. */
    RELU,
    /** The hyperbolic tangent. */
    TANH
}
