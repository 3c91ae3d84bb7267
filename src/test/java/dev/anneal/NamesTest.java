package dev.anneal;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.anneal.model.Zips;
import dev.anneal.testing.Api;
import dev.anneal.testing.Client;
import dev.anneal.testing.Client.Answer;
import dev.anneal.testing.Operations;
import dev.anneal.testing.Operations.Operation;
import dev.anneal.testing.ReadyModels;
import dev.anneal.testing.Reviews;
import dev.anneal.testing.ServerTest;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.test.context.TestPropertySource;
import tools.jackson.databind.JsonNode;

/** Datasets, jobs and models are found by name wherever an id is accepted, and in a project a name means one of them. */
@ServerTest
@TestPropertySource(properties = "anneal.roles=api,inference")
class NamesTest {
    private static final Map<String, String> BODIES = Map.of(
            "predict", "{\"inputs\":[\"x\"]}",
            "generate", "{\"prompt\":\"x\"}",
            "createDatasetVersion", "{\"steps\":[{\"type\":\"strip\"}]}");

    private static final AtomicInteger PROJECTS = new AtomicInteger();

    @Autowired
    Api api;

    @Autowired
    JdbcClient jdbc;

    @Autowired
    ReadyModels models;

    private String projectId;
    private Client project;

    @BeforeEach
    void ownProject() {
        projectId = "names-" + PROJECTS.incrementAndGet();
        assertThat(api.post("/api/v1/projects", "{\"id\":\"" + projectId + "\"}")
                        .status())
                .isEqualTo(201);
        project = api.in(projectId);
    }

    private Answer upload(String name) {
        return project.upload("reviews.csv", Reviews.csv(60), Map.of("name", name));
    }

    private String model(String name) {
        return models.add(name, projectId, Path.of("src/test/resources/models/bert"))
                .getId();
    }

    private Answer job(String fields) {
        return project.post("/api/v1/jobs", "{" + fields + "}");
    }

    @Test
    void eachOperationOnADatasetAJobOrAModelFindsItByItsName() throws IOException {
        Map<String, String> names =
                Map.of("dataset_id", "Films 1/2 – fb", "job_id", "a job/of mine", "model_id", "org/tiny");
        upload(names.get("dataset_id"));
        model(names.get("model_id"));
        job("\"name\":\"a job/of mine\",\"base_model\":\"org/tiny\",\"dataset\":\"Films 1/2 – fb\"");
        List<Operation> operations = Operations.all().stream()
                .filter(operation -> operation.path().matches(".*\\{(dataset|job|model)_id}.*"))
                .sorted(Comparator.comparing(
                        (Operation operation) -> operation.method().equals("DELETE")))
                .toList();
        assertThat(operations).hasSizeGreaterThan(20);

        for (Operation operation : operations) {
            String parameter = operation.path().replaceFirst(".*?\\{(\\w+_id)}.*", "$1");
            String noun = parameter.replace("_id", "");

            assertThat(call(operation, "nothing").detail())
                    .as("%s", operation)
                    .startsWith("There is no " + noun + " 'nothing'.");
            Answer found = call(operation, names.get(parameter));
            assertThat(String.valueOf(found.json()))
                    .as("%s", operation)
                    .doesNotContain("There is no " + noun, "Internal server error", "ambiguous_name");
            assertThat(found.status()).as("%s", operation).isLessThan(500);
        }
    }

    private Answer call(Operation operation, String name) {
        String path = operation
                .path()
                .replaceFirst(
                        "\\{(dataset|job|model)_id}",
                        URLEncoder.encode(name, UTF_8).replace("+", "%20"))
                .replaceFirst("\\{\\w+}", "1");
        String body = BODIES.getOrDefault(operation.id(), "");
        return body.isEmpty()
                ? project.send(operation.method(), path, new byte[0])
                : project.send(operation.method(), path, body);
    }

    @Test
    void aJobNamesItsDatasetsAndItsModelByName() throws IOException {
        String training = upload("training").text("id");
        String validation = upload("validation").text("id");
        String test = upload("test").text("id");
        String model = model("tuned");
        jdbc.sql("update models set kind = 'fine-tuned' where id = ?")
                .param(model)
                .update();
        String request = "\"base_model\":\"tuned\",\"dataset\":\"training\",\"validation_dataset\":\"validation\","
                + "\"test_dataset\":\"test\"";

        Answer job = job(request);

        assertThat(job.status()).as("%s", job.json()).isEqualTo(201);
        assertThat(job.text("base_model")).isEqualTo(model);
        assertThat(job.text("dataset")).isEqualTo(training);
        assertThat(job.text("validation_dataset")).isEqualTo(validation);
        assertThat(job.text("test_dataset")).isEqualTo(test);
        assertThat(job.text("name")).isEqualTo("training-1");
        assertThat(project.post("/api/v1/jobs/estimate", "{" + request + "}").status())
                .isEqualTo(200);
    }

    @Test
    void aVersionNamesTheDatasetThatItAppendsByName() {
        upload("first");
        String second = upload("second").text("id");

        Answer version = project.post(
                "/api/v1/datasets/first/versions", "{\"steps\":[{\"type\":\"append\",\"dataset\":\"second\"}]}");

        assertThat(version.status()).as("%s", version.json()).isEqualTo(201);
        assertThat(version.json().at("/changes/0/step/dataset").asString()).isEqualTo(second);
    }

    @Test
    void parametersOfDatasetsNameTheBaseModelByName() throws IOException {
        upload("films");
        model("org/tiny");

        for (String path : List.of("statistics?base_model=", "rows/1/tokens?base_model=")) {
            assertThat(project.get("/api/v1/datasets/films/" + path + "none").code())
                    .isEqualTo("unknown_base_model");
            assertThat(project.get("/api/v1/datasets/films/" + path + "org/tiny")
                            .status())
                    .isEqualTo(200);
        }
    }

    @Test
    void aGivenNameThatIsTakenIsRefused() throws IOException {
        String dataset = upload("fb").text("id");
        model("org/tiny");
        String job = job("\"name\":\"tuned\",\"base_model\":\"org/tiny\",\"dataset\":\"fb\"")
                .text("id");

        String id = "ds_01M8MNCJ2D9V4RDKJ2T2G0W29G";
        assertThat(upload(id).code())
                .as("deleting that dataset twice would delete this one")
                .isEqualTo("invalid_name");
        assertTaken(upload("fb"), "The dataset '" + dataset + "' has the name 'fb' already.");
        assertTaken(
                project.post("/api/v1/datasets/fb/versions", "{\"name\":\"fb\",\"steps\":[{\"type\":\"strip\"}]}"),
                "The dataset '" + dataset + "' has the name 'fb' already.");
        assertTaken(
                job("\"name\":\"tuned\",\"base_model\":\"org/tiny\",\"dataset\":\"fb\""),
                "The job '" + job + "' has the name 'tuned' already.");
        assertThat(job("\"name\":\"org/tiny\",\"base_model\":\"org/tiny\",\"dataset\":\"fb\"")
                        .code())
                .as("its model would have this name")
                .isEqualTo("name_taken");
        byte[] zip = Zips.of(Path.of("src/test/resources/models/bert"), "").bytes();
        assertTaken(
                project.uploadTo("/api/v1/models/upload", "tiny.zip", zip, Map.of("name", "tuned")),
                "The job '" + job + "' has the name 'tuned' already.");
        assertThat(project.uploadTo("/api/v1/models/upload", "tiny.zip", zip, Map.of("name", "org/tiny"))
                        .code())
                .isEqualTo("name_taken");
    }

    private static void assertTaken(Answer answer, String detail) {
        assertThat(answer.status()).as("%s", answer.json()).isEqualTo(409);
        assertThat(answer.code()).isEqualTo("name_taken");
        assertThat(answer.detail()).startsWith(detail + " Choose another 'name', or delete that ");
    }

    @Test
    void withoutANameThatOfTheFileGetsANumber() {
        List<String> names = List.of("films.csv", "films-2.csv", "films-3.csv", "films-4.csv");
        for (String name : names) {
            assertThat(project.upload("films.csv", Reviews.csv(60), Map.of()).text("name"))
                    .isEqualTo(name);
        }
        String job = "\"base_model\":\"all-MiniLM-L6-v2\",\"dataset\":\"films.csv\"";
        assertThat(job(job).text("name")).isEqualTo("films-1");
        assertThat(job(job).text("name")).isEqualTo("films-2");
        assertThat(job(job).text("name")).isEqualTo("films-3");
    }

    @Test
    void whatWasRejectedOrCancelledLeavesItsName() {
        byte[] bad = "text,label\n,a\nx,b\n".getBytes(UTF_8);
        String rejected = project.upload("x.csv", bad, Map.of("name", "fb"))
                .json()
                .path("dataset")
                .asString();
        assertThat(project.get("/api/v1/datasets/fb").text("id")).isEqualTo(rejected);
        project.upload("corrected.csv", bad, Map.of());
        assertThat(project.upload("corrected.csv", Reviews.csv(60), Map.of()).text("name"))
                .isEqualTo("corrected.csv");
        String good = upload("fb").text("id");
        assertThat(project.get("/api/v1/datasets/fb").text("id")).isEqualTo(good);

        String request = "\"name\":\"tuned\",\"base_model\":\"all-MiniLM-L6-v2\",\"dataset\":\"fb\"";
        String cancelled = job(request).text("id");
        project.post("/api/v1/jobs/tuned/cancel");
        assertThat(project.get("/api/v1/jobs/tuned").text("id")).isEqualTo(cancelled);
        String queued = job(request).text("id");
        assertThat(project.get("/api/v1/jobs/tuned").text("id")).isEqualTo(queued);
    }

    @Test
    void ofANameThatSeveralHaveTheIdsAreTold() {
        String first = upload("a").text("id");
        String second = upload("b").text("id");
        jdbc.sql("update datasets set name = 'a' where id = ?").param(second).update(); // as earlier versions allowed

        for (Answer answer : List.of(
                project.get("/api/v1/datasets/a"), job("\"base_model\":\"all-MiniLM-L6-v2\",\"dataset\":\"a\""))) {
            assertThat(answer.status()).isEqualTo(409);
            assertThat(answer.code()).isEqualTo("ambiguous_name");
            assertThat(answer.detail())
                    .isEqualTo("Several datasets are named 'a'. Give the id of one: " + second + ", " + first + ".");
        }
        JsonNode list = project.get("/api/v1/datasets").json();
        assertThat(list.path("data")).hasSize(2);
    }
}
