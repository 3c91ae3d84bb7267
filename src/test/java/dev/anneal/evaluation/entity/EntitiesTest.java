package dev.anneal.evaluation.entity;

import static org.assertj.core.api.Assertions.assertThat;

import dev.anneal.evaluation.entity.Entities.Entity;
import java.util.List;
import org.junit.jupiter.api.Test;

class EntitiesTest {
    /** The example in seqeval's documentation of get_entities, whose ends are inclusive. */
    @Test
    void anEntityReachesFromItsFirstWordToTheOneAfterItsLast() {
        assertThat(Entities.of(List.of("B-PER", "I-PER", "O", "B-LOC")))
                .containsExactly(new Entity("PER", 0, 2), new Entity("LOC", 3, 4));
    }

    @Test
    void aBeginningEndsTheEntityBefore() {
        assertThat(Entities.of(List.of("B-PER", "B-PER", "I-PER")))
                .containsExactly(new Entity("PER", 0, 1), new Entity("PER", 1, 3));
    }

    @Test
    void aContinuationOfNothingBeginsAnEntity() {
        assertThat(Entities.of(List.of("O", "I-PER", "I-PER"))).containsExactly(new Entity("PER", 1, 3));
    }

    @Test
    void aContinuationOfAnotherTypeBeginsAnEntity() {
        assertThat(Entities.of(List.of("B-PER", "I-LOC", "I-PER")))
                .containsExactly(new Entity("PER", 0, 1), new Entity("LOC", 1, 2), new Entity("PER", 2, 3));
    }

    @Test
    void aTypeMayHaveDashes() {
        assertThat(Entities.of(List.of("B-A-B", "I-A-B"))).containsExactly(new Entity("A-B", 0, 2));
    }

    @Test
    void noTagsHaveNoEntities() {
        assertThat(Entities.of(List.of())).isEmpty();
        assertThat(Entities.of(List.of("O", "O"))).isEmpty();
    }
}
