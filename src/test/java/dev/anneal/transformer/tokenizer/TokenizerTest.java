package dev.anneal.transformer.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.anneal.transformer.TestModels;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class TokenizerTest {
    @Test
    void aShortTextIsNeitherPaddedNorTruncated() {
        try (Tokenizer tokenizer = Tokenizer.load(TestModels.bundled(), 300)) {
            assertThat(tokenizer.encode("food", null).ids()).containsExactly(101, 2833, 102);
            assertThat(tokenizer.encode("food", null).types()).isNull();
            assertThat(tokenizer.encode("food ".repeat(200), null).length()).isEqualTo(202);
            assertThat(tokenizer.encode("food ".repeat(400), null).length()).isEqualTo(300);
            assertThat(tokenizer.encode("", null).ids()).containsExactly(101, 102);
        }
    }

    @Test
    void theNativePartForALengthIsFreedWhenNobodyUsesIt() {
        int before = SharedTokenizer.count();
        try (Tokenizer lasting = Tokenizer.load(TestModels.bundled(), 300)) {
            for (int length = 4; length < 24; length++) {
                try (Tokenizer tokenizer = Tokenizer.load(TestModels.bundled(), length)) {
                    Encoded cut = tokenizer.encode("food ".repeat(30), null);
                    assertThat(cut.length()).isEqualTo(length);
                    assertThat(tokenizer.leftOut(cut, "food ".repeat(30), null)).isEqualTo(32 - length);
                }
                assertThat(SharedTokenizer.count()).isEqualTo(before + 1);
            }
            assertThat(lasting.encode("food", null).ids()).containsExactly(101, 2833, 102);
        }
        assertThat(SharedTokenizer.count()).isEqualTo(before);
    }

    @Test
    void theLongerTextOfAPairIsTruncatedFirst() {
        try (Tokenizer tokenizer = Tokenizer.load(TestModels.bundled(), 8)) {
            Encoded pair = tokenizer.encode("food food food food food food", "bread bread");

            assertThat(pair.ids()).containsExactly(101, 2833, 2833, 2833, 102, 7852, 7852, 102);
            assertThat(pair.types()).containsExactly(0, 0, 0, 0, 0, 1, 1, 1);
        }
    }

    @Test
    void halvesOfSurrogatePairsAreTokensLikeAnUnknownCharacter() {
        Path model = Path.of("src/test/resources/models/qwen2");
        try (Tokenizer tokenizer = Tokenizer.load(model, 64)) {
            assertThat(tokenizer.encodeAll("a\ud800b", false)).isEqualTo(tokenizer.encodeAll("a\ufffdb", false));
            Tokenizer.Spans spans = tokenizer.encodeSpans("\udc00 river");
            assertThat(spans.to()[spans.to().length - 1]).isEqualTo(7);
        }
    }
}
