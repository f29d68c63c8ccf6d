package io.hindcast.data;

import java.io.Serializable;

/** What an agent did: a real vector or the index of one of several actions. */
public sealed interface Action extends Serializable {
    /** A real vector; the array is the action's own. */
    @SuppressWarnings("ArrayRecordComponent") // compared nowhere; copied by whoever keeps it
    record Vector(float[] values) implements Action {}

    /** The index of an action, from 0. */
    record Index(int index) implements Action {}
}
