package dev.anneal.dataset.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.anneal.model.source.ImportFailure;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class HubParquetTest {
    private static String select(String config, String... names) {
        return HubParquet.select(List.of(names), config).splits().toString();
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
        assertThat(select(null, "default/partial-train/0.parquet", "default/partial-test/0.parquet"))
                .isEqualTo("{default/partial-test/0.parquet=test, default/partial-train/0.parquet=train}");
        assertThat(select(
                        null,
                        "evaluation_set/train-0.parquet",
                        "evaluation_set/test-0.parquet",
                        "evaluation_set/0.parquet"))
                .isEqualTo("{evaluation_set/test-0.parquet=test, evaluation_set/train-0.parquet=train}");
    }

    @Test
    void otherSplitsAreLeftOutAndFilesWithoutAnyAreAllRead() {
        assertThat(select(null, "plain_text/train-0.parquet", "plain_text/unsupervised-0.parquet"))
                .isEqualTo("{plain_text/train-0.parquet=null}");
        assertThat(select(null, "plain_text/train/0000.parquet", "plain_text/unsupervised/0000.parquet"))
                .isEqualTo("{plain_text/train/0000.parquet=null}");
        assertThat(select(null, "reviews.parquet", "constraints.parquet"))
                .isEqualTo("{constraints.parquet=null, reviews.parquet=null}");
    }

    @Test
    void filesThatAreAllForTrainingHaveNoSplitSoThatTheirRowsCanBeSplit() {
        assertThat(select(null, "data/train-0.parquet", "data/train-1.parquet"))
                .isEqualTo("{data/train-0.parquet=null, data/train-1.parquet=null}");
    }

    @Test
    void oneOfSeveralConfigurationsMustBeNamed() {
        String[] names = {"cola/train-0.parquet", "cola/test-0.parquet", "sst2/train-0.parquet"};

        assertThat(select("cola", names)).isEqualTo("{cola/test-0.parquet=test, cola/train-0.parquet=train}");
        assertThatThrownBy(() -> select(null, names))
                .isInstanceOf(ImportFailure.class)
                .hasMessage("The dataset has several configurations: cola, sst2. Name one in 'config', or after the"
                        + " repository, as in hf:org/name/sst2.");
        assertThatThrownBy(() -> select("mnli", names))
                .hasMessage("The dataset has no configuration 'mnli'. It has cola, sst2.");
        assertThatThrownBy(() -> select("x", "data.parquet")).hasMessageContaining("Leave out 'config'.");
        assertThat(select(null, "default/train-0.parquet", "other/train-0.parquet"))
                .isEqualTo("{default/train-0.parquet=null}");
        assertThat(select("default", "train-0.parquet")).isEqualTo("{train-0.parquet=null}");
    }

    @Test
    void configurationsAreNeverMixed() {
        String[] inData = {"data/en/train-0.parquet", "data/fr/train-0.parquet"};
        String[] atTheTop = {"train.parquet", "en/train.parquet"};
        String[] beside = {"data/train-0.parquet", "raw/train-0.parquet"};

        for (String[] names : List.of(inData, atTheTop, beside)) {
            assertThatThrownBy(() -> select(null, names)).hasMessageContaining("several configurations");
        }
        assertThat(select("fr", inData)).isEqualTo("{data/fr/train-0.parquet=null}");
        assertThat(select("default", atTheTop)).isEqualTo("{train.parquet=null}");
        assertThat(select("en", atTheTop)).isEqualTo("{en/train.parquet=null}");
        assertThat(select("data", beside)).isEqualTo("{data/train-0.parquet=null}");
    }

    @Test
    void theNameOfTheConfigurationIsGivenIfThereAreSeveral() {
        List<String> one = List.of("data/train-0.parquet");
        List<String> two = List.of("data/en/train-0.parquet", "data/fr/train-0.parquet");

        assertThat(HubParquet.select(one, null).config()).isNull();
        assertThat(HubParquet.select(two, "en").config()).isEqualTo("en");
        assertThat(HubParquet.select(two, "data/en").config()).isEqualTo("en");
    }

    @Test
    void aRepositoryWithoutParquetOrWithTooManyFilesIsRefused() {
        String[] many = IntStream.range(0, 1_001)
                .mapToObj("data/train-%05d.parquet"::formatted)
                .toArray(String[]::new);

        assertThatThrownBy(() -> select(null, "data.csv")).hasMessageContaining("no Parquet files");
        assertThatThrownBy(() -> select(null, many)).hasMessageContaining("1,001 Parquet files");
    }
}
