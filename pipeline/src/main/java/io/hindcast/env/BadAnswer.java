package io.hindcast.env;

/** An episode cannot begin because its first observation is invalid. */
public final class BadAnswer extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final Fault fault;

    /** For the reason given. */
    public BadAnswer(Fault fault) {
        super("Cannot begin an episode: " + fault.detail());
        this.fault = fault;
    }

    /** Why. */
    public Fault fault() {
        return fault;
    }

    /**
     * A first observation as it is.
     *
     * @param observationSize how many numbers it has to have
     * @throws BadAnswer if it is none
     */
    public static float[] require(float[] observation, int observationSize) {
        var fault = Fault.of(observation, observationSize);
        if (fault != null) {
            throw new BadAnswer(fault);
        }
        return observation;
    }
}
