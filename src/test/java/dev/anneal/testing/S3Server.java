package dev.anneal.testing;

import java.io.IOException;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/** A real S3 server, s3proxy on a directory, as a separate process; it has one empty bucket, {@code anneal}. */
public final class S3Server implements AutoCloseable {
    public static final String USER = "test-user";
    public static final String SECRET = "test-secret";

    private final Path directory = TestServer.newDirectory().toAbsolutePath();
    private final int port;
    private Process process;

    public S3Server() throws IOException, InterruptedException {
        try (ServerSocket socket = new ServerSocket(0)) {
            port = socket.getLocalPort();
        }
        Files.createDirectories(bucket());
        Files.writeString(settings(), """
                s3proxy.endpoint=%s
                s3proxy.authorization=aws-v2-or-v4
                s3proxy.identity=%s
                s3proxy.credential=%s
                jclouds.provider=filesystem-nio2
                jclouds.filesystem.basedir=%s
                """.formatted(endpoint(), USER, SECRET, bucket().getParent()));
        start();
    }

    private Path settings() {
        return directory.resolve("s3proxy.conf");
    }

    /** Also after {@link #close}: with what it had. */
    public void start() throws IOException, InterruptedException {
        process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx256m",
                        "-XX:TieredStopAtLevel=1",
                        "-XX:+UseSerialGC",
                        "-jar",
                        "target/s3/s3proxy.jar",
                        "--properties",
                        settings().toString())
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("s3proxy.log").toFile())
                .start();
        while (!listens()) {
            if (!process.isAlive()) {
                throw new IOException(Files.readString(directory.resolve("s3proxy.log")));
            }
            process.waitFor(100, TimeUnit.MILLISECONDS);
        }
    }

    private boolean listens() {
        try (Socket socket = new Socket("127.0.0.1", port)) {
            return socket.isConnected();
        } catch (IOException notYet) {
            return false;
        }
    }

    public String endpoint() {
        return "http://127.0.0.1:" + port;
    }

    /** The directory of the server's objects, a file each. */
    public Path bucket() {
        return directory.resolve("buckets/anneal");
    }

    public ProcessHandle handle() {
        return process.toHandle();
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
