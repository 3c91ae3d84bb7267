package dev.anneal.dataset;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.anneal.testing.Api;
import dev.anneal.testing.Client.Answer;
import dev.anneal.testing.ServerTest;
import java.nio.charset.Charset;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.annotation.Autowired;

/** The problems with which an upload is refused: the line or the field, in our words. */
@ServerTest
class UploadErrorsTest {
    private static final String ROWS = "text,label\ngood,a\nfine,a\nbad,b\nawful,b\n";

    @Autowired
    Api api;

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            x.csv   | text,label;a,x;b,"open;c,y;d,y            | 3 | unreadable_row | is opened but not closed
            x.csv   | text,label;a,"two;lines";"open,x;c,y      | 4 | unreadable_row | is opened but not closed
            x.csv   | text,label;"two;lines","open;c,y          | 3 | unreadable_row | is opened but not closed
            x.csv   | "text,label;a,x                           | 1 | unreadable_row | is opened but not closed
            x.csv   | text,label;"a" b,x;c,y                    | 2 | unreadable_row | follows a closing quotation mark
            x.jsonl | {"text":"a","label":"x"};{"text":"b"      | 2 | malformed_json | before an object is closed. Write each object on one line
            x.jsonl | {"text":"a","label":"x"};{"text":NaN}     | 2 | malformed_json | 'NaN' is not a number in JSON.
            x.jsonl | {"text":"a","label":"x"};{'text':"b"}     | 2 | malformed_json | A name is not in double quotes.
            x.jsonl | {"text":"a","label":"x"};;{"text":"b","label":"x","text":"c"}   | 3 | malformed_json | The field 'text' occurs twice.
            x.jsonl | {"text":"a","label":"x"};{"text":"b","label":"x","o":{"p":1,"p":1}} | 2 | malformed_json | The field 'p' occurs twice.
            x.json  | [{"text":"a","label":"x"},;{"text":"b","text":"c"}] | 2 | malformed_json | The field 'text' occurs twice.
            x.json  | [{"text":"a","label":"x"},;{"text":+1}]   | 2 | malformed_json | A number begins with +.
            x.jsonl | {"text":"a","label":"x"};{"text":"b","label":1e999999999}  | 2 | invalid_number | too large
            x.jsonl | {"text":"a","label":"x"};{"text":-1e400,"label":"x"}       | 2 | invalid_number | too large
            x.json  | [{"text":"a","label":"x"},;{"text":"b","label":1e999}]     | 2 | invalid_number | too large
            """)
    void aFaultIsAtItsLineInOurWords(String name, String file, int line, String code, String message) {
        Answer refused = api.upload(name, file.replace(';', '\n'));

        assertThat(refused.status()).as("%s", refused.json()).isEqualTo(422);
        assertThat(Uploads.errors(refused)).contains(line + " " + code);
        assertThat(refused.detail())
                .contains(message)
                .doesNotContain("EOF", "encapsulated", "Feature", "token", "marker", "Duplicate", "Infinity");
    }

    @Test
    void aRowThatIsTooLongIsAtTheLineInWhichItBegins() {
        Answer csv = api.upload("x.csv", "text,label\na,x\n\n\"" + "long\n".repeat(3_500_000));
        Answer jsonl = api.upload("x.jsonl", "{\"text\":\"a\",\"label\":\"x\"}\n\"" + "x".repeat(16_500_000));

        assertThat(Uploads.errors(csv)).containsExactly("4 unreadable_row");
        assertThat(csv.detail()).contains("more than 16,000,000 characters. Check that each quotation mark is closed.");
        assertThat(Uploads.errors(jsonl)).containsExactly("2 unreadable_row");
    }

    @ParameterizedTest
    @ValueSource(strings = {"[1, 2]", "\"text\"", "text,label\na,b\n", "[\"a\", \"b\"]", "3", "null"})
    void aFileCalledJsonMustHoldObjects(String file) {
        Answer refused = api.upload("x.json", file);

        assertThat(refused.status()).isEqualTo(422);
        assertThat(refused.code()).isEqualTo("malformed_json");
        assertThat(refused.detail()).contains("must hold an array of objects, or JSON lines");
    }

    @Test
    void aFileInUtf32IsRefusedWithTheWayToConvertIt() {
        for (Charset charset : List.of(Charset.forName("UTF-32LE"), Charset.forName("UTF-32BE"))) {
            for (String start : List.of("", "\ufeff")) {
                for (String name : List.of("x.csv", "x.jsonl", "unnamed")) {
                    Answer refused = api.upload(name, (start + ROWS).getBytes(charset), Map.of());

                    assertThat(refused.status()).isEqualTo(415);
                    assertThat(refused.code()).isEqualTo("unsupported_format");
                    assertThat(refused.detail()).contains("Convert it to UTF-8", "iconv");
                }
            }
        }
    }

    @Test
    void anUnknownOrRepeatedFormFieldIsNamed() {
        Answer unknown = api.upload("x.csv", ROWS.getBytes(UTF_8), Map.of("colums", "{}"));
        Answer plain =
                api.uploadTo("/api/v1/datasets", "x.csv", ROWS.getBytes(UTF_8), Map.of("file", "text", "name", "a"));
        Answer share = api.upload("x.csv", ROWS.getBytes(UTF_8), Map.of("validation", "0.1"));
        Answer none = api.uploadTo("/api/v1/datasets", List.of(), Map.of("name", "a"));
        Answer model = api.uploadTo("/api/v1/models", "x.zip", new byte[] {1}, Map.of("revision", "main"));

        assertThat(unknown.status()).isEqualTo(422);
        assertThat(unknown.code()).isEqualTo("unknown_field");
        assertThat(unknown.json().get("errors").get(0).get("field").asString()).isEqualTo("colums");
        assertThat(unknown.detail()).contains("Did you mean 'columns'?");
        assertThat(plain.code()).isEqualTo("required");
        assertThat(plain.detail()).contains("'file' of the form is a plain field", "curl -F file=@FILE");
        assertThat(share.detail()).contains("'validation' of the form is a plain field", "Send it in 'split'");
        assertThat(none.detail()).contains("The form has no field 'file'");
        assertThat(model.code()).isEqualTo("unknown_field");
    }

    @ParameterizedTest
    @ValueSource(strings = {"columns", "split"})
    void aFieldThatOccursTwiceInTheJsonOfAFormFieldIsNamed(String field) {
        Answer refused = api.upload("x.csv", ROWS.getBytes(UTF_8), Map.of(field, "{\"a\":1,\"a\":2}"));

        assertThat(refused.status()).isEqualTo(422);
        assertThat(refused.code()).isEqualTo("malformed_json");
        assertThat(refused.detail()).isEqualTo("'" + field + "' is not valid JSON: The field 'a' occurs twice.");
    }

    @Test
    void aFieldThatOccursTwiceInABodyIsNamedWithItsLine() {
        for (String path : List.of("/api/v1/jobs", "/api/v1/jobs/estimate", "/api/v1/webhooks", "/api/v1/keys")) {
            Answer refused = api.post(path, "{\"name\":\"a\",\n \"o\":{\"p\":1,\"p\":2}}");

            assertThat(refused.status()).isEqualTo(400);
            assertThat(refused.code()).isEqualTo("malformed_json");
            assertThat(refused.detail()).contains("line 2", "The field 'p' occurs twice.");
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            /api/v1/jobs     | "base_model":"a","dataset":"ds_1"
            /api/v1/keys     | "role":"viewer"
            /api/v1/projects | "id":"one-line"
            """)
    void aNameIsOneLine(String path, String fields) {
        for (String control : List.of("\\n", "\\r", "\\u001b[2J", "\\u009b", "\\u202e", "\\u2028")) {
            Answer refused = api.post(path, "{" + fields + ",\"name\":\"a" + control + "b\"}");

            assertThat(refused.status()).isEqualTo(422);
            assertThat(refused.code()).isEqualTo("invalid_value");
            assertThat(refused.detail()).isEqualTo("'name' must not contain line breaks or other control characters.");
        }
    }

    @Test
    void theNameOfADatasetIsOneLine() {
        for (String control : List.of("\u001b[2J", "\u009b", "\u202e", "\u2028")) {
            Answer named = api.upload("x.csv", ROWS.getBytes(UTF_8), Map.of("name", "a" + control));
            Answer unnamed = api.upload("x" + control + ".csv", ROWS);

            assertThat(List.of(named.code(), unnamed.code())).containsOnly("invalid_value");
            assertThat(named.json().get("errors").get(0).get("field").asString())
                    .isEqualTo("name");
        }
        assertThat(api.upload("x.csv", ROWS.getBytes(UTF_8), Map.of("name", "a\r\nb"))
                        .code())
                .isEqualTo("invalid_value");
    }
}
