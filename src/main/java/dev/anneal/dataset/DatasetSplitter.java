package dev.anneal.dataset;

import dev.anneal.dataset.file.SplitOptions;
import java.math.BigDecimal;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** Moves incoming rows to a dataset, each to its split. */
@Component
class DatasetSplitter {
    private final JdbcClient jdbc;

    DatasetSplitter(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /**
     * Moves the rows of the temporary table {@code incoming} to the dataset. A row that names its split keeps it. The other
     * rows are shuffled for each label by the seed; the first of them are for test, the next for validation. If rows can have
     * several labels or tags, all are shuffled together, but the first row of each label is for training.
     */
    void split(String datasetId, boolean severalLabels, SplitOptions options) {
        String rareLast =
                "number in (select min(number) from incoming, " + DatasetRows.NAMES + " as name group by name), ";
        String order = options.inOrder()
                ? "(order by number desc)"
                : "(partition by label order by " + (severalLabels ? rareLast : "") + "md5(:seed || ':' || number))";
        jdbc.sql("""
                        insert into dataset_rows (dataset_id, number, split, content)
                        select :id, number,
                               coalesce(split, case when place <= test then 'test'
                                                    when place <= test + validation then 'validation'
                                                    else 'train' end),
                               content
                        from (select number, split, content,
                                     row_number() over %s as place,
                                     round(:test * count(*) over %s) as test,
                                     round(:validation * count(*) over %2$s) as validation
                              from incoming) as drawn""".formatted(order, options.inOrder() ? "()" : "(partition by label)"))
                .param("id", datasetId)
                .param("seed", String.valueOf(options.seed()))
                .param("test", BigDecimal.valueOf(options.test()))
                .param("validation", BigDecimal.valueOf(options.validation()))
                .update();
    }
}
