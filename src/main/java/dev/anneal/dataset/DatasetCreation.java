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
import dev.anneal.web.Problem;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.stereotype.Component;
import org.springframework.web.multipart.MultipartException;
import org.springframework.web.multipart.MultipartHttpServletRequest;
import org.springframework.web.util.WebUtils;

/** Creates datasets of forms. The files are fetched and validated by threads of the server, and a request waits for that, but not for long. */
@Component
@ForRole("api")
public class DatasetCreation {
    /** The fields of a form with texts without labels. */
    public static final List<String> TEXT_FIELDS =
            List.of("file", "name", "columns", "format", "encoding", "delimiter", "header");

    private final DatasetUpload uploads;
    private final DatasetAnswers answers;
    private final Validations validations;
    private final ReceivedFiles received;
    private final SentFiles sent;
    private final SourceFetcher fetcher;
    private final Idempotency idempotency;
    private final Duration usualWait;

    DatasetCreation(
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

    /**
     * Creates a dataset of texts without labels, all of one split. Returns its id once it is ready. Throws a problem if its file is
     * refused or takes longer to check.
     *
     * @param fields those of the form that are in {@link #TEXT_FIELDS}
     * @param known the names of all fields that the form may have
     */
    public String ofTexts(
            HttpServletRequest http,
            Map<String, String> fields,
            List<String> known,
            @Nullable String key,
            @Nullable String prefer)
            throws IOException, ServletException {
        Map<String, String> asked = new HashMap<>(fields);
        asked.put("task", "masked-lm");
        asked.put("split", "{\"validation\":0,\"test\":0}");
        MultipartHttpServletRequest form = form(http);
        String id = create(sent.file(form, known), asked, key, prefer);
        if (answers.answer(id, key).getStatusCode() == HttpStatus.ACCEPTED) {
            throw Problem.conflict(
                    "dataset_not_ready",
                    "The file is still being checked, as the dataset '%s'. Name this 'dataset' in place of the file once it is ready."
                            .formatted(id));
        }
        return id;
    }

    /** Creates a dataset, and waits for its validation for a while. Returns its id. */
    String create(HttpServletRequest http, Map<String, String> fields, @Nullable String key, @Nullable String prefer)
            throws IOException, ServletException {
        return create(sent.orSource(form(http), fields), fields, key, prefer);
    }

    private static MultipartHttpServletRequest form(HttpServletRequest http) {
        MultipartHttpServletRequest form = WebUtils.getNativeRequest(http, MultipartHttpServletRequest.class);
        if (form == null) { // the client has disconnected, and Spring passes its request on as it is
            throw new MultipartException("the form is incomplete");
        }
        return form;
    }

    private String create(
            SentFiles.Form files, Map<String, String> fields, @Nullable String key, @Nullable String prefer)
            throws IOException {
        String id = kept(files, fields, key, prefer);
        if (!files.isSource()) {
            received.force(id); // the client need not keep the file if the answer is that it is still checked
        }
        return id;
    }

    private String kept(SentFiles.Form files, Map<String, String> fields, @Nullable String key, @Nullable String prefer)
            throws IOException {
        long begin = System.nanoTime();
        Duration wait = PreferHeader.wait(prefer, usualWait);
        Optional<String> kept = idempotency.find(key, "createDataset", () -> hash(files, fields));
        if (kept.isPresent() && validations.find(kept.get()).isEmpty()) {
            return kept.get(); // whatever became of its upload, and however many datasets wait
        }
        try (Validations.Place place = validations.take(Caller.current().project())) {
            String id = idempotency.onceLong(
                    key,
                    "createDataset",
                    () -> hash(files, fields),
                    made -> files.isSource() ? fetch(fields, wait, made) : validate(files, fields, wait, place, made));
            // A repeated request waits with a place, too: each one that waits has a thread of the server.
            validations
                    .find(id)
                    .ifPresent(validation -> validation.join().await(wait.minusNanos(System.nanoTime() - begin)));
            return id;
        }
    }

    /**
     * Returns a hash of what the client sent and of all bytes of its files. It has no value that this version adds, so that a
     * request that is repeated after an upgrade is known. The bytes of an upload never change.
     */
    private static String hash(SentFiles.Form form, Map<String, String> fields) throws IOException {
        if (form.isUpload() || form.isSource()) {
            return Sha256.of("upload " + new TreeMap<>(fields));
        }
        try (SentFiles.Opened files = form.open()) {
            StringBuilder text = new StringBuilder(files.name()).append(new TreeMap<>(fields));
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
}
