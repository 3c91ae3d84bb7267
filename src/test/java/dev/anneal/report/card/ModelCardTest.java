package dev.anneal.report.card;

import static org.assertj.core.api.Assertions.assertThat;

import dev.anneal.json.Json;
import dev.anneal.report.Subjects;
import dev.anneal.report.section.Subject;
import dev.anneal.spec.JobSpec;
import dev.anneal.transformer.architecture.Task;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** The model card and the training record of an exported model. */
class ModelCardTest {
    private static final BaseModel BASE =
            new BaseModel("all-MiniLM-L6-v2", "sentence-transformers/all-MiniLM-L6-v2", "main", "apache-2.0", "12ab");

    private static final String HOSTILE =
            "x\"\n---\nlicense: none\n# h `c` <script>alert(1)</script> [l](http://e) | a | www.e.com \ud800 \u0085 *b*";

    static Stream<Subject> subjects() {
        return Stream.of(
                Subjects.job(Task.TEXT_CLASSIFICATION, HOSTILE, Subjects.classification(HOSTILE)),
                Subjects.job(Task.MULTI_LABEL, HOSTILE, Subjects.multiLabel(HOSTILE)),
                Subjects.job(Task.TEXT_REGRESSION, HOSTILE, Subjects.regression(HOSTILE)),
                Subjects.job(Task.TOKEN_CLASSIFICATION, HOSTILE, Subjects.entities(HOSTILE)),
                Subjects.job(Task.CAUSAL_LM, HOSTILE, Subjects.generation(HOSTILE)));
    }

    @ParameterizedTest(name = "{index}")
    @MethodSource("subjects")
    void whatUsersWroteIsNeitherYamlNorMarkup(Subject subject) {
        String card = ModelCard.of(subject, HOSTILE, BASE);

        Map<String, Object> header = header(card);
        assertThat(header).containsEntry("license", "apache-2.0");
        assertThat(header.get("model-index").toString()).contains("name=x\"\n---\nlicense: none\n# h `c` <script>");
        String body = body(card);
        assertThat(body)
                .doesNotContain("<script", "[l](", "`c`", "http://e", "www.e", "*b*")
                .contains("&lt;script&gt;alert\\(1\\)&lt;/script&gt;");
        assertThat(body.lines())
                .as("no text of a user begins a line")
                .noneMatch(line -> line.startsWith("license:") || line.equals("---"));
        for (String row : body.lines().filter(line -> line.startsWith("|")).toList()) {
            assertThat(row.replace("\\|", "").chars().filter(c -> c == '|').count())
                    .as(row)
                    .isIn(3L, 4L, 6L, 7L);
        }
    }

    @Test
    void theCardSaysWhereTheModelComesFromAndHowGoodItIs() {
        String card = ModelCard.of(
                Subjects.job(Task.TEXT_CLASSIFICATION, "movies.csv", Subjects.classification("movies.csv")),
                "reviews-1",
                BASE);

        assertThat(header(card))
                .containsEntry("base_model", "sentence-transformers/all-MiniLM-L6-v2")
                .containsEntry("pipeline_tag", "text-classification")
                .containsEntry("library_name", "transformers")
                .containsEntry("tags", List.of("anneal", "lora"))
                .containsEntry("metrics", List.of("accuracy", "f1", "matthews_correlation"))
                .doesNotContainKey("language");
        JsonNode result = Json.MAPPER
                .valueToTree(header(card))
                .path("model-index")
                .path(0)
                .path("results")
                .path(0);
        assertThat(result.path("dataset").path("name").asString()).isEqualTo("movies.csv");
        assertThat(result.path("metrics").path(0).path("value").asDouble()).isEqualTo(0.935);
        assertThat(body(card))
                .contains(
                        "# reviews-1\n",
                        "| Accuracy | 93.5 % | 89.1 % to 96.2 % |",
                        "| movies.csv (ds_1) | train, validation, test | 800 | 100 | 100 | `ab12` |",
                        "Accuracy of the model is +2.0 points compared with a linear model of words (TF-IDF) (95 % interval −2.5 to +6.5 points).",
                        "| learning rate | ",
                        "- The model over-fits after epoch 2.",
                        "Its licence is apache-2.0, which applies to this model, too.");
    }

    @Test
    void figuresOfTheModelsOfFoldsAreNotThoseOfTheModel() {
        ObjectNode report = Subjects.classification("w").put("split", "train").put("examples", 320);

        String card = ModelCard.of(Subjects.job(Task.TEXT_CLASSIFICATION, "w", report), "w", BASE);

        assertThat(header(card)).doesNotContainKey("model-index");
        assertThat(body(card))
                .contains("On 320 out-of-fold rows (3 folds) of w.", "so its own figures are not known")
                .doesNotContain("train rows");
    }

    @Test
    void aLongSentenceAboutTheModelIsWhole() {
        ObjectNode report = Subjects.classification("w");
        String sentence = "The model over-fits. " + "Lower the number of epochs. ".repeat(10) + "This is the end.";
        ((ObjectNode) report.path("learning_curve")).put("message", sentence);

        assertThat(body(ModelCard.of(Subjects.job(Task.TEXT_CLASSIFICATION, "w", report), "w", BASE)))
                .contains("- " + sentence);
    }

    @Test
    void aTextInWindowsIsReadToItsEnd() {
        Subject job = Subjects.job(Task.TEXT_CLASSIFICATION, "w", Subjects.classification("w"));
        ObjectNode spec = (ObjectNode) Json.MAPPER.valueToTree(job.spec());
        ((ObjectNode) spec.path("task_options")).put("long_texts", "windows");
        Subject windows = new Subject(
                job.id(),
                job.name(),
                job.model(),
                job.published(),
                Json.MAPPER.convertValue(spec, JobSpec.class),
                job.hyperparameters(),
                job.report(),
                job.epochs(),
                job.best(),
                job.datasets(),
                job.run());

        assertThat(body(ModelCard.of(job, "w", BASE))).contains("A text is read up to 128 tokens.");
        assertThat(body(ModelCard.of(windows, "w", BASE)))
                .contains("A text of more than 128 tokens is read in windows")
                .doesNotContain("is read up to");
    }

    @Test
    void aGainWithoutAnIntervalHasNone() {
        ObjectNode report = Subjects.classification("w");
        ((ObjectNode) report.path("findings")
                        .path("baselines")
                        .path(0)
                        .path("gains")
                        .path("accuracy"))
                .putNull("interval");

        assertThat(body(ModelCard.of(Subjects.job(Task.TEXT_CLASSIFICATION, "w", report), "w", BASE)))
                .contains("guessing the most frequent label (without an interval")
                .doesNotContain("interval –");
    }

    @Test
    void aLicenceThatIsNotKnownIsLeftOutAndTheCardSaysSo() {
        Subject subject = Subjects.job(Task.CAUSAL_LM, "w", Subjects.generation("w"));

        String card = ModelCard.of(subject, "w", new BaseModel("my base", null, null, null, null));

        assertThat(header(card))
                .doesNotContainKeys("license", "base_model")
                .containsEntry("pipeline_tag", "text-generation");
        assertThat(body(card)).contains("Its licence is not known");
    }

    @Test
    void theCardOfAModelWithoutReportHasNoFigures() {
        Subject subject = Subjects.job(Task.TEXT_CLASSIFICATION, "w", Json.MAPPER.createObjectNode());

        String card = ModelCard.of(subject, "w", BASE);

        assertThat(header(card)).doesNotContainKeys("metrics", "model-index");
        assertThat(body(card)).contains("## Training", "## Data").doesNotContain("## Figures", "null");
    }

    @Test
    void theTrainingRecordHasAllSettingsAndFiguresButNoTextOfARow() {
        String secret = "the text of a row";
        Subject subject = Subjects.job(Task.TEXT_CLASSIFICATION, "w", Subjects.classification(secret));

        JsonNode record = Json.MAPPER.readTree(TrainingRecord.of(subject, BASE));

        assertThat(record.path("report")
                        .path("confusion_matrix")
                        .path(0)
                        .path(0)
                        .asInt())
                .isEqualTo(92);
        assertThat(record.path("report").path("findings").path("baselines")).hasSize(3);
        assertThat(record.path("hyperparameters").path("seed").asInt()).isEqualTo(42);
        assertThat(record.path("datasets").path(0).path("sha256").asString()).isEqualTo("ab12");
        assertThat(record.path("epochs")).hasSize(3);
        assertThat(record.path("base_model").path("license").asString()).isEqualTo("apache-2.0");
        for (String texts : List.of("worst_mistakes", "hardest_rows", "largest", "samples")) {
            assertThat(record.findValue(texts)).as(texts).isNull();
        }
    }

    private static Map<String, Object> header(String card) {
        assertThat(card).startsWith("---\n");
        return new Yaml(new SafeConstructor(new LoaderOptions()))
                .load(card.substring(4, card.indexOf("\n---\n", 4) + 1));
    }

    private static String body(String card) {
        return card.substring(card.indexOf("\n---\n", 4) + 5);
    }
}
