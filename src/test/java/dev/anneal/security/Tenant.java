package dev.anneal.security;

import static org.assertj.core.api.Assertions.assertThat;

import dev.anneal.testing.Client;
import dev.anneal.testing.Client.Answer;
import dev.anneal.testing.Reviews;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/** A project with a key of each role, and cheap things that belong to it. */
final class Tenant {
    final String project;
    final Client viewer;
    final Client editor;
    final Client admin;
    private final Client server;

    Tenant(Client server, String project) {
        this.server = server;
        this.project = project;
        assertThat(server.post("/api/v1/projects", "{\"id\":\"" + project + "\"}")
                        .status())
                .isIn(201, 409);
        this.viewer = server.withKey(secret("viewer"));
        this.editor = server.withKey(secret("editor"));
        this.admin = server.withKey(secret("admin"));
    }

    Client with(String role) {
        return Map.of("viewer", viewer, "editor", editor, "admin", admin).get(role);
    }

    private String secret(String role) {
        return key(role).text("secret");
    }

    Answer key(String role) {
        return made(server.post(
                "/api/v1/keys",
                "{\"name\":\"%s of %s\",\"role\":\"%s\",\"project\":\"%s\"}".formatted(role, project, role, project)));
    }

    String dataset() {
        return made(editor.upload("reviews.csv", Reviews.csv(40), Map.of())).text("id");
    }

    String job(String dataset) {
        return made(editor.post("/api/v1/jobs", jobBody(dataset))).text("id");
    }

    static String jobBody(String dataset) {
        return "{\"base_model\":\"all-MiniLM-L6-v2\",\"dataset\":\"" + dataset + "\"}";
    }

    /** A base model of the project's own. */
    String model(String name) {
        return made(editor.uploadTo("/api/v1/models", "m.zip", zip(), Map.of("name", name)))
                .text("id");
    }

    /** A queued evaluation or prediction. */
    String computed(String kind, String classifier, String dataset) {
        return made(editor.post("/api/v1/" + kind, evaluationBody(kind, classifier, dataset)))
                .text("id");
    }

    static String evaluationBody(String kind, String classifier, String dataset) {
        String map = kind.equals("evaluations") ? ",\"label_map\":{\"negative\":\"%s\",\"positive\":\"%s\"}" : "";
        return "{\"model\":\"" + classifier + "\",\"dataset\":\"" + dataset + "\"" + map.formatted("bad", "good") + "}";
    }

    static byte[] zip() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(bytes);
                Stream<Path> files = Files.list(Path.of("src/test/resources/models/bert"))) {
            for (Path file : files.filter(f -> !f.endsWith("golden.json")).toList()) {
                zip.putNextEntry(new ZipEntry(file.getFileName().toString()));
                Files.copy(file, zip);
                zip.closeEntry();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    private static Answer made(Answer answer) {
        assertThat(answer.status()).as("%s", answer.json()).isEqualTo(201);
        return answer;
    }
}
