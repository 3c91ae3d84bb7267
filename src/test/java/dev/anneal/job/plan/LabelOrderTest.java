package dev.anneal.job.plan;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class LabelOrderTest {
    @Test
    void tagsAreOrderedByEntityAndEachEntityHasATagThatBeginsIt() {
        assertThat(LabelOrder.ofTags(List.of("I-PER", "B-LOC", "O", "I-ORG", "B-ORG")))
                .containsExactly("O", "B-LOC", "B-ORG", "I-ORG", "B-PER", "I-PER");
    }
}
