package io.hindcast.jobs;

import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.DelegateToFileSystem;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RawLocalFileSystem;
import org.apache.hadoop.fs.permission.FsPermission;
import org.apache.hadoop.util.Progressable;

/**
 * The local file system under the scheme {@code stop}, which stands still before its n-th change ({@code -Dstop.at=n}) and says so,
 * so that a test can kill the process just there.
 */
public final class StoppingFileSystem extends RawLocalFileSystem {
    static final String STANDS_STILL = "stands still before change ";

    private static final AtomicInteger CHANGES = new AtomicInteger();
    private static final int STOP_AT = Integer.getInteger("stop.at", 0);

    @Override
    public URI getUri() {
        return URI.create("stop:///");
    }

    @Override
    public String getScheme() {
        return "stop";
    }

    @Override
    public FSDataOutputStream create(
            Path file,
            FsPermission permission,
            boolean overwrite,
            int bufferSize,
            short replication,
            long blockSize,
            Progressable progress)
            throws IOException {
        change("create " + file.getName());
        return super.create(file, permission, overwrite, bufferSize, replication, blockSize, progress);
    }

    @Override
    public FSDataOutputStream create(
            Path file, boolean overwrite, int bufferSize, short replication, long blockSize, Progressable progress)
            throws IOException {
        change("create " + file.getName());
        return super.create(file, overwrite, bufferSize, replication, blockSize, progress);
    }

    @Override
    public boolean rename(Path from, Path to) throws IOException {
        change("rename to " + to.getName());
        return super.rename(from, to);
    }

    @Override
    public boolean delete(Path path, boolean recursive) throws IOException {
        change("delete " + path.getName());
        return super.delete(path, recursive);
    }

    @Override
    public boolean mkdirs(Path path) throws IOException {
        change("mkdirs " + path.getName());
        return super.mkdirs(path);
    }

    private static void change(String what) {
        var number = CHANGES.incrementAndGet();
        System.out.println("change " + number + ": " + what);
        if (number == STOP_AT) {
            System.out.println(STANDS_STILL + number);
            System.out.flush();
            while (true) {
                try {
                    Thread.sleep(60_000);
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            }
        }
    }

    /** The same for what renames through a FileContext. */
    public static final class Context extends DelegateToFileSystem {
        public Context(URI uri, Configuration configuration) throws IOException, URISyntaxException {
            super(URI.create("stop:///"), new StoppingFileSystem(), configuration, "stop", false);
        }
    }
}
