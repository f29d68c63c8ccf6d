package io.hindcast.env;

/** A worker process is of no more use: it died, it hangs or it talks nonsense. Another one may do. */
final class WorkerFailure extends Exception {
    private static final long serialVersionUID = 1L;

    /** @param message what the worker did, to follow "its Python worker" */
    WorkerFailure(String message) {
        super(message);
    }
}
