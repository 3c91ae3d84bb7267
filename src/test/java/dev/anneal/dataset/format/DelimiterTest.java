package dev.anneal.dataset.format;

import static org.assertj.core.api.Assertions.assertThat;

import dev.anneal.dataset.unpack.Beginning;
import dev.anneal.dataset.unpack.Encoding;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DelimiterTest {
    @ParameterizedTest
    @CsvSource(delimiter = '~', quoteCharacter = '`', textBlock = """
            text,label/a,x/b,y                           ~ ,
            text;label/a;x/b, and c;y                    ~ ;
            text|label/a|x/b;c|y                         ~ |
            text>label/a, b, c>x/d>y                     ~ tab
            text>label/say "hi>x/d"">y                   ~ tab
            "text;more",label/"a;b",x/"c;d",y            ~ ,
            "a ""quoted, name\""";label/x;y/z;w           ~ ;
            "text/in two lines";label/a;b                ~ ;
            sep=;/text,a;label/b,c;d                     ~ ;
            SEP=|/text|label                             ~ |
            text/one/two                                 ~ ,
            id,text;comment;label/1,a;b;x/2,c;d;y        ~ ,
            a,b;c;d/1;2;3/4;5;6                          ~ ;
            /text;label/a;b                              ~ ;
            """)
    void theDelimiterIsTheOneThatGivesTheLinesTheSameNumberOfFields(String file, String delimiter) {
        String text = file.replace('/', '\n').replace('>', '\t');

        assertThat(Delimiter.find(new Beginning(text))).isEqualTo(delimiter);
    }

    @Test
    void aDelimiterIsOneCharacterOrAName() {
        assertThat(Delimiter.name("\\t")).isEqualTo("tab");
        assertThat(Delimiter.name("\t")).isEqualTo("tab");
        assertThat(Delimiter.name("^")).isEqualTo("^");
        assertThat(Delimiter.name("first-space")).isEqualTo("first-space");
        for (String wrong : new String[] {"", ";;", "a", "7", "\"", "\n", "\\", "comma", "\ud83d\ude00"}) {
            assertThat(Delimiter.name(wrong)).as(wrong).isEmpty();
        }
    }

    @Test
    void utf16IsFoundWithAndWithoutAMarkAndUtf32IsToldFromIt() {
        for (String mark : new String[] {"", "\ufeff"}) {
            String text = mark + "text,label\nà bientôt,x\n";
            assertThat(found(text, StandardCharsets.UTF_16LE)).isEqualTo(Encoding.UTF_16LE);
            assertThat(found(text, StandardCharsets.UTF_16BE)).isEqualTo(Encoding.UTF_16BE);
            assertThat(found(text, StandardCharsets.UTF_8)).isEqualTo(Encoding.UTF_8);
            assertThat(Encoding.isUtf32(text.getBytes(Charset.forName("UTF-32LE"))))
                    .isTrue();
            assertThat(Encoding.isUtf32(text.getBytes(Charset.forName("UTF-32BE"))))
                    .isTrue();
            assertThat(Encoding.isUtf32(text.getBytes(StandardCharsets.UTF_16LE)))
                    .isFalse();
        }
        assertThat(Encoding.of("utf-16", "\ufeffa".getBytes(StandardCharsets.UTF_16BE)))
                .isEqualTo(Encoding.UTF_16BE);
        assertThat(Encoding.of("utf-16", "王在".getBytes(StandardCharsets.UTF_16LE)))
                .isEqualTo(Encoding.UTF_16LE);
        assertThat(Encoding.of("latin-1", new byte[0])).isEqualTo(Encoding.ISO_8859_1);
    }

    private static Encoding found(String text, Charset charset) {
        return Encoding.of(null, text.getBytes(charset));
    }
}
