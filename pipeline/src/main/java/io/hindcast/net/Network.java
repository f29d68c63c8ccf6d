package io.hindcast.net;

/** A network: it has parameters. */
public interface Network {
    /** Its numbers. */
    Parameters parameters();

    /** Makes changed values take effect: copies them to where the kernels read them. */
    void refresh();

    /** Takes over the values of a network of the same layout. */
    default void copyFrom(Network other) {
        var from = other.parameters().values();
        System.arraycopy(from, 0, parameters().values(), 0, from.length);
        refresh();
    }

    /** Polyak averaging: {@code this = (1 - rate) * this + rate * online}, parameter by parameter. */
    default void follow(Network online, double rate) {
        var from = online.parameters().values();
        var to = parameters().values();
        var keep = (float) (1 - rate);
        var take = (float) rate;
        for (var i = 0; i < to.length; i++) {
            to[i] = keep * to[i] + take * from[i];
        }
        refresh();
    }
}
