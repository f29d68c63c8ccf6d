package io.hindcast.source;

import io.hindcast.timeline.LoggedRow;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The rows of an HDF5 file's episodes, one after the other. Closes the file. */
final class Hdf5EpisodeRows<E> implements LoggedRows {
    /** The rows of one episode. */
    interface Episode {
        long rows();

        /**
         * A row.
         *
         * @param row from 0; each is asked for once, in order
         * @param place its place in the file
         */
        LoggedRow row(long row, long place);
    }

    private final Hdf5File file;
    private final List<E> keys;
    private final Function<E, Episode> episodes;
    private long place;
    private int next;
    private @Nullable Episode episode;
    private long row;

    /**
     * @param keys what tells the episodes of this part apart
     * @param place the place in the file of the first row
     */
    Hdf5EpisodeRows(Hdf5File file, List<E> keys, long place, Function<E, Episode> episodes) {
        this.file = file;
        this.keys = keys;
        this.place = place;
        this.episodes = episodes;
    }

    @Override
    public boolean hasNext() {
        while (episode == null || row == episode.rows()) {
            if (next == keys.size()) {
                return false;
            }
            episode = episodes.apply(keys.get(next++));
            row = 0;
        }
        return true;
    }

    @Override
    public LoggedRow next() {
        if (!hasNext() || episode == null) {
            throw new NoSuchElementException();
        }
        return episode.row(row++, place++);
    }

    @Override
    public void close() {
        file.close();
    }
}
