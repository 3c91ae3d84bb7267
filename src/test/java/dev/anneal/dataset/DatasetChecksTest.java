package dev.anneal.dataset;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.anneal.testing.Api;
import dev.anneal.testing.Client.Answer;
import dev.anneal.testing.Client.FilePart;
import dev.anneal.testing.Reviews;
import dev.anneal.testing.ServerTest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.test.context.TestPropertySource;
import tools.jackson.databind.JsonNode;

/** The problems of uploads, and checks without an upload. */
@ServerTest
@TestPropertySource(properties = "anneal.roles=api,inference")
class DatasetChecksTest {
    private static final String ROWS = """
            text,label,split
            good film,a,train
            good film,a,train
            bad film,b,train
            a dull one,b,train
            good film,a,test
            bad film,B,train
            """;

    @Autowired
    Api api;

    @Autowired
    JdbcClient jdbc;

    private Answer check(String name, String file, Map<String, String> fields) {
        Answer answer = api.uploadTo("/api/v1/datasets/check", name, file.getBytes(UTF_8), fields);
        assertThat(answer.status()).as("%s", answer.json()).isEqualTo(200);
        return answer;
    }

    private static List<String> problems(JsonNode problems) {
        return problems.valueStream()
                .map(problem -> (problem.get("line").isNull()
                                ? "–"
                                : problem.get("line").asString()) + " "
                        + problem.get("code").asString())
                .filter(problem -> !problem.endsWith("rare_label"))
                .toList();
    }

    @Test
    void warningsAreKeptAndCountedAndDoNotRejectTheFile() {
        Answer created = api.upload("w.csv", ROWS.replace(",B,", ",b,"));

        assertThat(created.status()).isEqualTo(201);
        assertThat(created.json().get("problem_count").asInt()).isZero();
        assertThat(created.json().get("problem_codes").toString())
                .isEqualTo("[{\"code\":\"rare_label\",\"severity\":\"warning\",\"count\":2},"
                        + "{\"code\":\"duplicate\",\"severity\":\"warning\",\"count\":2},"
                        + "{\"code\":\"leakage\",\"severity\":\"warning\",\"count\":1}]");
        assertThat(created.json().get("warning_count").asInt()).isEqualTo(5);
        JsonNode problems = api.get("/api/v1/datasets/" + created.text("id") + "/problems?severity=warning")
                .json()
                .get("data");
        assertThat(problems(problems)).containsExactly("3 duplicate", "6 leakage", "7 duplicate");
        assertThat(problems.get(2).get("message").asString()).isEqualTo("The row repeats line 2.");
    }

    @Test
    void aCheckKeepsNothing() {
        int before =
                jdbc.sql("select count(*) from datasets").query(Integer.class).single();

        Answer report = check("c.csv", ROWS.replace(",B,", ",b,"), Map.of());

        assertThat(report.text("status")).isEqualTo("ready");
        assertThat(report.json().get("row_count").asInt()).isEqualTo(6);
        assertThat(problems(report.json().get("problems"))).containsExactly("3 duplicate", "6 leakage", "7 duplicate");
        assertThat(jdbc.sql("select count(*) from datasets")
                        .query(Integer.class)
                        .single())
                .isEqualTo(before);
        assertThat(jdbc.sql("select count(*) from dataset_rows where dataset_id not in (select id from datasets)")
                        .query(Integer.class)
                        .single())
                .isZero();
    }

    @Test
    void problemsCanBeHadAsCsv() {
        byte[] file = "text,label\ngood,a\n,a\nbad,b\nawful,\"b, c\"\n".getBytes(UTF_8);
        String id = api.upload("x.csv", file, Map.of()).text("dataset");

        Answer kept = api.get("/api/v1/datasets/" + id + "/problems.csv");
        Answer checked = api.uploadTo("/api/v1/datasets/check.csv", "x.csv", file, Map.of());

        assertThat(kept.headers().firstValue("Content-Disposition"))
                .contains("attachment; filename=\"" + id + "-problems.csv\"");
        assertThat(new String(kept.bytes(), UTF_8))
                .startsWith("file,line,column,severity,code,message\r\n")
                .contains("\r\n,3,text,error,empty_text,The row has no text.\r\n");
        assertThat(checked.bytes()).isEqualTo(kept.bytes());
        String of = "/api/v1/datasets/" + id + "/problems.csv?";
        assertThat(new String(api.get(of + "severity=error&code=empty_text").bytes(), UTF_8))
                .hasLineCount(2)
                .contains("empty_text");
        assertThat(api.get(of + "severity=fatal").code()).isEqualTo("unknown_severity");
        assertThat(api.get("/api/v1/datasets/ds_none/problems.csv").code()).isEqualTo("not_found");
    }

    @Test
    void theHeaderAcceptDoesNotChangeTheFormOfProblems() {
        byte[] file = "text,label\ngood,a\n,a\nbad,b\nawful,b\n".getBytes(UTF_8);
        String id = api.upload("x.csv", file, Map.of()).text("dataset");
        String any = "text/csv, application/json, application/octet-stream, application/problem+json";

        Answer listed = api.get("/api/v1/datasets/" + id + "/problems", "Accept", any);
        Answer exported = api.get("/api/v1/datasets/" + id + "/problems.csv", "Accept", any);

        assertThat(listed.headers().firstValue("Content-Type").orElseThrow()).startsWith("application/json");
        assertThat(exported.headers().firstValue("Content-Type")).contains("application/octet-stream");
    }

    @Test
    void aLabelThatNoTrainingRowHasIsAnErrorAtEachOfItsLines() {
        Answer refused = api.upload(
                "t.csv",
                "text,label,split\na,x,train\nb,x,train\nc,y,train\nd,y,train\ne,zebra,test\nf,zebra,validation\n");

        assertThat(refused.status()).isEqualTo(422);
        assertThat(Uploads.errors(refused)).containsExactly("6 label_not_in_train", "7 label_not_in_train");
        assertThat(refused.json().get("errors").get(0).get("column").asString()).isEqualTo("label");
        assertThat(refused.json().get("errors").get(0).get("message").asString())
                .startsWith("The label 'zebra' does");
        assertThat(api.get("/api/v1/datasets/" + refused.text("dataset") + "/rows")
                        .json()
                        .get("data"))
                .isEmpty();
    }

    @Test
    void badRowsAreSkippedUpToTheGivenNumberOrShare() {
        String file = "text,label,split\na,x,train\nb,x,train\n,x,train\nc,y,train\nd,y,train\ne,z,test\nf,y,test,1\n";
        Map<String, String> three = Map.of("on_error", "skip", "max_skipped", "3");

        Answer created = api.upload("s.csv", file.getBytes(UTF_8), three);

        assertThat(created.status()).as("%s", created.json()).isEqualTo(201);
        assertThat(created.json().get("skipped_count").asInt()).isEqualTo(3);
        assertThat(created.json().get("problem_count").asInt()).isEqualTo(3);
        assertThat(created.json().get("row_count").asInt()).isEqualTo(4);
        assertThat(created.json().get("labels").toString())
                .isEqualTo("[{\"name\":\"x\",\"count\":2},{\"name\":\"y\",\"count\":2}]");
        Map<String, String> limits = Map.of("2", "2", "0.4", "40 %", "0", "0 %", "0.125", "12.5 %");
        limits.forEach((most, words) -> {
            Answer refused = api.upload("s.csv", file.getBytes(UTF_8), Map.of("on_error", "skip", "max_skipped", most));
            assertThat(refused.code()).as(most).isEqualTo("dataset_rejected");
            assertThat(refused.detail())
                    .matches("The file cannot be used: [23] of 7 rows are bad, but at most " + words
                            + " may be skipped. Raise 'max_skipped', or correct the rows. See all.*");
        });
        assertThat(check("s.csv", file, Map.of("on_error", "skip", "max_skipped", "0.5"))
                        .text("status"))
                .isEqualTo("ready");
    }

    @Test
    void allRowsWithALabelThatNoTrainingRowHasAreCounted() {
        StringBuilder csv = new StringBuilder("text,label,split\na,x,train\nb,x,train\nc,y,train\nd,y,train\n");
        for (int i = 0; i < 10_050; i++) {
            csv.append("text ").append(i).append(",z,test\n");
        }

        JsonNode report = check("z.csv", csv.toString(), Map.of("checks", "{\"near_duplicates\":false}"))
                .json();

        assertThat(report.get("problem_count").asInt()).isEqualTo(10_050);
        assertThat(report.get("problem_codes").get(0).toString())
                .isEqualTo("{\"code\":\"label_not_in_train\",\"severity\":\"error\",\"count\":10050}");
    }

    @Test
    void noWarningConcernsARowThatIsSetAside() {
        StringBuilder csv = new StringBuilder("text,label,split\n");
        for (int i = 0; i < 1_200; i++) {
            csv.append("write number ").append(i).append(" to ann@example.org,").append(i % 2 == 0 ? "x" : "y");
            csv.append(",train\n");
        }
        csv.append("write to bob@example.org,z,test\nwrite number 7 to ann@example.org,z,test\nmine,once,train\n");

        Answer created =
                api.upload("s.csv", csv.toString().getBytes(UTF_8), Map.of("on_error", "skip", "max_skipped", "3"));

        assertThat(created.status()).as("%s", created.json()).isEqualTo(201);
        assertThat(created.json().get("skipped_count").asInt()).isEqualTo(3);
        assertThat(created.json().get("problem_codes").toString())
                .contains("{\"code\":\"personal_email\",\"severity\":\"warning\",\"count\":1200}")
                .doesNotContain("leakage");
    }

    @Test
    void aMisspelledLabelIsAWarningSoThatItCanBeMerged() {
        String rows = "text,label,split\ngood,positive,train\nfine,positive,train\nnice,Positive,train\n"
                + "bad,negative,train\nawful,negative,train\nworse,NEGATIVE,test\n";

        Answer created = api.upload("m.csv", rows.getBytes(UTF_8), Map.of());

        assertThat(created.status()).as("%s", created.json()).isEqualTo(201);
        assertThat(problems(api.get("/api/v1/datasets/" + created.text("id") + "/problems")
                        .json()
                        .get("data")))
                .contains("4 label_spelling", "7 label_spelling");
        Answer merged = api.post(
                "/api/v1/datasets/" + created.text("id") + "/versions",
                "{\"steps\":[{\"type\":\"merge_labels\",\"map\":{\"Positive\":\"positive\",\"NEGATIVE\":\"negative\"}}]}");
        assertThat(merged.json().get("labels").toString())
                .isEqualTo("[{\"name\":\"negative\",\"count\":3},{\"name\":\"positive\",\"count\":3}]");
    }

    @Test
    void noCellOfProblemsAsCsvIsAFormula() {
        byte[] file = "=1+1,label\ngood,a\n,a\nbad,b\nawful,b\n".getBytes(UTF_8);
        Map<String, String> columns = Map.of("columns", "{\"text\":\"=1+1\"}");

        Answer checked = api.uploadTo("/api/v1/datasets/check.csv", "x.csv", file, columns);

        assertThat(new String(checked.bytes(), UTF_8)).contains("\r\n,3,'=1+1,error,empty_text,");
    }

    @Test
    void aFileThatCannotBeReadToItsEndIsRejectedAlsoIfBadRowsAreSkipped() {
        Map<String, String> all = Map.of("on_error", "skip", "max_skipped", "1000");

        assertThat(api.upload("x.csv", "text,label\na,x\nb,x\nc,y\nd,y\n\"open,y\n".getBytes(UTF_8), all)
                        .code())
                .isEqualTo("unreadable_row");
        assertThat(api.upload(
                                "x.json",
                                ("[{\"text\":\"a\",\"label\":\"x\"},{\"text\":\"b\",\"label\":\"x\"},"
                                                + "{\"text\":\"c\",\"label\":\"y\"},{\"text\":\"d\",\"label\":\"y\"},3 4]")
                                        .getBytes(UTF_8),
                                all)
                        .status())
                .isEqualTo(422);
        assertThat(api.upload("x.csv", "text,label\n,x\n".getBytes(UTF_8), all).code())
                .isEqualTo("empty_text");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            on_error    | ignore                     | unknown_on_error   | reject or skip
            max_skipped | 3                          | conflicting_fields | Add it
            checks      | {"similarity":0.2}         | out_of_range       | from 0.5 to 1
            checks      | {"near_duplicate":false}   | unknown_field      | Did you mean 'near_duplicates'?
            """)
    void aWrongChoiceIsNamed(String field, String value, String code, String detail) {
        Answer refused = api.upload("r.csv", ROWS.getBytes(UTF_8), Map.of(field, value));

        assertThat(refused.status()).isEqualTo(422);
        assertThat(refused.code()).isEqualTo(code);
        assertThat(refused.detail()).contains(detail);
        assertThat(refused.json().get("errors").get(0).get("field").asString()).startsWith(field);
        assertThat(api.upload("r.csv", ROWS.getBytes(UTF_8), Map.of("on_error", "skip", "max_skipped", "1.5"))
                        .code())
                .isEqualTo("out_of_range");
    }

    @Test
    void aRandomSplitOfAFileWithDuplicatesLeaksAndTheMessageSaysWhy() {
        StringBuilder csv = new StringBuilder("text,label\n");
        for (int i = 0; i < 200; i++) {
            csv.append("text number ").append(i % 20).append(i % 2 == 0 ? ",a\n" : ",b\n");
        }

        JsonNode problems = check("d.csv", csv.toString(), Map.of()).json().get("problems");

        JsonNode leak = problems.valueStream()
                .filter(problem -> problem.get("code").asString().equals("leakage"))
                .findFirst()
                .orElseThrow();
        assertThat(leak.get("message").asString()).contains("The splits were drawn at random.");
    }

    @Test
    void nearDuplicatesAreNotSearchedIfTheUserSaysSo() {
        String text = "The film was long, but I liked the music and most of the actors in it";
        String file = "text,label\n%s,a\n%s!,a\nc,b\nd,b\n"
                .formatted("\"" + text + "\"", "\"" + text + "\"")
                .replace("\"!", "!\"");

        assertThat(problems(check("n.csv", file, Map.of()).json().get("problems")))
                .anyMatch(problem -> problem.contains("near_"));
        assertThat(problems(check("n.csv", file, Map.of("checks", "{\"near_duplicates\":false}"))
                        .json()
                        .get("problems")))
                .noneMatch(problem -> problem.contains("near_"));
    }

    @Test
    void tagsThatContinueNothingAreReportedUnlessTheFileIsIob1() {
        String iob2 = "Ann B-PER\nLee I-PER\nhere O\n\nin O\nRome I-LOC\n\nBob B-PER\nin O\nRome B-LOC\n";

        assertThat(problems(check("t.conll", iob2, Map.of()).json().get("problems")))
                .containsExactly("5 invalid_tag_sequence");
        assertThat(problems(check("t.conll", iob2.replace("B-", "I-"), Map.of())
                        .json()
                        .get("problems")))
                .isEmpty();
    }

    @Test
    void personalDataIsCountedAndLocatedButNotRepeated() {
        String file = "text,label\nwrite to ann@example.org or bob@example.org,a\nfine,a\nbad,b\nworse,b\n";

        Answer created = api.upload("p.csv", file);
        Answer problems = api.get("/api/v1/datasets/" + created.text("id") + "/problems");

        assertThat(problems(problems.json().get("data"))).containsExactly("2 personal_email");
        assertThat(problems.json().toString()).contains("2 e-mail addresses").doesNotContain("example.org");
    }

    @Test
    void aJobSaysInItsEventsWhatWarningsItsDatasetHas() {
        String csv = new String(Reviews.csv(60), UTF_8);
        String row = csv.lines().skip(1).findFirst().orElseThrow();
        String dataset = api.upload("reviews.csv", (csv + row + "\n").getBytes(UTF_8), Map.of())
                .text("id");
        String job = api.post("/api/v1/jobs", "{\"base_model\":\"all-MiniLM-L6-v2\",\"dataset\":\"" + dataset + "\"}")
                .text("id");

        JsonNode event =
                api.get("/api/v1/jobs/" + job + "/events").json().get("data").get(1);
        assertThat(event.get("type").asString()).isEqualTo("log");
        assertThat(event.get("data").get("level").asString()).isEqualTo("warn");
        assertThat(event.get("data").get("message").asString())
                .matches("The dataset 'reviews.csv' has warnings: .*1 (duplicate|leakage).*\\. See /api/v1/datasets/"
                        + dataset + "/problems\\.");
        api.post("/api/v1/jobs/" + job + "/cancel");
    }

    /** The questions were counted by another program: see SOURCE.txt beside the files. */
    @Test
    void elevenQuestionsOfTrec6AreInBothItsFiles() throws IOException {
        Path directory = Path.of("../shared/data/trec6");
        assumeTrue(
                Files.exists(directory),
                () -> "Skipped: the data set " + directory
                        + " is not here. It is not part of the project; put it there to run this test.");
        StringBuilder rows = new StringBuilder("label\ttext\tsplit\n");
        for (String split : List.of("train", "test")) {
            for (String line : Files.readAllLines(directory.resolve("TREC." + split + ".all"), ISO_8859_1)) {
                rows.append(line.replaceFirst(" ", "\t"))
                        .append('\t')
                        .append(split)
                        .append('\n');
            }
        }

        JsonNode codes = check("trec6.tsv", rows.toString(), Map.of()).json().get("problem_codes");

        assertThat(codes.valueStream()
                        .filter(code -> code.get("code").asString().equals("leakage"))
                        .map(code -> code.get("count").asInt()))
                .containsExactly(11);
    }

    @Test
    void aProblemOfOneOfSeveralFilesNamesItsFile() {
        byte[] train = "text,label\ngood,a\nfine,a\nbad,b\nawful,b\n".getBytes(UTF_8);
        byte[] test = "text,label\nnew,a\nbad,b\n".getBytes(UTF_8);
        Answer report = api.uploadTo(
                "/api/v1/datasets/check",
                List.of(new FilePart("train", "first.csv", train), new FilePart("test", "last.csv", test)),
                Map.of());

        JsonNode leak = report.json()
                .get("problems")
                .valueStream()
                .filter(problem -> problem.get("code").asString().equals("leakage"))
                .findFirst()
                .orElseThrow();
        assertThat(leak.get("file").asString()).isEqualTo("last.csv");
        assertThat(leak.get("line").asInt()).isEqualTo(3);
        assertThat(leak.get("message").asString()).contains("also in line 4 of 'first.csv', which is for training");
    }
}
