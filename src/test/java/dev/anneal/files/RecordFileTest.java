package dev.anneal.files;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.RandomAccessFile;
import java.nio.channels.Channels;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RecordFileTest {
    @TempDir
    Path directory;

    @ParameterizedTest
    @ValueSource(ints = {8, 9, 16, 30})
    void recordsOfAnyLengthComeBackAsTheyWereWrittenWhereverThePiecesEnd(int pieceBits) throws IOException {
        List<int[]> records = records();
        Path file = write(records, pieceBits);

        RecordFile read = RecordFile.open(file);

        assertThat(read.size()).isEqualTo(records.size());
        assertThat(read.note()).isEqualTo("a note with ä");
        for (int i = 0; i < records.size(); i++) {
            assertThat(read.get(i)).isEqualTo(records.get(i));
            if (records.get(i).length > 0) {
                assertThat(read.first(i)).isEqualTo(records.get(i)[0]);
            }
        }
        assertThatThrownBy(() -> read.get(records.size())).isInstanceOf(IndexOutOfBoundsException.class);
        try (var files = Files.list(directory)) {
            assertThat(files).containsExactly(file);
        }
    }

    @Test
    void aFileWithoutRecordsHasANote() throws IOException {
        RecordFile read = RecordFile.open(write(List.of(), 30));
        assertThat(read.size()).isZero();
        assertThat(read.note()).isEqualTo("a note with ä");
    }

    @Test
    void aFileThatLacksItsEndOrHasAChangedByteIsDamaged() throws IOException {
        Path file = write(records(), 16);
        byte[] whole = Files.readAllBytes(file);
        for (int at = 0; at < whole.length; at += Math.max(1, whole.length / 97)) {
            assertDamaged(file, whole, at);
        }
        for (int at = whole.length - 60; at < whole.length; at++) {
            assertDamaged(file, whole, at);
        }
        for (int length : List.of(0, 1, 47, 48, whole.length / 2, whole.length - 1)) {
            Files.write(file, java.util.Arrays.copyOf(whole, length));
            assertThatThrownBy(() -> RecordFile.open(file)).isInstanceOf(RecordFile.DamagedException.class);
        }
    }

    @Test
    void aChannelThatGivesFewBytesAtATimeIsReadToTheEnd() throws IOException {
        InputStream slow = new FilterInputStream(new ByteArrayInputStream("a note".getBytes(US_ASCII))) {
            @Override
            public int read(byte[] bytes, int from, int length) throws IOException {
                return super.read(bytes, from, Math.min(length, 2));
            }
        };

        assertThat(US_ASCII.decode(RecordFile.read(Channels.newChannel(slow), 6))
                        .toString())
                .isEqualTo("a note");
    }

    private static void assertDamaged(Path file, byte[] whole, int at) throws IOException {
        Files.write(file, whole);
        try (RandomAccessFile bytes = new RandomAccessFile(file.toFile(), "rw")) {
            bytes.seek(at);
            bytes.write(whole[at] ^ 0x10);
        }
        assertThatThrownBy(() -> RecordFile.open(file))
                .as("byte %d of %d", at, whole.length)
                .isInstanceOf(RecordFile.DamagedException.class);
    }

    @Test
    void aWriterThatDoesNotFinishLeavesAFileThatCannotBeOpened() throws IOException {
        Path file = directory.resolve("half");
        try (RecordFileWriter out = new RecordFileWriter(file)) {
            for (int[] record : records()) {
                out.add(record);
            }
        }
        assertThatThrownBy(() -> RecordFile.open(file)).isInstanceOf(RecordFile.DamagedException.class);
    }

    @Test
    void aRecordThatIsLargerThanAPieceIsRefused() throws IOException {
        try (RecordFileWriter out = new RecordFileWriter(directory.resolve("large"), 8)) {
            out.add(new int[64]);
            assertThatThrownBy(() -> out.add(new int[65])).isInstanceOf(IOException.class);
        }
    }

    private Path write(List<int[]> records, int pieceBits) throws IOException {
        Path file = directory.resolve("records");
        try (RecordFileWriter out = new RecordFileWriter(file, pieceBits)) {
            for (int[] record : records) {
                out.add(record);
            }
            out.finish("a note with ä");
        }
        return file;
    }

    private static List<int[]> records() {
        Random random = new Random(7);
        List<int[]> records = new ArrayList<>();
        for (int i = 0; i < 3000; i++) {
            records.add(random.ints(random.nextInt(i % 100 == 0 ? 65 : 20)).toArray());
        }
        return records;
    }
}
