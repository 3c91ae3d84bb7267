package dev.anneal.dataset.browse;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.anneal.testing.Api;
import dev.anneal.testing.Client.Answer;
import dev.anneal.testing.ServerTest;
import dev.anneal.web.Problem;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.test.context.TestPropertySource;
import tools.jackson.databind.JsonNode;

/** Rows of datasets, filtered and drawn. */
@ServerTest
@TestPropertySource(properties = "anneal.roles=api,inference")
class BrowseTest {
    @Autowired
    Api api;

    @Autowired
    DataSource dataSource;

    private String upload(String name, String file) {
        return upload(name, file, Map.of("split", "{}"));
    }

    private String upload(String name, String file, Map<String, String> fields) {
        Answer created = api.upload(name, file.getBytes(StandardCharsets.UTF_8), fields);
        assertThat(created.status()).as("%s", created.json()).isEqualTo(201);
        return created.text("id");
    }

    private Answer rows(String dataset, String query) {
        return api.get("/api/v1/datasets/" + dataset + "/rows?" + query);
    }

    private List<Integer> numbers(String dataset, String query) {
        Answer page = rows(dataset, query);
        assertThat(page.status()).as("%s", page.json()).isEqualTo(200);
        return page.json()
                .path("data")
                .valueStream()
                .map(row -> row.path("number").asInt())
                .toList();
    }

    private static String text(String text) {
        return "text=" + URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    private String thousand() {
        StringBuilder csv = new StringBuilder("text,label,split\n");
        for (int i = 1; i <= 1_000; i++) {
            csv.append("Row ")
                    .append(i)
                    .append(i % 100 == 0 ? " Rare thing" : " usual")
                    .append(i % 2 == 0 ? ",a" : ",b")
                    .append(i % 10 == 0 ? ",test\n" : ",train\n");
        }
        return upload("thousand.csv", csv.toString(), Map.of());
    }

    @Test
    void rowsAreFilteredByTextInAnyCaseAndByLabelAndSplitTogether() {
        String dataset = thousand();

        assertThat(numbers(dataset, text("rARE tHING")))
                .containsExactly(100, 200, 300, 400, 500, 600, 700, 800, 900, 1000);
        assertThat(numbers(dataset, text("rare") + "&split=train")).isEmpty();
        assertThat(numbers(dataset, text("row 99") + "&label=b&limit=1000"))
                .containsExactly(99, 991, 993, 995, 997, 999);
        assertThat(numbers(dataset, "label=a&split=test&limit=2&after=20")).containsExactly(30, 40);
    }

    @Test
    void aLabelThatNoRowHasIsRefusedWithThoseThatExist() {
        String dataset =
                upload("few.csv", "text,label,split\na,good,train\na,good,train\nb,bad,train\nc,bad,train\n", Map.of());

        Answer label = rows(dataset, "label=Good");

        assertThat(label.code()).isEqualTo("unknown_label");
        assertThat(label.detail())
                .isEqualTo(
                        "No row of the dataset has the label 'Good'. Its labels are: bad, good. Did you mean 'good'?");
        assertThat(numbers(dataset, "problem=duplicate&label=good")).containsExactly(2);
        String chat = upload("p.jsonl", "{\"prompt\":\"a\",\"completion\":\"b\"}\n", Map.of());
        assertThat(rows(chat, "label=x").detail())
                .isEqualTo("The rows of the dataset have no labels. Leave out 'label'.");
    }

    @Test
    void pagesOfAFilterLeadToAllOfItsRowsOnce() {
        String dataset = thousand();

        List<Integer> found = new ArrayList<>();
        String after = "";
        for (boolean more = true; more; ) {
            JsonNode page = rows(dataset, text("rare") + "&limit=3" + after).json();
            page.path("data").forEach(row -> found.add(row.path("number").asInt()));
            more = page.path("has_more").asBoolean();
            assertThat(page.path("next_after").isNull()).isNotEqualTo(more);
            after = "&after=" + page.path("next_after");
        }

        assertThat(found).containsExactly(100, 200, 300, 400, 500, 600, 700, 800, 900, 1000);
    }

    @Test
    void aSearchThatTakesLongSaysWhereToContinue() {
        String dataset = thousand();
        RowPages impatient = new RowPages(dataSource, 0, 3);
        RowFilter rare = RowFilter.of(null, null, null, "rare");

        List<Long> found = new ArrayList<>();
        int empty = 0;
        RowPages.RowPage page = impatient.page(dataset, rare, 150, 1000);
        for (; page.hasMore(); page = impatient.page(dataset, rare, page.nextAfter(), 1000)) {
            page.data().forEach(row -> found.add(row.number()));
            empty += page.data().isEmpty() ? 1 : 0;
            assertThat(found.size() + empty).isLessThan(20);
        }
        page.data().forEach(row -> found.add(row.number()));

        assertThat(found).containsExactly(200L, 300L, 400L, 500L, 600L, 700L, 800L, 900L, 1000L);
        RowPages.RowPage sample = impatient.sample(dataset, rare, 1000, 42);
        assertThat(sample.hasMore()).isTrue();
    }

    /** Almost each place of these texts is almost a match, so that a row takes long. */
    @Test
    void aSearchInLongTextsIsEndedWithAProblem() {
        String text = "a".repeat(900_000);
        StringBuilder csv = new StringBuilder("text,label\n");
        for (int i = 0; i < 24; i++) {
            csv.append(text).append(i).append(i % 2 == 0 ? ",x\n" : ",y\n");
        }
        String dataset = upload("long.csv", csv.toString());
        RowFilter slow = RowFilter.of(null, null, null, "a".repeat(190) + "b");
        RowPages pages = new RowPages(dataSource, 2_000_000_000L, 1);

        assertThatThrownBy(() -> pages.page(dataset, slow, 0, 10))
                .isInstanceOfSatisfying(
                        Problem.class, problem -> assertThat(problem.code()).isEqualTo("search_too_slow"));
    }

    @Test
    void noCharacterOfATextHasAMeaning() {
        String dataset =
                upload("p.csv", "text,label\n100% sure,a\n1000 sure,b\na_b,a\naxb,b\nback\\slash,a\nslash,b\n");

        assertThat(numbers(dataset, text("0%"))).containsExactly(1);
        assertThat(numbers(dataset, text("a_b"))).containsExactly(3);
        assertThat(numbers(dataset, text("k\\s"))).containsExactly(5);
        assertThat(numbers(dataset, text("'"))).isEmpty();
    }

    @Test
    void eachKindOfRowIsSearchedInAllOfItsTexts() {
        String chats = upload(
                "c.jsonl",
                "{\"messages\":[{\"role\":\"user\",\"content\":\"Hello Bob\"},{\"role\":\"assistant\",\"content\":\"yes\"}]}\n"
                        + "{\"messages\":[{\"role\":\"user\",\"content\":\"x\"},{\"role\":\"assistant\",\"content\":\"bye BOB\"}]}\n"
                        + "{\"messages\":[{\"role\":\"user\",\"content\":\"x\"},{\"role\":\"assistant\",\"content\":\"user\"}]}\n");
        assertThat(numbers(chats, text("bob"))).containsExactly(1, 2);
        assertThat(numbers(chats, text("role"))).isEmpty();

        String words = upload("w.conll", "New\tB-LOC\nYork\tI-LOC\n\nsunny\tO\nday\tO\n\nAnna\tB-PER\nruns\tO\n");
        assertThat(numbers(words, text("new york"))).containsExactly(1);
        assertThat(numbers(words, "label=B-PER")).containsExactly(3);

        String several = upload("m.csv", "text,labels\nx,a|b\ny,b\nz,c\nv,c|a\n", Map.of("split", "{}"));
        assertThat(numbers(several, "label=a")).containsExactly(1, 4);
    }

    @Test
    void rowsWithAProblemAreFound() {
        String dataset = upload("d.csv", "text,label\none,a\ntwo,b\none,a\nthree,b\n\ntwo,b\nmail me@x.org,a\n");

        assertThat(numbers(dataset, "problem=duplicate")).hasSize(2);
        for (JsonNode row : rows(dataset, "problem=duplicate").json().path("data")) {
            assertThat(row.path("text").asString()).isIn("one", "two");
            assertThat(row.path("number").asInt()).isGreaterThan(2);
        }
        assertThat(rows(dataset, "problem=personal_email")
                        .json()
                        .path("data")
                        .get(0)
                        .path("text")
                        .asString())
                .isEqualTo("mail me@x.org");
        assertThat(numbers(dataset, "problem=leakage")).isEmpty();
    }

    @Test
    void aSampleIsDrawnFromWhatTheFiltersLeaveAndDependsOnTheSeed() {
        String dataset = thousand();

        List<Integer> first = numbers(dataset, "sample=20&label=a&seed=1");
        assertThat(first).hasSize(20).doesNotHaveDuplicates().allMatch(number -> number % 2 == 0);
        assertThat(numbers(dataset, "sample=20&label=a&seed=1")).isEqualTo(first);
        assertThat(numbers(dataset, "sample=20&label=a&seed=2")).isNotEqualTo(first);
        assertThat(first).isNotEqualTo(first.stream().sorted().toList());
        assertThat(numbers(dataset, "sample=1000&split=test")).hasSize(100);
        assertThat(rows(dataset, "sample=100&split=test")
                        .json()
                        .path("has_more")
                        .asBoolean())
                .isFalse();
        assertThat(rows(dataset, "sample=99&split=test").json().path("has_more").asBoolean())
                .isTrue();
        assertThat(numbers(dataset, "sample=5&" + text("rare"))).hasSize(5).allMatch(number -> number % 100 == 0);
    }

    /** Each of 1,000 rows is drawn twice on average in 200 samples of 10. */
    @Test
    void everyPartOfADatasetIsDrawn() {
        String dataset = thousand();

        int[] hundreds = new int[10];
        for (int seed = 0; seed < 200; seed++) {
            numbers(dataset, "sample=10&seed=" + seed).forEach(number -> hundreds[(number - 1) / 100]++);
        }

        for (int drawn : hundreds) {
            assertThat(drawn).isBetween(140, 260); // 200 with a deviation of 13
        }
    }

    @Test
    void whatIsNoFilterIsRefused() {
        String dataset = upload("s.csv", "text,label\nx,a\ny,b\nz,a\nv,b\n");

        assertThat(rows(dataset, "seed=1").code()).isEqualTo("needs_sample");
        assertThat(rows(dataset, "sample=0").code()).isEqualTo("out_of_range");
        assertThat(rows(dataset, "sample=2&limit=5").code()).isEqualTo("conflicting_parameter");
        assertThat(rows(dataset, "sample=2&after=1").code()).isEqualTo("conflicting_parameter");
        assertThat(rows(dataset, "text=").code()).isEqualTo("out_of_range");
        assertThat(rows(dataset, "text=" + "x".repeat(201)).code()).isEqualTo("out_of_range");
        assertThat(rows(dataset, "text=%00").code()).isEqualTo("invalid_value");
    }
}
