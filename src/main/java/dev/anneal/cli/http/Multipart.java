package dev.anneal.cli.http;

import dev.anneal.cli.terminal.Failure;
import dev.anneal.cli.terminal.Shell;
import java.io.FileNotFoundException;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Flow;
import java.util.function.LongConsumer;

/** Files and some fields as {@code multipart/form-data}. The files are read while they are sent. */
public record Multipart(List<FilePart> files, Map<String, String> fields, String boundary) {
    /** A file and the field of the form that it is sent in. */
    public record FilePart(String field, Path path) {}

    public static Multipart of(Path file, Map<String, String> fields) {
        return of(List.of(new FilePart("file", file)), fields);
    }

    public static Multipart of(List<FilePart> files, Map<String, String> fields) {
        return new Multipart(files, fields, UUID.randomUUID().toString());
    }

    public String contentType() {
        return "multipart/form-data; boundary=" + boundary;
    }

    /** Returns the body; {@code sent} receives the number of bytes sent so far. */
    public BodyPublisher publisher(LongConsumer sent) {
        StringBuilder head = new StringBuilder();
        fields.forEach((name, value) ->
                head.append(part(name)).append("\r\n\r\n").append(value).append("\r\n"));
        List<BodyPublisher> parts = new ArrayList<>();
        for (FilePart file : files) {
            head.append(part(file.field()))
                    .append("; filename=\"")
                    .append(file.path().getFileName().toString().replace("\"", "%22"))
                    .append("\"\r\nContent-Type: application/octet-stream\r\n\r\n");
            parts.add(BodyPublishers.ofString(head.toString(), StandardCharsets.UTF_8));
            try {
                parts.add(BodyPublishers.ofFile(file.path()));
            } catch (FileNotFoundException gone) {
                throw new Failure("There is no file " + Shell.path(file.path()) + ".");
            }
            head.setLength(0);
            head.append("\r\n");
        }
        parts.add(BodyPublishers.ofString(head + "--" + boundary + "--\r\n", StandardCharsets.UTF_8));
        return counted(BodyPublishers.concat(parts.toArray(BodyPublisher[]::new)), sent);
    }

    private String part(String name) {
        return "--" + boundary + "\r\nContent-Disposition: form-data; name=\"" + name + "\"";
    }

    /** Returns the form as arguments of curl. */
    public String curl() {
        StringBuilder arguments = new StringBuilder();
        fields.forEach((name, value) -> arguments.append(" --form-string ").append(Shell.quote(name + "=" + value)));
        for (FilePart file : files) {
            String path = file.path()
                    .toAbsolutePath()
                    .toString()
                    .replace("\\", "\\\\")
                    .replace("\"", "\\\"");
            arguments.append(" -F ").append(Shell.quote(file.field() + "=@\"" + path + "\""));
        }
        return arguments.toString();
    }

    private static BodyPublisher counted(BodyPublisher body, LongConsumer sent) {
        return new BodyPublisher() {
            @Override
            public long contentLength() {
                return body.contentLength();
            }

            @Override
            public void subscribe(Flow.Subscriber<? super ByteBuffer> subscriber) {
                body.subscribe(new Counting(subscriber, sent));
            }
        };
    }

    private static final class Counting implements Flow.Subscriber<ByteBuffer> {
        private final Flow.Subscriber<? super ByteBuffer> next;
        private final LongConsumer sent;
        private long total;

        Counting(Flow.Subscriber<? super ByteBuffer> next, LongConsumer sent) {
            this.next = next;
            this.sent = sent;
        }

        @Override
        public void onSubscribe(Flow.Subscription subscription) {
            next.onSubscribe(subscription);
        }

        @Override
        public void onNext(ByteBuffer buffer) {
            total += buffer.remaining();
            sent.accept(total);
            next.onNext(buffer);
        }

        @Override
        public void onError(Throwable failure) {
            next.onError(failure);
        }

        @Override
        public void onComplete() {
            next.onComplete();
        }
    }
}
