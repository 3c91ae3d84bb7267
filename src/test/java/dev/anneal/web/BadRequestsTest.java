package dev.anneal.web;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.anneal.json.Json;
import dev.anneal.testing.Api;
import dev.anneal.testing.Reviews;
import dev.anneal.testing.ServerTest;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.core.env.Environment;
import org.springframework.test.context.TestPropertySource;
import tools.jackson.databind.JsonNode;

/** Bad requests of all kinds. Each answer names what is wrong, where, and what to do. */
@ServerTest
@TestPropertySource(
        properties = {
            "anneal.roles=api,inference",
            "anneal.upload.max-size=100KB",
            "anneal.import.max-upload-bytes=200KB",
            "anneal.request.max-size=50KB"
        })
class BadRequestsTest {
    private static final HttpClient HTTP = HttpClient.newHttpClient();
    private static final String BOUNDARY = "b0und";

    /** Names of classes, packages and parts of a stack trace. */
    private static final Pattern INTERNALS = Pattern.compile(
            "\\b(?:java|org|com|dev|tools|jakarta)\\.\\w+\\.|Exception|\\bat [\\w.$]+\\(|\\[Source|\\bnull\\b|\\b[A-Z][a-z]+(?:[A-Z][a-z]+){2,}\\b");

    private static final String CONTRACT = contract();

    @Autowired
    Api api;

    @Autowired
    Environment environment;

    private static String dataset = "";
    private static String job = "";

    /**
     * The columns: method and path, headers that replace the usual ones, body, status, code, where it is wrong, what to do. A body
     * that begins with "form" is a list of fields; a field with @ is a file.
     */
    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            GET /jobs                       | Authorization:                         |  | 401 | missing_key           | Authorization  | Send the header 'Authorization: Bearer <key>'
            GET /jobs                       | Authorization: Basic dXNlcjpwYXNz      |  | 401 | invalid_authorization | 'Basic'        | Send the header 'Authorization: Bearer <key>'
            GET /jobs                       | Authorization: {key}                   |  | 401 | invalid_authorization | no 'Bearer'    | Send the header 'Authorization: Bearer <key>'
            GET /jobs                       | Authorization: Bearer                  |  | 401 | invalid_authorization | no key after   | Send the header 'Authorization: Bearer <key>'
            GET /jobs                       | Authorization: Bearer "{key}"          |  | 401 | invalid_authorization | quotation marks | Send the header 'Authorization: Bearer <key>'
            GET /jobs                       | Authorization: Bearer Bearer {key}     |  | 401 | invalid_authorization | spaces         | Send the header 'Authorization: Bearer <key>'
            GET /jobs                       | Authorization: Token {key}             |  | 401 | invalid_authorization | 'Token'        | Send the header 'Authorization: Bearer <key>'
            GET /jobs                       | Authorization: Bearer ann_wrong        |  | 401 | invalid_key           | key            | Check that it was copied completely
            GET /jobs?access_token=x        |                                        |  | 400 | key_in_url            | URL            | send the header 'Authorization: Bearer <key>'
            GET /jobs                       | Anneal-Project: nowhere                |  | 404 | not_found             | 'nowhere'      | GET /api/v1/projects lists

            GET /job                        |                                        |  | 404 | not_found             | '/api/v1/job'  | Did you mean '/api/v1/jobs'?
            GET /jobs/                      |                                        |  | 404 | not_found             | '/api/v1/jobs/' | Did you mean '/api/v1/jobs'?
            GET /jobs/{job}/event           |                                        |  | 404 | not_found             | /event'        | Did you mean '/api/v1/jobs/{job}/events'?
            GET ../../v1/models             |                                        |  | 404 | not_found             | '/v1/models'   | Did you mean '/api/v1/models'?
            GET ../../openapi.yml           |                                        |  | 404 | not_found             | '/openapi.yml' | Did you mean '/openapi.yaml'?
            POST ../../v1/chat/completions  |                                        | {} | 404 | not_found           | '/v1/chat/completions' | Did you mean '/api/v1/models/MODEL/generate'?
            POST ../../v1/fine_tuning/jobs  |                                        | {} | 404 | not_found           | '/v1/fine_tuning/jobs' | Did you mean '/api/v1/jobs'?
            GET /models/google-bert/bert-base-uncased |                              |  | 404 | not_found             | bert-base-uncased | If the name of the model has a slash, write it as %2F.
            POST /models/first/chat         |                                        | {} | 404 | not_found           | '/api/v1/models/first/chat' | Did you mean '/api/v1/models/first/generate'?
            POST /models/all-MiniLM-L6-v3/predict |                                  | {"inputs":["a"]} | 404 | not_found | model 'all-MiniLM-L6-v3' | Did you mean 'all-MiniLM-L6-v2'? GET
            GET /nothing/here/at/all        |                                        |  | 404 | not_found             | '/api/v1/nothing/here/at/all' | GET /openapi.yaml lists all paths
            PUT /jobs                       |                                        | {} | 405 | method_not_allowed  | 'PUT'          | Use one of: GET, POST
            GET /jobs/{job}/cancel          |                                        |  | 405 | method_not_allowed    | 'GET'          | Use one of: POST
            GET /jobs/job_none              |                                        |  | 404 | not_found             | job 'job_none' | GET /api/v1/jobs lists
            GET /datasets/ds_none           |                                        |  | 404 | not_found             | dataset 'ds_none' | GET /api/v1/datasets lists
            GET /models/none                |                                        |  | 404 | not_found             | model 'none'   | GET /api/v1/models lists
            DELETE /keys/none               |                                        |  | 404 | not_found             | key 'none'     | GET /api/v1/keys lists
            POST /workers/none/drain        |                                        |  | 404 | not_found             | worker 'none'  | GET /api/v1/workers lists
            POST /jobs/{job}/checkpoints/7/publish |                                 |  | 404 | not_found             | step '7'       | /checkpoints lists the stored checkpoints
            POST /jobs/{job}/checkpoints/best/publish |                              |  | 422 | invalid_value         | step           | must be a whole number
            GET /jobs/%27%3B--              |                                        |  | 400 | bad_request           | URL            | percent-encode them

            GET /jobs?lmit=5                |                                        |  | 422 | unknown_parameter     | lmit           | Did you mean 'limit'?
            GET /jobs?page=2                |                                        |  | 422 | unknown_parameter     | page           | Query parameters of this operation: after, limit, status.
            GET /jobs/{job}?fields=status   |                                        |  | 422 | unknown_parameter     | fields         | Remove 'fields'.
            POST /jobs?name=x               |                                        | {} | 422 | unknown_parameter   | name           | Send fields in the body.
            GET /jobs?limit=5&limit=6       |                                        |  | 422 | unknown_parameter     | limit          | Send it once.
            GET /jobs?limit=abc             |                                        |  | 422 | invalid_value         | limit          | It must be a whole number.
            GET /jobs?limit=99999999999999  |                                        |  | 422 | invalid_value         | limit          | It must be a whole number.
            GET /jobs?limit=0               |                                        |  | 422 | out_of_range          | limit          | It must be from 1 to 1000.
            GET /jobs?status=done           |                                        |  | 422 | unknown_status        | status         | must be one of
            GET /datasets?status=done       |                                        |  | 422 | unknown_status        | status         | must be one of
            GET /models?kind=best           |                                        |  | 422 | unknown_kind          | kind           | must be base or fine-tuned
            GET /datasets/{dataset}/rows?split=dev |                                 |  | 422 | unknown_split         | split          | must be train, validation or test
            GET /jobs?after=2               |                                        |  | 422 | unknown_cursor        | after          | Use the 'id' of the last job
            GET /jobs?after=zzz             |                                        |  | 422 | unknown_cursor        | after          | Use the 'id' of the last job
            GET /jobs?after={dataset}       |                                        |  | 422 | unknown_cursor        | after          | Use the 'id' of the last job
            GET /datasets?after=reviews.csv |                                        |  | 422 | unknown_cursor        | after          | Use the 'id' of the last dataset
            GET /models?after=all-MiniLM-L6-v2 |                                     |  | 422 | unknown_cursor        | after          | Use the 'id' of the last model
            GET /keys?after=zzz             |                                        |  | 422 | unknown_cursor        | after          | Use the 'id' of the last key
            GET /webhooks?after=zzz         |                                        |  | 422 | unknown_cursor        | after          | Use the 'id' of the last webhook
            GET /audit?after=zzz            |                                        |  | 422 | unknown_cursor        | after          | Use the 'id' of the last entry
            GET /workers?after=zzz          |                                        |  | 422 | unknown_cursor        | after          | Use the 'id' of the last worker
            GET /projects?after=zzz         |                                        |  | 422 | unknown_cursor        | after          | Use the 'id' of the last project
            GET /datasets/{dataset}/rows?after={dataset} |                           |  | 422 | invalid_value         | after          | It must be a whole number.
            GET /datasets/{dataset}/rows?after=-1 |                                  |  | 422 | out_of_range          | after          | It must be 0 or more.
            GET /datasets/{dataset}/rows?after=999 |                                 |  | 422 | unknown_cursor        | row 999        | Use the 'number' of the last row
            GET /datasets/{dataset}/rows?sample=0 |                                  |  | 422 | out_of_range          | sample         | It must be from 1 to 1000.
            GET /datasets/{dataset}/rows?sample=5&limit=5 |                          |  | 422 | conflicting_parameter | limit          | Remove one of the two
            GET /datasets/{dataset}/rows?seed=1 |                                    |  | 422 | needs_sample          | seed           | needs 'sample'
            GET /datasets/{dataset}/rows?text= |                                     |  | 422 | out_of_range          | text           | It must have 1 to 200
            GET /datasets/{dataset}/rows/1/tokens |                                  |  | 422 | required              | base_model     | required
            GET /datasets/{dataset}/rows/x/tokens?base_model=all-MiniLM-L6-v2 |      |  | 422 | invalid_value         | number         | must be a whole number
            GET /datasets/{dataset}/rows/999/tokens?base_model=all-MiniLM-L6-v2 |    |  | 404 | not_found             | row '999'      | /rows lists the rows
            GET /datasets/{dataset}/rows/1/tokens?base_model=none |                  |  | 422 | unknown_base_model    | base_model     | Base models: all-MiniLM-L6-v2
            GET /datasets/{dataset}/rows/1/tokens?base_model=all-MiniLM-L6-v2&max_length=1 | |  | 422 | out_of_range     | max_length     | must be
            GET /datasets/{dataset}/rows/1/tokens?base_model=all-MiniLM-L6-v2&whole_words=true | |  | 422 | not_of_task  | whole_words    | applies only to masked-lm
            GET /datasets/{dataset}/statistics?max_length=8 |                        |  | 422 | needs_base_model      | max_length     | needs 'base_model'
            GET /datasets/{dataset}/problems?after=x |                               |  | 422 | invalid_value         | after          | It must be a whole number.
            GET /datasets/{dataset}/problems?after=-1 |                              |  | 422 | out_of_range          | after          | It must be 0 or more.
            GET /datasets/{dataset}/problems?after=99 |                              |  | 422 | unknown_cursor        | problem 99     | Use the 'number' of the last problem
            GET /jobs/{job}/events?after=-1 |                                        |  | 422 | out_of_range          | after          | It must be 0 or more.
            GET /jobs/{job}/events?after=99 |                                        |  | 422 | unknown_cursor        | after          | Set 'after', or the header Last-Event-ID
            GET /jobs/{job}/events          | Accept: text/event-stream, Last-Event-ID: 99 |  | 422 | unknown_cursor  | event 99       | Set 'after', or the header Last-Event-ID
            GET /jobs/{job}/events          | Accept: text/event-stream, Last-Event-ID: abc |  | 422 | invalid_value  | Last-Event-ID  | It must be a whole number.
            GET /jobs                       | Accept: text/html                      |  | 406 | not_acceptable        | 'Accept: text/html' | application/json. Send one of them
            POST /jobs/{job}/cancel?publish=last |                                   |  | 422 | invalid_value         | publish        | must be 'best'
            POST /jobs/{job}/cancel         |                                        | {"publish":"best"} | 422 | unexpected_body | body | It has the query parameters publish

            POST /jobs                      | Content-Type: application/x-www-form-urlencoded | {"a":1} | 415 | unsupported_media_type | 'application/x-www-form-urlencoded', which curl -d sends | 'Content-Type: application/json'
            POST /jobs/estimate             | Content-Type:                          | {"a":1} | 415 | unsupported_media_type | no Content-Type | 'Content-Type: application/json'
            POST /jobs                      | Content-Type: json                     | {"a":1} | 415 | unsupported_media_type | 'json' is not a media type | 'Content-Type: application/json'
            POST /models/x/predict          | Content-Type: text/plain               | {"a":1} | 415 | unsupported_media_type | 'text/plain' | 'Content-Type: application/json'
            POST /models/x/generate         | Content-Type: application/x-www-form-urlencoded | {"a":1} | 415 | unsupported_media_type | curl -d sends | 'Content-Type: application/json'
            PATCH /projects/default         | Content-Type: application/x-www-form-urlencoded | name=x | 415 | unsupported_media_type | curl -d sends | 'Content-Type: application/json'
            POST /keys                      |                                        | form file=@x.csv | 415 | unsupported_media_type | 'multipart/form-data' | 'Content-Type: application/json'
            POST /datasets                  | Content-Type: text/csv                 | text,label | 415 | unsupported_media_type | 'text/csv' | curl -F file=@FILE
            POST /datasets                  | Content-Type: application/x-www-form-urlencoded | text,label | 415 | unsupported_media_type | curl -d sends | curl -F file=@FILE
            POST /models                    | Content-Type: application/zip          | PK | 415 | unsupported_media_type | 'application/zip' | or a form of the type multipart/form-data
            POST /jobs                      | Content-Encoding: gzip                 | {"a":1} | 415 | unsupported_media_type | Content-Encoding 'gzip' | Send it without compression

            POST /datasets                  |                                        | form name=x | 422 | required | file | curl -F file=@FILE
            POST /datasets                  |                                        | form file=x.csv | 422 | required | is a plain field | curl -F file=@FILE
            POST /datasets                  |                                        | form data=@x.csv | 422 | unknown_field | data | Send the file in the field 'file'.
            POST /datasets                  |                                        | form file=@x.csv name=a name=b | 422 | invalid_value | name | Send it once.
            POST /datasets                  |                                        | form file=@x.csv file2=@y.csv | 422 | unknown_field | file2 | Fields of the form: file, train, validation, test, upload, source, revision, config, name, task, columns, split,
            POST /datasets                  |                                        | form file=@x.csv label=stars | 422 | unknown_field | label | Name the column in 'columns'
            POST /datasets                  |                                        | form file=@x.csv seed=7 | 422 | unknown_field | seed | Send it in 'split'
            POST /datasets                  |                                        | form file=@x.csv naem=x | 422 | unknown_field | naem | Did you mean 'name'?
            POST /datasets                  |                                        | form file=@x.csv name=@y.csv | 422 | invalid_type | name | must be a plain field, not a file
            POST /datasets?task=causal-lm   |                                        | form file=@x.csv | 422 | unknown_parameter | task | Send it in the form.
            POST /datasets                  |                                        | form file=@x.csv task=classification | 422 | unknown_task | task | Valid values: text-classification
            POST /datasets                  |                                        | form file=@x.csv columns=text | 422 | malformed_json | columns | Write text in double quotes
            POST /datasets                  |                                        | form file=@x.csv columns={"lable":"a"} | 422 | unknown_field | columns.lable | Did you mean 'label'?
            POST /datasets                  |                                        | form file=@x.csv split={"test":2} | 422 | out_of_range | split.test | from 0 to 1
            POST /datasets                  | Content-Type: multipart/form-data      | x | 400 | malformed_multipart | boundary | Let your HTTP client set this header
            POST /datasets                  | Content-Type: multipart/form-data; boundary=b | x | 422 | required | no field 'file' | curl -F file=@FILE
            POST /datasets                  |                                        | form upload=upl_none | 422 | unknown_upload | upload | may have expired
            POST /datasets                  |                                        | form file=@x.csv upload=upl_none | 422 | conflicting_fields | upload | Send only one of them
            POST /datasets                  |                                        | form source=rows.csv | 422 | invalid_source | source | must be an https URL
            POST /datasets                  |                                        | form source=https://127.0.0.1/x.csv | 422 | address_refused | 127.0.0.1 | anneal.outbound.allow
            POST /datasets                  |                                        | form source=hf:a/b revision=../x | 422 | invalid_revision | revision | a branch, a tag or a commit
            POST /datasets                  |                                        | form source=hf:a/b/c config=d | 422 | conflicting_fields | config | Name only one of them
            POST /datasets                  |                                        | form source=hf:a/b split={"test":2} | 422 | out_of_range | split.test | from 0 to 1
            POST /datasets                  |                                        | form config=c | 422 | required | source | is required
            POST /datasets                  |                                        | form file=@x.csv source=hf:a/b | 422 | conflicting_fields | source | Send only one of them
            POST /datasets                  |                                        | form file=@x.csv revision=main | 422 | conflicting_fields | revision | Send only one of them
            POST /datasets                  |                                        | form upload=upl_none source=hf:a/b | 422 | conflicting_fields | source | Send only one of them
            POST /datasets                  |                                        | form url=https://example.org/x.csv | 422 | unknown_field | url | Send it in 'source'
            POST /datasets/check            |                                        | form source=hf:a/b | 422 | conflicting_fields | source | does not fetch files
            POST /uploads                   |                                        |  | 422 | required | Upload-Length | is required
            POST /uploads                   | Upload-Length: many                    |  | 422 | invalid_value | 'many' | must be a number of bytes
            POST /uploads                   | Upload-Length: 9, Upload-Metadata: filename !! |  | 422 | invalid_value | Upload-Metadata | is not base64
            POST /uploads                   | Upload-Length: 200000                  |  | 413 | upload_too_large | anneal.upload.max-size | Send a smaller file
            POST /uploads                   | Upload-Length: 9, Tus-Resumable: 0.2.2 |  | 412 | unsupported_tus_version | '0.2.2' | Send that
            GET /uploads/upl_none           |                                        |  | 404 | not_found | 'upl_none' | GET /api/v1/uploads lists
            PATCH /uploads/upl_none         | Content-Type: application/offset+octet-stream, Upload-Offset: 0 | x | 404 | not_found | 'upl_none' | GET /api/v1/uploads lists
            PATCH /uploads/upl_none         | Content-Type: application/offset+octet-stream | x | 422 | required | Upload-Offset | is required
            PATCH /uploads/upl_none         | Upload-Offset: 0                       | x | 415 | unsupported_media_type | 'application/json' | application/offset+octet-stream
            POST /models                    |                                        | form file=@x.zip revision=main | 422 | unknown_field | revision | Fields of the form: file, name.
            POST /models                    |                                        | form file=@x.zip file=@y.zip | 422 | invalid_value | 'file' | Send it once.
            POST /models                    |                                        | form file=@x.zip name=a name=b | 422 | invalid_value | 'name' | Send it once.
            POST /models                    |                                        | form model=@x.zip | 422 | invalid_request | model | Send the file in the field 'file'.

            POST /jobs                      |                                        | {"a": | 400 | malformed_json | (line 1, column 6) | The text ends before an object is closed
            POST /jobs                      | Content-Type: application/json         |  | 400 | malformed_json | body is missing | Send JSON.
            POST /jobs                      |                                        | [] | 422 | invalid_type | body | must be a JSON object
            POST /jobs                      |                                        | {"name":"a","name":"b"} | 400 | malformed_json | 'name' | occurs twice
            POST /jobs                      |                                        | {"base_model":"x"} | 422 | required | dataset | is required
            POST /jobs                      |                                        | {"model":"gpt-4o-mini","training_file":"file-1"} | 422 | invalid_request | training_file | Did you mean 'dataset'?
            POST /jobs                      |                                        | {{good},"model":"x"} | 422 | unknown_field | model | Did you mean 'base_model'?
            POST /jobs                      |                                        | {{good},"n_epochs":3} | 422 | unknown_field | n_epochs | Did you mean 'hyperparameters.epochs'?
            POST /jobs                      |                                        | {{good},"epochs":3} | 422 | unknown_field | epochs | Did you mean 'hyperparameters.epochs'?
            POST /jobs                      |                                        | {{good},"hyperparameters":{"n_epochs":3}} | 422 | unknown_hyperparameter | hyperparameters.n_epochs | Did you mean 'hyperparameters.epochs'?
            POST /jobs                      |                                        | {{good},"hyperparameters":{"num_train_epochs":3}} | 422 | unknown_hyperparameter | num_train_epochs | Did you mean 'hyperparameters.epochs'?
            POST /jobs                      |                                        | {{good},"hyperparameters":{"per_device_train_batch_size":8}} | 422 | unknown_hyperparameter | per_device_train_batch_size | Did you mean 'hyperparameters.batch_size'?
            POST /jobs                      |                                        | {{good},"hyperparameters":{"lora_r":8}} | 422 | unknown_hyperparameter | lora_r | Did you mean 'method.r'?
            POST /jobs                      |                                        | {{good},"validation_file":"x"} | 422 | unknown_field | validation_file | Did you mean 'validation_dataset'?
            POST /jobs                      |                                        | {{good},"save_steps":500} | 422 | unknown_field | save_steps | Did you mean 'checkpoints.every_steps'?
            POST /jobs                      |                                        | {{good},"hyperparameters":{"epochs":0}} | 422 | out_of_range | hyperparameters.epochs | from 1 to 1000
            POST /jobs                      | Idempotency-Key: {long}                | {{good}} | 422 | invalid_value | Idempotency-Key | must have 1 to 255 characters
            POST /models                    |                                        | {"repo_id":"a/b"} | 422 | invalid_request | repo_id | Did you mean 'source'?
            POST /models                    |                                        | {"source":"bert-base-uncased"} | 422 | invalid_source | source | must be hf:org/name
            POST /models/all-MiniLM-L6-v2/predict |                                  | {"inputs":["a"]} | 409 | no_head | 'all-MiniLM-L6-v2' | Fine-tune it
            POST /models/{job}/predict      |                                        | {"inputs":["a"]} | 409 | model_not_ready | job | published once the job succeeds
            POST /keys                      |                                        | {"name":"ci","role":"owner"} | 422 | unknown_role | role | Valid values: viewer, editor, admin
            POST /keys                      |                                        | {"name":"ci","role":"editor","project":"default","expires_at":"tomorrow"} | 422 | invalid_value | expires_at | must be a time such as
            POST /webhooks                  |                                        | {"url":"x","events":["job.done"]} | 422 | invalid_request | events | Valid events: job.queued
            POST /projects                  |                                        | {"id":"A team"} | 422 | invalid_value | id | must have 1 to 63 lowercase letters
            """)
    void eachBadRequestIsAnsweredWithWhatIsWrongWhereAndWhatToDo(
            String call,
            @Nullable String headers,
            @Nullable String body,
            int status,
            String code,
            String where,
            String todo)
            throws Exception {
        prepare();
        JsonNode problem = check(request(call, headers, body), status, code);

        String text = problem.path("detail").asString() + " " + problem.path("errors");
        assertThat(text).contains(fill(where)).contains(fill(todo));
    }

    @Test
    void tooLargeBodiesAreRefusedWithTheLimit() throws Exception {
        prepare();
        byte[] form = form("file=@x.csv", "x".repeat(300_000));
        Map<String, BodyPublisher> uploads = Map.of(
                "datasets 102,400 anneal.upload.max-size", BodyPublishers.ofByteArray(form),
                "datasets 102,400 (anneal.upload.max-size",
                        BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(form)),
                "models 204,800 anneal.import.max-upload-bytes",
                        BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(form)));
        for (Map.Entry<String, BodyPublisher> upload : uploads.entrySet()) {
            String[] expected = upload.getKey().split(" ");
            HttpRequest request = to("/" + expected[0])
                    .header("Content-Type", "multipart/form-data; boundary=" + BOUNDARY)
                    .POST(upload.getValue())
                    .build();
            JsonNode problem = check(request, 413, "upload_too_large");
            assertThat(problem.path("detail").asString())
                    .contains("The limit is " + expected[1], expected[2], "Send a smaller file");
        }

        HttpRequest json = to("/jobs")
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString("{\"name\":\"" + "x".repeat(60_000) + "\"}"))
                .build();
        assertThat(check(json, 413, "request_too_large").path("detail").asString())
                .contains("The limit is 51,200 (anneal.request.max-size)");
    }

    /** Clients send a body of unknown length in chunks, also if it is empty. */
    @Test
    void anEmptyBodyOfUnknownLengthIsNoBody() throws Exception {
        prepare();
        for (String body : List.of("", "{}", "{\"publish\":\"best\"}")) {
            HttpRequest request = to("/jobs/none/pause")
                    .POST(BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(body.getBytes(UTF_8))))
                    .build();
            boolean isBody = body.length() > 2;
            check(request, isBody ? 422 : 404, isBody ? "unexpected_body" : "not_found");
        }
    }

    @Test
    void aFormThatEndsEarlyIsRefused() throws Exception {
        prepare();
        byte[] form = form("name=x file=@x.csv", "text,label\n");
        HttpRequest request = to("/datasets")
                .header("Content-Type", "multipart/form-data; boundary=" + BOUNDARY)
                .POST(BodyPublishers.ofByteArray(form, 0, form.length - 20))
                .build();

        assertThat(check(request, 400, "malformed_multipart").path("detail").asString())
                .contains("ends early", "Send the file as the field 'file'");
    }

    @Test
    void aLongFileNameIsNoReasonToRefuseAFile() throws Exception {
        prepare();
        byte[] form = new String(form("file=@x.csv", "text,label\ngood,a\n"), UTF_8)
                .replace("x.csv", "评论".repeat(80) + ".csv")
                .getBytes(UTF_8);
        HttpRequest request = to("/datasets")
                .header("Content-Type", "multipart/form-data; boundary=" + BOUNDARY)
                .POST(BodyPublishers.ofByteArray(form))
                .build();

        assertThat(HTTP.send(request, BodyHandlers.ofString()).body()).doesNotContain("malformed_multipart");
    }

    private JsonNode check(HttpRequest request, int status, String code) throws Exception {
        HttpResponse<String> answer = HTTP.send(request, BodyHandlers.ofString());
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
        assertThat(answer.headers().firstValue("Content-Type")).hasValue("application/problem+json");
        JsonNode problem = Json.MAPPER.readTree(answer.body());
        assertThat(problem.path("code").asString()).as(answer.body()).isEqualTo(code);
        assertThat(CONTRACT).as("the contract documents the code").contains("`" + code + "`");
        String detail = problem.path("detail").asString();
        assertThat(detail).matches("(?s)['A-Z\\d].*[.?]").doesNotContain(api.key());
        assertThat(INTERNALS.matcher(detail.replace("WWW", "")).results().map(found -> found.group()))
                .as(detail)
                .isEmpty();
        return problem;
    }

    private HttpRequest request(String call, @Nullable String headers, @Nullable String body) {
        String method = call.split(" ")[0];
        String path = fill(call.split(" ")[1]);
        List<String> names = new ArrayList<>();
        HttpRequest.Builder request = path.startsWith("../..")
                ? HttpRequest.newBuilder(URI.create(base() + path.substring(5)))
                : HttpRequest.newBuilder(URI.create(base() + "/api/v1" + path));
        for (String header : headers == null ? new String[0] : fill(headers).split(", (?=[A-Z])")) {
            String[] parts = header.split(":", 2);
            names.add(parts[0]);
            if (!parts[1].isBlank()) {
                request.header(parts[0], parts[1].strip());
            }
        }
        if (!names.contains("Authorization")) {
            request.header("Authorization", "Bearer " + api.key());
        }
        boolean form = body != null && body.startsWith("form ");
        if (body != null && !names.contains("Content-Type")) {
            request.header("Content-Type", form ? "multipart/form-data; boundary=" + BOUNDARY : "application/json");
        }
        BodyPublisher sent = body == null
                ? BodyPublishers.noBody()
                : form
                        ? BodyPublishers.ofByteArray(form(body.substring(5), "text,label\ngood,a\nbad,b\n"))
                        : BodyPublishers.ofString(fill(body));
        return request.method(method, sent).build();
    }

    private HttpRequest.Builder to(String path) {
        return HttpRequest.newBuilder(URI.create(base() + "/api/v1" + path))
                .header("Authorization", "Bearer " + api.key());
    }

    private String base() {
        return "http://127.0.0.1:" + environment.getProperty("local.server.port");
    }

    private static byte[] form(String fields, String content) {
        StringBuilder form = new StringBuilder();
        for (String field : fields.split(" ")) {
            String[] parts = field.split("=", 2);
            boolean file = parts[1].startsWith("@");
            form.append("--" + BOUNDARY + "\r\nContent-Disposition: form-data; name=\"" + parts[0] + "\""
                    + (file ? "; filename=\"" + parts[1].substring(1) + "\"" : "") + "\r\n\r\n"
                    + (file ? content : parts[1]) + "\r\n");
        }
        return (form + "--" + BOUNDARY + "--\r\n").getBytes(UTF_8);
    }

    private String fill(String text) {
        return text.replace("{key}", api.key())
                .replace("{dataset}", dataset)
                .replace("{job}", job)
                .replace("{long}", "x".repeat(256))
                .replace("{good}", "\"base_model\":\"all-MiniLM-L6-v2\",\"dataset\":\"" + dataset + "\"");
    }

    private void prepare() {
        if (dataset.isEmpty()) {
            dataset = api.upload("reviews.csv", Reviews.csv(60), Map.of()).text("id");
            job = api.post("/api/v1/jobs", fill("{{good}}")).text("id");
        }
    }

    private static String contract() {
        try {
            return Files.readString(Path.of("openapi.yaml"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
