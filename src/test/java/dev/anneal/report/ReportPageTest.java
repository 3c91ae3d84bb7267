package dev.anneal.report;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.anneal.json.Json;
import dev.anneal.report.section.Subject;
import dev.anneal.spec.JobSpec;
import dev.anneal.text.Sha256;
import dev.anneal.transformer.architecture.Task;
import java.io.StringReader;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.w3c.dom.Attr;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.InputSource;
import tools.jackson.databind.node.ObjectNode;

/** The page of a report: its content, and what texts of users can do to it. */
class ReportPageTest {
    private static final String HOSTILE =
            "</title></style><script>alert(1)</script>\"'><img src=x onerror=alert(2)> &amp; ' onclick='x \u202e\ud800\u0000";

    private static final Set<String> ELEMENTS = Set.of(
            "html",
            "head",
            "meta",
            "title",
            "style",
            "body",
            "header",
            "main",
            "footer",
            "section",
            "nav",
            "h1",
            "h2",
            "h3",
            "p",
            "ul",
            "ol",
            "li",
            "dl",
            "dt",
            "dd",
            "div",
            "span",
            "strong",
            "em",
            "small",
            "mark",
            "bdi",
            "a",
            "code",
            "pre",
            "table",
            "caption",
            "thead",
            "tbody",
            "tr",
            "th",
            "td",
            "figure",
            "figcaption",
            "details",
            "summary",
            "svg",
            "desc",
            "path",
            "circle",
            "rect",
            "text");

    static Stream<Arguments> subjects() {
        return Stream.of(
                Arguments.of(Subjects.job(Task.TEXT_CLASSIFICATION, HOSTILE, Subjects.classification(HOSTILE))),
                Arguments.of(Subjects.job(Task.MULTI_LABEL, HOSTILE, Subjects.multiLabel(HOSTILE))),
                Arguments.of(Subjects.job(Task.TEXT_REGRESSION, HOSTILE, Subjects.regression(HOSTILE))),
                Arguments.of(Subjects.job(Task.TOKEN_CLASSIFICATION, HOSTILE, Subjects.entities(HOSTILE))),
                Arguments.of(Subjects.job(Task.CAUSAL_LM, HOSTILE, Subjects.generation(HOSTILE))));
    }

    @ParameterizedTest(name = "{index}")
    @MethodSource("subjects")
    void whatUsersWroteIsTextAndNeverMarkup(Subject subject) throws Exception {
        String page = ReportPage.of(subject);
        Document document = parse(page);

        List<Element> elements = elements(document);
        assertThat(elements.stream().map(Element::getTagName)).isSubsetOf(ELEMENTS);
        for (Element element : elements) {
            for (int i = 0; i < element.getAttributes().getLength(); i++) {
                Attr attribute = (Attr) element.getAttributes().item(i);
                assertThat(attribute.getName()).doesNotStartWith("on").isNotIn("src", "style", "srcset");
                if (attribute.getName().equals("href")) {
                    assertThat(attribute.getValue()).startsWith("#");
                }
            }
        }
        assertThat(document.getElementsByTagName("h1").item(0).getTextContent())
                .as("the text is all there")
                .contains("<script>alert(1)</script>\"'><img src=x onerror=alert(2)> &amp; '")
                .doesNotContain("\u0000");
    }

    @ParameterizedTest(name = "{index}")
    @MethodSource("subjects")
    void theStructureOfThePageIsThatOfItsHeadingsAndTables(Subject subject) throws Exception {
        Document document = parse(ReportPage.of(subject));

        Set<String> ids = new HashSet<>();
        int level = 0;
        for (Element element : elements(document)) {
            String id = element.getAttribute("id");
            assertThat(id.isEmpty() || ids.add(id)).as("id %s is used once", id).isTrue();
            String name = element.getTagName();
            if (name.matches("h[1-3]")) {
                int next = name.charAt(1) - '0';
                assertThat(next).as(element.getTextContent()).isLessThanOrEqualTo(level + 1);
                level = next;
            }
            if (name.equals("th")) {
                assertThat(element.getAttribute("scope")).isIn("col", "row");
            }
            if (name.equals("svg") && !element.getAttribute("aria-hidden").equals("true")) {
                assertThat(element.getAttribute("role")).isEqualTo("img");
                assertThat(element.getElementsByTagName("title").getLength()).isEqualTo(1);
            }
        }
        for (Element element : elements(document)) {
            for (String id : element.getAttribute("aria-labelledby").split(" ")) {
                assertThat(id.isEmpty() || ids.contains(id)).as(id).isTrue();
            }
            if (element.getTagName().equals("a")) {
                assertThat(ids).contains(element.getAttribute("href").substring(1));
            }
        }
    }

    @Test
    void thePageShowsTheFiguresOfTheReport() {
        String page = text(Subjects.job(Task.TEXT_CLASSIFICATION, "w", Subjects.classification("w")));

        assertThat(page)
                .contains(
                        "93.5 %",
                        "95 % interval 89.1 % to 96.2 %",
                        "on 200 test rows",
                        "+2.0 points over a linear model of words (TF-IDF)95 % interval −2.5 to +6.5 points",
                        "Fine-tuning may have bought nothing over a linear model of words (TF-IDF)",
                        "The model over-fits after epoch 2.",
                        "2 rows probably have a wrong label",
                        "4 rows for evaluation are in the training rows",
                        "The model is worse for rows whose group is \u2068w\u2069: the gap in accuracy is −15.0 points.",
                        "25.0 % of the predictions change if only words for 'female' become words for 'male'.",
                        "./anneal datasets fix ds_1 --drop-mislabelled job_1",
                        "With the temperature 1.847, fitted on the validation rows, it is 0.021.",
                        "3 examples are longer than max_length",
                        "The column group has too many values.",
                        "More rows would probably help.",
                        "Accuracy92.0 %1.1 %0.910  0.920  0.930",
                        "900 MB",
                        "class weightsw 2");
    }

    @Test
    void aGainOrAGapWithoutAnIntervalIsNoClaim() {
        ObjectNode report = Subjects.classification("w");
        ObjectNode findings = (ObjectNode) report.path("findings");
        findings.path("baselines")
                .forEach(baseline -> ((ObjectNode) baseline.path("gains").path("accuracy")).putNull("interval"));
        ((ObjectNode) findings.path("slices")
                        .path(0)
                        .path("values")
                        .path(0)
                        .path("metrics")
                        .path("accuracy"))
                .putNull("gap_interval");
        Subject subject = Subjects.job(Task.TEXT_CLASSIFICATION, "w", report);

        assertThat(text(subject))
                .contains(
                        "It is not known whether fine-tuning bought anything over a linear model of words (TF-IDF): the gain is +2.0 points")
                .doesNotContain("its interval contains 0. More test rows", "The model is worse for rows");
        assertThat(ReportPage.of(subject)).doesNotContain("strip below", "class=\"above\"");
    }

    @Test
    void validationsWithinEpochsAreRowsAndPointsOfTheirStep() {
        Subject subject = Subjects.withValidationsWithinEpochs("w");

        assertThat(text(subject)).contains("1, step 5", "1, step 8", "published step");
        assertThat(text(subject).replaceAll("\\s+", " "))
                .containsPattern("1, step 5 ?0\\.61[^,]*published")
                .contains("Of that, the epochs19 s");
    }

    @Test
    void aComparisonWithoutMetricsSaysWhy() {
        ObjectNode report = Subjects.generation("w");
        ObjectNode comparison = (ObjectNode) report.path("comparison");
        comparison.putObject("metrics");
        comparison.putArray("left_out").add("The losses are not compared.");

        assertThat(text(Subjects.job(Task.CAUSAL_LM, "w", report)))
                .contains("The losses are not compared.")
                .doesNotContain("Differences of the metrics");
    }

    @Test
    void thePageOfALanguageModelShowsItsAnswersAndWhatItForgot() {
        assertThat(text(Subjects.job(Task.CAUSAL_LM, "w", Subjects.generation("w"))))
                .contains(
                        "+0.410 ROUGE-L over the base model",
                        "chrF55.258.500",
                        "1 question does not count",
                        "So 3 answers of this model and 0 of the base model are cut",
                        "Loss per row−3.200−4.100 to −2.500<0.0001this one",
                        "The loss on general text rises by 0.4.",
                        "General English723.1003.500+0.40081.0 %",
                        "Without remedies it rose by 0.9.");
    }

    @Test
    void theAnswersOfAnEvaluationAreThoseOfOneModel() {
        ObjectNode report = Subjects.generation("w");
        ObjectNode answers = (ObjectNode) report.path("answers");
        answers.remove("base_model");
        ((ObjectNode) answers.path("samples").path(0)).remove("base_answer");

        assertThat(text(Subjects.job(Task.CAUSAL_LM, "w", report)))
                .contains(
                        "chrF55.25",
                        "1 question does not count, because the prompt is too long.",
                        "So 3 answers of this model are cut")
                .doesNotContain("over the base model", "of the base model are cut");
    }

    @Test
    void anEvaluationHasNoTrainingAndNoCommandOfJobs() {
        Subject job = Subjects.job(Task.TEXT_CLASSIFICATION, "w", Subjects.classification("w"));
        JobSpec spec = Json.MAPPER.convertValue(
                ((ObjectNode) Json.MAPPER.valueToTree(job.spec()))
                        .set(
                                "evaluation",
                                Json.MAPPER.readTree(
                                        "{\"split\": \"test\", \"rows\": 200, \"label_map\": {\"<b>\": \"w a\"}}")),
                JobSpec.class);
        String page = text(new Subject(
                "eval_1",
                "m on d",
                "m",
                null,
                spec,
                job.hyperparameters(),
                job.report(),
                List.of(),
                null,
                job.datasets(),
                job.run()));

        assertThat(page)
                .contains(
                        "Report of an evaluation",
                        "m evaluated on w",
                        "drop_rows",
                        "minus those of the evaluation eval_0 w on the same rows",
                        "Accuracy+2.1 points+0.4 to +3.8 points0.0140this one",
                        "Only this model is right on 9 rows, only the other one on 1 row (McNemar's exact test: p 0.0215)",
                        "The gain over the frozen base model with a trained head is on 100 rows of this report",
                        "GET /api/v1/evaluations/eval_1/report",
                        "probably have a wrong label, by the scores of the model.")
                .doesNotContain("--drop-mislabelled", "The epochs", "learning rate", "was not trained on them");
    }

    /** The mean move of similarities is not the difference of their means, and they have no next token. */
    @Test
    void similaritiesThatMovedHaveNoSignAndNoTokens() throws Exception {
        ObjectNode report = Subjects.entities("w");
        ((ObjectNode) report.putObject("forgetting")
                        .put("measure", "similarity")
                        .putObject("probe"))
                .put("texts", 40)
                .put("before", 0.445)
                .put("after", 0.629)
                .put("change", 0.57)
                .putNull("agreement");

        assertThat(text(Subjects.job(Task.TOKEN_CLASSIFICATION, "w", report)))
                .contains("TextTextsBase modelThis modelMoved byGeneral English400.4450.6290.570")
                .doesNotContain("+0.570", "Same next token");
    }

    @Test
    void aTemperatureIsAdvisedOnlyIfItLowersTheError() throws Exception {
        ObjectNode report = Subjects.classification("w");
        String lower = text(Subjects.job(Task.TEXT_CLASSIFICATION, "w", report));
        ((ObjectNode) report.path("calibration").path("calibrated")).put("ece", 0.1);
        String higher = text(Subjects.job(Task.TEXT_CLASSIFICATION, "w", report));

        assertThat(lower).contains("it is 0.021. Train with the task option calibrate");
        assertThat(higher)
                .contains("it is 0.100. The model is better without it.")
                .doesNotContain("Train with the task option calibrate");
    }

    @Test
    void theReportOfAnOlderVersionHasAPage() throws Exception {
        ObjectNode old = Subjects.classification("w");
        for (String later : List.of(
                "averages",
                "intervals",
                "ranking",
                "calibration",
                "findings",
                "learning_curve",
                "comparison",
                "cross_validation",
                "data_curve")) {
            old.remove(later);
        }

        assertThat(text(Subjects.job(Task.TEXT_CLASSIFICATION, "w", old)))
                .contains("93.5 %", "Confusion matrix")
                .doesNotContain("Baselines", "Calibration", "null", "NaN");
    }

    @Test
    void thePageOfTheLargestReportIsSmallAndSaysWhatIsLeftOut() throws Exception {
        String page = ReportPage.of(Subjects.job(Task.TEXT_CLASSIFICATION, "w", Subjects.largest()));

        assertThat(page.getBytes(UTF_8)).hasSizeLessThan(500_000);
        assertThat(parse(page).getDocumentElement().getTextContent())
                .contains(
                        "900 labels are left out here.",
                        "The matrix of 1000 labels is too large for a page.",
                        "1,950 rows are left out here.",
                        "60 values are left out here.");
    }

    @Test
    void thePolicyAllowsTheStyleOfThePageAndNothingElse() {
        String page = ReportPage.of(Subjects.job(Task.CAUSAL_LM, "w", Subjects.generation("w")));
        String style = page.substring(page.indexOf("<style>") + 7, page.indexOf("</style>"));

        assertThat(ReportPage.POLICY)
                .startsWith("default-src 'none'; style-src 'sha256-"
                        + Base64.getEncoder().encodeToString(Sha256.digest().digest(style.getBytes(UTF_8))) + "'")
                .doesNotContain("unsafe", "script-src", "http");
        assertThat(style).doesNotContain("@import", "url(");
    }

    private static String text(Subject subject) {
        try {
            return parse(ReportPage.of(subject))
                    .getElementsByTagName("body")
                    .item(0)
                    .getTextContent();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    /** Reads the page as XML, which fails if an element or an attribute does not end where it should. */
    private static Document parse(String page) throws Exception {
        assertThat(page).startsWith("<!DOCTYPE html>\n");
        DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
        factory.setFeature("http://apache.org/xml/features/disallow-doctype-decl", true);
        return factory.newDocumentBuilder()
                .parse(new InputSource(new StringReader(page.replaceFirst("<!DOCTYPE html>\n", ""))));
    }

    private static List<Element> elements(Document document) {
        NodeList all = document.getElementsByTagName("*");
        List<Element> elements = new ArrayList<>();
        for (int i = 0; i < all.getLength(); i++) {
            elements.add((Element) all.item(i));
        }
        return elements;
    }
}
