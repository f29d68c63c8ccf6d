package io.hindcast.collect;

import io.hindcast.data.Transition;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;

/**
 * Episodes 0, 1, 2 … of a source, one after the other, until there are as many as requested. Where transitions were
 * counted, the last episode is cut so that the count is met exactly. One that breaks is thrown as it is; the next call
 * gives the next one.
 */
public final class EpisodeSequence implements Iterator<List<Transition>> {
    private final EpisodeSource source;
    private final long episodes;
    private final long steps;
    private long index;
    private long done;

    /**
     * Ends at whichever comes first.
     *
     * @param episodes how many episodes at most
     * @param steps how many transitions at most
     */
    EpisodeSequence(EpisodeSource source, long episodes, long steps) {
        this.source = source;
        this.episodes = episodes;
        this.steps = steps;
    }

    /** How many transitions were handed out so far. */
    public long steps() {
        return done;
    }

    @Override
    public boolean hasNext() {
        return index < episodes && done < steps;
    }

    @Override
    public List<Transition> next() {
        if (!hasNext()) {
            throw new NoSuchElementException();
        }
        var episode = source.episode(index++, steps - done);
        done += episode.size();
        return episode;
    }
}
