package dev.anneal.dataset;

import dev.anneal.dataset.file.UploadRequest;
import dev.anneal.dataset.file.UploadedFile;
import dev.anneal.dataset.source.DatasetSource;
import dev.anneal.dataset.source.SourceFetcher;
import dev.anneal.dataset.validation.Received;
import dev.anneal.dataset.validation.ReceivedFiles;
import dev.anneal.dataset.validation.Validation;
import dev.anneal.dataset.validation.ValidationSettings;
import dev.anneal.dataset.validation.Validations;
import dev.anneal.role.ForRole;
import dev.anneal.security.Caller;
import dev.anneal.text.Sha256;
import dev.anneal.web.Idempotency;
import dev.anneal.web.PreferHeader;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.multipart.MultipartException;
import org.springframework.web.multipart.MultipartHttpServletRequest;
import org.springframework.web.util.WebUtils;

/**
 * Creates datasets. The files are fetched and validated by threads of the server, and the request waits for the result, but not for
 * long.
 */
@RestController
@ForRole("api")
@RequestMapping("/api/v1/datasets")
class CreateDatasetController {
    private final DatasetUpload uploads;
    private final DatasetAnswers answers;
    private final Validations validations;
    private final ReceivedFiles received;
    private final SentFiles sent;
    private final SourceFetcher fetcher;
    private final Idempotency idempotency;
    private final Duration usualWait;

    CreateDatasetController(
            DatasetUpload uploads,
            DatasetAnswers answers,
            Validations validations,
            ReceivedFiles received,
            SentFiles sent,
            SourceFetcher fetcher,
            Idempotency idempotency,
            ValidationSettings settings) {
        this.uploads = uploads;
        this.answers = answers;
        this.validations = validations;
        this.received = received;
        this.sent = sent;
        this.fetcher = fetcher;
        this.idempotency = idempotency;
        this.usualWait = settings.maxWait();
    }

    @PostMapping(consumes = "multipart/form-data")
    ResponseEntity<DatasetView> create(
            @RequestParam Map<String, String> fields,
            @RequestHeader(name = "Idempotency-Key", required = false) @Nullable String key,
            @RequestHeader(name = "Prefer", required = false) @Nullable String prefer,
            HttpServletRequest http)
            throws IOException, ServletException {
        long begin = System.nanoTime();
        Duration wait = PreferHeader.wait(prefer, usualWait);
        MultipartHttpServletRequest form = WebUtils.getNativeRequest(http, MultipartHttpServletRequest.class);
        if (form == null) { // the client has disconnected, and Spring passes its request on as it is
            throw new MultipartException("the form is incomplete");
        }
        SentFiles.Form files = sent.orSource(form, fields);
        Optional<String> kept = idempotency.find(key, "createDataset", () -> hash(files, fields));
        if (kept.isPresent() && validations.find(kept.get()).isEmpty()) {
            return answer(kept.get(), key, files); // whatever became of its upload, and however many datasets wait
        }
        String id;
        try (Validations.Place place = validations.take(Caller.current().project())) {
            id = idempotency.onceLong(
                    key,
                    "createDataset",
                    () -> hash(files, fields),
                    made -> files.isSource() ? fetch(fields, wait, made) : validate(files, fields, wait, place, made));
            // A repeated request waits with a place, too: each one that waits has a thread of the server.
            validations
                    .find(id)
                    .ifPresent(validation -> validation.join().await(wait.minusNanos(System.nanoTime() - begin)));
        }
        return answer(id, key, files);
    }

    /** Returns a hash of the request and of all bytes of its files. The bytes of an upload never change. */
    private static String hash(SentFiles.Form form, Map<String, String> fields) throws IOException {
        if (form.isUpload() || form.isSource()) {
            return Sha256.of("upload " + new TreeMap<>(fields));
        }
        try (SentFiles.Opened files = form.open()) {
            StringBuilder text =
                    new StringBuilder(UploadRequest.of(files.name(), fields).toString());
            UploadChecks checks = UploadChecks.of(fields);
            if (!checks.equals(UploadChecks.DEFAULT)) {
                text.append(checks);
            }
            for (UploadedFile file : files.uploaded()) {
                text.append('\n').append(file.split()).append(' ').append(file.name());
                try (InputStream in = file.content().open()) {
                    text.append(' ').append(Idempotency.hash("", in));
                }
            }
            return Sha256.of(text.toString());
        }
    }

    /** Creates the dataset, begins its validation, and waits for a while. Throws a problem if the file is refused meanwhile. */
    private String validate(
            SentFiles.Form form,
            Map<String, String> fields,
            Duration wait,
            Validations.Place place,
            Idempotency.Made made) {
        Validation validation;
        try (SentFiles.Opened files = form.open()) {
            String name = UploadRequest.of(files.name(), fields).name();
            UploadChecks.of(fields);
            Received request = new Received(
                    fields, files.files().stream().map(SentFile::kept).toList());
            String id = uploads.register(Caller.current().project(), name, isNamed(fields), request, made);
            validation = new Validation(id, 1, request, List.of(), wait.isZero());
            validations.receive(
                    validation, files.files().stream().map(SentFile::move).toList());
            validations.submit(validation, place); // before the files are closed, which can fail
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        validation.await(wait);
        return validation.dataset();
    }

    private static boolean isNamed(Map<String, String> fields) {
        return !fields.getOrDefault("name", "").isBlank();
    }

    /** Creates the dataset, begins to fetch its files, and waits for a while, also for their validation. */
    private String fetch(Map<String, String> fields, Duration wait, Idempotency.Made made) {
        String project = Caller.current().project();
        DatasetSource source = fetcher.source(fields, project);
        String name = UploadRequest.of(source.name(), fields).name();
        UploadChecks.of(fields);
        Received request = new Received(fields, List.of());
        try (Validations.Place place = validations.takeSource(project)) {
            String id = uploads.register(project, name, isNamed(fields), request, made);
            Validation validation = new Validation(id, 1, request, List.of(), wait.isZero());
            validations.submit(validation, place);
            validation.await(wait);
            return id;
        }
    }

    private ResponseEntity<DatasetView> answer(String id, @Nullable String key, SentFiles.Form form)
            throws IOException {
        if (!form.isSource()) {
            received.force(id); // the client need not keep the file if the answer is that it is still checked
        }
        return answers.answer(id, key);
    }
}
