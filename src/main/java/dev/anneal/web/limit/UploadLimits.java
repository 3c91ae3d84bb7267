package dev.anneal.web.limit;

import dev.anneal.web.Problem;
import jakarta.servlet.MultipartConfigElement;
import jakarta.servlet.ServletContext;
import jakarta.servlet.http.HttpServletRequest;
import java.io.File;
import java.io.IOException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.http.HttpStatus;
import org.springframework.util.unit.DataSize;
import org.springframework.web.multipart.MaxUploadSizeExceededException;
import org.springframework.web.multipart.MultipartException;
import org.springframework.web.multipart.MultipartFile;
import org.springframework.web.multipart.MultipartHttpServletRequest;
import org.springframework.web.multipart.MultipartResolver;
import org.springframework.web.multipart.support.StandardServletMultipartResolver;

/**
 * Limits the size of uploads, with separate limits for datasets and models. Tomcat has only one limit, so it gets the larger
 * one; the limit of the path is checked against the announced length and against the received bytes.
 */
@Configuration(proxyBeanMethods = false)
class UploadLimits {
    private static final Logger log = LoggerFactory.getLogger(UploadLimits.class);

    private static final Problem TOO_LARGE_PART = new Problem(
            HttpStatus.CONTENT_TOO_LARGE,
            "form_too_large",
            "The form has more than 50 parts, a part whose file name and other headers have more than 8,192 bytes, or plain fields"
                    + " of more than 2 MiB. Send only the fields that this operation has.");

    private final DataSize files;
    private final DataSize models;

    UploadLimits(UploadSettings files, ModelUploadSettings models) {
        this.files = files.maxSize();
        this.models = models.maxUploadBytes();
    }

    @Bean
    MultipartConfigElement multipartConfigElement() {
        long larger = Math.max(files.toBytes(), models.toBytes());
        return new MultipartConfigElement("", larger, larger, 0);
    }

    @Bean
    MultipartResolver multipartResolver() {
        return new StandardServletMultipartResolver() {
            @Override
            public MultipartHttpServletRequest resolveMultipart(HttpServletRequest request) {
                check(request, request.getContentLengthLong());
                MultipartHttpServletRequest form = receive(request);
                try {
                    check(
                            request,
                            form.getMultiFileMap().values().stream()
                                    .flatMap(java.util.List::stream)
                                    .mapToLong(MultipartFile::getSize)
                                    .sum());
                } catch (Problem tooLarge) {
                    cleanupMultipart(form);
                    throw tooLarge;
                }
                return form;
            }

            private MultipartHttpServletRequest receive(HttpServletRequest request) {
                try (FormRoom room = reserve(request)) {
                    try {
                        return super.resolveMultipart(request);
                    } catch (MaxUploadSizeExceededException larger) {
                        // Spring says this for each limit. The whole form is not larger than the file may be, if its
                        // size is known.
                        throw request.getContentLengthLong() < 0 ? tooLarge(request) : TOO_LARGE_PART;
                    } catch (MultipartException broken) {
                        if (room != null) {
                            room.requireEnough();
                        }
                        throw broken;
                    }
                }
            }
        };
    }

    /** Refuses a form for which the disk has no room before it is received. Returns null if the room is unknown. */
    private static @Nullable FormRoom reserve(HttpServletRequest request) {
        File directory = (File) request.getServletContext().getAttribute(ServletContext.TEMPDIR);
        try {
            return FormRoom.reserve(request, directory.toPath());
        } catch (IOException unknown) {
            log.warn("cannot read the free space of {}", directory, unknown);
            return null;
        }
    }

    private void check(HttpServletRequest request, long bytes) {
        if (bytes > (isModel(request) ? models : files).toBytes()) {
            throw tooLarge(request);
        }
    }

    private Problem tooLarge(HttpServletRequest request) {
        boolean model = isModel(request);
        return Problem.limit(
                HttpStatus.CONTENT_TOO_LARGE,
                "upload_too_large",
                "The upload has too many bytes. Send a smaller file, or ask the server's admin to raise the limit",
                model ? "anneal.import.max-upload-bytes" : "anneal.upload.max-size",
                (model ? models : files).toBytes());
    }

    private static boolean isModel(HttpServletRequest request) {
        return request.getRequestURI().startsWith("/api/v1/models");
    }
}
