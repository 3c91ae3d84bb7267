package dev.anneal.report.html;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.StringReader;
import java.util.ArrayList;
import java.util.List;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Element;
import org.xml.sax.InputSource;

class HtmlTest {
    @Test
    void eachCharacterCanBeReadByAParserOfXmlAndThoseThatAPageMayNotHaveAreReplaced() throws Exception {
        List<Integer> replaced = new ArrayList<>();
        for (int plane = 0; plane <= 16; plane++) {
            StringBuilder text = new StringBuilder();
            for (int c = plane << 16; c < plane + 1 << 16; c++) {
                text.appendCodePoint(c);
            }
            Element read = DocumentBuilderFactory.newInstance()
                    .newDocumentBuilder()
                    .parse(new InputSource(new StringReader(new Html()
                            .element("p", text.toString(), "title", text.toString())
                            .page()
                            .replace("<!DOCTYPE html>", ""))))
                    .getDocumentElement();

            int[] seen = read.getTextContent().codePoints().toArray();
            int[] titled = read.getAttribute("title").codePoints().toArray();
            assertThat(titled).hasSameSizeAs(seen);
            int[] written = text.toString().codePoints().toArray();
            assertThat(seen).hasSameSizeAs(written);
            for (int i = 0; i < written.length; i++) {
                if (seen[i] == 0xFFFD && written[i] != 0xFFFD) {
                    replaced.add(written[i]);
                } else if (written[i] != '\r') { // a parser reads it as a new line
                    assertThat(seen[i]).isEqualTo(written[i]);
                }
            }
        }
        // control characters, noncharacters, and no pair of surrogates in a row
        assertThat(replaced).hasSize(65 - 3 + 66 + 2048 - 2);
    }
}
