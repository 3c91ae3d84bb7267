package dev.anneal.cli;

import dev.anneal.cli.local.ServerRecord;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;

/** A process that is called as the server is, and answers like one whose job has succeeded. */
final class PretendServer {
    public static void main(String[] args) throws IOException {
        Path data = Path.of(args[4]);
        if (Files.exists(data.resolve("broken"))) {
            System.out.println("ERROR the database is of a newer version");
            System.exit(3);
        }
        if (Files.exists(data.resolve("hungry"))) {
            try {
                System.out.println(new long[Integer.MAX_VALUE].length);
            } catch (OutOfMemoryError swallowed) {
                System.out.println("WARN a thread is dead");
            }
        }
        Files.writeString(data.resolve("admin.key"), ScriptedServer.KEY + "\n");
        int port = Integer.parseInt(args[2]);
        ServerRecord.write(data, URI.create("http://127.0.0.1:" + port));
        Bodies.script(new ScriptedServer(port));
    }
}
