package dev.anneal.security.token;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class IssuerMetadataTest {
    @Test
    void anIssuerThatFailsIsNotAskedByEachRequest() {
        try (Issuer issuer = new Issuer()) {
            issuer.failConfiguration();
            IssuerMetadata metadata = new IssuerMetadata(issuer.url(), Duration.ofMinutes(5));

            for (int i = 0; i < 3; i++) {
                assertThatThrownBy(() -> metadata.address("token_endpoint")).isInstanceOf(IOException.class);
            }

            assertThat(issuer.configurations()).isOne();
        }
    }

    @Test
    void theLastCopyIsUsedWhileTheIssuerFails() throws Exception {
        try (Issuer issuer = new Issuer()) {
            IssuerMetadata metadata = new IssuerMetadata(issuer.url(), Duration.ZERO);
            assertThat(metadata.address("token_endpoint")).isEqualTo(issuer.url() + "/token");
            issuer.failConfiguration();

            for (int i = 0; i < 3; i++) {
                assertThat(metadata.address("token_endpoint")).isEqualTo(issuer.url() + "/token");
            }

            assertThat(issuer.configurations()).isEqualTo(2);
        }
    }
}
