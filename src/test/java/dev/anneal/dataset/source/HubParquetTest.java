package dev.anneal.dataset.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.anneal.model.source.ImportFailure;
import java.util.List;
import org.junit.jupiter.api.Test;

class HubParquetTest {
    private static String select(String config, String... names) {
        return HubParquet.select(List.of(names), config).toString();
    }

    @Test
    void filesAreInTheSplitThatTheirNamesSay() {
        assertThat(select(
                        null,
                        "README.md",
                        "data/train-00001-of-00002.parquet",
                        "data/train-00000-of-00002.parquet",
                        "data/test-00000-of-00001.parquet",
                        "data/dev-00000-of-00001.parquet"))
                .isEqualTo("{data/dev-00000-of-00001.parquet=validation, data/test-00000-of-00001.parquet=test,"
                        + " data/train-00000-of-00002.parquet=train, data/train-00001-of-00002.parquet=train}");
        assertThat(select(null, "default/train/0000.parquet", "default/validation/0000.parquet"))
                .isEqualTo("{default/train/0000.parquet=train, default/validation/0000.parquet=validation}");
        assertThat(select(null, "train/a.parquet", "test/a.parquet"))
                .isEqualTo("{test/a.parquet=test, train/a.parquet=train}");
    }

    @Test
    void otherSplitsAreLeftOutAndFilesWithoutAnyAreAllRead() {
        assertThat(select(null, "plain_text/train-0.parquet", "plain_text/unsupervised-0.parquet"))
                .isEqualTo("{plain_text/train-0.parquet=train}");
        assertThat(select(null, "reviews.parquet", "constraints.parquet"))
                .isEqualTo("{constraints.parquet=null, reviews.parquet=null}");
    }

    @Test
    void oneOfSeveralConfigurationsMustBeNamed() {
        String[] names = {"cola/train-0.parquet", "cola/test-0.parquet", "sst2/train-0.parquet"};

        assertThat(select("cola", names)).isEqualTo("{cola/test-0.parquet=test, cola/train-0.parquet=train}");
        assertThatThrownBy(() -> select(null, names))
                .isInstanceOf(ImportFailure.class)
                .hasMessage("The dataset has several configurations. Name one in 'config'. It has cola, sst2.");
        assertThatThrownBy(() -> select("mnli", names))
                .hasMessage("The dataset has no configuration 'mnli'. It has cola, sst2.");
        assertThatThrownBy(() -> select("x", "data.parquet")).hasMessageContaining("Leave out 'config'.");
        assertThat(select(null, "default/train-0.parquet", "other/train-0.parquet"))
                .isEqualTo("{default/train-0.parquet=train}");
        assertThat(select("default", "train-0.parquet")).isEqualTo("{train-0.parquet=train}");
    }

    @Test
    void aRepositoryWithoutParquetIsRefused() {
        assertThatThrownBy(() -> select(null, "data.csv")).hasMessageContaining("no Parquet files");
    }
}
