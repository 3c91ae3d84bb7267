package dev.anneal.job;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The licence of a base model, which its card names. */
class ModelCardsTest {
    @TempDir
    Path directory;

    @Test
    void theLicenceIsReadFromTheHeaderOfTheCard() throws IOException {
        assertThat(ModelCards.license(directory)).as("without a card").isNull();
        assertThat(license("---\nlanguage: en\nlicense: apache-2.0\ntags:\n- a\n---\n# Model\n"))
                .isEqualTo("apache-2.0");
        assertThat(license("---\r\nlicense: \"mit\"\r\n---\r\n")).isEqualTo("mit");
        assertThat(license("---\nlicense: 'cc-by-4.0'\n---\n")).isEqualTo("cc-by-4.0");
    }

    @Test
    void nothingElseIsTakenForALicence() throws IOException {
        assertThat(license("# Model\nlicense: mit\n")).as("no header").isNull();
        assertThat(license("---\nlanguage: en\n---\nlicense: mit\n"))
                .as("below the header")
                .isNull();
        assertThat(license("---\nlicense:\n- mit\n- apache-2.0\n---\n")).isNull();
        assertThat(license("---\nlicense: see the <b>file</b>\n---\n")).isNull();
        assertThat(license("---\nx: " + "y".repeat(1 << 20) + "\nlicense: mit\n---\n"))
                .as("far below")
                .isNull();
    }

    private String license(String card) throws IOException {
        Files.writeString(directory.resolve("BASE_MODEL.md"), card);
        return ModelCards.license(directory);
    }
}
