package dev.anneal.evaluation.curve;

import static org.assertj.core.api.Assertions.assertThat;

import dev.anneal.evaluation.curve.LearningCurve.Epoch;
import dev.anneal.evaluation.curve.LearningCurve.Verdict;
import dev.anneal.json.Json;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class LearningCurveTest {
    @Test
    void aValidationLossThatRisesWhileTheTrainingLossFallsIsOverFitting() {
        LearningCurve curve = curve(2, new double[] {0.6, 0.3, 0.1, 0.05}, 0.5, 0.41234, 0.5, 0.58);

        assertThat(curve.verdict()).isEqualTo(Verdict.OVERFITTING);
        assertThat(curve.lowestLossEpoch()).isEqualTo(2);
        assertThat(curve.message())
                .isEqualTo(
                        "The model over-fits after epoch 2: the training loss falls from 0.300 to 0.050, but the validation "
                                + "loss rises from 0.412 to 0.580. The published model is from epoch 2, before that. Train fewer epochs "
                                + "or set early_stopping, add training rows, or raise dropout or weight_decay.");
        assertThat(curve(4, new double[] {0.6, 0.3, 0.1, 0.05}, 0.5, 0.41, 0.5, 0.58)
                        .message())
                .contains("from epoch 4, which has the best metric in spite of it");
    }

    @Test
    void bothLossesRisingIsUnstable() {
        LearningCurve curve = curve(1, new double[] {0.5, 0.9}, 0.4, 0.8);

        assertThat(curve.verdict()).isEqualTo(Verdict.UNSTABLE);
        assertThat(curve.message()).contains("Lower learning_rate.");
    }

    @Test
    void aLossThatFallsToTheEndMayFallFurther() {
        assertThat(curve(3, new double[] {0.9, 0.7, 0.6}, 0.8, 0.7, 0.65).verdict())
                .isEqualTo(Verdict.IMPROVING);
    }

    @Test
    void aLossThatStaysIsConverged() {
        assertThat(curve(2, new double[] {0.9, 0.7, 0.6}, 0.8, 0.7, 0.701).verdict())
                .isEqualTo(Verdict.CONVERGED);
        assertThat(curve(3, new double[] {0.9, 0.7, 0.6}, 0.8, 0.7, 0.699).verdict())
                .isEqualTo(Verdict.CONVERGED);
        assertThat(curve(1, new double[] {0, 0}, 0, 0).verdict()).isEqualTo(Verdict.CONVERGED);
    }

    @Test
    void oneEpochOrNoValidationSaysNothing() {
        assertThat(curve(1, new double[] {0.5}, 0.5).verdict()).isEqualTo(Verdict.UNKNOWN);
        assertThat(LearningCurve.of(List.of(), null).verdict()).isEqualTo(Verdict.UNKNOWN);
        assertThat(LearningCurve.of(List.of(new Epoch(1, 1, false, 1, null), new Epoch(2, 2, false, 0.5, null)), 2)
                        .message())
                .contains("Add a validation split.");
    }

    @Test
    void onTheWireItHasTheNamesOfTheContract() {
        assertThat(Json.write(curve(2, new double[] {0.5, 0.4}, 0.5, 0.4)))
                .isEqualTo(
                        "{\"verdict\":\"improving\",\"message\":\"The validation loss still falls in the last epoch, from "
                                + "0.500 to 0.400. More epochs may improve the model.\",\"lowest_loss_epoch\":2,\"lowest_loss_step\":2,\"epochs\":["
                                + "{\"epoch\":1,\"step\":1,\"train_loss\":0.5,\"validation_loss\":0.5},"
                                + "{\"epoch\":2,\"step\":2,\"train_loss\":0.4,\"validation_loss\":0.4}]}");
        assertThat(Json.write(new Epoch(1, 3, true, 0.5, 0.4)))
                .isEqualTo("{\"epoch\":1,\"step\":3,\"within_epoch\":true,\"train_loss\":0.5,\"validation_loss\":0.4}");
    }

    @Test
    void aValidationWithinAnEpochIsNamedByItsStep() {
        List<Epoch> epochs = List.of(
                new Epoch(1, 5, false, 0.6, 0.5),
                new Epoch(2, 8, true, 0.3, 0.4),
                new Epoch(2, 10, false, 0.2, 0.45),
                new Epoch(3, 13, true, 0.1, 0.6));

        assertThat(LearningCurve.of(epochs, 8).message())
                .startsWith(
                        "The model over-fits after step 8 in epoch 2: the training loss falls from 0.300 to 0.100, but the "
                                + "validation loss rises from 0.400 to 0.600. The published model is from step 8 in epoch 2, before that.");
        assertThat(LearningCurve.of(epochs.subList(0, 2), 8).verdict()).isEqualTo(Verdict.IMPROVING);
        List<Epoch> near = List.of(epochs.get(0), epochs.get(1), new Epoch(2, 10, false, 0.2, 0.41));
        assertThat(LearningCurve.of(near, 8).message())
                .startsWith("The validation loss stays near its lowest value, 0.400 at step 8 in epoch 2.");
    }

    @Test
    void aLossThatFallsOverTheOnlyEpochStillFallsThoughEachValidationIsNearTheOneBefore() {
        List<Epoch> epochs = new ArrayList<>();
        for (int i = 1; i <= 100; i++) {
            epochs.add(new Epoch(1, i, i < 100, 1, Math.pow(0.995, i)));
        }

        assertThat(LearningCurve.of(epochs, 100).verdict()).isEqualTo(Verdict.IMPROVING);
    }

    @Test
    void bothLossesRiseIfTheTrainingLossSinceTheValidationBeforeDoesThoughItsMeanFalls() {
        List<Epoch> epochs = List.of(
                new Epoch(1, 5, true, 2, 0.7), new Epoch(1, 10, true, 1.2, 0.5), new Epoch(1, 20, false, 1.1, 0.9));

        assertThat(LearningCurve.of(epochs, 10).message())
                .startsWith("Both losses rise after step 10 in epoch 1: the training loss from 0.400 to 1.000,");
    }

    @Test
    void aLossThatFallsOverAnEpochStillFallsIfItsLastValidationsAreNear() {
        List<Epoch> epochs = List.of(
                new Epoch(1, 5, false, 0.6, 0.5), new Epoch(2, 9, true, 0.3, 0.4), new Epoch(2, 10, false, 0.3, 0.399));

        assertThat(LearningCurve.of(epochs, 10).message())
                .contains("still falls in the last epoch, from 0.500 to 0.399.");
    }

    private static LearningCurve curve(@Nullable Integer published, double[] train, double... validation) {
        List<Epoch> epochs = new ArrayList<>();
        for (int i = 0; i < train.length; i++) {
            epochs.add(new Epoch(i + 1, i + 1, false, train[i], validation[i]));
        }
        return LearningCurve.of(epochs, published);
    }
}
