package dev.anneal.dataset.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.anneal.model.source.DownloadState;
import dev.anneal.model.source.ImportFailure;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HubReadmeTest {
    private static final String SEVERAL = """
            ---
            license: mit
            configs:
              - config_name: en
                data_files:
                  - split: train
                    path: "data/en/part-*"
                  - split: test
                    path:
                      - data/en/held.parquet
              - config_name: de
                default: true
                data_files:
                  train: data/de/a.parquet
              - config_name: fr
                data_dir: data/fr
            ---
            # Texts
            """;

    private static final List<String> FILES = List.of(
            "README.md",
            "data/train-0.parquet",
            "data/en/part-0.parquet",
            "data/en/part-1.parquet",
            "data/en/held.parquet",
            "data/de/a.parquet",
            "data/de/test.parquet",
            "data/fr/train.parquet",
            "data/fr/test.parquet");

    private static HubParquet.Selection select(String readme, String config) {
        return HubReadme.parse(readme).select(FILES, config, () -> {});
    }

    private static String declared(String dataFiles) {
        return "---\nconfigs:\n- config_name: default\n  data_files: " + dataFiles + "\n---\n";
    }

    @Test
    void theReadmeSaysWhichFilesBelongToWhichSplitOfAConfiguration() {
        HubParquet.Selection english = select(SEVERAL, "en");
        assertThat(english.config()).isEqualTo("en");
        assertThat(english.splits().toString())
                .isEqualTo("{data/en/part-0.parquet=train, data/en/part-1.parquet=train, data/en/held.parquet=test}");
        HubParquet.Selection byDefault = select(SEVERAL, null);
        assertThat(byDefault.config()).isEqualTo("de");
        assertThat(byDefault.splits().toString()).isEqualTo("{data/de/a.parquet=null}");
        assertThat(select(SEVERAL, "fr").splits().toString())
                .isEqualTo("{data/fr/test.parquet=test, data/fr/train.parquet=train}");
        assertThatThrownBy(() -> select(SEVERAL, "it"))
                .hasMessage("The dataset has no configuration 'it'. It has de, en, fr.");
        assertThatThrownBy(() -> select(SEVERAL.replace("    default: true\n", ""), null))
                .hasMessageContaining("several configurations: de, en, fr");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            data/en/*.parquet                              | {data/en/held.parquet=null, data/en/part-0.parquet=null, data/en/part-1.parquet=null}
            [data/en/held.parquet, data/de/a.parquet]      | {data/en/held.parquet=null, data/de/a.parquet=null}
            {train: "data/de/?.parquet", dev: "**/held.*"}   | {data/de/a.parquet=train, data/en/held.parquet=validation}
            {train: data/de/a.parquet, raw: data/fr/*}     | {data/de/a.parquet=null}
            [{split: train_sft, path: data/de/a.parquet}]  | {data/de/a.parquet=null}
            """)
    void filesAreDeclaredInAllTheWaysOfDatasets(String dataFiles, String expected) {
        HubParquet.Selection selection = select(declared(dataFiles), null);

        assertThat(selection.splits().toString()).isEqualTo(expected);
        assertThat(selection.config()).isNull();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            data/none-*.parquet                                  | hub_malformed    | there is no file 'data/none-*.parquet'
            https://example.org/a.parquet                        | hub_malformed    | the path 'https://example.org/a.parquet' cannot be read
            data/[ab].parquet                                    | hub_malformed    | cannot be read
            {train: data/de/a.parquet, test: data/de/a.parquet}  | hub_malformed    | is in several splits
            {train_sft: data/de/a.parquet, train_gen: data/fr/*} | ambiguous_splits | are for training: train_sft, train_gen
            {a: data/de/a.parquet, b: data/fr/*}                 | ambiguous_splits | but a, b.
            {train: [{}]}                                        | hub_malformed    | is not a text
            3: {                                                 | hub_malformed    | not valid YAML
            {train: !!int abc}                                   | hub_malformed    | not valid YAML
            {train: !!int ""}                                    | hub_malformed    | not valid YAML
            !!map abc                                            | hub_malformed    | not valid YAML
            [&a [data/de/a.parquet], *a]                         | hub_malformed    | has an alias of a list or an object, such as *name
            """)
    void otherFilesAreNeverReadInPlaceOfThoseThatAreDeclared(String dataFiles, String code, String message) {
        assertThatThrownBy(() -> select(declared(dataFiles), null))
                .isInstanceOfSatisfying(
                        ImportFailure.class,
                        failure -> assertThat(failure.code()).isEqualTo(code))
                .hasMessageContaining(message);
    }

    @Test
    void aConfigurationThatCannotBeReadDoesNotRefuseTheOthers() {
        String readme = SEVERAL.replace("data_dir: data/fr", "data_files: data/[fr].parquet");

        assertThat(select(readme, "de").splits().toString()).isEqualTo("{data/de/a.parquet=null}");
        assertThatThrownBy(() -> select(readme, "fr"))
                .hasMessageContaining("the path 'data/[fr].parquet' cannot be read");
    }

    @Test
    void whatAReadmeDeclaresIsLimited() {
        String path = "data/de/a.parquet";
        String directory = "---\nconfigs:\n- data_dir: " + "/".repeat(100_000) + "\n---\n";
        List<String> longNames = IntStream.range(0, 1_000)
                .mapToObj(i -> "a".repeat(1_800) + i + ".parquet")
                .toList();

        assertThatThrownBy(() -> select(directory, null)).hasMessageContaining("has more than 500 characters");
        assertThatThrownBy(() -> select(declared("a".repeat(501)), null))
                .hasMessageContaining("has more than 500 characters");
        assertThatThrownBy(() -> select(declared("\"" + "a".repeat(1 << 20) + "\""), null))
                .hasMessageContaining("its header has more than 1,048,576 characters");
        assertThatThrownBy(() -> select(declared("[" + (path + ", ").repeat(10_000) + path + "]"), null))
                .hasMessageContaining("it names too many paths");
        assertThatThrownBy(() -> HubReadme.parse(declared("[" + ("\"" + "*a".repeat(200) + "*\", ").repeat(10) + "]"))
                        .select(longNames, null, () -> {}))
                .hasMessageContaining("it names too many paths");
    }

    @Test
    void theSearchForFilesEndsIfTheyAreNotNeededAnyMore() {
        assertThatThrownBy(() -> HubReadme.parse(declared("data/*/*.parquet")).select(FILES, null, () -> {
                    throw new DownloadState.Stopped();
                }))
                .isInstanceOf(DownloadState.Stopped.class);
    }

    @Test
    void aDeclaredFileThatIsNotParquetIsRefused() {
        assertThatThrownBy(() -> HubReadme.parse(declared("train.csv"))
                        .select(List.of("train.csv", "other.parquet"), null, () -> {}))
                .hasMessageContaining("has the file 'train.csv', which is not Parquet");
    }

    @Test
    void aReadmeWithoutConfigurationsDeclaresNothing() {
        for (String readme :
                List.of("", "# Texts", "---\nlicense: mit\n---\nconfigs: none", "---\na: [\n---\n", "---\nconfigs")) {
            assertThat(HubReadme.parse(readme).isEmpty()).as(readme).isTrue();
        }
    }

    @ParameterizedTest
    @CsvSource({
        "*.parquet, a.parquet, true",
        "*.parquet, b/a.parquet, false",
        "**.parquet, b/a.parquet, true",
        "**/a.parquet, a.parquet, true",
        "**/a.parquet, b/c/a.parquet, true",
        "**/a.parquet, ba.parquet, false",
        "b/**/a.parquet, b/a.parquet, true",
        "b/**/a.parquet, c/b/a.parquet, false",
        "b/?.parquet, b/a.parquet, true",
        "b?a.parquet, b/a.parquet, false",
        "a.parquet, axparquet, false",
        "a*a*a*a, aaaaaaaa, true",
        "a*b, a, false",
    })
    void patternsMatchAsThoseOfDatasetsDo(String pattern, String path, boolean matches) {
        assertThat(new Glob(pattern).matches(path)).isEqualTo(matches);
    }

    @Test
    void patternsThatBacktrackingWouldNeverEndAreQuick() {
        String path = "a".repeat(300);

        assertThat(new Glob("a*".repeat(200) + "b").matches(path)).isFalse();
    }
}
