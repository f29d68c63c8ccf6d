package io.hindcast.files;

import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.DelegateToFileSystem;
import org.apache.hadoop.fs.FileSystem;

/** A file system that has only the older one of Hadoop's two interfaces, {@link FileSystem}, as one of a vendor may. */
public final class OlderFiles extends DelegateToFileSystem {
    /** As Hadoop makes one. */
    public OlderFiles(URI uri, Configuration configuration) throws IOException, URISyntaxException {
        super(uri, FileSystem.get(uri, configuration), configuration, uri.getScheme(), false);
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
