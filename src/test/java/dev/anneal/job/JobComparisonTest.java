package dev.anneal.job;

import static org.assertj.core.api.Assertions.assertThat;

import dev.anneal.testing.Api;
import dev.anneal.testing.Client.Answer;
import dev.anneal.testing.ServerTest;
import dev.anneal.testing.TestJobs;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.test.context.TestPropertySource;
import tools.jackson.databind.JsonNode;

@ServerTest
@TestPropertySource(properties = "anneal.roles=api,inference")
class JobComparisonTest {
    @Autowired
    Api api;

    @Autowired
    TestJobs jobs;

    @Test
    void onlySettingsThatDifferAreNamed() {
        String first = jobs.submit("\"name\": \"one\", \"hyperparameters\": {\"epochs\": 2, \"learning_rate\": 0.001}");
        String second =
                jobs.submit("\"name\": \"two\", \"hyperparameters\": {\"epochs\": 3, \"learning_rate\": 0.001}");
        String third = jobs.submit(
                "\"method\": {\"type\": \"lora\"}, \"hyperparameters\": {\"epochs\": 3, \"learning_rate\": 0.001}");

        JsonNode comparison =
                api.get("/api/v1/jobs/compare?ids=" + first + ",two," + third).json();

        assertThat(comparison
                        .path("jobs")
                        .valueStream()
                        .map(job -> job.path("id").asString()))
                .containsExactly(first, second, third);
        assertThat(values(comparison, "hyperparameters.epochs")).containsExactly("2", "3", "3");
        assertThat(values(comparison, "method.type")).containsExactly("full", "full", "lora");
        assertThat(values(comparison, "method.r")).containsExactly(null, null, "8");
        assertThat(values(comparison, "hyperparameters.learning_rate")).isEmpty();
        assertThat(values(comparison, "dataset")).isEmpty();
        assertThat(values(comparison, "name")).isEmpty();
    }

    private static List<String> values(JsonNode comparison, String field) {
        return comparison
                .path("differences")
                .valueStream()
                .filter(difference -> difference.path("field").asString().equals(field))
                .flatMap(difference -> difference.path("values").valueStream())
                .map(value -> value.isNull() ? null : value.asString())
                .toList();
    }

    @Test
    void fewerThanTwoMoreThanTenUnknownAndRepeatedJobsAreRefused() {
        String job = jobs.submit();

        assertRefused("/api/v1/jobs/compare", 422, "out_of_range");
        assertRefused("/api/v1/jobs/compare?ids=" + job, 422, "out_of_range");
        assertRefused("/api/v1/jobs/compare?ids=a,b,c,d,e,f,g,h,i,j,k", 422, "out_of_range");
        assertRefused("/api/v1/jobs/compare?ids=" + job + "," + job, 422, "invalid_value");
        assertRefused("/api/v1/jobs/compare?ids=" + job + ",job_none", 404, "not_found");
    }

    private void assertRefused(String path, int status, String code) {
        Answer answer = api.get(path);
        assertThat(answer.status()).isEqualTo(status);
        assertThat(answer.code()).isEqualTo(code);
    }
}
