package dev.anneal.transformer.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.anneal.transformer.format.ModelException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WordSplitTest {
    @TempDir
    Path directory;

    /** Sentences whose words are separated by spaces. */
    private static WordSplit learn(String... sentences) {
        List<List<String>> words =
                Stream.of(sentences).map(s -> Arrays.asList(s.split(" "))).toList();
        WordSplitLearner learner = new WordSplitLearner();
        words.forEach(learner::count);
        learner.rules();
        words.forEach(learner::countApart);
        return learner.split();
    }

    private static List<String> split(WordSplit split, String text) {
        TextWords words = split.split(text);
        for (int i = 0; i < words.words().size(); i++) {
            assertThat(text.substring(words.starts()[i], words.end(i)))
                    .isEqualTo(words.words().get(i));
        }
        return words.words();
    }

    @Test
    void withoutTrainingDataWordsAreThoseOfCorpora() {
        assertThat(split(WordSplit.DEFAULT, "Anna's e-mail (a@b.org) cost 1,000.50 EUR, really."))
                .containsExactly(
                        "Anna's", "e-mail", "(", "a@b.org", ")", "cost", "1,000.50", "EUR", ",", "really", ".");
        assertThat(split(WordSplit.DEFAULT, "AT&T and c++, #tag @user;  see https://example.org/a?b=1."))
                .containsExactly(
                        "AT&T", "and", "c++", ",", "#tag", "@user", ";", "see", "https://example.org/a?b=1", ".");
        assertThat(split(WordSplit.DEFAULT, " \u00a0\u3000")).isEmpty();
    }

    @Test
    void inScriptsWithoutSpacesEachCharacterIsAWord() {
        assertThat(split(WordSplit.DEFAULT, "王住在北京。")).containsExactly("王", "住", "在", "北", "京", "。");
        assertThat(split(WordSplit.DEFAULT, "iPhone15を買う")).containsExactly("iPhone15", "を", "買", "う");
        assertThat(split(WordSplit.DEFAULT, "ไปกิน")).containsExactly("ไ", "ป", "กิ", "น");
        assertThat(split(WordSplit.DEFAULT, "서울에 산다")).containsExactly("서울에", "산다");
    }

    @Test
    void marksAndJoinedEmojiStayWithTheirCharacter() {
        assertThat(split(WordSplit.DEFAULT, "cafe\u0301 می\u200cخواهم")).containsExactly("cafe\u0301", "می\u200cخواهم");
        assertThat(split(WordSplit.DEFAULT, "ok 👨\u200d👩\u200d👧👍🏽!"))
                .containsExactly("ok", "👨\u200d👩\u200d👧", "👍🏽", "!");
    }

    @Test
    void wordsWithSymbolsAreSplitAsInTheTrainingData() {
        WordSplit split =
                learn("ana codes c++ at at&t .", "bo codes c# for r&d in the U.S. .", "eve , at p&g , left .");
        assertThat(split(split, "bo codes c++ at h&m. ana codes c#, in the U.S."))
                .containsExactly(
                        "bo", "codes", "c++", "at", "h&m", ".", "ana", "codes", "c#", ",", "in", "the", "U.S.");
        assertThat(split(learn("at & t codes c + +", "r & d"), "at&t codes c++"))
                .containsExactly("at", "&", "t", "codes", "c", "+", "+");
    }

    @Test
    void wordsThatWereSplitAtSpacesKeepTheirPunctuation() {
        WordSplit split = learn("Ana lives in Rome.", "Bo left Oslo, sadly.", "\"Eve\" likes Rome, too.");
        assertThat(split(split, "Bo likes \"Oslo\", too.")).containsExactly("Bo", "likes", "\"Oslo\",", "too.");
    }

    @Test
    void anApostropheBelongsToTheSideOnWhichItWas() {
        assertThat(split(learn("Anna 's cat", "Bo 's dog", "it is o'clock"), "Eve's o'clock"))
                .containsExactly("Eve", "'s", "o'clock");
        assertThat(split(learn("l' eau", "d' Anna", "l' ami"), "l'ami d'Eve"))
                .containsExactly("l'", "ami", "d'", "Eve");
    }

    @Test
    void aRareOddWordDoesNotOutweighTheRule() {
        String[] sentences = new String[20];
        Arrays.fill(sentences, "Ana left Rome .");
        sentences[0] = "Ana left Rome.";
        assertThat(split(learn(sentences), "Bo left Rome.")).containsExactly("Bo", "left", "Rome", ".");
    }

    @Test
    void wordsOfSeveralCharactersAreKnownAgain() {
        WordSplit split = learn("王 住 在 北京 。", "トム は ロンドン に いる 。", "アン は 東京 に いる 。");
        assertThat(split(split, "王は北京にいる。")).containsExactly("王", "は", "北京", "に", "いる", "。");
        assertThat(split(split, "ジョンは東京にいる。")).containsExactly("ジョン", "は", "東京", "に", "いる", "。");
    }

    @Test
    void theSplitIsReadAsItWasWritten() throws IOException {
        WordSplit split = learn("c++ at at&t .", "トム は 東京 に いる", "U.S. 😀😀");
        split.write(directory);
        assertThat(WordSplit.read(directory)).isEqualTo(split);
        assertThat(WordSplit.read(directory.resolve("none"))).isEqualTo(WordSplit.DEFAULT);

        Files.writeString(directory.resolve(WordSplit.FILE), "[]");
        assertThatThrownBy(() -> WordSplit.read(directory))
                .isInstanceOf(ModelException.class)
                .hasMessageContaining("word_split.json is not a JSON object");
    }
}
