package dev.anneal.web.limit;

import dev.anneal.files.DiskRoom;
import dev.anneal.files.NoRoomException;
import jakarta.servlet.ServletRequest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** The room on the disk for a form, which Tomcat writes there while it arrives. It may be chunked, so that its length is unknown. */
final class FormRoom implements AutoCloseable {
    private static final String ATTRIBUTE = FormRoom.class.getName();

    private final ServletRequest request;
    private final DiskRoom room;
    private @Nullable NoRoomException full;

    private FormRoom(ServletRequest request, DiskRoom room) {
        this.request = request;
        this.room = room;
    }

    /**
     * Returns the room for the form of a request, which is reserved while the form arrives.
     *
     * @throws NoRoomException if the disk does not have room for the whole form now
     */
    static FormRoom reserve(ServletRequest request, Path directory) throws IOException {
        FormRoom form = new FormRoom(request, DiskRoom.inSteps(directory, Math.max(0, request.getContentLengthLong())));
        request.setAttribute(ATTRIBUTE, form);
        return form;
    }

    /** Returns the room of a request whose form arrives now. */
    static @Nullable FormRoom of(ServletRequest request) {
        return (FormRoom) request.getAttribute(ATTRIBUTE);
    }

    /** Counts bytes that have arrived. The exception is not an IOException, of which Tomcat would make a 400. */
    void take(int bytes) {
        try {
            room.take(bytes);
        } catch (NoRoomException none) {
            full = none;
            throw none;
        } catch (IOException unknown) {
            throw new UncheckedIOException(unknown);
        }
    }

    /** Throws if the disk had no room for a part of the form. */
    void requireEnough() {
        if (full != null) {
            throw full;
        }
    }

    @Override
    public void close() {
        request.removeAttribute(ATTRIBUTE);
        room.close();
    }
}
