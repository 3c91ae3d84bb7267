package dev.anneal.hosting;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class UnreadAnswersTest {
    private final UnreadAnswers unread = new UnreadAnswers(100, 150);

    @Test
    void aCallerMayHaveOneAnswerOfAnySizeAndFurtherOnesUpToTheLimit() {
        assertThat(unread.add("a", 1000)).isTrue();
        assertThat(unread.add("a", 1)).isFalse();

        unread.remove("a", 1000);
        assertThat(unread.add("a", 60)).isTrue();
        assertThat(unread.add("a", 40)).isTrue();
        assertThat(unread.add("a", 1)).isFalse();
    }

    @Test
    void allCallersTogetherHaveALimitExceptForTheFirstAnswerOfEach() {
        assertThat(unread.add("a", 90)).isTrue();
        assertThat(unread.add("b", 50)).isTrue();
        assertThat(unread.add("b", 20)).isFalse();
        assertThat(unread.add("c", 80)).isTrue();
    }

    @Test
    void whatWasReadGivesItsRoomBack() {
        assertThat(unread.add("a", 90)).isTrue();
        assertThat(unread.add("a", 10)).isTrue();
        unread.remove("a", 90);
        assertThat(unread.add("a", 90)).isTrue();
    }
}
