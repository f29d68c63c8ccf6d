package io.hindcast.learn;

import io.hindcast.config.Setting;
import io.hindcast.config.Settings;
import io.hindcast.data.Batch;
import io.hindcast.data.Noise;
import io.hindcast.kernel.Losses;
import io.hindcast.net.Adam;
import io.hindcast.net.Inputs;
import io.hindcast.net.Mlp;
import io.hindcast.net.Network;
import io.hindcast.net.NetworkConfig;
import java.util.List;
import java.util.Map;

/**
 * Random network distillation (Burda, Edwards, Storkey and Klimov 2019): what a predictor has not yet learned of a fixed random
 * network is a bonus for going where data is scarce.
 *
 * <pre>
 * error = mean over features of (predictor(s') - random_target(s'))²
 * bonus = (error - mean error) / (standard deviation of error + normalization-epsilon)      over the batch
 * minimise(predictor, mean error)
 * </pre>
 *
 * <p>The bonus is of the errors before the step. The paper normalises by a running deviation and clips; this is the
 * normalisation of Berkeley's CS285, homework 5.
 */
public final class Rnd implements Learner {
    /** The settings of random network distillation. */
    public record Config(
            @Setting(value = "5", range = "[1, 65536]", meaning = "outputs of both networks")
            int features,

            @Setting(value = "1e-8", range = "(0, inf)", meaning = "guard against division by zero in the bonus")
            double normalizationEpsilon,

            @Setting(
                    value = "{ hidden-layers = [400, 400], activation = tanh, learning-rate = 1e-3 }",
                    meaning = "the network that learns")
            NetworkConfig predictor,

            @Setting(
                    value = "{ hidden-layers = [400, 400], activation = tanh, initialisation = normal }",
                    meaning = "the network that never changes; of its settings only layers and first parameters count")
            NetworkConfig target) {

        /** @throws io.hindcast.config.UserException if a value is out of its range */
        public Config {
            Settings.check(Config.class, features, normalizationEpsilon, predictor, target);
            predictor.withoutDropout("predictor");
            target.withoutDropout("target");
        }

        /** Makes the learner, with fresh parameters. */
        public Rnd learner(LearnerSetup setup) {
            return new Rnd(this, setup);
        }
    }

    private final Config config;
    private final Mlp predictor;
    private final Mlp target;
    private final Adam optimizer;
    private final Inputs inputs;
    private final Mlp.Pass predictorPass;
    private final Mlp.Pass targetPass;

    private final float[] slopes;
    private final float[] error;
    private final float[] bonus;
    private double loss;

    private Rnd(Config config, LearnerSetup setup) {
        this.config = config;
        var d = setup.spaces().observationSize();
        predictor = new Mlp(setup.kernels(), d, config.predictor(), config.features());
        target = new Mlp(setup.kernels(), d, config.target(), config.features());
        predictor.initialise(setup.initialisation());
        target.initialise(setup.initialisation());
        optimizer = new Adam(List.of(predictor), config.predictor(), setup.updates());
        inputs = new Inputs(setup.kernels(), setup.spaces(), setup.batchSize());
        predictorPass = predictor.pass(inputs.nextObservations());
        targetPass = target.forwardOnly(inputs.nextObservations());
        slopes = new float[setup.batchSize() * config.features()];
        error = new float[setup.batchSize()];
        bonus = new float[setup.batchSize()];
    }

    @Override
    public double update(Batch batch, Noise noise) {
        bonus(batch);
        predictorPass.backward(slopes);
        optimizer.step();
        return loss;
    }

    /** The bonus of each row's next observation, {@code [B]}, without learning; overwritten by the next call. */
    public float[] bonus(Batch batch) {
        inputs.load(batch);
        var predicted = predictorPass.forward();
        var wanted = targetPass.forward();
        var features = config.features();
        var rows = error.length;
        for (var b = 0; b < rows; b++) {
            var sum = 0.0;
            for (var k = b * features; k < (b + 1) * features; k++) {
                var difference = (double) predicted[k] - wanted[k];
                sum += difference * difference;
                slopes[k] = (float) (2 * difference / features / rows);
            }
            error[b] = (float) (sum / features);
        }
        loss = Losses.mean(error);
        var variance = 0.0;
        for (var e : error) {
            variance += (e - loss) * (e - loss) / rows;
        }
        for (var b = 0; b < rows; b++) {
            bonus[b] = (float) ((error[b] - loss) / (Math.sqrt(variance) + config.normalizationEpsilon()));
        }
        return bonus;
    }

    @Override
    public Map<String, Network> networks() {
        return Map.of("predictor", predictor, "random_target", target);
    }

    @Override
    public Map<String, Adam> optimizers() {
        return Map.of("predictor", optimizer);
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
