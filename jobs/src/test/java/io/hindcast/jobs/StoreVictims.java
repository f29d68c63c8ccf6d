package io.hindcast.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * Jobs in JVMs of their own that work in a bucket, each killed with SIGKILL just before one of its requests that change something is
 * answered.
 *
 * @param settings Spark's, {@code spark.KEY=VALUE}
 * @param archive of the classes that most of a job's time goes into
 */
record StoreVictims(ObjectStoreServer store, List<String> settings, ClassArchive archive) {
    /**
     * Makes the archive.
     *
     * @param settings besides those of the store
     * @param folder for the archive
     * @param arguments of a job that ends well
     */
    static StoreVictims of(ObjectStoreServer store, List<String> settings, Path folder, String... arguments)
            throws Exception {
        var all = Stream.concat(store.settings().stream(), settings.stream()).toList();
        var victims = new StoreVictims(store, all, ClassArchive.of(HindcastProcess.classPath(), folder));
        var process = victims.start(victims.archive.making(), arguments);
        var said = said(process);
        assertThat(process.waitFor(10, TimeUnit.MINUTES)).isTrue();
        assertThat(process.exitValue()).as("%s", said.get()).isZero();
        return victims;
    }

    /** Whether the job asks for so many changes: then it is killed before the last of them is made, else it has ended well. */
    boolean isKilledBefore(int change, String... arguments) throws Exception {
        store.stopAt(change);
        var process = start(archive.using(), arguments);
        var said = said(process);
        while (process.isAlive() && store.changes() < change) {
            TimeUnit.MILLISECONDS.sleep(20);
        }
        var isKilled = process.isAlive() || store.changes() >= change;
        process.destroyForcibly().waitFor();
        store.stopAt(0);
        if (!isKilled) {
            assertThat(process.exitValue()).as("%s", said.get()).isZero();
        }
        return isKilled;
    }

    private Process start(List<String> options, String... arguments) throws IOException {
        var all = Stream.concat(options.stream(), settings.stream().map(setting -> "-D" + setting))
                .toList();
        return KilledDriverTest.start(archive, all, 0, arguments);
    }

    private static CompletableFuture<String> said(Process process) {
        return CompletableFuture.supplyAsync(() -> {
            try (var output = process.getInputStream()) {
                return new String(output.readAllBytes(), StandardCharsets.UTF_8);
            } catch (IOException e) {
                return e.toString();
            }
        });
    }
}
