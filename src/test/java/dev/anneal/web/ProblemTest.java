package dev.anneal.web;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ProblemTest {
    @Test
    void aQuoteHasAtMost80CharactersAndNoControlCharacters() {
        assertThat(Problem.quote("x".repeat(80))).isEqualTo("x".repeat(80));
        assertThat(Problem.quote("x".repeat(81))).isEqualTo("x".repeat(80) + "…");
        assertThat(Problem.quote("a\nb")).isEqualTo("a\\u000ab");
    }

    @Test
    void aQuoteNeverHasHalfOfASurrogatePair() {
        assertThat(Problem.quote("x".repeat(79) + "😀y")).isEqualTo("x".repeat(79) + "😀…");
        assertThat(Problem.quote("\ud83d")).isEqualTo("\\ud83d");
    }
}
