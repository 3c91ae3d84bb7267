package dev.anneal.web;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.springframework.http.HttpStatus;
import org.springframework.mock.web.MockHttpServletRequest;
import org.springframework.mock.web.MockHttpServletResponse;
import org.springframework.web.context.request.ServletWebRequest;

class ProblemTest {
    @Test
    void aQuoteHasAtMost80CharactersAndNoControlCharacters() {
        assertThat(Problem.quote("x".repeat(80))).isEqualTo("x".repeat(80));
        assertThat(Problem.quote("x".repeat(81))).isEqualTo("x".repeat(80) + "…");
        assertThat(Problem.quote("a\nb")).isEqualTo("a\\nb");
    }

    @Test
    void aQuoteNeverHasHalfOfASurrogatePair() {
        assertThat(Problem.quote("x".repeat(79) + "😀y")).isEqualTo("x".repeat(79) + "😀…");
        assertThat(Problem.quote("\ud83d")).isEqualTo("\\ud83d");
    }

    @Test
    void aSuggestedNameIsQuotedLikeTheGivenOne() {
        assertThat(Problem.notFound("dataset", "rows\r", List.of("rows\n\ud83d")))
                .hasMessageStartingWith("There is no dataset 'rows\\u000d'. Did you mean 'rows\\n\\ud83d'?");
    }

    @Test
    void theAnswerSaysAfterHowManySecondsToTryAgain() {
        assertThat(retryAfter(new Problem(HttpStatus.SERVICE_UNAVAILABLE, "a", "b", 2)))
                .isEqualTo("2");
        assertThat(retryAfter(new Problem(HttpStatus.SERVICE_UNAVAILABLE, "a", "b")))
                .isEqualTo("5");
        assertThat(retryAfter(new Problem(HttpStatus.TOO_MANY_REQUESTS, "a", "b")))
                .isEqualTo("1");
        assertThat(retryAfter(Problem.conflict("a", "b"))).isNull();
    }

    private static String retryAfter(Problem problem) {
        return new ProblemExceptionHandler()
                .handle(
                        problem,
                        new ServletWebRequest(
                                new MockHttpServletRequest("GET", "/api/v1/jobs"), new MockHttpServletResponse()))
                .getHeaders()
                .getFirst("Retry-After");
    }
}
