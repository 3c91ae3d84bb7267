package dev.anneal.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.anneal.dataset.validation.ValidationSettings;
import dev.anneal.job.plan.TrainerSettings;
import dev.anneal.job.queue.LeaseSettings;
import dev.anneal.model.source.HubSettings;
import dev.anneal.web.limit.Limits;
import dev.anneal.web.limit.UploadSettings;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;

class SettingsTest {
    @Test
    void theLeaseOfAJobDefaultsTo15Seconds() {
        assertThat(bind(LeaseSettings.class, Map.of()).lease()).isEqualTo(Duration.ofSeconds(15));
    }

    @Test
    void theNamesOfEnvironmentVariablesBindToTheSameSettings() {
        assertThat(bind(LeaseSettings.class, Map.of("anneal.worker.longestbackoff", "7s"))
                        .longestBackoff())
                .isEqualTo(Duration.ofSeconds(7));
    }

    @Test
    void aNegativeDurationIsReportedWithItsNameAndValue() {
        assertThat(report(LeaseSettings.class, "anneal.worker.lease", "-1s"))
                .isEqualTo("anneal.worker.lease is '-1s'. It must be longer than 0.");
    }

    @Test
    void aLeaseThatEndsBeforeItIsRenewedIsReported() {
        assertThat(report(LeaseSettings.class, "anneal.worker.lease", "1s"))
                .isEqualTo("anneal.worker.lease is '1s'. It must be longer than anneal.worker.heartbeat (1s).");
        assertThat(report(ValidationSettings.class, "anneal.validation.heartbeat", "20s"))
                .isEqualTo(
                        "anneal.validation.lease is '15s'. It must be longer than anneal.validation.heartbeat (20s).");
    }

    @Test
    void aValueThatIsNoDurationIsReportedWithExamples() {
        assertThat(report(LeaseSettings.class, "anneal.worker.lease", "soon"))
                .isEqualTo("anneal.worker.lease is 'soon'. It must be a duration such as 500ms, 15s, 10m, 2h or 7d.");
    }

    @Test
    void aValueThatIsNoSizeIsReportedWithExamples() {
        assertThat(report(UploadSettings.class, "anneal.upload.max-size", "big"))
                .isEqualTo("anneal.upload.max-size is 'big'. It must be a size such as 512KB, 64MB or 2GB.");
    }

    @Test
    void aValueThatIsNoNumberIsReported() {
        assertThat(report(Limits.class, "anneal.limits.event-streams", "many"))
                .isEqualTo("anneal.limits.event-streams is 'many'. It must be a whole number.");
    }

    @Test
    void aNegativeLimitIsReported() {
        assertThat(report(Limits.class, "anneal.limits.max-rows", "-5"))
                .isEqualTo("anneal.limits.max-rows is '-5'. It must be 0 or larger.");
    }

    @Test
    void aHeapThatJavaWouldRefuseIsReportedAtStart() {
        assertThat(report(TrainerSettings.class, "anneal.trainer.heap", "1 GB"))
                .isEqualTo("anneal.trainer.heap is '1 GB'. It must be a size such as 512m or 2g.");
    }

    @Test
    void credentialsInAUrlAreNotRepeated() {
        assertThat(report(HubSettings.class, "anneal.hub.endpoint", "https://me:hid/den@hub.corp/x"))
                .isEqualTo(
                        "anneal.hub.endpoint is 'https://***@hub.corp/x'. It must be an http or https URL without a user"
                                + " name.");
        assertThat(report(HubSettings.class, "anneal.hub.endpoint", "https://me:hidden@hub.corp?a_token=hidden&b=c"))
                .startsWith("anneal.hub.endpoint is 'https://***@hub.corp?a_token=***&b=c'. It must be ");
    }

    private static <T> T bind(Class<T> type, Map<String, String> properties) {
        String prefix = type.getAnnotation(ConfigurationProperties.class).value();
        return new Binder(new MapConfigurationPropertySource(properties)).bindOrCreate(prefix, type);
    }

    private static String report(Class<?> type, String property, String value) {
        Throwable failure = catchThrowable(() -> bind(type, Map.of(property, value)));
        return new SettingFailureAnalyzer().analyze(failure).getDescription();
    }
}
