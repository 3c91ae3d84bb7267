package dev.anneal.spec;

import static org.assertj.core.api.Assertions.assertThat;

import dev.anneal.transformer.architecture.Task;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AutoHyperparametersTest {
    @ParameterizedTest
    @CsvSource(textBlock = """
            TEXT_CLASSIFICATION,  full, 500,     22000000,  bert,  6, 16, 1e-4, 0.1, 256
            TEXT_CLASSIFICATION,  full, 5000,    110000000, bert,  4, 32, 3e-5, 0.1, 256
            TEXT_CLASSIFICATION,  head, 100000,  22000000,  bert,  5, 32, 1e-3, 0.1, 256
            TEXT_REGRESSION,      lora, 5000,    110000000, bert,  4, 32, 2e-4, 0.1, 256
            TOKEN_CLASSIFICATION, full, 5000,    110000000, bert,  4, 16, 5e-5, 0.1, 256
            MASKED_LM,            full, 5000,    22000000,  bert,  3, 16, 5e-5, 0.1, 256
            CAUSAL_LM,            full, 5000,    1000000,   llama, 3, 8,  1e-3, 0,   512
            CAUSAL_LM,            full, 5000,    40000000,  qwen2, 3, 8,  3e-4, 0,   512
            CAUSAL_LM,            full, 5000,    124000000, gpt2,  3, 8,  2e-5, 0.1, 512
            CAUSAL_LM,            lora, 5000,    124000000, gpt2,  3, 8,  2e-4, 0.1, 512
            """)
    void autoFollowsTheTaskTheMethodTheDataAndTheModel(
            Task task,
            String method,
            long rows,
            long parameters,
            String architecture,
            int epochs,
            int batchSize,
            double learningRate,
            double dropout,
            int maxLength) {
        AutoHyperparameters auto = new AutoHyperparameters(task, method, rows, parameters, architecture, 1024);

        assertThat(List.of(auto.epochs(), auto.batchSize(), auto.learningRate(), auto.dropout(), auto.maxLength()))
                .isEqualTo(List.of(epochs, batchSize, learningRate, dropout, maxLength));
    }

    @Test
    void maxLengthDefaultsToAtMostThatOfTheModel() {
        assertThat(new AutoHyperparameters(Task.CAUSAL_LM, "full", 1, 1, "gpt2", 128).maxLength())
                .isEqualTo(128);
    }
}
