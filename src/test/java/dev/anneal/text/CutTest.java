package dev.anneal.text;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class CutTest {
    private static final String SMILES = "a" + "😀".repeat(5);

    @Test
    void aTextIsCutBetweenCharacters() {
        assertThat(Cut.to(SMILES, 2)).isEqualTo("a😀");
        assertThat(Cut.to(SMILES, 6)).isEqualTo(SMILES);
        assertThat(Cut.to("", 0)).isEmpty();
    }

    @Test
    void onlyATextThatIsCutHasAMark() {
        assertThat(Cut.marked(SMILES, 3)).isEqualTo("a😀😀…");
        assertThat(Cut.marked(SMILES, 6)).isEqualTo(SMILES);
    }

    @Test
    void aLengthSplitsNoCharacterEither() {
        assertThat(Cut.toLength(SMILES, 2)).isEqualTo("a");
        assertThat(Cut.toLength(SMILES, 3)).isEqualTo("a😀");
        assertThat(Cut.toLength(SMILES, 11)).isEqualTo(SMILES);
        assertThat(Cut.toLength(SMILES, 0)).isEmpty();
        assertThat(Cut.endOfLength(SMILES, 3)).isEqualTo("😀");
        assertThat(Cut.endOfLength(SMILES, 11)).isEqualTo(SMILES);
        assertThat(Cut.endOfLength(SMILES, 0)).isEmpty();
    }
}
