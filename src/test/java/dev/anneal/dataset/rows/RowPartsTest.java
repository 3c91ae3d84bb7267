package dev.anneal.dataset.rows;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RowPartsTest {
    private static final int ROWS = 10_000;

    /** Postgres computes the sizes of all rows that it is asked for. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 7, 50, 99, 100, 1_000})
    void littleMoreThanTwiceTheRowsAreAskedForHoweverFewThereIsRoomFor(int room) {
        RowParts parts = new RowParts(1_000);
        long asked = 0;
        int read = 0;
        while (read < ROWS) {
            asked += parts.size();
            int found = Math.min(parts.size(), ROWS - read);
            int returned = Math.min(found, room);
            parts.read(returned, found);
            read += returned;
        }

        assertThat(asked).isLessThan(2 * ROWS);
    }
}
