package dev.anneal.web;

import static org.assertj.core.api.Assertions.assertThat;

import dev.anneal.testing.Api;
import dev.anneal.testing.Client.Answer;
import dev.anneal.testing.ServerTest;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.test.context.TestPropertySource;

/** Requests that an HTTP client does not send: each is answered, and none writes a stack trace into the log. */
@ServerTest
@ExtendWith(OutputCaptureExtension.class)
@TestPropertySource(properties = "anneal.roles=api,inference")
class MalformedRequestsTest {
    @Autowired
    Api api;

    @LocalServerPort
    int port;

    @Test
    void aListOfManyLanguagesIsIgnored(CapturedOutput log) throws IOException {
        String languages = "Accept-Language: " + "de-AT, fr;q=0.9, ".repeat(30) + "en\r\n";

        assertThat(send("GET / HTTP/1.1\r\n" + languages)).startsWith("HTTP/1.1 200");
        assertThat(send("GET /api/v1/jobs HTTP/1.1\r\n" + key() + languages)).startsWith("HTTP/1.1 200");
        assertThat(log.getAll()).doesNotContain("maxLocaleCount");
    }

    @Test
    void aMalformedLengthOfABodyIsRefusedWithoutAStackTrace(CapturedOutput log) throws IOException {
        for (String length : new String[] {"2\r\nContent-Length: 3", "-1", "+2", "99999999999999999999", "a"}) {
            assertThat(send("POST /api/v1/jobs HTTP/1.1\r\nContent-Length: " + length + "\r\n"))
                    .as(length)
                    .startsWith("HTTP/1.1 400");
        }
        assertThat(log.getAll()).doesNotContain("Error processing request");
    }

    @Test
    void aClientThatAsksWhetherToSendItsBodyIsNotToldToIfItIsRefused() throws IOException {
        String expect = "Content-Type: application/json\r\nExpect: 100-continue\r\nContent-Length: 2\r\n";

        assertThat(send("POST /api/v1/jobs HTTP/1.1\r\n" + expect)).startsWith("HTTP/1.1 401");
        assertThat(send("POST /api/v1/jobs HTTP/1.1\r\n" + key() + expect + "\r\n{}"))
                .startsWith("HTTP/1.1 100");
    }

    @Test
    void aControlCharacterInAHeaderIsRefusedAndNotWrittenIntoTheLog(CapturedOutput log) throws IOException {
        for (String header : List.of(
                "Idempotency-Key", "X-Request-Id", "Anneal-Project", "Prefer", "Accept", "User-Agent", "traceparent")) {
            for (String control : List.of("\u0001", "\u001b[2J", "\u007f", "\r")) {
                String answer = send("GET /api/v1/jobs HTTP/1.1\r\n" + key() + header + ": a" + control + "b\r\n");
                assertThat(answer).as(header).startsWith("HTTP/1.1 400").doesNotContain("a" + control);
            }
            String latin = send("GET /api/v1/jobs HTTP/1.1\r\n" + key() + header + ": a\u009b2Jb\r\n");
            assertThat(latin).as(header).matches("(?s)HTTP/1\\.1 (200|4\\d\\d) .*");
        }
        assertThat(log.getAll()).doesNotContain("\u0001", "\u001b[2J", "\u007f", "\u009b");
    }

    @Test
    void whatTheServerDoesNotSupportOfHttpIsAMistakeOfTheClient() throws IOException {
        assertThat(send("CONNECT example:443 HTTP/1.1\r\n"))
                .startsWith("HTTP/1.1 400")
                .contains("The method CONNECT is for proxies, and this server is not a proxy.");
        assertThat(send("POST /api/v1/jobs HTTP/1.1\r\n" + key() + "Transfer-Encoding: gzip\r\n"))
                .startsWith("HTTP/1.1 400")
                .contains("does not support the Transfer-Encoding 'gzip'. Send 'Transfer-Encoding: chunked'");
        assertThat(send("GET / HTTP/3.0\r\n")).startsWith("HTTP/1.1 400").contains("Send HTTP/1.1.");
    }

    @Test
    void anAcceptHeaderThatIsNoListOfMediaTypesIsCalledThat() throws IOException {
        assertThat(send("GET /api/v1/jobs HTTP/1.1\r\n" + key() + "Accept: a/b/c;q=zz\r\n"))
                .startsWith("HTTP/1.1 406")
                .contains("The header 'Accept: a/b/c;q=zz' is not a list of media types.");
    }

    @Test
    void aFormWithTooManyOrTooLargeFieldsIsNotCalledATooLargeFile() {
        byte[] csv = "text,label\na,x\nb,y\nc,x\nd,y\n".getBytes(StandardCharsets.US_ASCII);
        Map<String, String> many = IntStream.range(0, 60).boxed().collect(Collectors.toMap(i -> "field" + i, i -> "x"));
        for (Answer answer : List.of(
                api.upload("a.csv", csv, many),
                api.upload("a.csv", csv, Map.of("name", "n".repeat(3_000_000))),
                api.upload("a".repeat(20_000) + ".csv", csv, Map.of()))) {
            assertThat(answer.status()).isEqualTo(413);
            assertThat(answer.code()).isEqualTo("form_too_large");
        }
    }

    @Test
    void aLongFileNameOfPercentEncodedBytesIsAccepted() throws IOException {
        String name = "%E3%81%82".repeat(80) + ".csv";
        String body = "--b\r\nContent-Disposition: form-data; name=\"file\"; filename*=UTF-8''" + name
                + "\r\n\r\ntext,label\na,x\nb,y\nc,x\nd,y\n\r\n--b--\r\n";
        assertThat(send("POST /api/v1/datasets HTTP/1.1\r\n" + key()
                        + "Content-Type: multipart/form-data; boundary=b\r\nContent-Length: " + body.length()
                        + "\r\n\r\n" + body))
                .startsWith("HTTP/1.1 201");
    }

    @Test
    void aClientThatDisconnectsDuringAnUploadLeavesNoStackTrace(CapturedOutput log) throws Exception {
        for (int i = 0; i < 5; i++) {
            try (Socket socket = new Socket("127.0.0.1", port)) {
                String part = "POST /api/v1/datasets HTTP/1.1\r\nHost: x\r\n" + key()
                        + "Content-Type: multipart/form-data; boundary=b\r\nContent-Length: 1000\r\n\r\n--b\r\n";
                socket.getOutputStream().write(part.getBytes(StandardCharsets.US_ASCII));
                TimeUnit.MILLISECONDS.sleep(200); // the server reads
            }
        }
        TimeUnit.SECONDS.sleep(1);
        assertThat(log.getAll()).doesNotContain("unexpected error");
    }

    private String key() {
        return "Authorization: Bearer " + api.key() + "\r\n";
    }

    /** Sends a request, to which a header is added, and returns the answer. */
    private String send(String request) throws IOException {
        try (Socket socket = new Socket("127.0.0.1", port)) {
            socket.setSoTimeout(10_000);
            int end = request.indexOf("\r\n") + 2;
            String whole = request.substring(0, end) + "Host: x\r\nConnection: close\r\n" + request.substring(end);
            if (!whole.contains("\r\n\r\n")) {
                whole += "\r\n";
            }
            socket.getOutputStream().write(whole.getBytes(StandardCharsets.ISO_8859_1));
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
