package dev.anneal.transformer.check;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CheckMainTest {
    @ParameterizedTest
    @CsvSource({
        "run, The model needs too much memory",
        "chat template, The chat template needs too much memory",
        "config.json, config.json needs too much memory",
        "tokenizer.json: a letter, tokenizer.json needs too much memory on a letter"
    })
    void anErrorOfAStepIsASentenceAboutTheFile(String step, String sentence) {
        assertThat(CheckMain.sentence(step, "needs too much memory")).isEqualTo(sentence);
    }
}
