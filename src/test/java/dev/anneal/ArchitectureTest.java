package dev.anneal;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.belongToAnyOf;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.type;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import ai.djl.ndarray.types.Shape;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import dev.anneal.training.MemoryEstimate;
import dev.anneal.transformer.Batch;
import dev.anneal.transformer.Model;
import dev.anneal.transformer.Predictor;

/** The arrows of the design run one way; docs/adr/0004 says why. */
@AnalyzeClasses(packages = "dev.anneal", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {
    @ArchTest
    static final ArchRule featuresFormNoCycles =
            slices().matching("dev.anneal.(*)..").should().beFreeOfCycles();

    @ArchTest
    static final ArchRule roomsFormNoCycles =
            slices().matching("dev.anneal.(**)").should().beFreeOfCycles();

    @ArchTest
    static final ArchRule theEngineKnowsNothingOfTheServiceAroundIt = classes()
            .that()
            .resideInAnyPackage("..training..", "..transformer..", "..evaluation..")
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage(
                    "dev.anneal.training..",
                    "dev.anneal.transformer..",
                    "dev.anneal.evaluation..",
                    "dev.anneal.spec..",
                    "dev.anneal.json..",
                    "dev.anneal.files..",
                    "dev.anneal.spec..",
                    "dev.anneal.text..",
                    "ai.djl..",
                    "tools.jackson..",
                    "com.fasterxml.jackson.annotation..",
                    "ch.qos.logback..",
                    "org.jspecify..",
                    "org.slf4j..",
                    "sun.misc..",
                    "java..");

    /** The server, the trainer and the command line share the specification of a job, so it is below all of them. */
    @ArchTest
    static final ArchRule theSpecificationOfAJobIsBelowServerTrainerAndCommandLine = classes()
            .that()
            .resideInAPackage("..spec..")
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage(
                    "dev.anneal.spec..",
                    "dev.anneal.evaluation..",
                    "dev.anneal.transformer.architecture..",
                    "com.fasterxml.jackson.annotation..",
                    "org.jspecify..",
                    "java..");

    @ArchTest
    static final ArchRule weightsAndMetricsKnowNothingOfTraining = noClasses()
            .that()
            .resideInAnyPackage("..transformer..", "..evaluation..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("..training..");

    @ArchTest
    static final ArchRule theCommandLineSpeaksHttpOnly = noClasses()
            .that()
            .resideInAPackage("..cli..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(
                    "org.springframework..",
                    "dev.anneal.dataset..",
                    "dev.anneal.job..",
                    "dev.anneal.model..",
                    "dev.anneal.worker..",
                    "dev.anneal.training..",
                    "dev.anneal.transformer..");

    @ArchTest
    static final ArchRule onlyWorkersTouchTheQueueAndOnlyTheyTrain = noClasses()
            .that()
            .resideInAnyPackage("..dataset..", "..model..", "..inference..", "..web..", "..security..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("dev.anneal.job..", "dev.anneal.worker..");

    /**
     * A broken file of a model can end the process that reads it, so only child processes read them. The bundled model comes
     * with the program.
     */
    @ArchTest
    static final ArchRule theServerTouchesNoTokenizerTemplateOrTensor = noClasses()
            .that()
            .resideOutsideOfPackages(
                    "dev.anneal.transformer..", "dev.anneal.training..", "dev.anneal.host..", "ai.djl..")
            .and()
            .doNotHaveSimpleName("BundledModel")
            .should()
            .dependOnClassesThat(resideInAnyPackage(
                            "dev.anneal.transformer.tokenizer..",
                            "dev.anneal.transformer.jinja..",
                            "dev.anneal.transformer.weights..",
                            "dev.anneal.transformer.program..",
                            "dev.anneal.transformer.generate..",
                            "ai.djl..")
                    .or(type(Model.class))
                    .or(type(Predictor.class))
                    .or(type(Batch.class))
                    .and(not(type(Shape.class))));

    @ArchTest
    static final ArchRule onlyWorkersStartTrainers = noClasses()
            .that()
            .resideOutsideOfPackage("dev.anneal.worker..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("dev.anneal.worker.executor..", "dev.anneal.worker.kubernetes..");

    /** Training itself happens in child processes, which a broken model or too little memory may end. */
    @ArchTest
    static final ArchRule theServerUsesOfTheTrainerOnlyFilesEventsAndEstimates = noClasses()
            .that()
            .resideOutsideOfPackages("dev.anneal.training..", "dev.anneal.host..")
            .should()
            .dependOnClassesThat(resideInAPackage("dev.anneal.training..")
                    .and(not(resideInAnyPackage("dev.anneal.training.process..", "dev.anneal.training.event..")))
                    .and(not(belongToAnyOf(MemoryEstimate.class))));

    /** A model host starts fast and has no access to the data of other projects. */
    @ArchTest
    static final ArchRule aModelHostUsesNeitherSpringNorTheDatabase = noClasses()
            .that()
            .resideInAPackage("dev.anneal.host..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(
                    "org.springframework..",
                    "org.hibernate..",
                    "jakarta..",
                    "java.sql..",
                    "javax.sql..",
                    "org.postgresql..");

    @ArchTest
    static final ArchRule onlyProgramsUseThePyTorchEngine = noClasses()
            .that()
            .resideOutsideOfPackages("dev.anneal.transformer.program..", "ai.djl.pytorch..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("ai.djl.pytorch..");
}
