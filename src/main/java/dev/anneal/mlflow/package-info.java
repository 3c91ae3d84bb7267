/** Reports each job as a run to an MLflow tracking server, if one is configured. */
@NullMarked
package dev.anneal.mlflow;

import org.jspecify.annotations.NullMarked;
