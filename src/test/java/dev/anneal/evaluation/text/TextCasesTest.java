package dev.anneal.evaluation.text;

import static org.assertj.core.api.Assertions.assertThat;

import dev.anneal.evaluation.Cases;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** The figures of texts equal those of rouge-score and sacrebleu. */
class TextCasesTest {
    @Test
    void figuresAreThoseOfRougeScoreAndSacrebleu() {
        for (JsonNode wanted : Cases.read("texts.jsonl.gz")) {
            AnswerFigures.Sum sum = new AnswerFigures.Sum();
            double rougeL = 0;
            int defined = 0;
            for (int i = 0; i < wanted.path("pairs").size(); i++) {
                String reference = wanted.path("pairs").path(i).path(0).asString();
                String answer = wanted.path("pairs").path(i).path(1).asString();
                JsonNode rouge = wanted.path("rouge_l").path(i);
                RougeL found = RougeL.of(reference, answer);
                if (rouge.isNull()) {
                    assertThat(found).isNull();
                } else {
                    Cases.check("precision", found.precision(), rouge.path(0));
                    Cases.check("recall", found.recall(), rouge.path(1));
                    Cases.check("f1", found.f1(), rouge.path(2));
                    rougeL += rouge.path(2).asDouble();
                    defined++;
                }
                sum.add(reference, answer, false);
            }
            AnswerFigures figures = sum.figures();
            Cases.check("chrf", figures.chrf(), wanted.path("chrf"));
            Cases.check("exact_match", figures.exactMatch(), wanted.path("exact_match"));
            if (defined == 0) {
                assertThat(figures.rougeL()).isNull();
            } else {
                assertThat(figures.rougeL()).isCloseTo(rougeL / defined, org.assertj.core.api.Assertions.within(1e-9));
            }
        }
    }

    @Test
    void withoutAnswersNoFigureIsANumber() {
        assertThat(new AnswerFigures.Sum().figures()).isEqualTo(new AnswerFigures(0, 0, null, null, null));
    }
}
