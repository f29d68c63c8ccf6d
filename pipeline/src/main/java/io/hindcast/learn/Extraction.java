package io.hindcast.learn;

/** How the policy of {@link Iql} comes out of the values. */
public enum Extraction {
    /** By the likelihood of the data's actions, weighted by their advantage. */
    AWR,
    /** By the critics' gradient in the policy's action, and the likelihood of the data's; see {@link GradientExtraction}. */
    DDPG_BC
}
