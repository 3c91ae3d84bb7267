package dev.anneal.faults;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;

/** A connection to a server that passes a limited number of bytes a second to it, as one over the Internet does. */
final class SlowProxy implements AutoCloseable {
    private static final int BLOCK = 1 << 14;

    private final ServerSocket listener;
    private final URI server;
    private final long pauseMillis;

    SlowProxy(String server, long bytesPerSecond) {
        this.server = URI.create(server);
        this.pauseMillis = Math.max(1, 1000L * BLOCK / bytesPerSecond);
        try {
            this.listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        start(this::accept);
    }

    String url() {
        return "http://127.0.0.1:" + listener.getLocalPort();
    }

    private static void start(Runnable task) {
        Thread thread = new Thread(task, "slow-proxy");
        thread.setDaemon(true);
        thread.start();
    }

    private void accept() {
        try {
            while (true) {
                Socket client = listener.accept();
                try {
                    Socket to = new Socket(server.getHost(), server.getPort());
                    start(() -> pump(client, to, pauseMillis));
                    start(() -> pump(to, client, 0));
                } catch (IOException killed) {
                    client.close();
                }
            }
        } catch (IOException closed) {
            // the test has ended
        }
    }

    private static void pump(Socket from, Socket to, long pauseMillis) {
        byte[] block = new byte[BLOCK];
        try (from;
                to) {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            for (int read = in.read(block); read >= 0; read = in.read(block)) {
                out.write(block, 0, read);
                if (pauseMillis > 0) {
                    Thread.sleep(pauseMillis);
                }
            }
        } catch (IOException lost) {
            // both connections are closed
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        try {
            listener.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
