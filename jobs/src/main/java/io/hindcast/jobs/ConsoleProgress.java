package io.hindcast.jobs;

import io.hindcast.config.Secrets;
import io.hindcast.stage.Progress;
import java.util.function.Consumer;

/**
 * Prints the progress of stages on the console.
 *
 * @param trace takes traces
 */
record ConsoleProgress(Console console, Secrets secrets, Consumer<String> trace) implements Progress {
    @Override
    public void say(String line) {
        console.say(line);
    }

    @Override
    public void trace(String text) {
        trace.accept(text);
    }

    @Override
    public String withoutSecrets(String text) {
        return secrets.hide(text);
    }
}
