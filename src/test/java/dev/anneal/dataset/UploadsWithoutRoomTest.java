package dev.anneal.dataset;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.anneal.files.DiskRoom;
import dev.anneal.files.NoRoomException;
import dev.anneal.local.DataDirectory;
import dev.anneal.testing.Api;
import dev.anneal.testing.Client.Answer;
import dev.anneal.testing.Reviews;
import dev.anneal.testing.ServerTest;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.file.Files;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.test.context.TestPropertySource;

/** Uploads for which the disk has room, but not for all that arrive at once. */
@ServerTest
@Timeout(300)
@TestPropertySource(properties = {"anneal.roles=api", "anneal.upload.max-size=1000TB"})
class UploadsWithoutRoomTest {
    private static final byte[] FILE = Reviews.csv(60);

    @Autowired
    Api api;

    @Autowired
    DataDirectory data;

    @LocalServerPort
    int port;

    /** Nothing stays reserved. */
    @AfterEach
    void anUploadIsAccepted() throws IOException {
        Awaitility.await().until(() -> isThere(most()));
        assertThat(api.upload("reviews.csv", FILE, Map.of()).status()).isEqualTo(201);
    }

    /** Reserves all room of the disk. */
    private DiskRoom all() throws IOException {
        DiskRoom room = DiskRoom.reserve(data.own(), 0);
        room.putBack(1L << 60);
        return room;
    }

    /** Returns three quarters of the bytes that the disk has room for: other programs use it, too. */
    private long most() throws IOException {
        return Files.getFileStore(data.own()).getUsableSpace() / 4 * 3;
    }

    private boolean isThere(long bytes) throws IOException {
        try (DiskRoom room = DiskRoom.reserve(data.own(), bytes)) {
            return true;
        } catch (NoRoomException reserved) {
            return false;
        }
    }

    private Socket begin(String length, String body) throws IOException {
        Socket socket = new Socket("127.0.0.1", port);
        socket.getOutputStream()
                .write(("POST /api/v1/datasets HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " + api.key()
                                + "\r\nContent-Type: multipart/form-data; boundary=b\r\n" + length + "\r\n\r\n" + body)
                        .getBytes(UTF_8));
        return socket;
    }

    private static void assertFull(Socket socket) throws IOException {
        BufferedReader lines = new BufferedReader(new InputStreamReader(socket.getInputStream(), UTF_8));
        assertThat(lines.readLine()).startsWith("HTTP/1.1 503");
        StringBuilder head = new StringBuilder();
        char[] part = new char[4096];
        while (head.indexOf("\"code\"") < 0) {
            int read = lines.read(part);
            assertThat(read).as("%s", head).isPositive();
            head.append(part, 0, read);
        }
        assertThat(head).contains("disk_full");
    }

    @Test
    void aFormForWhichTheDiskHasNoRoomIsRefusedBeforeItArrives() throws IOException {
        try (DiskRoom others = DiskRoom.reserve(data.own(), most());
                Socket socket = begin("Content-Length: " + most(), "--b\r\n")) {
            assertFull(socket);
        }
    }

    /** Otherwise one client with slow forms could reserve the whole disk. */
    @Test
    void formsThatAnnounceManyBytesReserveRoomOnlyForThoseThatArrive() throws IOException {
        String length = "Content-Length: " + most();
        try (Socket first = begin(length, "--b\r\n");
                Socket second = begin(length, "--b\r\n")) {
            for (Socket slow : List.of(first, second)) {
                slow.setSoTimeout(1_000); // a refusal comes at once
                assertThatThrownBy(() -> slow.getInputStream().read()).isInstanceOf(SocketTimeoutException.class);
            }
            assertThat(isThere(most())).isTrue();
        }
    }

    @Test
    void aFormOfUnknownLengthIsRefusedOnceTheDiskHasNoRoomForIt() throws IOException {
        try (DiskRoom others = all();
                Socket socket = begin("Transfer-Encoding: chunked", "5\r\n--b\r\n\r\n0\r\n\r\n")) {
            assertFull(socket);
        }
    }

    @Test
    void aPartOfAnUploadIsRefusedAndWhatWasSentStays() throws IOException {
        String id = api.createUpload(FILE.length, "reviews.csv").text("id");
        assertThat(api.append(id, 0, Arrays.copyOf(FILE, 100)).status()).isEqualTo(204);
        byte[] rest = Arrays.copyOfRange(FILE, 100, FILE.length);

        try (DiskRoom others = all()) {
            Answer refused = api.inAnOutage().append(id, 100, rest);
            assertThat(refused.status()).isEqualTo(503);
            assertThat(refused.code()).isEqualTo("disk_full");
        }
        assertThat(api.append(id, 100, rest).status()).isEqualTo(204);
    }
}
