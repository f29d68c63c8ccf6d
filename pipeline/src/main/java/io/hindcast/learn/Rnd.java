package io.hindcast.learn;

import io.hindcast.config.Setting;
import io.hindcast.data.Batch;
import io.hindcast.data.Noise;
import io.hindcast.kernel.Kernels;
import io.hindcast.kernel.Losses;
import io.hindcast.net.Adam;
import io.hindcast.net.Inputs;
import io.hindcast.net.Mlp;
import io.hindcast.net.NetworkConfig;
import java.io.Serializable;
import java.util.List;
import java.util.Map;

/**
 * Random network distillation (Burda, Edwards, Storkey and Klimov 2019): what a predictor has not yet learned of a fixed random
 * network is a bonus for going where data is scarce.
 *
 * <pre>
 * error = mean over features of (predictor(s') - random_target(s'))²
 * bonus = (error - mean error) / (standard deviation of error + normalization-epsilon)      over the batch
 * minimise(predictor, mean error)                                                           of s', or of s: learns-from
 * </pre>
 *
 * <p>The bonus is of the errors before the step. The paper normalises by a running deviation and clips; this is the
 * normalisation of Berkeley's CS285, homework 5. There the predictor learns on s while the bonus is of s', so that a goal at
 * which episodes end is never learned and stays attractive.
 */
public final class Rnd implements Learner {
    /** The settings of random network distillation. */
    public record Config(
            @Setting(value = "5", range = "[1, 65536]", meaning = "outputs of both networks")
            int features,

            @Setting(
                    value = "next-observations",
                    meaning = "what the predictor learns from: next-observations, or observations (which leave out the"
                            + " last state of each episode); the bonus is always that of the next observation")
            LearnsFrom learnsFrom,

            @Setting(value = "1e-8", range = "(0, inf)", meaning = "guard against division by zero in the bonus")
            double normalizationEpsilon,

            @Setting(
                    value = "{ hidden-layers = [400, 400], activation = tanh, learning-rate = 1e-3 }",
                    meaning = "the network that learns")
            NetworkConfig predictor,

            @Setting(
                    value = "{ hidden-layers = [400, 400], activation = tanh, initialisation = normal }",
                    meaning = "the fixed random network; only its layers, activation and initialisation matter")
            NetworkConfig target)
            implements Serializable {

        /** @throws io.hindcast.config.UserException if a value is out of its range */
        public Config {
            predictor.withoutDropout("predictor");
            target.withoutDropout("target");
        }

        /** Makes the learner, with fresh parameters. */
        public Rnd learner(LearnerSetup setup) {
            return new Rnd(this, setup);
        }
    }

    /** What a predictor learns on. */
    public enum LearnsFrom {
        /** s', all that is entered. */
        NEXT_OBSERVATIONS,
        /** s, all that is left again. */
        OBSERVATIONS
    }

    private final Config config;
    private final Kernels kernels;
    private final Mlp predictor;
    private final Mlp target;
    private final Adam optimiser;
    private final Parts parts;
    private final Inputs inputs;
    private final Mlp.Pass predictorPass;
    private final Mlp.Pass targetPass;
    private final Mlp.Pass learnedPass;
    private final Mlp.Pass learnedTargetPass;

    private final float[] slopes;
    private final float[] error;
    private final float[] bonus;
    private double loss;

    private Rnd(Config config, LearnerSetup setup) {
        this.config = config;
        kernels = setup.kernels();
        var d = setup.spaces().observationSize();
        predictor = new Mlp(setup.kernels(), d, config.predictor(), config.features());
        target = new Mlp(setup.kernels(), d, config.target(), config.features());
        predictor.initialise(setup.initialisation());
        target.initialise(setup.initialisation());
        optimiser = new Adam(List.of(predictor), config.predictor(), setup.updates());
        parts = new Parts().add("predictor", predictor, optimiser).add("random_target", target);
        inputs = new Inputs(setup.kernels(), setup.spaces(), setup.batchSize());
        predictorPass = predictor.pass(inputs.nextObservations());
        targetPass = target.forwardOnly(inputs.nextObservations());
        var same = config.learnsFrom() == LearnsFrom.NEXT_OBSERVATIONS;
        learnedPass = same ? predictorPass : predictor.pass(inputs.observations());
        learnedTargetPass = same ? targetPass : target.forwardOnly(inputs.observations());
        slopes = new float[setup.batchSize() * config.features()];
        error = new float[setup.batchSize()];
        bonus = new float[setup.batchSize()];
    }

    @Override
    public double update(Batch batch, Noise noise) {
        bonus(batch);
        return distil();
    }

    /**
     * The predictor's step on the batch of the latest {@link #bonus}, for those who learn from the bonus in between.
     *
     * @return the loss before it
     */
    public double distil() {
        if (config.learnsFrom() == LearnsFrom.OBSERVATIONS) {
            compare(learnedPass, learnedTargetPass);
        }
        learnedPass.backward(slopes);
        optimiser.step();
        return loss;
    }

    /**
     * How far the predictor is from the random network at given observations, which falls where data was.
     *
     * @param observations {@code [rows * observation size]}
     * @param rows how many
     * @return {@code [rows]}, the Euclidean distance of the two outputs
     */
    public float[] distances(float[] observations, int rows) {
        var input = kernels.matrix(observations.length / rows, rows);
        input.write(observations, 0);
        var predicted = predictor.forwardOnly(input).forward();
        var wanted = target.forwardOnly(input).forward();
        var distances = new float[rows];
        Losses.distances(predicted, wanted, distances);
        return distances;
    }

    /** The bonus of each row's next observation, {@code [B]}, without learning; overwritten by the next call. */
    public float[] bonus(Batch batch) {
        inputs.load(batch);
        compare(predictorPass, targetPass);
        Losses.standardise(error, loss, config.normalizationEpsilon(), bonus);
        return bonus;
    }

    /** Fills in each row's error, their mean as the loss, and the loss's slopes. */
    private void compare(Mlp.Pass prediction, Mlp.Pass random) {
        loss = Losses.squaredErrors(prediction.forward(), random.forward(), error, slopes);
    }

    @Override
    public Parts parts() {
        return parts;
    }

    @Override
    public Map<String, Double> losses() {
        return Map.of("predictor", loss);
    }

    @Override
    public Map<String, float[]> intermediates() {
        return Map.of("error", error, "bonus", bonus);
    }
}
