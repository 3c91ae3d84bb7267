package dev.anneal.dataset.upload;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.anneal.web.Problem;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class UploadMetadataTest {
    @Test
    void eachNameHasATextInBase64OrNone() {
        assertThat(UploadMetadata.parse("filename 6K+E6K66LmNzdg==, is_public,type  dGV4dC9jc3Y="))
                .isEqualTo(Map.of("filename", "评论.csv", "is_public", "", "type", "text/csv"));
        assertThat(UploadMetadata.parse(null)).isEmpty();
        assertThat(UploadMetadata.parse(" ")).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"filename !!", "filename /w==", "a YQ==,a YQ==", ",", "a YQ==,,b YQ=="})
    void whatIsNoSuchPairIsRefused(String header) {
        assertThatThrownBy(() -> UploadMetadata.parse(header))
                .isInstanceOfSatisfying(
                        Problem.class, problem -> assertThat(problem.code()).isEqualTo("invalid_value"));
    }
}
