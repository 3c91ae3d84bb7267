package dev.anneal.dataset;

import dev.anneal.role.ForRole;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

@RestController
@ForRole("api")
@RequestMapping("/api/v1/datasets")
class CreateDatasetController {
    private final DatasetCreation creation;
    private final DatasetAnswers answers;

    CreateDatasetController(DatasetCreation creation, DatasetAnswers answers) {
        this.creation = creation;
        this.answers = answers;
    }

    @PostMapping(consumes = "multipart/form-data")
    ResponseEntity<DatasetView> create(
            @RequestParam Map<String, String> fields,
            @RequestHeader(name = "Idempotency-Key", required = false) @Nullable String key,
            @RequestHeader(name = "Prefer", required = false) @Nullable String prefer,
            HttpServletRequest http)
            throws IOException, ServletException {
        return answers.answer(creation.create(http, fields, key, prefer), key);
    }
}
