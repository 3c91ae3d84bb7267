package dev.anneal.model;

import dev.anneal.artifact.ArtifactStore;
import dev.anneal.event.Event;
import dev.anneal.model.source.HubSettings;
import dev.anneal.role.ForRole;
import dev.anneal.security.Caller;
import dev.anneal.text.Ids;
import dev.anneal.text.Sha256;
import dev.anneal.web.FormFields;
import dev.anneal.web.Idempotency;
import dev.anneal.web.Page;
import dev.anneal.web.Problem;
import dev.anneal.web.limit.UploadSlots;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.data.domain.Limit;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.multipart.MultipartFile;
import org.springframework.web.servlet.mvc.method.annotation.SseEmitter;
import org.springframework.web.servlet.mvc.method.annotation.StreamingResponseBody;
import tools.jackson.databind.JsonNode;

@RestController
@ForRole("api")
@RequestMapping("/api/v1/models")
class ModelController {
    private final Models models;
    private final ModelRegistry registry;
    private final ArtifactStore store;
    private final ModelImports imports;
    private final ModelImporter importer;
    private final ModelUpload uploads;
    private final ModelEvents events;
    private final ModelEventStreams streams;
    private final HubSettings hub;
    private final Idempotency idempotency;
    private final ServingReport serving;
    private final Downloads downloads;
    // Limits parallel uploads: each unpacks and reads a whole model.
    private final UploadSlots slots = new UploadSlots(3, 2);

    ModelController(
            Models models,
            ModelRegistry registry,
            ArtifactStore store,
            ModelImports imports,
            ModelImporter importer,
            ModelUpload uploads,
            ModelEvents events,
            ModelEventStreams streams,
            HubSettings hub,
            Idempotency idempotency,
            ServingReport serving,
            Downloads downloads) {
        this.models = models;
        this.registry = registry;
        this.store = store;
        this.imports = imports;
        this.importer = importer;
        this.uploads = uploads;
        this.events = events;
        this.streams = streams;
        this.hub = hub;
        this.idempotency = idempotency;
        this.serving = serving;
        this.downloads = downloads;
    }

    /** Starts an import and returns at once; the model can be used when its status is ready. */
    @PostMapping(consumes = MediaType.APPLICATION_JSON_VALUE)
    ResponseEntity<ModelView> importFromHub(
            @RequestBody JsonNode body,
            @RequestHeader(name = Caller.PROJECT_HEADER, required = false) @Nullable String project,
            @RequestHeader(name = "Idempotency-Key", required = false) @Nullable String key)
            throws IOException {
        ImportRequest request = ImportRequest.of(body);
        if (!hub.allows(request.source().repository())) {
            throw Problem.invalid(
                    "source",
                    "source_not_allowed",
                    "This server does not allow '" + request.source() + "'. Allowed (anneal.hub.allow): "
                            + String.join(", ", hub.allow()) + ".");
        }
        String id = idempotency.once(
                key, "importModel", () -> Sha256.of(body.toString()), () -> imports.submit(request, owner(project)));
        importer.wake();
        return created(key, id);
    }

    /** The path without {@code upload} is that of older clients. */
    @PostMapping(
            path = {"", "/upload"},
            consumes = MediaType.MULTIPART_FORM_DATA_VALUE)
    ResponseEntity<ModelView> importZip(
            @RequestParam(name = "file", required = false) @Nullable MultipartFile sent,
            @RequestParam(required = false) @Nullable String name,
            @RequestHeader(name = Caller.PROJECT_HEADER, required = false) @Nullable String project,
            @RequestHeader(name = "Idempotency-Key", required = false) @Nullable String key,
            HttpServletRequest form)
            throws IOException, ServletException {
        MultipartFile file = FormFields.file(form, sent, List.of("file", "name"), Map.of());
        String chosen = ModelUpload.name(file, name);
        try (UploadSlots.Slot slot = slots.take(Caller.current().project())) {
            String id = idempotency.onceLong(
                    key, "importModel", () -> Idempotency.hash(chosen, file.getInputStream()), made -> {
                        try {
                            return uploads.upload(file, chosen, owner(project), made);
                        } catch (IOException e) {
                            throw new UncheckedIOException(e);
                        }
                    });
            return created(key, id);
        }
    }

    /** Returns the owner of an import: null (all projects) for the server's admin, unless the request names a project. */
    private static @Nullable String owner(@Nullable String named) {
        Caller caller = Caller.current();
        return caller.serverAdmin() && named == null ? null : caller.project();
    }

    private ResponseEntity<ModelView> created(@Nullable String key, String id) {
        Model model = Idempotency.existing(
                key, "model", id, models.find(id, Caller.current().project()));
        return ResponseEntity.created(URI.create("/api/v1/models/" + id)).body(view(model));
    }

    @GetMapping
    Page<ModelView> list(
            @RequestParam(required = false) @Nullable String kind,
            @RequestParam(defaultValue = "20") int limit,
            @RequestParam(defaultValue = Ids.LAST) String after) {
        if (kind != null && !List.of("base", "fine-tuned").contains(kind)) {
            throw Problem.invalid("kind", "unknown_kind", "'kind' must be base or fine-tuned.");
        }
        String project = Caller.current().project();
        return Page.read(
                Page.limit(limit),
                Page.after(after, "mdl", "model"),
                (from, count) -> models.page(project, kind, from, Limit.of(count)),
                Model::getId,
                found -> this::view);
    }

    @GetMapping("/{id}")
    ModelView get(@PathVariable String id) {
        return view(find(id));
    }

    @DeleteMapping("/{id}")
    @ResponseStatus(HttpStatus.NO_CONTENT)
    void delete(@PathVariable String id) {
        Model model = find(id);
        if (model.isBundled()) {
            throw Problem.conflict(
                    "base_model", "'" + model.name() + "' is bundled with the server and cannot be deleted.");
        }
        if (model.project() == null) {
            Caller.current().requireServerAdmin("To delete a model that all projects share");
        }
        registry.delete(model);
    }

    @GetMapping(path = "/{id}/events", produces = MediaType.APPLICATION_JSON_VALUE)
    Page<Event> events(
            @PathVariable String id,
            @RequestParam(defaultValue = "20") int limit,
            @RequestParam(defaultValue = "0") long after) {
        String found = find(id).getId(); // the path may have a name
        long from = events.checkedCursor(found, after);
        return Page.of(events.after(found, from, Page.limit(limit) + 1), limit, event -> event);
    }

    @GetMapping(path = "/{id}/events", produces = MediaType.TEXT_EVENT_STREAM_VALUE)
    SseEmitter stream(
            @PathVariable String id,
            @RequestHeader(name = "Last-Event-ID", required = false) @Nullable Long lastEventId,
            @RequestParam(defaultValue = "0") long after) {
        String found = find(id).getId();
        long from = events.checkedCursor(found, lastEventId == null ? after : lastEventId);
        return streams.open(found, from);
    }

    @GetMapping("/{id}/download")
    ResponseEntity<StreamingResponseBody> download(@PathVariable String id, HttpMethod method) {
        Model model = find(id);
        if (!model.isReady()) {
            throw model.notReady();
        }
        Path directory = store.get(model.artifact());
        String disposition = "attachment; filename=\"" + model.getId() + ".zip\"";
        return ResponseEntity.ok()
                .contentType(MediaType.APPLICATION_OCTET_STREAM) // generated clients know this type for files
                .header(HttpHeaders.CONTENT_DISPOSITION, disposition)
                .body(
                        method == HttpMethod.HEAD
                                ? null // nobody receives the zip
                                : downloads.zip(directory, Caller.current().project()));
    }

    private ModelView view(Model model) {
        String id = model.getId();
        return model.view(
                serving.of(id).orElse(null),
                serving.health(id, Caller.current().project()).orElse(null));
    }

    private Model find(String id) {
        return models.find(id, Caller.current().project())
                .orElseThrow(() -> models.missing(id, Caller.current().project()));
    }
}
