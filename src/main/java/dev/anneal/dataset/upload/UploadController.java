package dev.anneal.dataset.upload;

import dev.anneal.files.FileLocks;
import dev.anneal.role.ForRole;
import dev.anneal.security.Caller;
import dev.anneal.text.Cut;
import dev.anneal.text.Ids;
import dev.anneal.web.Page;
import dev.anneal.web.Problem;
import dev.anneal.web.limit.UploadSettings;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.core.io.InputStreamResource;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.ModelAttribute;
import org.springframework.web.bind.annotation.PatchMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestMethod;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** The tus protocol 1.0 (https://tus.io): core, creation, expiration and termination. */
@RestController
@ForRole("api")
@RequestMapping("/api/v1/uploads")
class UploadController {
    private static final String VERSION = "1.0.0";
    private static final String OFFSET = "Upload-Offset";
    private static final String LENGTH = "Upload-Length";
    private static final String RESUMABLE = "Tus-Resumable";
    private static final int MAX_NAME = 255;

    private final Uploads uploads;
    private final UploadFiles files;
    private final UploadSettings limits;

    UploadController(Uploads uploads, UploadFiles files, UploadSettings limits) {
        this.uploads = uploads;
        this.files = files;
        this.limits = limits;
    }

    /** Names the version in each answer, also in those to refused requests, and refuses other versions. */
    @ModelAttribute
    void version(
            @RequestHeader(name = RESUMABLE, required = false) @Nullable String version, HttpServletResponse response) {
        response.setHeader(RESUMABLE, VERSION);
        if (version != null && !version.equals(VERSION)) {
            response.setHeader("Tus-Version", VERSION);
            throw new Problem(
                    HttpStatus.PRECONDITION_FAILED,
                    "unsupported_tus_version",
                    "'Tus-Resumable' is '%s'. The server has version %s of the protocol. Send that."
                            .formatted(Problem.quote(version), VERSION));
        }
    }

    @RequestMapping(method = RequestMethod.OPTIONS)
    ResponseEntity<Void> describe() {
        return ResponseEntity.noContent()
                .header("Tus-Version", VERSION)
                .header("Tus-Extension", "creation,expiration,termination")
                .header("Tus-Max-Size", String.valueOf(limits.maxSize().toBytes()))
                .build();
    }

    @PostMapping
    ResponseEntity<UploadView> create(
            @RequestHeader(name = LENGTH, required = false) @Nullable String length,
            @RequestHeader(name = UploadMetadata.HEADER, required = false) @Nullable String metadata)
            throws IOException {
        long size = number(LENGTH, length);
        long most = limits.maxSize().toBytes();
        if (size > most) {
            throw Problem.limit(
                    HttpStatus.CONTENT_TOO_LARGE,
                    "upload_too_large",
                    "The upload has too many bytes. Send a smaller file, or ask the server's admin to raise the limit",
                    "anneal.upload.max-size",
                    most);
        }
        Map<String, String> texts = UploadMetadata.parse(metadata);
        Upload upload = uploads.create(
                Caller.current().project(),
                name(texts.getOrDefault("filename", texts.getOrDefault("name", ""))),
                size,
                metadata == null ? "" : metadata);
        try {
            files.create(upload.id());
        } catch (IOException | RuntimeException refused) { // it must not count against the limits of the project
            uploads.delete(upload.id());
            throw refused;
        }
        return ResponseEntity.created(URI.create("/api/v1/uploads/" + upload.id()))
                .headers(headers(upload, 0, upload.expiresAt()))
                .body(UploadView.of(upload, 0L));
    }

    /** Returns the name of a file without control characters, which neither Postgres nor a terminal takes. */
    private static String name(String given) {
        return Cut.to(given.isBlank() ? "upload" : given.replaceAll("\\p{Cntrl}", "\uFFFD"), MAX_NAME);
    }

    @GetMapping
    Page<UploadView> list(
            @RequestParam(defaultValue = "20") int limit, @RequestParam(defaultValue = Ids.LAST) String after) {
        return Page.of(
                uploads.list(Caller.current().project(), Page.after(after, "upl", "upload"), Page.limit(limit) + 1),
                limit,
                upload -> UploadView.of(upload, files.size(upload.id())));
    }

    /** Answers HEAD, too, by which clients of tus ask for the offset. */
    @GetMapping("/{id}")
    ResponseEntity<UploadView> get(@PathVariable String id) throws IOException {
        Upload upload = find(id);
        long offset = files.offset(id).orElseThrow(() -> elsewhere(id));
        return ResponseEntity.ok()
                .headers(headers(upload, offset, upload.expiresAt()))
                .body(UploadView.of(upload, offset));
    }

    @PatchMapping(path = "/{id}", consumes = "application/offset+octet-stream")
    ResponseEntity<Void> append(
            @PathVariable String id,
            @RequestHeader(name = OFFSET, required = false) @Nullable String offset,
            @RequestHeader(name = HttpHeaders.CONTENT_LENGTH, required = false) @Nullable Long length,
            @RequestBody(required = false) @Nullable InputStreamResource body)
            throws IOException {
        long from = number(OFFSET, offset);
        find(id);
        try (FileLocks.Held lock = files.lock(id)) {
            Upload upload = find(id); // it may have been deleted
            if (files.size(id) == null) {
                throw elsewhere(id);
            }
            uploads.extend(id); // it must not expire while bytes arrive
            if (length != null && length > upload.sizeBytes() - from) {
                throw UploadFiles.tooMany(upload);
            }
            long now;
            try (InputStream bytes = body == null ? InputStream.nullInputStream() : body.getInputStream()) {
                now = files.append(upload, from, bytes);
            }
            return ResponseEntity.noContent()
                    .headers(headers(upload, now, uploads.extend(id)))
                    .build();
        }
    }

    @DeleteMapping("/{id}")
    ResponseEntity<Void> delete(@PathVariable String id) throws IOException {
        find(id);
        try (FileLocks.Held lock = files.lock(id)) {
            uploads.delete(id);
            files.delete(id);
        }
        return ResponseEntity.noContent().build();
    }

    private Upload find(String id) {
        Upload upload = uploads.find(id, Caller.current().project()).orElseThrow(() -> Problem.notFound("upload", id));
        if (upload.hasExpired()) {
            throw new Problem(
                    HttpStatus.GONE,
                    "upload_expired",
                    "The upload '%s' has expired, because nothing arrived for long. Create another one.".formatted(id));
        }
        return upload;
    }

    static Problem elsewhere(String id) {
        return Problem.conflict(
                "upload_on_another_server",
                "This server does not have the bytes of the upload '%s'. Send all requests for it to the server that created it. The admin can let servers share them (anneal.uploads.directory)."
                        .formatted(id));
    }

    private static HttpHeaders headers(Upload upload, long offset, Instant expires) {
        HttpHeaders headers = new HttpHeaders();
        headers.set(OFFSET, String.valueOf(offset));
        headers.set(LENGTH, String.valueOf(upload.sizeBytes()));
        if (!upload.metadata().isEmpty()) {
            headers.set(UploadMetadata.HEADER, upload.metadata());
        }
        headers.setDate("Upload-Expires", expires.toEpochMilli());
        return headers;
    }

    private static long number(String header, @Nullable String text) {
        if (text == null) {
            throw Problem.invalid(header, "required", "The header '" + header + "' is required.");
        }
        if (!text.matches("\\d{1,18}")) {
            throw Problem.invalid(
                    header,
                    "invalid_value",
                    "The header '%s' is '%s'. It must be a number of bytes.".formatted(header, Problem.quote(text)));
        }
        return Long.parseLong(text);
    }
}
