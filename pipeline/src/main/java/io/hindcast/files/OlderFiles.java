package io.hindcast.files;

import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.DelegateToFileSystem;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.util.ReflectionUtils;

/** A file system that has only the older one of Hadoop's two interfaces, {@link FileSystem}, as one of a vendor may. */
public final class OlderFiles extends DelegateToFileSystem {
    /** As Hadoop makes one. */
    public OlderFiles(URI uri, Configuration configuration) throws IOException, URISyntaxException {
        super(uri, fresh(uri, configuration), configuration, uri.getScheme(), false);
    }

    /** One of its own, which Hadoop is about to initialise: others use the one that {@link FileSystem#get} keeps. */
    private static FileSystem fresh(URI uri, Configuration configuration) throws IOException {
        return ReflectionUtils.newInstance(
                FileSystem.getFileSystemClass(uri.getScheme(), configuration), configuration);
    }

    @Override
    public int getUriDefaultPort() {
        return -1; // it keeps the port that its addresses name
    }

    @Override
    public boolean isValidName(String source) {
        return true; // a Path is none otherwise
    }
}
