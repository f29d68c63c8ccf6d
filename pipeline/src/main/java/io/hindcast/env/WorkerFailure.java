package io.hindcast.env;

/** The worker process died, hangs or sent invalid data; a replacement may succeed. */
final class WorkerFailure extends Exception {
    private static final long serialVersionUID = 1L;

    /** @param message what the worker did, to follow "its Python worker" */
    WorkerFailure(String message) {
        super(message);
    }
}
