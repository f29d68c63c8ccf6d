package io.hindcast.jobs;

import io.hindcast.config.Secrets;
import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;

/** A print stream that hides secrets: it passes text on line by line, without the secrets in it. */
final class HidingStream extends OutputStream {
    /** A longer line is passed on in parts. */
    private static final int LONGEST = 1 << 20;

    private final PrintStream target;
    private final Secrets secrets;
    private final ByteArrayOutputStream line = new ByteArrayOutputStream();

    private HidingStream(PrintStream target, Secrets secrets) {
        this.target = target;
        this.secrets = secrets;
    }

    /** A stream before {@code target}; what it has of a line goes on when it is flushed. */
    static PrintStream before(PrintStream target, Secrets secrets) {
        return new PrintStream(new HidingStream(target, secrets), true, StandardCharsets.UTF_8);
    }

    @Override
    public synchronized void write(int b) {
        line.write(b);
        if (b == '\n' || line.size() >= LONGEST) {
            pass();
        }
    }

    @Override
    public synchronized void write(byte[] bytes, int offset, int length) {
        for (var i = offset; i < offset + length; i++) {
            write(bytes[i]);
        }
    }

    @Override
    public synchronized void flush() {
        pass();
        target.flush();
    }

    private void pass() {
        if (line.size() > 0) {
            target.print(secrets.hide(line.toString(StandardCharsets.UTF_8)));
            line.reset();
        }
    }
}
