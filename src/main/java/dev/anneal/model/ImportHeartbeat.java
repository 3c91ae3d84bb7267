package dev.anneal.model;

import dev.anneal.model.ModelImports.Claim;
import dev.anneal.model.source.DownloadState;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Renews the lease of an import until it ends. It never renews a lease that was released. */
final class ImportHeartbeat implements Runnable {
    private static final Logger log = LoggerFactory.getLogger(ImportHeartbeat.class);

    private final ModelImports imports;
    private final Claim claim;
    private final DownloadState transfer;
    private final Duration stall;
    private DownloadState.@Nullable Progress last;
    private boolean ended;

    ImportHeartbeat(ModelImports imports, Claim claim, DownloadState transfer, Duration stall) {
        this.imports = imports;
        this.claim = claim;
        this.transfer = transfer;
        this.stall = stall;
    }

    @Override
    public synchronized void run() {
        if (ended) {
            return;
        }
        try {
            transfer.hangUpIfStalled(stall);
            DownloadState.Progress now = transfer.progress();
            boolean changed = now.file() != null && !now.equals(last);
            if (!imports.renew(claim, now, changed)) {
                transfer.stop();
            }
            last = now;
        } catch (RuntimeException databaseUnavailable) {
            log.warn("cannot renew the lease of {}: {}", claim.modelId(), databaseUnavailable.getMessage());
        }
    }

    synchronized void end() {
        ended = true;
    }
}
