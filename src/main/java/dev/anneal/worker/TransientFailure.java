package dev.anneal.worker;

import dev.anneal.artifact.StoreUnavailableException;
import org.springframework.dao.DataAccessException;
import org.springframework.dao.DataIntegrityViolationException;
import org.springframework.jdbc.BadSqlGrammarException;
import org.springframework.transaction.TransactionException;

/** Decides whether a failed call to the database or the artifact store is worth a retry. */
final class TransientFailure {
    private TransientFailure() {}

    static boolean test(Throwable failure) {
        if (failure instanceof StoreUnavailableException store) {
            return store.isTransient();
        }
        boolean sameAgain =
                failure instanceof DataIntegrityViolationException || failure instanceof BadSqlGrammarException;
        return !sameAgain && (failure instanceof DataAccessException || failure instanceof TransactionException);
    }
}
