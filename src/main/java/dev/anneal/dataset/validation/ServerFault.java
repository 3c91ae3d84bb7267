package dev.anneal.dataset.validation;

import dev.anneal.files.NoRoomException;
import java.sql.SQLException;
import java.util.Set;
import org.springframework.dao.DataAccessResourceFailureException;
import org.springframework.dao.RecoverableDataAccessException;
import org.springframework.dao.TransientDataAccessException;
import org.springframework.transaction.TransactionException;

/** Tells the faults of a server from those that the files may have caused: its database is unavailable, or its disk is full. */
final class ServerFault {
    /** The classes of SQLSTATE: lost connections, transactions to repeat, too few resources, a stopped or broken system. */
    private static final Set<String> STATES = Set.of("08", "40", "53", "57", "58");

    private ServerFault() {}

    static boolean isOne(Throwable fault) {
        for (Throwable cause = fault; cause != null; cause = cause.getCause()) {
            if (cause instanceof DataAccessResourceFailureException
                    || cause instanceof TransientDataAccessException
                    || cause instanceof RecoverableDataAccessException
                    || cause instanceof TransactionException
                    || cause instanceof NoRoomException
                    || isOfTheDatabase(cause)
                    || isDiskFull(cause)) {
                return true;
            }
        }
        return false;
    }

    private static boolean isOfTheDatabase(Throwable cause) {
        return cause instanceof SQLException sql
                && sql.getSQLState() != null
                && sql.getSQLState().length() == 5
                && STATES.contains(sql.getSQLState().substring(0, 2));
    }

    private static boolean isDiskFull(Throwable cause) {
        String reason = String.valueOf(cause.getMessage());
        return reason.contains("No space left on device") || reason.contains("Disk quota exceeded");
    }
}
