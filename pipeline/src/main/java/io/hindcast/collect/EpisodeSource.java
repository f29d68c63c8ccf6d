package io.hindcast.collect;

import io.hindcast.data.Transition;
import java.util.List;

/** Something that acts in an environment, an episode at a time. */
public interface EpisodeSource {
    /**
     * The transitions of one episode, in order.
     *
     * @param index the episode's number, from 0
     * @param most after so many transitions the episode is cut, and counts as truncated; at least 1
     * @throws BrokenEpisode if the environment gave an answer that is none
     */
    List<Transition> episode(long index, long most);
}
