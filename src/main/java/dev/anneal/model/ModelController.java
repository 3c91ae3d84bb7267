package dev.anneal.model;

import dev.anneal.artifact.ArtifactStore;
import dev.anneal.local.ForRole;
import dev.anneal.web.Ids;
import dev.anneal.web.Page;
import dev.anneal.web.Problem;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.Deflater;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.springframework.data.domain.Limit;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.servlet.mvc.method.annotation.StreamingResponseBody;

@RestController
@ForRole("api")
@RequestMapping("/api/v1/models")
class ModelController {
    private final Models models;
    private final ModelRegistry registry;
    private final ArtifactStore store;

    ModelController(Models models, ModelRegistry registry, ArtifactStore store) {
        this.models = models;
        this.registry = registry;
        this.store = store;
    }

    @GetMapping
    Page<ModelView> list(
            @RequestParam(required = false) String kind,
            @RequestParam(defaultValue = "20") int limit,
            @RequestParam(defaultValue = Ids.LAST) String after) {
        if (kind != null && !List.of("base", "fine-tuned").contains(kind)) {
            throw Problem.invalid("kind", "unknown_kind", "'kind' may be base or fine-tuned.");
        }
        Limit oneMore = Limit.of(Page.limit(limit) + 1);
        List<Model> found = kind == null
                ? models.findByIdLessThanOrderByIdDesc(Page.after(after), oneMore)
                : models.findByKindAndIdLessThanOrderByIdDesc(kind, Page.after(after), oneMore);
        return Page.of(found, limit, Model::view);
    }

    @GetMapping("/{id}")
    ModelView get(@PathVariable String id) {
        return find(id).view();
    }

    @DeleteMapping("/{id}")
    @ResponseStatus(HttpStatus.NO_CONTENT)
    void delete(@PathVariable String id) {
        Model model = find(id);
        if (model.isBase()) {
            throw Problem.conflict("base_model", "'" + model.name() + "' is a base model and comes with the server.");
        }
        registry.delete(model);
    }

    @GetMapping("/{id}/download")
    ResponseEntity<StreamingResponseBody> download(@PathVariable String id) {
        Model model = find(id);
        Path directory = store.get(model.artifact());
        String disposition = "attachment; filename=\"" + model.getId() + ".zip\"";
        return ResponseEntity.ok()
                .contentType(MediaType.parseMediaType("application/zip"))
                .header(HttpHeaders.CONTENT_DISPOSITION, disposition)
                .body(out -> zip(directory, out));
    }

    private static void zip(Path directory, OutputStream out) throws IOException {
        try (ZipOutputStream zip = new ZipOutputStream(out);
                Stream<Path> files = Files.list(directory)) {
            zip.setLevel(Deflater.BEST_SPEED); // weights hardly shrink
            for (Path file : files.sorted().toList()) {
                zip.putNextEntry(new ZipEntry(file.getFileName().toString()));
                Files.copy(file, zip);
                zip.closeEntry();
            }
        }
    }

    private Model find(String id) {
        return models.find(id).orElseThrow(() -> Problem.notFound("model", id));
    }
}
